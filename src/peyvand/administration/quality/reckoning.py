"""The records of one object counted, in sets, and what was found wrong with them written down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from peyvand.administration.quality.asking import INVALID, PAIR, SHARED
from peyvand.administration.quality.checks import living, values_params, values_sql, wrong_in
from peyvand.administration.quality.measures import Asked, Measure, shown_when
from peyvand.administration.quality.models import QualityFinding, QualityScore
from peyvand.administration.quality.scoring import Counted, Figures
from peyvand.kernel import clock
from peyvand.kernel.conditions import Condition, parse
from peyvand.operational.contacts.public import Points
from peyvand.operational.duplicates.public import undecided_pairs
from peyvand.platform.database.bulk import insert_rows
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Email, Identifier, Phone
from peyvand.platform.identity.actor import Tenant, system_actor
from peyvand.platform.objects.filters import compile_condition
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.objects.touched import untouched
from peyvand.platform.workspaces.scope import current_workspace_id

_COLUMNS = ("workspace_id", "object", "record", "field", "kind")
_INTO = "insert into quality_finding (workspace_id, object, field, kind, record) select %(ws)s, %(object)s, %(key)s, %(finding)s, "
_WRONG = (
    "insert into quality_finding (workspace_id, object, field, kind, record) select %s, %s, %s, %s, q.id from"
)
_SHARED = f"""
with held as materialized (select id, {{alike}}(value) as value from ({{values}}) v(id, value))
{_INTO} h.id from held h
join (select value from held group by value having count(distinct id) > 1) twice on twice.value = h.value group by h.id
"""  # noqa: S608 our own words


def reckon(tenant: Tenant, measure: Measure) -> QualityScore:
    """Measure all living records of an object; inside the workspace's scope. The day's figures before are replaced."""
    spec, since = measure.spec, measure.since(tenant)
    QualityFinding.objects.filter(object=spec.key).delete()
    records = living(spec).count()
    filled, of = _filled(tenant, measure, records)
    checked = {asked.key for asked in measure.asked if _find_wrong(tenant, spec, asked)}
    keys = {asked.key for asked in measure.asked if asked.is_key}
    for asked in measure.asked:
        if asked.is_key:
            _find_shared(spec, asked)
    has_pairs = _find_pairs(spec)
    found = _found(spec)
    figures = Figures(
        records,
        {
            a.key: Counted(
                of[a.key], filled[a.key], a.weight, found[a.key, INVALID] if a.key in checked else None,
                found[a.key, SHARED] if a.key in keys else None,
            )
            for a in measure.asked
        },
        None if since is None else living(spec).filter(untouched(spec, since)).count(),
        _alike(spec) if keys or has_pairs else None,
    )  # fmt: skip
    return _keep(tenant, measure, figures)


def _filled(tenant: Tenant, measure: Measure, records: int) -> tuple[dict[str, int], dict[str, int]]:
    """How many records have each field filled, and of how many it is asked at all."""
    spec, actor = measure.spec, system_actor(tenant)

    def rows_with(*conditions: Condition) -> QuerySet[Any]:
        found = living(spec)
        for condition in conditions:
            found = found.filter(compile_condition(condition, spec, actor))
        return found

    filled, of = dict[str, int](), dict.fromkeys((a.key for a in measure.asked), records)
    at_once = {}
    for asked in measure.asked:
        condition = parse({"field": asked.key, "op": "filled"}, spec.condition_schema)
        if not asked.field.filters_itself and not isinstance(asked.field, InCustom):
            at_once[f"n_{asked.key}"] = Count("id", filter=compile_condition(condition, spec, actor))
        elif (place := shown_when(spec, asked.field)) is not None:
            of[asked.key], filled[asked.key] = rows_with(place).count(), rows_with(place, condition).count()
        else:
            filled[asked.key] = rows_with(condition).count()
    if at_once:
        counted = living(spec).aggregate(**at_once)
        filled |= {name.removeprefix("n_"): count for name, count in counted.items()}
    return filled, of


def _find_wrong(tenant: Tenant, spec: ObjectSpec, asked: Asked) -> bool:
    """Write down the records whose value breaks a rule; False where no rule speaks of the field."""
    wrong = wrong_in(spec, asked.field, tenant)
    if wrong is None:
        return False
    if isinstance(wrong, QuerySet):
        sql, params = wrong.query.sql_with_params()
        here = (current_workspace_id(), spec.key, asked.key, INVALID)
        _run(
            f"{_WRONG} ({sql}) q(id)",
            [*here, *params],
        )
    else:
        _write(spec, asked.key, INVALID, wrong)
    return True


def _find_shared(spec: ObjectSpec, asked: Asked) -> None:
    """Write down the records of which another has the same value."""
    # What is kept in one spelling differs in letters' case at most; other texts are compared as search compares them.
    alike = "lower" if isinstance(asked.field, Email | Identifier | Phone | Points) else "peyvand_fold"
    params = {**values_params(spec, asked.field), "finding": SHARED}
    _run(_SHARED.format(values=values_sql(spec, asked.field), alike=alike), params)


def _find_pairs(spec: ObjectSpec) -> bool:
    """Write down the records of pairs that somebody has still to decide about; False where none are looked for."""
    pairs = undecided_pairs(spec.key)
    if pairs is None:
        return False
    alive = living(spec).values("id")
    both = pairs.filter(one__in=alive, other__in=alive).values_list("one", "other")
    _write(spec, "", PAIR, sorted({id for pair in both for id in pair}))
    return True


def _write(spec: ObjectSpec, field: str, kind: str, ids: Iterable[int]) -> None:
    here = current_workspace_id()
    insert_rows(QualityFinding, _COLUMNS, ((here, spec.key, id, field, kind) for id in ids))


def _found(spec: ObjectSpec) -> dict[tuple[str, str], int]:
    rows = QualityFinding.objects.filter(object=spec.key).values_list("field", "kind")
    out: dict[tuple[str, str], int] = defaultdict(int)
    return out | {(field, kind): n for field, kind, n in rows.annotate(n=Count("id")).order_by()}


def _alike(spec: ObjectSpec) -> int:
    rows = QualityFinding.objects.filter(object=spec.key, kind__in=(SHARED, PAIR))
    return int(rows.aggregate(n=Count("record", distinct=True))["n"])


def _keep(tenant: Tenant, measure: Measure, figures: Figures) -> QualityScore:
    now = clock.now()
    kept: QualityScore = QualityScore.objects.update_or_create(
        object=measure.spec.key, day=now.astimezone(tenant.tz).date(),
        defaults={
            "at": now, "records": figures.records, "score": figures.score, "complete": figures.complete,
            "valid": figures.valid, "fresh": figures.fresh, "unique": figures.unique, "since": measure.since(tenant),
            "stale": figures.stale or 0, "alike": figures.alike or 0,
            "fields": {
                key: {"of": f.of, "filled": f.filled, "weight": f.weight, "invalid": f.invalid, "shared": f.shared}
                for key, f in figures.fields.items()
            },
        },
    )[0]  # fmt: skip
    return kept


def _run(sql: str, params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
