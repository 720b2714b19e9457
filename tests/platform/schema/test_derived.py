"""Formulas and roll-ups hold at every moment what a plain computation over the records gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from peyvand.administration.schema.actions import add_field, archive_field, change_field, load_field
from peyvand.administration.schema.jobs import work_out
from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import create_record, delete_records, restore_records, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of


@pytest.fixture
def ctx(cast: Any, acting: Callable[..., Any]) -> Iterator[Context]:
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)


def company(ctx: Context, **values: Any) -> Any:
    return create_record(ctx, object_named("company"), {"name": "C", **values})


def product(ctx: Context, **values: Any) -> Any:
    return create_record(ctx, object_named("product"), {"name": "P", **values})


def test_a_formula_follows_its_fields_and_other_formulas(ctx: Context) -> None:
    tax = add_field(
        ctx, "product", "formula", labels={"en": "Tax"}, formula="price * 9 / 100", result="money"
    ).key
    both = add_field(
        ctx, "product", "formula", labels={"en": "Gross"}, formula=f"price + {tax}", result="money"
    ).key
    spec = object_named("product")
    made = product(ctx, price=1000)
    assert (made.custom[tax], made.custom[both]) == (90, 1090)
    update_record(ctx, spec, made, {"price": 2000})
    made.refresh_from_db()
    assert (made.custom[tax], made.custom[both]) == (180, 2180)
    update_record(ctx, spec, made, {"price": None})
    made.refresh_from_db()
    assert tax not in made.custom
    assert both not in made.custom


def test_a_changed_formula_reaches_the_records_that_are_there(ctx: Context, cast: Any) -> None:
    made = product(ctx, price=1000)
    twice = add_field(ctx, "product", "formula", labels={"en": "Twice"}, formula="price * 2", result="money")
    work_out(cast.arman, twice.id)
    made.refresh_from_db()
    assert made.custom[twice.key] == 2000
    change_field(ctx, twice, formula="price * 3")
    work_out(cast.arman, twice.id)
    made.refresh_from_db()
    assert made.custom[twice.key] == 3000


def test_a_verb_of_its_slice_renews_formulas_too(cast: Any, acting: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id):
        key = add_field(
            acting(cast.sara),
            "deal",
            "formula",
            labels={"en": "Closed"},
            formula="if(filled(closed_on), 1, 0)",
            result="number",
        ).key
    api = program_of(cast.sara, cast.arman)
    deal = api.post(
        "deals", {"name": "D", "company": api.post("companies", {"name": "C"}).json["id"], "amount": 5}
    )
    assert deal.status == 201, deal.json["errors"]
    assert deal.json[key] == 0
    assert api.post(f"deals/{deal.json['id']}/win", {}).status == 200
    assert api.get(f"deals/{deal.json['id']}").json[key] == 1


def test_what_is_computed_from_itself_is_refused_with_the_way(ctx: Context) -> None:
    first = add_field(ctx, "product", "formula", labels={"en": "First"}, formula="price * 2", result="money")
    second = add_field(
        ctx, "product", "formula", labels={"en": "Second"}, formula=f"{first.key} + 1", result="money"
    )
    with pytest.raises(Invalid) as refusal:
        change_field(ctx, first, formula=f"{second.key} + 1")
    assert "product.c_first → product.c_second → product.c_first" in refusal.value.problems[0].message.render(
        str
    )


def test_a_field_that_others_are_computed_from_cannot_be_archived(ctx: Context) -> None:
    rate = add_field(ctx, "product", "number", labels={"en": "Rate"})
    add_field(ctx, "product", "formula", labels={"en": "Due"}, formula=f"price * {rate.key}", result="money")
    with pytest.raises(RuleViolation):
        archive_field(ctx, load_field(rate.id))


def test_derived_values_are_filtered_and_sorted_by(cast: Any, acting: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id):
        key = add_field(
            acting(cast.sara),
            "product",
            "formula",
            labels={"en": "Half"},
            formula="price / 2",
            result="number",
            decimals=1,
        ).key
    api = program_of(cast.sara, cast.arman)
    for price in (3, 10, 5):
        api.post("products", {"name": f"P{price}", "price": price})
    asked = json.dumps({"field": key, "op": "gt", "value": 1.5})
    found = api.get("products", filter=asked, sort=f"-{key}", fields="name").json["items"]
    assert [item["name"] for item in found] == ["P10", "P5"]


HOWS = ("count", "sum", "min", "max", "first", "last")


class Rollups(RuleBasedStateMachine):
    """Companies and the people who link to them by a field of their own, changed in every way; after each step the
    roll-ups equal a plain count over the people."""

    ctx: Context

    @initialize()
    def begin(self) -> None:
        self.companies = [company(self.ctx) for _ in range(3)]
        self.people: dict[int, tuple[int | None, int | None, bool]] = {}

    companies_at = st.none() | st.integers(0, 2)
    scores = st.none() | st.integers(-5, 5)

    @rule(at=companies_at, score=scores)
    def add(self, at: int | None, score: int | None) -> None:
        place = None if at is None else self.companies[at].id
        values = {LINK: place, SCORE: score}
        made = create_record(
            self.ctx,
            object_named("person"),
            {"given_name": "A", **{k: v for k, v in values.items() if v is not None}},
        )
        self.people[made.id] = (place, score, False)

    @rule(data=st.data(), at=companies_at, score=scores)
    def change(self, data: st.DataObject, at: int | None, score: int | None) -> None:
        live = [id for id, (_, _, gone) in self.people.items() if not gone]
        if live:
            id = data.draw(st.sampled_from(live))
            place = None if at is None else self.companies[at].id
            spec = object_named("person")
            update_record(self.ctx, spec, spec.rows.get(id=id), {LINK: place, SCORE: score})
            self.people[id] = (place, score, False)

    @rule(data=st.data())
    def bin_or_restore(self, data: st.DataObject) -> None:
        if self.people:
            id = data.draw(st.sampled_from(list(self.people)))
            place, score, gone = self.people[id]
            spec = object_named("person")
            (restore_records if gone else delete_records)(self.ctx, spec, [spec.rows.get(id=id)])
            self.people[id] = (place, score, not gone)

    @invariant()
    def agree(self) -> None:
        spec = object_named("company")
        for one in getattr(self, "companies", ()):
            record = spec.rows.get(id=one.id)
            live = [
                (id, score)
                for id, (place, score, gone) in sorted(self.people.items())
                if place == one.id and not gone
            ]
            scores = [score for _, score in live if score is not None]
            plain: dict[str, Any] = {
                "count": len(live), "sum": sum(scores), "min": min(scores, default=None), "max": max(scores, default=None),
                "first": scores[0] if scores else None, "last": scores[-1] if scores else None,
            }  # fmt: skip
            assert {how: record.custom.get(KEYS[how]) for how in HOWS} == plain
            assert record.custom[POSITIVE] == sum(1 for s in scores if s > 0)
            assert record.custom[DOUBLE] == 2 * plain["sum"]


KEYS: dict[str, str] = {}
LINK = SCORE = POSITIVE = DOUBLE = ""


def test_roll_ups_equal_a_plain_count(ctx: Context) -> None:
    global LINK, SCORE, POSITIVE, DOUBLE
    LINK = add_field(ctx, "person", "link", labels={"en": "Works at"}, to="company").key
    SCORE = add_field(ctx, "person", "number", labels={"en": "Score"}).key
    common = {"of": "person", "via": LINK}
    for how in HOWS:
        KEYS[how] = add_field(
            ctx, "company", "rollup", labels={"en": f"R {how}"}, how=how, field=SCORE, **common
        ).key
    asked = {"field": SCORE, "op": "gt", "value": 0}
    POSITIVE = add_field(
        ctx, "company", "rollup", labels={"en": "Positive"}, how="count", condition=asked, **common
    ).key
    DOUBLE = add_field(
        ctx, "company", "formula", labels={"en": "Double"}, formula=f"{KEYS['sum']} * 2", result="number"
    ).key
    Rollups.ctx = ctx
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Rollups,
        settings=settings(
            max_examples=8, stateful_step_count=12, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_a_new_roll_up_counts_what_is_there(ctx: Context, cast: Any) -> None:
    one = company(ctx)
    for name in "AB":
        create_record(ctx, object_named("person"), {"given_name": name, "company": one.id})
    people = add_field(
        ctx, "company", "rollup", labels={"en": "People"}, of="person", via="company", how="count"
    )
    work_out(cast.arman, people.id)
    one.refresh_from_db()
    assert one.custom[people.key] == 2
    create_record(ctx, object_named("person"), {"given_name": "C", "company": one.id})
    one.refresh_from_db()
    assert one.custom[people.key] == 3
