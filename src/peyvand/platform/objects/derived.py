"""Values that are worked out: formulas over a record's own fields, kept like any value and so filtered and sorted by.

A formula is computed whenever its record is written, in sets, and again when the formula changes. It reads money in
whole units of the workspace's currency, instants as days of its clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from peyvand.kernel import money
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.formulas import Kind, check, evaluate, names_of, parse_formula, with_keys
from peyvand.kernel.ranges import within_reach
from peyvand.platform.access.policies import SharedRows, policy_of
from peyvand.platform.fields.custom import FORMULA, ROLLUP, Definition, InCustom
from peyvand.platform.fields.kinds import CustomNumber
from peyvand.platform.fields.types import Choice, Day, Field, Flag, Instant, Link, Money, Number, Text
from peyvand.platform.identity.actor import Tenant, hide_following
from peyvand.platform.identity.grants import FieldAccess, Grants, Scope
from peyvand.platform.objects.spec import ObjectSpec, declared_objects
from peyvand.platform.schema.reading import schema_at

# Known only once a record is written, or on every change of it.
_NOT_READ: Final = frozenset({"id", "updated_at", "external_id"})
RESULTS: Final = {
    "number": Kind.number, "money": Kind.number, "percent": Kind.number, "text": Kind.text, "date": Kind.date,
    "instant": Kind.date, "flag": Kind.flag,
}  # fmt: skip
"""The kinds of field that a formula can fill, with what it must give."""


def kind_in_formula(field: Field) -> Kind | None:
    """What a formula reads the field as; None where it cannot read it."""
    if field.is_compound or field.on_request or field.key in _NOT_READ or isinstance(field, Link):
        return None
    match field:
        case Money() | Number():
            return Kind.number
        case Day() | Instant():
            return Kind.date
        case Flag():
            return Kind.flag
        case Text() | Choice():
            return Kind.text
    return None


def readable(spec: ObjectSpec) -> dict[str, Kind]:
    """The fields that formulas of this object can read."""
    return {key: kind for key, field in spec.all_fields.items() if (kind := kind_in_formula(field))}


def check_formula(spec: ObjectSpec, defined: Definition) -> dict[str, Any]:
    """The config of a formula.

    Raises:
        Invalid: it is not understood, reads what is not there, or gives another kind than it should.
    """
    names = {str(spec.all_fields[key].label): key for key in readable(spec)}
    text = with_keys(str(defined.config.get("formula") or "").strip(), names)
    if not text:
        raise Invalid.of(msg("This is required."), "formula", "required")
    try:
        gives = check(parse_formula(text), readable(spec))
    except Invalid as error:
        raise error.at("formula") from None
    wanted = RESULTS[str(defined.config.get("result"))]
    if gives is not wanted:
        raise Invalid.of(msg("The formula does not give what the field is to hold."), "formula")
    return {**defined.config, "formula": text}


def formulas_of(spec: ObjectSpec) -> tuple[InCustom, ...]:
    """The object's formulas, each behind those that it reads."""
    waiting = {f.key: f for f in spec.custom_fields if f.defined.kind == FORMULA}
    if not waiting:
        return ()
    reads = {key: set(names_of(parse_formula(f.defined.config["formula"]))) for key, f in waiting.items()}
    ordered: list[InCustom] = []
    while waiting:
        ready = [key for key in waiting if not (reads[key] - {key}) & waiting.keys()]
        ordered += [waiting.pop(key) for key in ready or list(waiting)]
    return tuple(ordered)


def derive(tenant: Tenant, spec: ObjectSpec, records: Iterable[Any]) -> None:
    """Work out the formulas of records whose other values are set, on the records themselves."""
    formulas, zeros = formulas_of(spec), [f for f in spec.custom_fields if begins_at_zero(f)]
    if not formulas and not zeros:
        return
    plans = [(f, parse_formula(f.defined.config["formula"])) for f in formulas]
    read = {key for _, tree in plans for key in names_of(tree)}
    fields = [f for f in spec.stored_fields if f.key in read]
    for record in records:
        for one in zeros:
            if one.key not in record.custom:
                one.write(record, 0)
        values = {f.key: as_formula_value(f, f.read(record), tenant) for f in fields}
        for one, tree in plans:
            result = as_field_value(one, evaluate(tree, values), tenant)
            one.write(record, result)
            values[one.key] = as_formula_value(one, result, tenant)


def begins_at_zero(field: InCustom) -> bool:
    """Whether nothing to add up is zero rather than no value: roll-ups that count or add."""
    return field.defined.kind == ROLLUP and field.defined.config.get("how") in ("count", "sum")


def as_formula_value(field: Field, value: Any, tenant: Tenant) -> Any:
    """A field's value as formulas read it; None where it is empty."""
    if value is None or value == "":
        return None
    if isinstance(field, Money):
        return Decimal(value).scaleb(-money.currency(tenant.currency).exponent)
    if isinstance(field, Number):
        return Decimal(value)
    return value.astimezone(tenant.tz).date() if isinstance(value, datetime) else value


def as_field_value(field: Field, value: Any, tenant: Tenant) -> Any:
    """What a formula gave as the field holds it; empty where it does not fit."""
    if value is None:
        return field.empty()
    try:
        match field:
            case CustomNumber():
                return field.decode(_whole(value.scaleb(field.decimals)))
            case Money():
                return _whole(value.scaleb(money.currency(tenant.currency).exponent))
            case Number():
                return _whole(value)
            case Instant():
                day = within_reach(value)
                return datetime(day.year, day.month, day.day, tzinfo=tenant.tz)
            case Day():
                return within_reach(value.date() if isinstance(value, datetime) else value)
            case Text():
                return str(value)[: field.max_length]
    except (InvalidOperation, Invalid):
        return field.empty()
    return value


def _whole(value: Decimal) -> int:
    number = int(value.quantize(Decimal(1), ROUND_HALF_UP))
    if abs(number) >= 2**62:
        raise InvalidOperation
    return number


Node = tuple[str, str]


def reads(defined: Definition) -> set[Node]:
    """The fields, by object and key, that a derived value is worked out from."""
    config = defined.config
    if defined.kind == FORMULA:
        return {(defined.object, name) for name in names_of(parse_formula(str(config["formula"])))}
    if defined.kind == ROLLUP:
        named = {str(config["via"]), *filter(None, [config.get("field")]), *_asked(config.get("condition"))}
        return {(str(config["of"]), name) for name in named}
    return set()


def _named(path: str) -> Node:
    obj, _, key = path.partition(".")
    return obj, key


@hide_following
def following(grants: Grants, workspace_id: int, version: int) -> frozenset[str]:
    """The fields ("deal.weighted") worked out from what these grants hide or mask, and roll-ups that tell of records out
    of their sight; what they rule hidden or masked themselves is left out."""
    secret: set[Node] = {
        (obj, key)
        for obj, _, key in (path.partition(".") for path in grants.fields)
        if grants.field_access(obj, key) in (FieldAccess.HIDDEN, FieldAccess.MASKED)
    }
    ruled = frozenset(secret)
    sources: dict[Node, set[Node]] = {
        (spec.key, f.key): {(spec.key, key) for key in f.reads} | {_named(path) for path in f.gathers}
        for spec in declared_objects()
        for f in spec.fields
        if f.reads or f.gathers
    }
    lasting = {(spec.key, f.key) for spec in declared_objects() for f in spec.fields if f.outlives_modules}
    secret |= {
        node
        for node, read in sources.items()
        if any(
            obj != node[0] and grants.scope(f"{obj}.view") is Scope.NONE
            for obj, _ in read
            if not (node in lasting and obj in grants.objects_off)
        )
    }
    for defined in schema_at(workspace_id, version).definitions():
        if defined.is_derived:
            node = (defined.object, defined.key)
            sources[node] = reads(defined)
            if defined.kind == ROLLUP and _tells_too_much(grants, defined):
                secret.add(node)
    while more := {node for node, read in sources.items() if node not in secret and read & secret}:
        secret |= more
    return frozenset(f"{obj}.{key}" for obj, key in secret - ruled)


def withheld(grants: Grants, spec: ObjectSpec) -> frozenset[str]:
    """Keys of the roll-ups that are hidden for one reason alone: they quote a record, and not all of these are shown. That
    there is such a figure is no secret."""
    return frozenset(
        f.key
        for f in spec.custom_fields
        if f.defined.kind == ROLLUP
        and f"{spec.key}.{f.key}" in grants.following
        and grants.scope(f"{f.defined.config['of']}.view") is not Scope.NONE
        and all(
            grants.field_access(obj, key) in (FieldAccess.WRITE, FieldAccess.READ)
            for obj, key in reads(f.defined)
        )
    )


def _tells_too_much(grants: Grants, rollup: Definition) -> bool:
    """Whether a roll-up is of records that the grants show none of; or quotes one of them, where some are not shown."""
    source = str(rollup.config["of"])
    if grants.scope(f"{source}.view") is Scope.NONE:
        return True
    quotes_one = rollup.config["how"] not in ("count", "sum")
    return quotes_one and not _shows_all(grants, source)


def _shows_all(grants: Grants, object_key: str) -> bool:
    """Whether the grants show every record of an object, also where these follow the records of another."""
    scope, policy = grants.scope(f"{object_key}.view"), policy_of(object_key)
    if isinstance(policy, SharedRows):
        return scope is not Scope.NONE
    return scope is Scope.ALL and all(_shows_all(grants, key) for key in getattr(policy, "follows", ()))


def refuse_cycles(defined: Definition, others: Sequence[Definition]) -> None:
    """Raises:
    Invalid: the value would be worked out from itself; the reason names the way round.
    """
    graph: Mapping[Node, set[Node]] = {
        (d.object, d.key): reads(d) for d in (*(o for o in others if o.key != defined.key or o.object != defined.object), defined)
        if d.is_derived
    }  # fmt: skip
    start = (defined.object, defined.key)
    seen: set[Node] = set()

    def walk(node: Node, path: tuple[Node, ...]) -> None:
        for following in sorted(graph.get(node, ())):
            if following == start:
                way = " → ".join(f"{o}.{k}" for o, k in (*path, node, start))
                raise Invalid.of(
                    msg("This would be computed from itself: %(path)s.", path=way), "formula", "cycle"
                )
            if following not in seen:
                seen.add(following)
                walk(following, (*path, node))

    walk(start, ())


def _asked(condition: Any) -> set[str]:
    """The own fields that a condition in JSON asks about."""
    if isinstance(condition, list):
        return {name for part in condition for name in _asked(part)}
    if not isinstance(condition, Mapping):
        return set()
    own = {str(condition["field"]).partition(".")[0]} if "field" in condition else set()
    return own | {name for word in ("and", "or", "not") for name in _asked(condition.get(word))}
