"""The dialog of a field: what each kind asks for, how it is drawn, and how it is read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from peyvand.administration.schema.actions import definable
from peyvand.administration.schema.drafting import MOST_DECIMALS, RESULTS, TONES
from peyvand.kernel import numbers
from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import Invalid, Problem, RuleViolation
from peyvand.kernel.formulas import FUNCTIONS
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import FORMULA, ROLLUP, Definition
from peyvand.platform.fields.kinds import SEARCHABLE, UNIQUE
from peyvand.platform.fields.types import Choice, Field, Flag, Link, LongText, Option, Text
from peyvand.platform.objects.derived import readable
from peyvand.platform.objects.rollups import HOWS, result_of
from peyvand.platform.objects.spec import ObjectSpec, all_objects, object_named
from peyvand.web.components import rows
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.lists.filters import builder_schema, for_builder, labels_for, typed_condition
from peyvand.web.objects.lists.state import ListState, dump, read_state
from peyvand.web.objects.pages.drawn import draw_field, loose_problems
from peyvand.web.objects.pages.forms import problems_of

KINDS: Final[dict[str, tuple[str | Promise, str, str | Promise]]] = {
    "text": (_("Text"), "pencil", _("A line: a code, a name")),
    "long_text": (_("Long text"), "note", _("Several lines")),
    "number": (pgettext_lazy("kind of field", "Number"), "sliders", _("With decimals if you like")),
    "percent": (_("Percentage"), "chart", _("From 0 to 100 unless you say otherwise")),
    "money": (_("Amount of money"), "money", _("In the workspace's currency")),
    "date": (_("Date"), "cal", _("A day")),
    "instant": (_("Date and time"), "clock", _("A moment")),
    "choice": (_("One choice"), "list", _("One of your options; can be a board's columns")),
    "choices": (_("Several choices"), "tag", _("Any number of your options")),
    "flag": (_("Yes or no"), "check", _("A switch")),
    "link": (_("Link"), "link", _("To a record of any object")),
    "user": (_("User"), "user", _("One of your colleagues")),
    "phone": (_("Phone"), "phone", _("A number that can be dialled")),
    "email": (_("E-mail"), "mail", _("An address")),
    "url": (_("Web address"), "globe", _("A page")),
    "file": (_("File"), "clip", _("One of the files attached to the record")),
    FORMULA: (_("Formula"), "flow", _("Computed from the record's other fields")),
    ROLLUP: (_("Roll-up"), "cols", _("Counted or added up over records that link here")),
}
"""What people choose from: name, icon, and a word about each kind of field."""

HOW_LABELS: Final = {
    "count": _("How many"), "sum": _("Sum"), "min": _("Smallest"), "max": _("Largest"), "first": _("First"), "last": _("Last"),
}  # fmt: skip
TONE_LABELS: Final = {
    "": _("No colour"), "acc": _("Turquoise"), "good": _("Green"), "warn": _("Amber"), "bad": _("Red"), "info": _("Blue"),
}  # fmt: skip
WITH_DEFAULT: Final = frozenset({"text", "number", "percent", "money", "date", "choice", "flag", "url"})


@dataclass(frozen=True)
class FieldForm:
    """The dialog of one field of an object; ``defined`` is None while it is new."""

    ctx: Context
    spec: ObjectSpec
    kind: str
    defined: Definition | None = None
    # Of a roll-up: the object it counts and the link that leads here, as "deal.company".
    source: str = ""

    @property
    def fields(self) -> list[Field]:
        """The controls, in their order."""
        kind, is_new = self.kind, self.defined is None
        out: list[Field] = [
            Text(key="label_fa", label=_("Name in Persian"), max_length=80),
            Text(key="label_en", label=_("Name in English"), max_length=80),
        ]
        if kind == "link" and is_new:
            targets = tuple(Option(s.key, s.label_plural) for s in definable())
            out.append(Choice(key="to", label=_("Leads to"), options=targets, required=True))
        if kind == FORMULA:
            help = _("Arithmetic over the fields of the record. Their names and the functions stand below.")
            out.append(LongText(key="formula", label=_("Formula"), required=True, help=help))
            if is_new:
                results = tuple(Option(r, KINDS[r][0]) for r in RESULTS)
                out.append(Choice(key="result", label=_("The result is"), options=results, required=True))
        if kind == ROLLUP and is_new:
            hows = tuple(Option(h, HOW_LABELS[h]) for h in HOWS)
            out.append(Choice(key="how", label=_("What is computed"), options=hows, required=True))
            out.append(
                Choice(
                    key="field",
                    label=_("Of which field"),
                    options=self._summable(),
                    help=_("Not needed to count."),
                )
            )
        if kind in ("number", FORMULA) and is_new:
            places = tuple(
                Option(str(n), numbers.localize(str(n), self.ctx.reader.language))
                for n in range(MOST_DECIMALS + 1)
            )
            out.append(Choice(key="decimals", label=_("Decimals"), options=places, required=True))
        if kind in ("number", "percent"):
            out += [
                Text(key="min", label=_("At least"), max_length=30),
                Text(key="max", label=_("At most"), max_length=30),
            ]
        if kind in WITH_DEFAULT:
            out.append(
                Flag(key="default", label=_("Begins as yes")) if kind == "flag"
                else Text(key="default", label=_("New records begin with"), max_length=200)
            )  # fmt: skip
        if kind not in (FORMULA, ROLLUP):
            out.append(Flag(key="is_required", label=_("Required")))
        if kind in UNIQUE:
            out.append(Flag(key="is_unique", label=_("No two records may have the same")))
        if kind in SEARCHABLE:
            out.append(Flag(key="search", label=_("Records are found by it")))
        out.append(Text(key="help_fa", label=_("Hint in Persian"), max_length=300, secondary=True))
        out.append(Text(key="help_en", label=_("Hint in English"), max_length=300, secondary=True))
        return out

    @property
    def has_options(self) -> bool:
        return self.kind in ("choice", "choices")

    def values(self) -> dict[str, Any]:
        """What the dialog begins with."""
        one = self.defined
        if one is None:
            return {"decimals": "0"}
        shown = {f"label_{code}": label for code, label in one.labels.items()}
        shown |= {f"help_{code}": text for code, text in one.help.items()}
        named = {
            key: value for key, value in one.config.items() if isinstance(value, str | int | float | bool)
        }
        default = one.default
        if default is not None and self.kind != "flag":
            own = self.spec.all_fields.get(one.key)
            default = own.show(own.default, self.ctx.reader) if own is not None else default
        texts = {key: str(value) if key in ("min", "max") else value for key, value in named.items()}
        return {
            **texts,
            **shown,
            "is_required": one.is_required,
            "is_unique": one.is_unique,
            "default": default,
        }

    def options(self, post: QueryDict | None = None) -> list[dict[str, Any]]:
        """The rows of the options' editor."""
        if post is not None:
            return [dict(item) for item in rows.read("option", post)]
        given = self.defined.config.get("options", ()) if self.defined else ({}, {}, {})
        return [
            {"key": o.get("key", ""), "fa": o.get("labels", {}).get("fa", ""), "en": o.get("labels", {}).get("en", ""), "tone": o.get("tone", "")}
            for o in given
        ]  # fmt: skip

    def read(self, post: QueryDict) -> dict[str, Any]:
        """The raw definition that was sent, as clean_definition reads it."""
        raw = read_inputs(self.fields, post, self.ctx.reader)
        out: dict[str, Any] = {
            key: value for key, value in raw.items() if not key.startswith(("label_", "help_"))
        }
        for name in ("is_required", "is_unique", "search"):
            if name in out:
                out[name] = out[name] == "1"
        out["labels"] = {code: raw.get(f"label_{code}", "") for code in ("fa", "en")}
        out["help"] = {code: raw.get(f"help_{code}", "") for code in ("fa", "en")}
        if self.has_options:
            items = [i for i in self.options(post) if i.get("fa") or i.get("en")]
            out["options"] = [
                {"key": i.get("key", ""), "labels": {"fa": i.get("fa", ""), "en": i.get("en", "")}, "tone": i.get("tone", "")} for i in items
            ]  # fmt: skip
        if self.kind == ROLLUP and self.defined is None:
            out["of"], _sign, out["via"] = self.source.partition(".")
        if "visible_when" in post:
            out["visible_when"] = typed_condition(str(post["visible_when"]), self._state(self.spec))
        if "condition" in post:
            out["condition"] = typed_condition(str(post["condition"]), self._state(self._counted()))
        return out

    def render(self, request: HttpRequest, error: Invalid | RuleViolation | None = None) -> HttpResponse:
        """The dialog; with ``error`` its problems stand at their fields and what was typed is kept."""
        reader, post, fields = self.ctx.reader, request.POST if error else None, self.fields
        problems = _problems(error) if error is not None else []
        values = read_inputs(fields, post, reader) if post is not None else self.values()
        drawn = [draw_field(f, values.get(f.key), reader, problems) for f in fields]
        own = self._state(self.spec)
        context = {
            "form": self,
            "spec": self.spec,
            "kind": KINDS[self.kind],
            "fields": [d for d in drawn if not d.field.secondary],
            "secondary": [d for d in drawn if d.field.secondary],
            "loose": [say(p.message) for p in loose_problems(problems, fields)],
            "options": self.options(post) if self.has_options else (),
            "tones": [(tone, TONE_LABELS[tone]) for tone in TONES],
            "shown_when": _builder(own, self.defined.visible_when if self.defined else None),
            "counted": _builder(self._state(self._counted()), self._told_condition())
            if self.kind == ROLLUP
            else None,
            "names": self._names() if self.kind == FORMULA else (),
            "example": self._example() if self.kind == FORMULA else "",
            "functions": [(name, f.help) for name, f in FUNCTIONS.items()] if self.kind == FORMULA else (),
        }
        return render(request, "schema/_field.html", context, status=422 if error else 200)

    def _told_condition(self) -> Any:
        return self.defined.config.get("condition") if self.defined else None

    def _counted(self) -> ObjectSpec:
        key = str(self.defined.config["of"]) if self.defined else self.source.partition(".")[0]
        return object_named(key)

    def _state(self, spec: ObjectSpec) -> ListState:
        return read_state(self.ctx, spec, QueryDict())

    def _names(self) -> list[tuple[str, str]]:
        own = self.defined.key if self.defined else ""
        return [(key, str(self.spec.field(key).label)) for key in readable(self.spec) if key != own]

    def _example(self) -> str:
        """A formula that would do here: over the first number of this object, else over whatever it has first."""
        keys = [key for key, _label in self._names()]
        counted = (k for k in keys if self.spec.field(k).type in (FieldType.number, FieldType.money))
        number = next(counted, None)
        return f"{number} * 9 / 100" if number else f"if(filled({keys[0]}), 1, 0)" if keys else ""

    def _summable(self) -> tuple[Option, ...]:
        source = self._counted()
        return tuple(
            Option(k, f.label) for k, f in source.all_fields.items() if result_of(f, "last") and k != "id"
        )


def sources_of(spec: ObjectSpec) -> list[tuple[str, str, str]]:
    """The links of other objects that lead to this one: "deal.company", what is counted, and by which link."""
    return [
        (f"{other.key}.{f.key}", str(other.label_plural), str(f.label))
        for other in all_objects()
        for f in other.own_fields
        if isinstance(f, Link) and f.to == spec.key and other.has_bin
    ]


def _builder(state: ListState, raw: Any) -> dict[str, Any]:
    schema = builder_schema(state)
    schema["fields"] = [f for f in schema["fields"] if "." not in f["key"]]
    return {
        "schema": schema,
        "value": dump(for_builder(raw, state)) if raw else "",
        "labels": dump(labels_for(state)),
    }


def _problems(error: Invalid | RuleViolation) -> list[Problem]:
    """What a refusal says, at the controls of the parts that it names."""
    places = {"labels": "label_fa", "help": "help_fa"}
    return [Problem(places.get(p.field or "", p.field), p.message, p.code) for p in problems_of(error)]
