"""Forms drawn from fields: labels, controls, problems in place, secondary fields behind "more fields"."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, Problem
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.about import About, parse_ref
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.reader import PROGRAM, Reader
from peyvand.platform.fields.types import Compound, Field, Flag, Link, Ref
from peyvand.platform.objects.references import titled
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.inputs import control_id, is_row_widget, is_wide, render_input
from peyvand.web.objects.clashes import Clash

EMPTY = mark_safe("")
_PRODUCT: Final = Link(key="product", label="", to="product")


@dataclass(frozen=True)
class DrawnField:
    """One field of a form. ``clash`` asks whose value stays, where a colleague changed it too."""

    field: Field
    control: SafeString
    is_wrong: bool
    is_filled: bool
    clash: SafeString = EMPTY

    @property
    def html(self) -> SafeString:
        """The field with its label, help and problems."""
        classes = "field" + (" bad" if self.is_wrong else "") + (" full" if is_wide(self.field) else "")
        label: SafeString
        if is_row_widget(self.field):
            label = format_html('<span class="lab">{}</span>', self.field.label)
        else:
            required = mark_safe(' class="req"') if self.field.required else EMPTY
            label = format_html(
                '<label for="{}"{}>{}</label>', control_id(self.field.key), required, self.field.label
            )
        help = format_html('<p class="hint">{}</p>', self.field.help) if self.field.help else EMPTY
        group = mark_safe(' role="group"') if is_row_widget(self.field) else EMPTY
        name = format_html(' aria-label="{}"', self.field.label) if group else EMPTY
        return format_html(
            '<div class="{}"{}{}{}>{}{}{}{}</div>',
            classes,
            group,
            name,
            self.when,
            label,
            self.control,
            help,
            self.clash,
        )

    @property
    def when(self) -> SafeString:
        """The condition under which the field is shown, for the island that watches the form."""
        asked = self.field.defined.visible_when if isinstance(self.field, InCustom) else None
        if self.field.asked_with:
            key, values = self.field.asked_with
            asked = {"field": key, "op": "in", "value": values}
        return format_html(' data-when="{}"', json.dumps(asked, ensure_ascii=False)) if asked else EMPTY


@dataclass(frozen=True)
class DrawnSection:
    label: str | Promise
    fields: list[DrawnField] = field(default_factory=list)
    # Folded away until asked for; open where something in it is wrong or filled.
    secondary: list[DrawnField] = field(default_factory=list)

    @property
    def is_named_by_field(self) -> bool:
        """Whether its only field says the same words, so that a heading would say them twice."""
        return len(self.fields) == 1 and str(self.fields[0].field.label) == str(self.label)

    @property
    def is_open(self) -> bool:
        return any(f.is_wrong or f.is_filled or f.clash for f in self.secondary)


def draw_field(
    one: Field, value: Any, reader: Reader, problems: Sequence[Problem] = (), *, autofocus: bool = False, clash: SafeString = EMPTY
) -> DrawnField:  # fmt: skip
    """A field with its label and problems; the value is typed, or what was typed and refused."""
    own = [p for p in problems if p.field and (p.field == one.key or p.field.startswith(f"{one.key}."))]
    control = render_input(one, value, name=one.key, problems=own, reader=reader, autofocus=autofocus)
    filled = value not in (None, "", (), [], False) and not (isinstance(one, Flag) and value == "0")
    return DrawnField(one, control, bool(own), filled, clash)


def draw_sections(
    ctx: Context, spec: ObjectSpec, fields: Iterable[Field], values: Mapping[str, Any], problems: Sequence[Problem],
    clashes: Mapping[str, Clash], *, has_focus: bool = True,
) -> list[DrawnSection]:  # fmt: skip
    """The object's form: its sections with those fields that the actor may set. The first that is wrong, or asked about, has
    the focus, or the very first, unless it belongs elsewhere (``has_focus``)."""
    allowed = {f.key for f in fields}
    asked = [k for s in spec.form_sections for k in s.fields if k in clashes]
    first_wrong = next(
        (
            k
            for s in spec.form_sections
            for k in s.fields
            if any((p.field or "").split(".")[0] == k for p in problems)
        ),
        "",
    )
    begins = (k for s in spec.form_sections for k in s.fields if k in allowed and not spec.field(k).secondary)
    focus = first_wrong or (next(begins, "") if has_focus else "")
    drawn, rest = [], DrawnSection(_("More fields"))
    for section in spec.form_sections:
        out = DrawnSection(section.label)
        for key in section.fields:
            if key in allowed:
                one = spec.field(key)
                made = draw_field(
                    one,
                    values.get(key),
                    ctx.reader,
                    problems,
                    autofocus=key == focus and not asked,
                    clash=_asking(key, clashes[key], key == asked[0]) if key in clashes else EMPTY,
                )
                (rest.secondary if one.secondary and not one.required else out.fields).append(made)
        if out.fields:
            drawn.append(out)
    # One fold for all that is seldom asked for, at the end.
    return [*drawn, rest] if rest.secondary else drawn


def _asking(key: str, clash: Clash, autofocus: bool) -> SafeString:
    return render_to_string(
        "objects/pages/_asking.html", {"key": key, "clash": clash, "autofocus": autofocus}
    )


def with_titles(ctx: Context, fields: Iterable[Field], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Raw values whose links are named, so that a refused form still shows what was chosen: one query for each object."""
    fields, values = list(fields), dict(raw)
    asked = {f.key: ref for f in fields if (ref := _ref(f, raw.get(f.key))) is not None}
    rows = {
        f.key: link for f in fields if (link := _row_link(f)) and isinstance(raw.get(f.key), list | tuple)
    }
    within = [
        ref for key, link in rows.items() for item in raw[key] if (ref := _row_ref(link, item)) is not None
    ]
    found = titled(ctx.actor, [*asked.values(), *within])
    for name, by in rows.items():
        values[name] = [_named_row(by, item, found) for item in raw[name]]
    return values | {
        key: found[ref.object, ref.id] for key, ref in asked.items() if (ref.object, ref.id) in found
    }


def _row_link(field: Field) -> Link | None:
    """The link by which each row of a field names a record; None for rows that name none."""
    if field.widget in ("lines", "priced"):
        return _PRODUCT
    if (
        isinstance(field, Compound)
        and field.widget == "parts"
        and isinstance(link := field.item_fields[0], Link)
    ):
        return link
    return None


def _row_ref(link: Link, item: Any) -> Ref | None:
    return (
        _ref(link, item.get(link.key))
        if isinstance(item, Mapping) and isinstance(item.get(link.key), str | int)
        else None
    )


def _named_row(link: Link, item: Any, found: Mapping[tuple[str, int], Ref]) -> Any:
    ref = _row_ref(link, item)
    if ref is None or (ref.object, ref.id) not in found:
        return item
    return {**item, link.key: {"id": ref.id, "title": found[ref.object, ref.id].title}}


def _ref(field: Field, raw: Any) -> Ref | None:
    if isinstance(raw, Ref):
        return None if raw.title else raw
    try:
        if isinstance(field, About) and raw:
            return parse_ref(raw)
        if isinstance(field, Link) and raw:
            return Ref(field.to, field.understand(raw, PROGRAM), "")
    except Invalid:
        # What cannot be read names nothing; the form says so when it is sent.
        return None
    return None


def loose_problems(problems: Sequence[Problem], fields: Iterable[Field]) -> list[Problem]:
    """Problems that belong to no field of the form, to be said at its top."""
    keys = {f.key for f in fields}
    return [p for p in problems if p.field is None or p.field.split(".")[0] not in keys]
