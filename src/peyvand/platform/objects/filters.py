"""Conditions as SQL: the same meaning as kernel.conditions.matches, through the ORM. A property test holds the two equal.

Every leaf compiles to a Q that is true or false, never NULL, so that Not is plain negation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from math import ceil, floor
from typing import Any

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.lookups import Exact, In, StartsWith

from peyvand.kernel import clock
from peyvand.kernel.conditions import (
    All,
    Any_,
    Compare,
    Condition,
    EvalContext,
    FieldType,
    Not,
    interval,
    parse,
    users_asked,
)
from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.text import fold
from peyvand.platform.access.decisions import visible
from peyvand.platform.access.rules import objects_by, reaches_all
from peyvand.platform.fields.aside import Aside
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Field, Link, LongText, whole_id
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Grants, Scope
from peyvand.platform.insights.fields import InInsight
from peyvand.platform.objects.questions import is_closed
from peyvand.platform.objects.spec import ObjectSpec, find_object, object_named
from peyvand.platform.schema.models import LEAD
from peyvand.platform.schema.values import holding
from peyvand.platform.search.models import SearchEntry

_OPPOSITES = {"is_not": "is", "not_in": "in", "has_none": "has_any", "filled": "empty"}


def eval_context(actor: Actor) -> EvalContext:
    """Whose eyes and which day a condition is seen with."""
    return EvalContext(
        today=clock.today(actor.tenant.tz),
        tz=actor.tenant.tz,
        calendar="jalali" if actor.language == "fa" else "gregorian",
        me=str(actor.user_id) if actor.user_id else None,
        my_team=frozenset(map(str, actor.team_user_ids)),
    )


def compile_condition(condition: Condition, spec: ObjectSpec, actor: Actor) -> Q:
    """The condition as a Q over the object's rows. Fields were checked when the condition was parsed.

    A linked record that the actor may not see looks absent: nothing of it can be found out by asking.
    """
    return _compiled(condition, spec, eval_context(actor), actor)


def _compiled(condition: Condition, spec: ObjectSpec, context: EvalContext, actor: Actor) -> Q:
    match condition:
        case All(parts):
            # An empty Q is neutral to Django, also beside "or"; a condition without parts is true.
            q = ~Q(pk__in=[])
            for n, part in enumerate(parts):
                compiled = _compiled(part, spec, context, actor)
                q = compiled if n == 0 else q & compiled
            return q
        case Any_(parts):
            if not parts:
                return Q(pk__in=[])
            q = _compiled(parts[0], spec, context, actor)
            for part in parts[1:]:
                q |= _compiled(part, spec, context, actor)
            return q
        case Not(part):
            return ~_compiled(part, spec, context, actor)
        case Compare():
            return _leaf(condition, spec, context, actor)


def compile_for_role(object_key: str, said: Any, actor: Actor) -> Q:
    """A condition that a role or a territory states, as a Q: whoever stated it means the records as they are, whatever
    of them the actor may see. One that cannot be read any more, its field being gone, covers nothing."""
    spec = object_named(object_key)
    try:
        condition = parse(said, spec.condition_schema)
    except Invalid:
        return Q(pk__in=[])
    return compile_condition(condition, spec, _all_seeing(actor))


@lru_cache(maxsize=1024)
def _all_seeing(actor: Actor) -> Actor:
    return replace(actor, grants=Grants({"*": Scope.ALL}))


def _rows_of(object_key: str) -> Any:
    spec = find_object(object_key)
    return spec.rows if spec is not None else None


objects_by(_rows_of, compile_for_role)


def _leaf(leaf: Compare, spec: ObjectSpec, context: EvalContext, actor: Actor) -> Q:
    op = _OPPOSITES.get(leaf.op, leaf.op)
    if is_secret(leaf.field, spec, actor):
        # What the actor may not know of is absent, whoever made the filter.
        absent = ~Q(pk__in=[]) if op == "empty" else Q(pk__in=[])
        return absent if op == leaf.op else ~absent
    field, prefix, own = _resolve(leaf.field, spec)
    if own is None and isinstance(link := _link(leaf.field, spec), Aside):
        q = _through(leaf, op, link, object_named(link.to), actor, context)
        return q if op == leaf.op else ~q
    if isinstance(field, Aside):
        q = _held(leaf, op, field, spec, context)
    elif field.filters_itself:
        q = field.filter_for(op, leaf.value, actor)
    else:
        q = _positive(leaf, op, field, prefix, own, context)
    if own is None and (seen := _seen(leaf.field, spec, actor)) is not None:
        q = q | ~seen if op == "empty" else q & seen
    return q if op == leaf.op else ~q


def is_secret(path: str, spec: ObjectSpec, actor: Actor) -> bool:
    """Whether the actor's role hides the field that a path names, or the link that leads to it."""
    first, _, rest = path.partition(".")
    if first in actor.grants.hides(spec.key) or is_closed(path, spec, actor):
        return True
    return bool(rest) and rest in actor.grants.hides(getattr(spec.field(first), "to", ""))


def may_know(actor: Actor, spec: ObjectSpec, path: str) -> bool:
    """Whether the actor may learn what a path says of every record: neither the field is hidden, nor any record that it
    leads to out of sight."""
    first, _, rest = path.partition(".")
    link = spec.all_fields.get(first)
    if not rest or link is None:
        return not is_secret(first, spec, actor)
    linked = find_object(getattr(link, "to", ""))
    return not is_secret(path, spec, actor) and (
        linked is None or reaches_all(actor, linked.permission("view"))
    )


def _seen(path: str, spec: ObjectSpec, actor: Actor) -> Q | None:
    """The rows whose linked record the actor may see; None for all of them."""
    link = _link(path, spec)
    linked = object_named(link.to)
    rows = linked.rows
    seen = visible(actor, linked.key, rows)
    return None if seen is rows else Q(**{f"{link.column}__in": seen.values("id")})


def _resolve(path: str, spec: ObjectSpec) -> tuple[Field, str, ObjectSpec | None]:
    """The field that a path names, the ORM prefix that leads to it, and its object if it is the listed one."""
    first, _, rest = path.partition(".")
    if not rest:
        return spec.field(first), "", spec
    link = _link(path, spec)
    return object_named(link.to).field(rest), f"{link.attr}__", None


def _link(path: str, spec: ObjectSpec) -> Link:
    """The link that a path of two steps begins with."""
    link = spec.field(path.partition(".")[0])
    assert isinstance(link, Link)
    return link


def _positive(
    leaf: Compare, op: str, field: Field, prefix: str, own: ObjectSpec | None, context: EvalContext
) -> Q:
    column = prefix + field.column
    if op == "empty":
        return Q(**{f"{column}__isnull": True}) | (
            Q(**{column: ""}) if leaf.type in (FieldType.text, FieldType.choice) else Q()
        )
    # Comparisons with NULL must come out false, not NULL.
    there = Q(**{f"{column}__isnull": False})
    match leaf.type:
        case FieldType.text:
            return there & _text(op, column, leaf.value, field, own)
        case FieldType.date | FieldType.instant:
            return there & _during(leaf, column, context)
        case FieldType.user:
            return there & Q(**{f"{column}__in": sorted(_ids(users_asked(leaf, context)))})
        case FieldType.link:
            return there & Q(**{f"{column}__in": _ids(leaf.value if op == "in" else (leaf.value,))})
        case FieldType.choice:
            return there & Q(**{f"{column}__in": list(leaf.value if op == "in" else (leaf.value,))})
        case FieldType.flag:
            return there & Q(**{column: leaf.value})
        case _:
            return there & _number(op, column, leaf.value)


def _held(leaf: Compare, op: str, field: Aside, spec: ObjectSpec, context: EvalContext) -> Q:
    """Records with a value that has no column, on themselves or one link away, that meets the comparison."""
    path, nullable = "id", False
    if "." in leaf.field:
        path, nullable = spec.field(leaf.field.partition(".")[0]).column, True
    if op == "empty" or (leaf.type is FieldType.flag and leaf.value is False):
        return ~Q(**{f"{path}__in": _holding(field)})
    if op == "has_all":
        q = Q()
        for value in leaf.value:
            q &= Q(**{f"{path}__in": _holding(field, Q(text=value))})
        return q
    q = Q(**{f"{path}__in": _holding(field, _cell(leaf, op, field, context))})
    return Q(**{f"{path}__isnull": False}) & q if nullable else q


def _holding(field: Aside, condition: Q | None = None) -> QuerySet[Any]:
    if isinstance(field, InInsight):
        return field.holding(condition)
    assert isinstance(field, InCustom)
    return holding(field, condition)


def _cell(leaf: Compare, op: str, field: Aside, context: EvalContext) -> Q:
    """The comparison of the typed rows that hold such values."""
    column = field.cell
    if isinstance(field, InInsight) and leaf.type in (FieldType.choice, FieldType.link):
        wanted = leaf.value if op == "in" else (leaf.value,)
        return Q(**{f"{column}__in": _ids(wanted) if leaf.type is FieldType.link else list(wanted)})
    match leaf.type:
        case FieldType.text:
            return _folded(op, leaf.value)
        case FieldType.choice | FieldType.links:
            many = leaf.value if op in ("in", "has_any") else (leaf.value,)
            return Q(lead__in=[value[:LEAD] for value in many], text__in=list(many))
        case FieldType.flag:
            return Q(number=1)
        case FieldType.number | FieldType.money:
            asked = tuple(map(field.asked, leaf.value)) if op == "between" else field.asked(leaf.value)
            return _number(op, column, asked)
        case FieldType.user:
            return Q(number__in=sorted(_ids(users_asked(leaf, context))))
        case FieldType.link:
            return Q(number__in=_ids(leaf.value if op == "in" else (leaf.value,)))
        case _:
            return Q(**{f"{column}__isnull": False}) & _during(leaf, column, context)


def _during(leaf: Compare, column: str, context: EvalContext) -> Q:
    """The dates or moments that a comparison means, for this reader on this day."""
    low, high = interval(leaf, context)
    q = Q() if low is None else Q(**{f"{column}__gte": low})
    return q if high is None else q & Q(**{f"{column}__lt": high})


def _folded(op: str, value: Any) -> Q:
    """A comparison of texts that are folded already."""
    if op == "in":
        wanted = [fold(v) for v in value]
        return Q(lead__in=[w[:LEAD] for w in wanted], text__in=wanted)
    want = fold(value)
    if op == "is":
        return Q(lead=want[:LEAD], text=want)
    if op == "starts_with":
        return Q(StartsWith(F("lead"), Value(want[:LEAD]))) & Q(StartsWith(F("text"), Value(want)))
    return Q(_ContainsFolded(F("text"), want))


def _through(
    leaf: Compare, op: str, link: Aside, linked: ObjectSpec, actor: Actor, context: EvalContext
) -> Q:
    """A comparison of a record that a link without a column leads to, of those that the actor may see."""
    rest = leaf.field.partition(".")[2]
    far = Compare(rest, "filled" if op == "empty" else op, leaf.value, leaf.type)
    rows = visible(actor, linked.key, linked.rows).filter(_leaf(far, linked, context, actor))
    q = Q(id__in=_holding(link, Q(**{f"{link.cell}__in": rows.values("id")})))
    return ~q if op == "empty" else q


def _ids(values: Iterable[str]) -> list[int]:
    return [whole_id(value) for value in values]


def _number(op: str, column: str, value: Any) -> Q:
    """Columns hold whole numbers; a bound between two of them is moved to the one that asks for the same rows."""
    if op == "between":
        return Q(**{f"{column}__gte": ceil(value[0]), f"{column}__lte": floor(value[1])})
    if op == "is":
        return Q(**{column: int(value)}) if value == int(value) else Q(pk__in=[])
    return Q(**{f"{column}__{op}": ceil(value) if op in ("lt", "gte") else floor(value)})


def _text(op: str, column: str, value: Any, field: Field, own: ObjectSpec | None) -> Q:
    folded = Func(F(column), function="peyvand_fold", output_field=TextField())
    if op == "in":
        return Q(In(folded, [fold(v) for v in value]))
    want = fold(value)
    if op == "is":
        return Q(Exact(folded, Value(want))) & _candidates(want, field, own)
    if op == "starts_with":
        return Q(StartsWith(folded, Value(want))) & _candidates(want, field, own)
    return Q(_ContainsFolded(folded, want)) & _candidates(want, field, own)


class _ContainsFolded(StartsWith):
    """``peyvand_fold(column) like '%…%'``."""

    def __init__(self, lhs: Any, want: str) -> None:
        super().__init__(lhs, _like(want))

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self.rhs]

    def get_rhs_op(self, connection: Any, rhs: Any) -> str:
        return f"LIKE {rhs}"


def _candidates(want: str, field: Field, own: ObjectSpec | None) -> Q:
    """Narrow a text comparison by the trigram index of the search, where this field is searched by."""
    if own is None or not field.search or len(want) < 3 or not own.in_search or isinstance(field, LongText):
        return Q()
    entries = SearchEntry.objects.filter(object=own.key).extra(where=["text like %s"], params=[_like(want)])
    return Q(id__in=entries.values("object_id"))


def _like(want: str) -> str:
    """The pattern of texts that contain this one, its own signs escaped."""
    escaped = want.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def record_values(record: Any, spec: ObjectSpec) -> Mapping[str, Any]:
    """The values of a loaded record, as kernel.conditions.matches wants them."""
    return {f.key: f.comparable(f.read(record)) for f in spec.stored_fields}
