"""A condition means the same in SQL and in Python: generated conditions over generated records, for every object."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from peyvand.kernel import clock
from peyvand.kernel.conditions import MAX_TEXT, FieldType, matches, parse
from peyvand.kernel.conditions.tree import OPERATORS, Takes
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.filters import eval_context, record_values
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.workspaces.scope import workspace_scope

OBJECTS = [o for o in all_objects() if o.creatable]
RECORDS = 8
NUMBERS = (FieldType.number, FieldType.money)
NOW = datetime(2026, 1, 6, 9, 30, tzinfo=UTC)


def value_of(kind: FieldType, seen: list[Any]) -> st.SearchStrategy[Any]:
    """Values near those that the records have, so that conditions are often true; and some far from them."""
    match kind:
        case FieldType.text:
            words = [
                str(v)[i:j]
                for v in seen
                for i, j in ((0, 3), (0, MAX_TEXT), (2, 6))
                if v and str(v)[i:j].strip()
            ]
            return st.sampled_from([*words, "ي", "كاوه", "%", "_", "\\", "Z", "nothing"])
        case FieldType.number | FieldType.money:
            numbers = [v for v in seen if isinstance(v, int)] or [0]
            near = st.sampled_from(numbers).flatmap(lambda n: st.sampled_from([n - 1, n, n + 1]))
            if kind is FieldType.money:
                return near
            return st.one_of(near, near.map(lambda n: f"{n}.5"), near.map(lambda n: f"-{abs(n)}.5"))
        case FieldType.date | FieldType.instant:
            return st.sampled_from(
                ["2026-01-01", "2026-01-02", "2026-01-05", "2026-01-06", "2025-06-01", "2026-03-21"]
            )
        case FieldType.flag:
            return st.booleans()
        case FieldType.user:
            return st.sampled_from(["me", "my_team", "1", *map(str, filter(None, seen))])
        case _:
            # What a record has may be longer than what may be asked for (the many kinds of events that a webhook wants).
            known = [str(v) for v in seen if v and len(str(v)) <= MAX_TEXT]
            return st.sampled_from([*known, "1", "no id", "007", "x"])


def leaf(schema: dict[str, FieldType], seen: dict[str, list[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    def of(path: str) -> st.SearchStrategy[dict[str, Any]]:
        kind = schema[path]
        one = value_of(kind, seen[path])
        options = []
        for operator in OPERATORS[kind]:
            values: st.SearchStrategy[Any] = {
                Takes.nothing: st.none(),
                Takes.one: one,
                Takes.many: st.lists(one, min_size=1, max_size=3),
                Takes.pair: st.lists(one, min_size=2, max_size=2).map(
                    lambda v: sorted(
                        v, key=lambda n: float(n) if kind in (FieldType.number, FieldType.money) else n
                    )
                ),
                Takes.range: st.sampled_from(["today", "this_month", {"last": 2, "unit": "week"}]),
                Takes.age: st.builds(
                    lambda n, u: {"n": n, "unit": u},
                    st.integers(1, 3),
                    st.sampled_from(["day", "week", "month"]),
                ),
            }[operator.takes]
            said = {"field": path, "op": operator.name}
            if operator.takes is Takes.nothing:
                options.append(st.just(said))
            else:
                options.append(values.map(lambda value, said=said: {**said, "value": value}))
        return st.one_of(options)

    return st.sampled_from(sorted(schema)).flatmap(of)


def conditions(schema: dict[str, FieldType], seen: dict[str, list[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    def group(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        parts = st.lists(inner, max_size=3)
        return st.one_of(
            parts.map(lambda p: {"and": p}), parts.map(lambda p: {"or": p}), inner.map(lambda p: {"not": p})
        )

    return st.recursive(leaf(schema, seen), group, max_leaves=5)


@pytest.mark.parametrize("spec", OBJECTS, ids=lambda s: s.key)
def test_sql_and_python_agree(spec: ObjectSpec, arman: Any) -> None:
    made = [arman.maker.create(spec, arman.maker.body(spec, full=n % 3 > 0)) for n in range(RECORDS)]
    schema = {f.key: f.type for f in spec.stored_fields}
    with workspace_scope(arman.tenant.id), clock.freeze(NOW):
        actor = user_actor(arman.tenant.id, arman.owner.id)
        records = list(ListQuery(spec, actor, ()).rows().filter(id__in=made))
        values = {r.id: record_values(r, spec) for r in records}
        seen = {key: [v[key] for v in values.values()] for key in schema}

        @settings(
            max_examples=60, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        )  # fmt: skip
        @given(conditions(schema, seen))
        def agree(raw: dict[str, Any]) -> None:
            condition = parse(raw, schema)
            in_python = {id for id, v in values.items() if matches(condition, v, eval_context(actor))}
            in_sql = set(
                ListQuery(spec, actor, (), condition).rows().filter(id__in=made).values_list("id", flat=True)
            )
            assert in_sql == in_python, raw

        agree()
