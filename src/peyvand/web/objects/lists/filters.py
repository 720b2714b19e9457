"""Filters as people meet them: a chip for each condition, and what the builder needs to make them.

The builder counts money in the reader's unit and names rolling ranges by a key; an address carries the plain condition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext

from peyvand.kernel import money, numbers, ranges
from peyvand.kernel.conditions import (
    ME,
    MY_TEAM,
    OPERATORS,
    All,
    Any_,
    Compare,
    Condition,
    FieldType,
    Not,
    leaves,
    to_json,
)
from peyvand.kernel.conditions.tree import BY_NAME, Takes
from peyvand.kernel.persian.calendar import format_date, format_instant
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field, Link, Option, whole_id
from peyvand.platform.objects.spec import ObjectSpec, find_object, object_named
from peyvand.web.components.inputs import money_unit
from peyvand.web.objects.lists.spans import range_days, range_label
from peyvand.web.objects.lists.state import ListState, read_json, visible_schema
from peyvand.web.objects.resolve import address
from peyvand.web.shell.navigation import here

FEW: Final = 60
_TAKES = {
    Takes.nothing: "none",
    Takes.one: "one",
    Takes.many: "many",
    Takes.pair: "two",
    Takes.range: "range",
    Takes.age: "span",
}
_ROLLING: Final = (
    ("last", 7, "day"),
    ("last", 30, "day"),
    ("last", 90, "day"),
    ("last", 12, "month"),
    ("next", 7, "day"),
    ("next", 30, "day"),
)
_BARE: Final[Mapping[str, None]] = {}
# Said by the value alone: «شهر تهران», «برچسب عمده‌فروشی یا نماینده».
_UNSAID: Final = frozenset({"is", "in", "has_any", "within"})
_ICONS: Final = {
    FieldType.date: "cal", FieldType.instant: "cal", FieldType.user: "user", FieldType.links: "tag", FieldType.money: "money",
    FieldType.number: "sliders", FieldType.choice: "list", FieldType.link: "link", FieldType.flag: "check",
}  # fmt: skip


@dataclass(frozen=True)
class Chip:
    """One condition in words: what it asks about, and how; the address without it, and where it comes from."""

    icon: str
    subject: str
    says: str
    without: str
    origin: str = ""


def field_at(spec: ObjectSpec, path: str) -> Field:
    """The field that a condition's path names."""
    first, _, rest = path.partition(".")
    field = spec.field(first)
    return object_named(field.to).field(rest) if rest and isinstance(field, Link) else field


def label_of(spec: ObjectSpec, path: str) -> str:
    """«شرکت: شهر» for a linked field, else the field's own label."""
    first, _, rest = path.partition(".")
    own = str(spec.field(first).label)
    return (
        gettext("%(link)s: %(field)s") % {"link": own, "field": str(field_at(spec, path).label)}
        if rest
        else own
    )


def chips(state: ListState) -> list[Chip]:
    """A chip for each part of the condition, in order."""
    condition = state.condition
    if condition is None:
        return []
    parts = condition.parts if isinstance(condition, All) else (condition,)
    say = Sayer(state.ctx, state.spec, condition)
    found = []
    for n, part in enumerate(parts):
        rest = [to_json(p) for k, p in enumerate(parts) if k != n]
        without = state.address(raw=(rest[0] if len(rest) == 1 else {"and": rest}) if rest else None)
        if isinstance(part, Compare):
            kind = part.type
            icon = (
                _ICONS.get(kind, "filter")
                if field_at(state.spec, part.field).widget not in ("phone", "points")
                else "phone"
            )
            origin = field_at(state.spec, part.field).origin(part.value)
            found.append(Chip(
                icon, label_of(state.spec, part.field), say.predicate(part), f"?{without}", origin and here(state.ctx, origin)
            ))  # fmt: skip
        else:
            found.append(Chip("filter", "", say(part), f"?{without}"))
    return found


class Sayer:
    """Says conditions in the reader's language. Titles of the records they name are fetched once for each object."""

    def __init__(self, ctx: Context, spec: ObjectSpec, condition: Condition) -> None:
        self.ctx, self.spec, self.reader = ctx, spec, ctx.reader
        self.titles = record_titles(ctx, spec, condition)

    def __call__(self, node: Condition) -> str:
        match node:
            case Compare():
                said = self.predicate(node)
                return f"{label_of(self.spec, node.field)}{':' if node.op in _UNSAID else ''} {said}"
            case Not(part):
                return gettext("not (%(part)s)") % {"part": self(part)}
            case All(parts):
                return gettext(" and ").join(map(self._nested, parts))
            case Any_(parts):
                return gettext(" or ").join(map(self._nested, parts))

    def _nested(self, node: Condition) -> str:
        return self(node) if isinstance(node, Compare) else f"({self(node)})"

    def predicate(self, leaf: Compare) -> str:
        """What a comparison says of its field."""
        operator = BY_NAME[leaf.type][leaf.op]
        value = self._value(leaf, operator.takes)
        if leaf.op in _UNSAID:
            return value
        return f"{gettext(operator.label)} {value}".strip()

    def _value(self, leaf: Compare, takes: Takes) -> str:
        match takes:
            case Takes.nothing:
                return ""
            case Takes.range:
                return range_label(leaf.value, self.reader.is_persian)
            case Takes.age:
                return gettext("%(n)s %(unit)s") % {
                    "n": self._digits(leaf.value.n),
                    "unit": gettext(ranges.UNIT_LABELS[leaf.value.unit]),
                }
            case Takes.pair:
                low, high = (self._one(leaf, v) for v in leaf.value)
                return gettext("%(low)s and %(high)s") % {"low": low, "high": high}
            case Takes.many:
                shown = [self._one(leaf, v) for v in leaf.value[:3]]
                if len(leaf.value) > 3:
                    shown.append(self._digits(f"+{len(leaf.value) - 3}"))
                return (gettext(" and ") if leaf.op == "has_all" else gettext(" or ")).join(shown)
            case _:
                return self._one(leaf, leaf.value)

    def _one(self, leaf: Compare, value: Any) -> str:
        field = field_at(self.spec, leaf.field)
        match leaf.type:
            case FieldType.flag:
                return gettext("Yes") if value else gettext("No")
            case FieldType.choice:
                return field.show(value, self.reader) or value
            case FieldType.date | FieldType.instant:
                if hasattr(value, "hour"):
                    return format_instant(value, self.reader.tz, self.reader.language)
                return format_date(value, self.reader.language, "long")
            case FieldType.money:
                return field.show(int(value), self.reader)
            case FieldType.number:
                return numbers.format_number(value, self.reader.language)
            case FieldType.user | FieldType.link | FieldType.links:
                known = next((str(o.label) for o in options_of(field) if o.key == value), str(value))
                return self.titles.get((leaf.field, str(value)), known)
            case _:
                return str(value) if leaf.op in _UNSAID else gettext("“%(text)s”") % {"text": value}

    def _digits(self, value: Any) -> str:
        return to_persian_digits(str(value)) if self.reader.is_persian else str(value)


def record_titles(ctx: Context, spec: ObjectSpec, condition: Condition) -> dict[tuple[str, str], str]:
    """Titles of the records that a condition names, by field path and id: one query for each object named."""
    asked: dict[str, set[str]] = defaultdict(set)
    by_path: dict[str, str] = {}
    for leaf in leaves(condition):
        to = _linked(field_at(spec, leaf.field), leaf.type)
        if to and leaf.value is not None:
            values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
            by_path[leaf.field] = to
            asked[to] |= {str(v) for v in values}
    found: dict[tuple[str, str], str] = {}
    for key, ids in asked.items():
        linked = find_object(key)
        whole = [id for id in map(whole_id, ids) if id]
        if linked is not None and whole:
            rows = visible(ctx.actor, key, linked.rows.filter(id__in=whole)).values_list("id", linked.title)
            found |= {(key, str(id)): str(title) for id, title in rows}
    special = {ME: gettext("me"), MY_TEAM: gettext("my team")}
    return {
        (path, value): special.get(value) or found.get((to, value), value)
        for path, to in by_path.items()
        for value in asked[to]
    }


def options_of(field: Field) -> Sequence[Option]:
    """What the field's values are chosen from; empty where they are records, or anything."""
    return getattr(field, "options", ())


def _linked(field: Field, kind: FieldType) -> str:
    """The object whose ids this field is filtered by; empty where its values are plain."""
    if isinstance(field, Link):
        return field.to
    if kind is not FieldType.links:
        return ""
    return "tag" if field.widget == "tags" else str(getattr(field, "to", ""))


def builder_schema(state: ListState, *, is_personal: bool = True) -> dict[str, Any]:
    """What the builder offers: fields with their operators and choices, ranges and units; “me” only where it is personal."""
    ctx, spec = state.ctx, state.spec
    choices = _few_choices(ctx)
    fields = []
    for path, kind in visible_schema(ctx, spec).items():
        field = field_at(spec, path)
        item: dict[str, Any] = {
            "key": path,
            "label": label_of(spec, path),
            "type": kind.value,
            "operators": [
                {
                    "key": o.name,
                    "label": gettext(o.label),
                    "value": "flag" if kind is FieldType.flag else _TAKES[o.takes],
                }
                for o in OPERATORS[kind]
            ],
        }
        if kind is FieldType.money:
            item["unit"] = money_unit(ctx.reader)
        if options := options_of(field):
            item["choices"] = [{"value": o.key, "label": str(o.label)} for o in options]
        elif to := _linked(field, kind):
            few = choices(to)
            if few is not None:
                item["choices"] = (_special(kind) if is_personal else []) + few
            elif (linked := find_object(to)) is not None:
                item["url"] = address(ctx, linked, "options")
        fields.append(item)
    rolling = [ranges.Rolling(d, n, u) for d, n, u in _ROLLING]  # type: ignore[arg-type]
    return {
        "fields": fields,
        "ranges": [
            {"value": key, "label": gettext(label), "hint": range_days(ctx, key)}
            for key, label in ranges.LABELS.items()
        ]
        + [
            {
                "value": f"{r.direction}:{r.n}:{r.unit}",
                "label": range_label(r, ctx.reader.is_persian),
                "hint": range_days(ctx, r),
            }
            for r in rolling
        ],
        "units": [{"value": key, "label": gettext(label)} for key, label in ranges.UNIT_LABELS.items()],
    }


def _special(kind: FieldType) -> list[dict[str, str]]:
    if kind is not FieldType.user:
        return []
    return [{"value": ME, "label": gettext("me")}, {"value": MY_TEAM, "label": gettext("my team")}]


def _few_choices(ctx: Context) -> Callable[[str], list[dict[str, str]] | None]:
    """Records of an object to choose from where there are few of them, such as users and tags; asked once each."""
    known: dict[str, list[dict[str, str]] | None] = {}

    def choices(key: str) -> list[dict[str, str]] | None:
        if key not in known:
            linked = find_object(key)
            known[key] = None
            if linked is not None and linked.menu is None:
                rows = visible(ctx.actor, key, linked.rows.filter(deleted_at__isnull=True)).order_by(
                    linked.title
                )
                found = list(rows.values_list("id", linked.title)[: FEW + 1])
                if len(found) <= FEW:
                    known[key] = [{"value": str(id), "label": str(title)} for id, title in found]
        return known[key]

    return choices


def for_builder(raw: Any, state: ListState) -> Any:
    """A condition as the builder edits it."""
    reader = state.ctx.reader
    kind = money.currency(reader.currency)

    def change(value: Any, field_type: FieldType | None) -> Any:
        if field_type is FieldType.money and isinstance(value, int):
            whole = money.major(value, kind, reader.money_unit)
            return int(whole) if whole == int(whole) else float(whole)
        if isinstance(value, Mapping) and set(value) in ({"last", "unit"}, {"next", "unit"}):
            direction = "last" if "last" in value else "next"
            return f"{direction}:{value[direction]}:{value['unit']}"
        return value

    # A comparison without any value at all is one that somebody has just begun.
    return _walk(raw, state.spec.condition_schema, change, {"value": None})


def from_builder(raw: Any, state: ListState) -> Any:
    """What the builder wrote as a plain condition; what it got wrong stays for the parser to refuse."""
    return plain_condition(raw, state.spec, state.ctx.reader)


def typed_condition(text: str, state: ListState) -> Any:
    """What the builder of a form wrote, None where it says nothing; what cannot be read stays for the parser to refuse."""
    try:
        raw = from_builder(read_json(text), state) if text.strip() else None
    except ValueError:
        return text
    is_blank = isinstance(raw, Mapping) and any(raw.get(word) == [] for word in ("and", "or"))
    return None if is_blank else raw


def plain_condition(raw: Any, spec: ObjectSpec, reader: Reader) -> Any:
    """The same for a builder that stands outside of a list."""
    kind = money.currency(reader.currency)

    def change(value: Any, field_type: FieldType | None) -> Any:
        if field_type is FieldType.money and isinstance(value, int | float) and not isinstance(value, bool):
            return money.parse_amount(
                f"{value:f}" if isinstance(value, float) else str(value), kind, reader.money_unit
            )
        if (
            field_type in (FieldType.date, FieldType.instant)
            and isinstance(value, str)
            and value.count(":") == 2
            and value[0] in "ln"
        ):
            direction, n, unit = value.split(":")
            return {direction: whole_id(n) or n, "unit": unit}
        return value

    return _walk(raw, spec.condition_schema, change)


def _walk(
    raw: Any,
    schema: Mapping[str, FieldType],
    change: Callable[[Any, FieldType | None], Any],
    valueless: Mapping[str, None] = _BARE,
) -> Any:
    """A condition with its values changed; ``valueless`` is added to what compares with none."""
    if not isinstance(raw, dict):
        return raw
    for word in ("and", "or"):
        if isinstance(raw.get(word), list):
            return {word: [_walk(part, schema, change, valueless) for part in raw[word]]}
    if "not" in raw:
        return {"not": _walk(raw["not"], schema, change, valueless)}
    if "value" not in raw:
        return {**raw, **valueless}
    kind = schema.get(raw.get("field", "")) if isinstance(raw.get("field"), str) else None
    value = raw["value"]
    return {
        **raw,
        "value": [change(v, kind) for v in value] if isinstance(value, list) else change(value, kind),
    }


def is_buildable(raw: Any) -> bool:
    """Whether the builder can draw this condition: it knows groups, comparisons, and either of them negated."""
    if not isinstance(raw, dict):
        return False
    if "not" in raw:
        return is_buildable(raw["not"])
    for word in ("and", "or"):
        if isinstance(raw.get(word), list):
            return all(map(is_buildable, raw[word]))
    return {"field", "op"} <= raw.keys()


def labels_for(state: ListState) -> dict[str, str]:
    """Titles of the records that the condition names, by id, for the builder's pickers."""
    if state.condition is None:
        return {}
    return {
        value: title for (_, value), title in record_titles(state.ctx, state.spec, state.condition).items()
    }
