from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid
from peyvand.kernel.formulas import Kind, check, evaluate, names_of, parse_formula, with_keys

FIELDS = {
    "amount": Kind.number,
    "name": Kind.text,
    "start": Kind.date,
    "end": Kind.date,
    "paid": Kind.flag,
    "none": Kind.number,
}
VALUES: dict[str, Any] = {
    "amount": Decimal(250), "name": "علي", "start": date(2026, 3, 21), "end": datetime(2026, 4, 1, 9, tzinfo=UTC), "paid": True, "none": None,
}  # fmt: skip


def result(text: str) -> Any:
    tree = parse_formula(text)
    check(tree, FIELDS)
    return evaluate(tree, VALUES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", Decimal(7)),
        ("(1 + 2) * ۳", Decimal(9)),
        ("-amount + 1", Decimal(-249)),
        ("10 - 2 - 3", Decimal(5)),
        ("7 % 4", Decimal(3)),
        ("amount / 0", None),
        ("none * 2", None),
        ("coalesce(none, amount, 1)", Decimal(250)),
        ("max(none, 3, 2)", Decimal(3)),
        ("round(amount * 9 / 100, 1)", Decimal("22.5")),
        ("round(2.5)", Decimal(3)),
        ("if(amount > 100 and not paid, 'a', \"b\")", "b"),
        ("if(none > 1, 1, 2)", Decimal(2)),
        ("name & ' ' & amount", "علي 250"),
        ("name = 'علی'", True),
        ("contains(name, 'لی')", True),
        ("days(end, start)", Decimal(11)),
        ("end - start", Decimal(11)),
        ("start + 10", date(2026, 3, 31)),
        ("start < end", True),
        ("min(end, start)", date(2026, 3, 21)),
        ("if(none > 1, 1)", None),
        ("filled(none) or filled(name)", True),
        ("year(start) * 100 + month(start)", Decimal(202603)),
        ("start + 99999999999", None),
    ],
)
def test_it_computes(text: str, expected: Any) -> None:
    assert result(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "amount amount", "nothing + 1", "name + 1", "'a' * 2", "if(amount, 1, 2)", "if(paid, 1, 'a')", "eval('x')", "round()",
     "amount = name", "not amount", "__import__", "(" * 300, "- " * 500 + "1", "1" * 1001, "amount.real", "days(start)"],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        result(text)


def test_it_names_what_it_reads() -> None:
    assert set(names_of(parse_formula("if(paid, amount, none) & name"))) == {"paid", "amount", "none", "name"}


_ATOMS = st.sampled_from(["1", "2.5", "0", "amount", "none"])


def _deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signed = st.builds(lambda a, s, b: f"({a} {s} {b})", inner, st.sampled_from("+-*/%"), inner)
    called = st.builds(
        lambda n, a, b: f"{n}({a}, {b})", st.sampled_from(["max", "min", "coalesce", "round"]), inner, inner
    )
    chosen = st.builds(lambda a, b, c: f"if({a} > {b}, {b}, {c})", inner, inner, inner)
    return st.one_of(signed, called, chosen)


@given(st.recursive(_ATOMS, _deeper, max_leaves=12))
def test_what_was_checked_never_raises(text: str) -> None:
    tree = parse_formula(text)
    assert check(tree, FIELDS) is Kind.number
    found = evaluate(tree, VALUES)
    assert found is None or isinstance(found, Decimal)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("مبلغ * ۹ / ۱۰۰", "amount * ۹ / ۱۰۰"),
        ("مبلغ كل - مبلغ", "total - amount"),
        ("مبلغ‌ها", "مبلغ‌ها"),
        ('if(مبلغ > 5, "مبلغ", «مبلغ کل»)', 'if(amount > 5,"مبلغ",«مبلغ کل»)'),
        ("AMOUNT + Total", "amount + total"),
        ("amount", "amount"),
    ],
)
def test_fields_may_be_named_as_people_name_them(said: str, kept: str) -> None:
    keys = {"مبلغ": "amount", "مبلغ کل": "total", "Amount": "amount", "Total": "total"}
    assert with_keys(said, keys) == kept


def test_what_is_not_understood_is_told_as_it_was_written() -> None:
    with pytest.raises(Invalid) as told:
        parse_formula("amount ۹۰۰ × ۱۰۰")
    assert "۹۰۰ × ۱۰۰" in str(told.value.problems[0].message.params)
