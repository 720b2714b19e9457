"""Which values break the rules that hold today: rules may have changed since they were written, or a value came by a way
that asked less. Asked in sets: by SQL where SQL can tell, else the values stream through the kernel's own check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.operational.contacts.public import Addresses, Points
from peyvand.platform.fields.about import About
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.kinds import CustomNumber
from peyvand.platform.fields.reader import PROGRAM
from peyvand.platform.fields.types import (
    Choice,
    Day,
    Email,
    Field,
    Identifier,
    Instant,
    Link,
    Number,
    Phone,
    Url,
    UserLink,
)
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.objects.spec import ObjectSpec, all_objects, object_named
from peyvand.platform.schema.models import CustomValue
from peyvand.platform.workspaces.scope import current_workspace_id

EARLIEST: Final = date(1850, 1, 1)
# A date further ahead is a slip of the hand: 1450 for 1405.
AHEAD: Final = timedelta(days=50 * 365)
# What tells of the past cannot lie ahead.
_PAST: Final = frozenset(
    {("person", "birthday"), ("deal", "closed_on"), ("deal", "engaged_on"), ("call", "started_at")}
)
AT_ONCE: Final = 20_000
Ids = QuerySet[Any] | Iterable[int]

_OWN = """select r.id, r."{column}" from "{table}" r
where r.workspace_id = %(ws)s and r.deleted_at is null and {kind} and r."{column}" <> ''"""
_CUSTOM = """select r.id, r.custom ->> %(key)s from "{table}" r
where r.workspace_id = %(ws)s and r.deleted_at is null and {kind} and r.custom ->> %(key)s is not null"""
_POINTS = """select r.id, c.value from contact_point c join "{table}" r on r.workspace_id = c.workspace_id and r.id = c.object_id
where c.workspace_id = %(ws)s and c.object = %(object)s and c.kind = %(points)s and r.deleted_at is null and {kind}"""
_CODES = """select r.id, c.country, c.postal_code from postal_address c
join "{table}" r on r.workspace_id = c.workspace_id and r.id = c.object_id
where c.workspace_id = %(ws)s and c.object = %(object)s and c.postal_code <> '' and r.deleted_at is null and {kind}"""


def living(spec: ObjectSpec) -> QuerySet[Any]:
    """The records that are measured: all but those in the bin."""
    return spec.rows.filter(deleted_at__isnull=True)


def wrong_in(spec: ObjectSpec, field: Field, tenant: Tenant) -> Ids | None:
    """Ids of the living records in which the field has a value that breaks a rule; None: no rule speaks of such a field."""
    asked = _by_query(spec, field, tenant)
    if asked is not None:
        return living(spec).filter(asked).order_by().values_list("id")
    if (check := _check_of(field)) is not None:
        return _streamed(values_sql(spec, field), values_params(spec, field), check)
    if isinstance(field, Addresses):
        return _streamed(_placed(_CODES, spec), values_params(spec, field), _is_code_of(field))
    return None


def values_sql(spec: ObjectSpec, field: Field) -> str:
    """A statement for (id, value) of every living record that has the field filled."""
    if isinstance(field, Points):
        return _placed(_POINTS, spec)
    return _placed(_CUSTOM if isinstance(field, InCustom) else _OWN, spec, field.column)


def values_params(spec: ObjectSpec, field: Field) -> dict[str, Any]:
    """The parameters of ``values_sql``."""
    return {
        "ws": current_workspace_id(), "object": spec.key, "key": field.key, "points": getattr(field, "kind", ""),
    }  # fmt: skip


def _placed(sql: str, spec: ObjectSpec, column: str = "") -> str:
    # The workspace's own objects share a table; ids are numbers of ours.
    told = spec.base.children if spec.base is not None else []
    kinds = [each for each in told if isinstance(each, tuple)]
    kind = " and ".join(f"r.{name} = {int(value)}" for name, value in kinds) or "true"
    return sql.format(table=spec.model._meta.db_table, column=column, kind=kind)


def _by_query(spec: ObjectSpec, field: Field, tenant: Tenant) -> Q | None:
    if isinstance(field, InCustom):
        found = _in_cells(field, tenant)
        cells = CustomValue.objects.filter(field_id=field.defined.id)
        return None if found is None else Q(id__in=cells.filter(found).values("object_id"))
    match field:
        case UserLink():
            return Q(**{f"{field.attr}__is_active": False}) | Q(
                **{f"{field.attr}__deleted_at__isnull": False}
            )
        case Link():
            return Q(**{f"{field.attr}__deleted_at__isnull": False})
        case About():
            return _about_nothing(spec, field)
        case Choice():
            known = [option.key for option in field.options]
            return ~Q(**{f"{field.column}__in": [*known, ""]})
        case Day() | Instant():
            return _senseless(spec, field, field.column, tenant) | _ends_before(spec, field)
        case Number():
            return _outside(field.column, field.min, field.max)
    return None


def _in_cells(field: InCustom, tenant: Tenant) -> Q | None:
    """What is wrong with the typed rows that repeat a custom field's values."""
    match field:
        case UserLink():
            users = object_named("user").rows.filter(is_active=True, deleted_at__isnull=True)
            return ~Q(Exists(users.filter(id=OuterRef("number"))))
        case Link():
            there = object_named(field.to).rows.filter(deleted_at__isnull=True)
            return ~Q(Exists(there.filter(id=OuterRef("number"))))
        case Choice() | Choices():
            return ~Q(text__in=[option.key for option in field.options])
        case Day() | Instant():
            return _senseless(None, field, field.cell, tenant)
        case CustomNumber():
            low = None if field.least is None else field.asked(field.least)
            return _outside("number", low, None if field.most is None else field.asked(field.most))
        case Number():
            return _outside("number", field.min, field.max)
    return None


def _outside(column: str, low: Any, high: Any) -> Q | None:
    asked = [Q(**{f"{column}__lt": low})] if low is not None else []
    asked += [Q(**{f"{column}__gt": high})] if high is not None else []
    return Q(*asked, _connector=Q.OR) if asked else None


def _senseless(spec: ObjectSpec | None, field: Field, column: str, tenant: Tenant) -> Q:
    """Dates that nobody can have meant."""
    today = clock.today(tenant.tz)
    is_past = spec is not None and (spec.key, field.key) in _PAST
    first, last = EARLIEST, today + (timedelta() if is_past else AHEAD)
    if isinstance(field, Instant):
        # The day after ends at midnight; what is past ends now.
        end = clock.now() if is_past else _midnight(last + timedelta(days=1), tenant)
        return Q(**{f"{column}__lt": _midnight(first, tenant)}) | Q(**{f"{column}__gt": end})
    return Q(**{f"{column}__lt": first}) | Q(**{f"{column}__gt": last})


def _midnight(day: date, tenant: Tenant) -> datetime:
    return datetime.combine(day, time(), tenant.tz)


def _ends_before(spec: ObjectSpec, field: Field) -> Q:
    """What ends before it began is wrong at its end."""
    if spec.lasts is None or field.key != spec.lasts[1]:
        return Q(pk__in=[])
    begins, ends = (spec.field(key) for key in spec.lasts)
    if type(begins) is not type(ends):
        return Q(pk__in=[])
    return Q(**{f"{ends.column}__lt": F(begins.column)})


def _about_nothing(spec: ObjectSpec, field: About) -> Q:
    """About a record that is gone, or rests in the bin."""
    kind, id = field.columns()
    asked = Q(pk__in=[])
    for other in all_objects():
        there = other.rows.filter(deleted_at__isnull=True, id=OuterRef(id))
        asked |= Q(**{kind: other.key}) & ~Q(Exists(there))
    return asked


def _check_of(field: Field) -> Callable[[Any], bool] | None:
    if not isinstance(field, Phone | Email | Url | Identifier | Points):
        return None
    # Of phones and mails each is asked for itself.
    understand = (
        (lambda value: field.understand([{"value": value}], PROGRAM))
        if isinstance(field, Points)
        else (lambda value: field.understand(value, PROGRAM))
    )
    return _passes(understand)


def _is_code_of(field: Addresses) -> Callable[..., bool]:
    return _passes(
        lambda country, code: field.understand([{"country": country, "postal_code": code}], PROGRAM)
    )


def _passes(understand: Callable[..., Any]) -> Callable[..., bool]:
    def check(*value: Any) -> bool:
        try:
            understand(*value)
        except Invalid:
            return False
        return True

    return check


def _streamed(sql: str, params: dict[str, Any], check: Callable[..., bool]) -> Iterator[int]:
    """Ids whose value does not pass the check, each once."""
    seen = set[int]()
    with connection.cursor() as cursor:
        # All rows are read: without this a cursor is planned for whoever looks at the first few, by index, row by row.
        cursor.execute("set local cursor_tuple_fraction = 1")
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(AT_ONCE):
            for id, *value in rows:
                if id not in seen and not check(*value):
                    seen.add(id)
                    yield id
