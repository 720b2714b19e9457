import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.conditions import (
    MAX_DEPTH,
    MAX_NODES,
    MAX_VALUES,
    OPERATORS,
    Age,
    All,
    Any_,
    Compare,
    Condition,
    EvalContext,
    FieldType,
    Not,
    Takes,
    fields_of,
    interval,
    matches,
    parse,
    to_json,
    users_asked,
)
from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.calendar import UNITS, from_jalali
from peyvand.kernel.ranges import LABELS, Rolling

TEHRAN = ZoneInfo("Asia/Tehran")
TODAY = date(2026, 11, 21)
CONTEXT = EvalContext(TODAY, TEHRAN, "jalali", me="7", my_team=frozenset({"7", "8"}))
SCHEMA = {kind.value: kind for kind in FieldType}

names = st.sampled_from(["علی‌رضا", "عليرضا", "Ali", "ali reza", "a", "1"])
ids = st.sampled_from(["1", "2", "3", "7", "8"])
numbers = st.one_of(st.integers(-5, 5), st.decimals(-5, 5, places=1, allow_nan=False))
days = st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=40))
moments = st.datetimes(
    datetime(2026, 10, 12), datetime(2026, 12, 31), timezones=st.sampled_from([UTC, TEHRAN])
)
user_ids = st.one_of(ids, st.sampled_from(["me", "my_team"]))
ranges = st.one_of(
    st.sampled_from(sorted(LABELS)),
    st.builds(Rolling, st.sampled_from(["last", "next"]), st.integers(1, 9), st.sampled_from(UNITS)),
)
any_kind = st.sampled_from(list(FieldType))
ages = st.builds(Age, st.integers(1, 9), st.sampled_from(UNITS))
ASKED: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.text: names,
    FieldType.number: numbers,
    FieldType.money: st.integers(-5, 5),
    FieldType.choice: ids,
    FieldType.date: days,
    FieldType.instant: st.one_of(days, moments),
    FieldType.flag: st.booleans(),
    FieldType.link: ids,
    FieldType.links: ids,
    FieldType.user: user_ids,
}
HELD: dict[FieldType, st.SearchStrategy[Any]] = ASKED | {
    FieldType.text: st.one_of(names, st.just("")),
    FieldType.instant: moments,
    FieldType.link: st.integers(1, 3),
    FieldType.links: st.frozensets(st.integers(1, 3)),
    FieldType.user: ids,
}


@st.composite
def comparisons(
    draw: st.DrawFn, kinds: st.SearchStrategy[FieldType] = any_kind, op: str | None = None
) -> Compare:
    kind = draw(kinds)
    operator = draw(st.sampled_from([each for each in OPERATORS[kind] if op in (None, each.name)]))
    one = ASKED[kind]
    takes = operator.takes
    if takes is Takes.pair:
        low = draw(one)
        # A day pairs with a day and a moment with a moment.
        high = draw(one.filter(lambda value: type(value) is type(low) if isinstance(low, date) else True))
        return Compare(kind.value, operator.name, (min(low, high), max(low, high)), kind)
    values: dict[Takes, st.SearchStrategy[Any]] = {
        Takes.nothing: st.none(),
        Takes.one: one,
        Takes.many: st.lists(one, min_size=1, max_size=3).map(tuple),
        Takes.range: ranges,
        Takes.age: ages,
    }
    return Compare(kind.value, operator.name, draw(values[takes]), kind)


def groups(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(parts.map(All), parts.map(Any_), inner.map(Not))


conditions: st.SearchStrategy[Condition] = st.recursive(comparisons(), groups, max_leaves=6)
records = st.fixed_dictionaries({kind.value: st.none() | values for kind, values in HELD.items()})


def depth(condition: Condition) -> int:
    match condition:
        case Compare():
            return 1
        case Not(part):
            return 1 + depth(part)
        case All(parts) | Any_(parts):
            return 1 + max(map(depth, parts), default=0)


def ask(field: str, op: str, *value: Any) -> Condition:
    return parse({"field": field, "op": op, **({"value": value[0]} if value else {})}, SCHEMA)


def holds(field: str, op: str, have: Any, *value: Any) -> bool:
    return matches(ask(field, op, *value), {field: have}, CONTEXT)


@given(conditions.filter(lambda condition: depth(condition) <= MAX_DEPTH))
def test_json_there_and_back(condition: Condition) -> None:
    text = json.dumps(to_json(condition), ensure_ascii=False)
    assert parse(json.loads(text), SCHEMA) == condition


@given(conditions, records)
def test_not_is_plain_negation(condition: Condition, record: dict[str, Any]) -> None:
    assert matches(Not(condition), record, CONTEXT) is not matches(condition, record, CONTEXT)


@given(st.lists(conditions, max_size=3).map(tuple), records)
def test_de_morgan(parts: tuple[Condition, ...], record: dict[str, Any]) -> None:
    negated = tuple(Not(part) for part in parts)
    assert matches(Not(All(parts)), record, CONTEXT) == matches(Any_(negated), record, CONTEXT)
    assert matches(Not(Any_(parts)), record, CONTEXT) == matches(All(negated), record, CONTEXT)


@given(comparisons())
def test_nothing_matches_only_empty_and_the_negative_ones(leaf: Compare) -> None:
    expected = leaf.op in ("empty", "is_not", "not_in", "has_none")
    assert matches(leaf, {leaf.field: None}, CONTEXT) is expected


@pytest.mark.parametrize(
    ("negative", "positive"),
    [("is_not", "is"), ("not_in", "in"), ("has_none", "has_any"), ("filled", "empty")],
)
@given(record=records, data=st.data())
def test_negative_operators_are_exact_opposites(
    negative: str, positive: str, record: dict[str, Any], data: st.DataObject
) -> None:
    both = [kind for kind, row in OPERATORS.items() if {negative, positive} <= {each.name for each in row}]
    leaf = data.draw(comparisons(st.sampled_from(both), positive))
    opposite = Compare(leaf.field, negative, leaf.value, leaf.type)
    assert matches(opposite, record, CONTEXT) is not matches(leaf, record, CONTEXT)


@given(comparisons(st.sampled_from([FieldType.date, FieldType.instant])), st.data())
def test_an_interval_says_what_matches(leaf: Compare, data: st.DataObject) -> None:
    if leaf.op in ("empty", "filled"):
        return
    have = data.draw(HELD[leaf.type])
    low, high = interval(leaf, CONTEXT)
    inside = (low is None or low <= have) and (high is None or have < high)
    assert matches(leaf, {leaf.field: have}, CONTEXT) is inside


@pytest.mark.parametrize("have", ["علی‌رضا کاظمی", "عليرضا كاظمي", "Ali KAZEMI"])
def test_text_is_compared_folded(have: str) -> None:
    assert holds("text", "contains", have, "كاظم" if "K" not in have else "kazem")
    assert holds("text", "is", have, have.upper())
    assert not holds("text", "is", have, "کاظمی")


def test_text_operators() -> None:
    assert holds("text", "starts_with", "علی‌رضا", "علي")
    assert not holds("text", "starts_with", "سید علی", "علی")
    assert holds("text", "in", "Ali", ["x", "ALI"])
    assert holds("text", "empty", "")
    assert not holds("text", "filled", "")
    assert holds("text", "is_not", "b", "a")


def test_numbers_and_money() -> None:
    assert holds("number", "is", Decimal("1.50"), 1.5)
    assert holds("number", "between", 2, [2, 3])
    assert holds("number", "between", 3, [2, 3])
    assert not holds("number", "lt", 3, 3)
    assert holds("number", "lte", 3, "۳")
    assert holds("money", "gte", 10**15, 10**15)
    assert holds("money", "gt", 2, 1.0)
    assert holds("number", "filled", 0)


def test_users_may_be_me_and_my_team() -> None:
    assert holds("user", "is", 7, "me")
    assert not holds("user", "is", 8, "me")
    assert holds("user", "is", 8, "my_team")
    assert holds("user", "in", 9, ["me", "9"])
    assert holds("user", "not_in", 9, ["my_team"])
    assert users_asked(Compare("user", "in", ("me", "9"), FieldType.user), CONTEXT) == {"7", "9"}
    nobody = EvalContext(TODAY, UTC, "gregorian")
    assert not matches(ask("user", "is", "me"), {"user": 7}, nobody)


def test_links_and_ids_of_any_kind() -> None:
    uuid = UUID("0193a0d2-0000-7000-8000-000000000001")
    assert holds("link", "is", uuid, str(uuid))
    assert holds("link", "in", 5, [4, 5])
    assert holds("links", "has_any", [1, 2], ["2", "3"])
    assert holds("links", "has_all", {1, 2, 3}, [1, 2])
    assert not holds("links", "has_all", [1], [1, 2])
    assert holds("links", "has_none", [], [1])
    assert holds("links", "empty", [])
    assert holds("choice", "is_not", None, "won")


def test_dates_in_the_readers_calendar() -> None:
    assert holds("date", "within", from_jalali(1405, 8, 1), "this_month")
    assert not holds("date", "within", from_jalali(1405, 7, 30), "this_month")
    assert holds("date", "within", from_jalali(1404, 9, 1), {"last": 12, "unit": "month"})
    assert holds("date", "between", TODAY, [TODAY.isoformat(), TODAY.isoformat()])
    assert holds("date", "after", TODAY + timedelta(days=1), TODAY.isoformat())
    assert not holds("date", "after", TODAY, TODAY.isoformat())
    assert holds("date", "on_or_before", TODAY, "۲۰۲۶-۱۱-۲۱")
    assert holds("date", "older_than", TODAY - timedelta(days=31), {"n": 30, "unit": "day"})
    assert not holds("date", "older_than", TODAY - timedelta(days=30), {"n": 30, "unit": "day"})
    assert holds("date", "newer_than", TODAY - timedelta(days=30), {"n": 30, "unit": "day"})


def test_a_day_of_an_instant_is_the_readers_day() -> None:
    late = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)  # midnight of the 21st in Tehran
    assert holds("instant", "is", late, "2026-11-21")
    assert not holds("instant", "is", late - timedelta(seconds=1), "2026-11-21")
    assert holds("instant", "before", late, "2026-11-20T20:30:00.000001Z")
    assert not holds("instant", "before", late, "2026-11-21T00:00:00+03:30")
    assert holds("instant", "on_or_after", late, "2026-11-21T00:00:00+03:30")
    assert holds("instant", "within", late, "today")
    assert interval(Compare("instant", "is", TODAY, FieldType.instant), CONTEXT) == (
        late,
        late + timedelta(days=1),
    )


def test_empty_groups() -> None:
    assert matches(parse({"and": []}, SCHEMA), {}, CONTEXT)
    assert not matches(parse({"or": []}, SCHEMA), {}, CONTEXT)


def test_fields_of() -> None:
    condition = All((ask("text", "filled"), Not(Any_((ask("flag", "is", True), ask("text", "empty"))))))
    assert list(fields_of(condition)) == ["text", "flag", "text"]


def test_a_record_without_the_field_is_a_defect() -> None:
    with pytest.raises(KeyError):
        matches(ask("text", "empty"), {}, CONTEXT)


def refused(json: Any) -> list[tuple[str | None, str]]:
    with pytest.raises(Invalid) as error:
        parse(json, SCHEMA)
    return [(problem.field, problem.code) for problem in error.value.problems]


def test_every_mistake_is_named_with_its_place() -> None:
    assert refused(
        {
            "and": [
                {"field": "text", "op": "contains", "value": "a"},
                {
                    "or": [
                        {"field": "date", "op": "is", "value": "1405"},
                        {"field": "colour", "op": "is", "value": 1},
                    ]
                },
                {"not": {"field": "flag", "op": "lt", "value": 1}},
                {"field": "money", "op": "is"},
                7,
            ]
        }
    ) == [
        ("and[1].or[0].value", "invalid"),
        ("and[1].or[1].field", "unknown_field"),
        ("and[2].not.op", "unknown_operator"),
        ("and[3].value", "required"),
        ("and[4]", "invalid"),
    ]


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("text", "is", 5),
        ("text", "contains", " \u200c"),
        ("text", "is", "a\x00"),
        ("text", "is", "a" * 1001),
        ("text", "in", []),
        ("text", "in", "ab"),
        ("text", "in", ["a"] * (MAX_VALUES + 1)),
        ("number", "is", True),
        ("number", "is", "many"),
        ("number", "is", float("nan")),
        ("number", "is", 2**63),
        ("number", "is", None),
        ("number", "between", [3, 2]),
        ("number", "between", [1]),
        ("money", "is", 1.5),
        ("date", "is", "2026-02-30"),
        ("date", "is", "0001-01-01"),
        ("date", "is", 20261121),
        ("date", "is", "2026-11-21T10:00:00Z"),
        ("date", "within", "someday"),
        ("date", "older_than", {"n": 0, "unit": "day"}),
        ("date", "older_than", 5),
        ("instant", "is", "2026-11-21T10:00:00"),
        ("instant", "between", ["2026-11-21", "2026-11-21T10:00:00Z"]),
        ("flag", "is", "true"),
        ("flag", "is", 1),
        ("link", "is", {}),
        ("link", "is", True),
        ("link", "is", 2**63),
        ("links", "has_any", [[]]),
        ("choice", "empty", "x"),
    ],
)
def test_wrong_values_are_refused(field: str, op: str, value: Any) -> None:
    assert refused({"field": field, "op": op, "value": value}) == [("value", "invalid")]


@pytest.mark.parametrize(
    "json",
    [None, [], "x", {}, {"and": {}}, {"and": [], "or": []}, {"field": "text"}, {"not": []}, {1: 2},
     {"field": "text", "op": "empty", "extra": 1}],
)  # fmt: skip
def test_what_is_no_node_is_refused(json: Any) -> None:
    assert [code for _, code in refused(json)] == ["invalid"]


@pytest.mark.parametrize("odd", [None, 5, [], {}])
def test_odd_names_are_unknown(odd: Any) -> None:
    assert refused({"field": odd, "op": "is", "value": 1}) == [("field", "unknown_field")]
    assert refused({"field": "text", "op": odd, "value": 1}) == [("op", "unknown_operator")]


def test_depth_and_size_are_limited() -> None:
    leaf = {"field": "text", "op": "empty"}
    nested: dict[str, Any] = leaf
    for _ in range(MAX_DEPTH - 1):
        nested = {"not": nested}
    assert to_json(parse(nested, SCHEMA)) == nested
    assert refused({"not": nested}) == [(".".join(["not"] * MAX_DEPTH), "too_deep")]
    parse({"and": [leaf] * (MAX_NODES - 1)}, SCHEMA)
    assert refused({"and": [leaf] * 100_000}) == [(f"and[{MAX_NODES - 1}]", "too_large")]


def test_every_type_has_operators_with_labels() -> None:
    assert set(OPERATORS) == set(FieldType)
    for row in OPERATORS.values():
        assert len({operator.name for operator in row}) == len(row)
        assert all(operator.label for operator in row)
