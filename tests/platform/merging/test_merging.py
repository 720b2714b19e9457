"""Merging makes one record of several and loses nothing; taking apart restores both."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.administration.schema.actions import add_field
from peyvand.kernel.conditions import parse
from peyvand.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, RuleViolation
from peyvand.operational.contacts.models import ContactPoint
from peyvand.platform.fields.types import Link
from peyvand.platform.merging.merging import can_merge, merge_records, merged_into
from peyvand.platform.merging.models import Merge
from peyvand.platform.merging.unmerging import unmerge
from peyvand.platform.objects.bulk import Order, begin
from peyvand.platform.objects.queries import ListQuery, load_record
from peyvand.platform.objects.records import create_record, delete_records, restore_records, update_record
from peyvand.platform.objects.spec import all_objects, object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.platform.workspaces.security import workspace_tables
from peyvand.testing.schema import define_object

PERSON, COMPANY, DEAL, NOTE = map(object_named, ("person", "company", "deal", "note"))
# What a merge itself leaves behind, and what is a cache or a log of the rest.
LOGS = {
    "merge",
    "merge_moved",
    "event",
    "audit_entry",
    "timeline_entry",
    "search_entry",
    "search_text",
    "search_word",
    "reaction_run",
    "warehouse_change",
}


def everything() -> dict[str, dict[str, Any]]:
    """Every row of every table of the workspace, but for versions and the moment of the last change."""
    out: dict[str, dict[str, Any]] = {}
    with connection.cursor() as cursor:
        for model in workspace_tables():
            table = model._meta.db_table
            if table in LOGS:
                continue
            cursor.execute(f"select (to_jsonb(t) - 'version' - 'updated_at')::text from {table} t")
            out[table] = {text: json.loads(text) for (text,) in cursor.fetchall()}
    return out


def timeline() -> set[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select t.object, t.object_id, t.event_id from timeline_entry t join event e on e.id = t.event_id where e.wire not like '%%merged%%'"
        )
        return set(cursor.fetchall())


def a_pair(ctx: Any) -> tuple[Any, Any]:
    """Two people who are one, with all sorts of things hanging on each."""
    company = create_record(ctx, COMPANY, {"name": "کاشی کویر"})
    other = create_record(ctx, COMPANY, {"name": "کاشی کویر یزد"})
    one = create_record(ctx, PERSON, {
        "given_name": "ندا", "family_name": "کریمی", "company": company.id, "phones": [{"value": "09121112233", "consent": "granted"}],
        "tags": "مهم", "emails": "neda@example.ir",
    })  # fmt: skip
    two = create_record(ctx, PERSON, {
        "given_name": "ندا", "family_name": "كريمي", "company": other.id, "job_title": "مدیر خرید", "external_id": "n-7", "city": "یزد",
        "phones": [{"value": "0912 111 2233", "consent": "refused"}, "03512345678"], "tags": "مهم، نمایشگاه",
        "addresses": [{"city": "یزد", "street": "خیابان کاشانی"}],
    })  # fmt: skip
    for who in (one, two):
        create_record(ctx, DEAL, {"name": f"فروش {who.id}", "person": who.id})
        create_record(ctx, NOTE, {"text": "زنگ زد", "about": f"person:{who.id}"})
        create_record(ctx, object_named("task"), {"title": "پیگیری", "about": f"person:{who.id}"})
        create_record(
            ctx,
            object_named("relationship"),
            {"role": "employee", "person": who.id, "to_company": company.id},
        )
    create_record(
        ctx, object_named("relationship"), {"role": "family", "person": two.id, "to_person": one.id}
    )
    create_record(ctx, object_named("meeting"), {
        "title": "بازدید", "starts_at": "2026-11-21T08:00:00Z", "participants": [one.id, two.id], "about": f"company:{company.id}",
    })  # fmt: skip
    return one, two


@pytest.fixture
def arman(cast: Any, acting: Callable[..., Any]) -> Any:
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)


def test_what_hangs_on_the_loser_moves_and_the_winner_keeps_its_values(arman: Any) -> None:
    one, two = a_pair(arman)
    (merge,) = merge_records(arman, PERSON, one.id, [two.id])
    winner = load_record(PERSON, arman.actor, one.id)
    assert (winner.company_id, winner.job_title, winner.city, winner.external_id) == (
        one.company_id, "مدیر خرید", "یزد", "n-7",
    )  # fmt: skip
    phones = PERSON.field("phones").load([one.id])[one.id]
    assert [(p["value"], p["primary"], p["consent"]) for p in phones] == [
        ("+989121112233", True, "refused"), ("+983512345678", False, "unknown"),
    ]  # fmt: skip
    assert {t["name"] for t in PERSON.field("tags").load([one.id])[one.id]} == {"مهم", "نمایشگاه"}
    assert PERSON.field("addresses").load([one.id])[one.id][0]["street"] == "خیابان کاشانی"
    assert DEAL.rows.filter(person_id=one.id).count() == 2
    assert NOTE.rows.filter(about_object="person", about_id=one.id).count() == 2
    bonds = object_named("relationship").rows
    assert bonds.filter(person_id=one.id, deleted_at=None).count() == 2
    assert not bonds.filter(person_id=one.id, to_person_id=one.id, deleted_at=None).exists()
    with pytest.raises(NotFound), transaction.atomic():
        load_record(PERSON, arman.actor, two.id)
    assert merged_into("person", two.id) == one.id
    assert merge.loser_title == "ندا كريمي".replace("ك", "ک").replace("ي", "ی")


def test_merging_then_taking_apart_changes_nothing(arman: Any) -> None:
    one, two = a_pair(arman)
    before, lines = everything(), timeline()
    (merge,) = merge_records(arman, PERSON, one.id, [two.id])
    undone = unmerge(arman, merge.id)
    assert (undone.kept, undone.lost) == ((), 0)
    after = everything()
    assert {t: set(rows) for t, rows in after.items()} == {t: set(rows) for t, rows in before.items()}
    assert lines <= timeline()


VALUES = st.fixed_dictionaries({}, optional={
    "job_title": st.sampled_from(["مدیر", "کارشناس"]), "city": st.sampled_from(["یزد", "قم"]),
    "phones": st.lists(st.sampled_from(["09121112233", "09351112233", "02188776655"]), max_size=3, unique=True),
    "emails": st.lists(st.sampled_from(["a@b.ir", "c@d.ir"]), max_size=2, unique=True),
    "tags": st.lists(st.sampled_from(["مهم", "نمایشگاه"]), max_size=2, unique=True),
    "addresses": st.lists(st.fixed_dictionaries({"city": st.sampled_from(["یزد", "قم"])}), max_size=2),
    "about": st.sampled_from(["خوش‌حساب", ""]), "birthday": st.sampled_from(["1990-01-02"]),
})  # fmt: skip


@settings(max_examples=25)
@given(
    mine=VALUES,
    theirs=st.lists(VALUES, min_size=1, max_size=2),
    choosing=st.lists(st.sampled_from(["city", "phones", "tags", "job_title"]), unique=True),
)
def test_merging_then_taking_apart_is_the_identity(
    arman: Any, mine: Any, theirs: Any, choosing: list[str]
) -> None:
    records = [
        create_record(arman, PERSON, {"family_name": f"کریمی {n}", **values})
        for n, values in enumerate([mine, *theirs])
    ]
    for record in records:
        create_record(arman, DEAL, {"name": "فروش", "person": record.id})
    before = everything()
    ids = [r.id for r in records]
    merges = merge_records(arman, PERSON, ids[0], ids[1:], dict.fromkeys(choosing, ids[-1]))
    for merge in reversed(merges):
        unmerge(arman, merge.id)
    after = everything()
    assert {t: set(rows) for t, rows in after.items()} == {t: set(rows) for t, rows in before.items()}


def test_what_changed_since_stays_with_the_winner_and_is_told(arman: Any) -> None:
    one, two = a_pair(arman)
    (merge,) = merge_records(arman, PERSON, one.id, [two.id])
    update_record(
        arman, PERSON, load_record(PERSON, arman.actor, one.id), {"city": "قم", "emails": "new@example.ir"}
    )
    deal = DEAL.rows.filter(person_id=one.id).order_by("-id").first()
    update_record(arman, DEAL, deal, {"person": None})
    undone = unmerge(arman, merge.id)
    assert set(undone.kept) >= {"city", "contact_point"}
    assert undone.lost == 1
    assert load_record(PERSON, arman.actor, one.id).city == "قم"
    restored = load_record(PERSON, arman.actor, two.id)
    assert (restored.city, restored.external_id, restored.phone) == ("یزد", "n-7", "+989121112233")


def test_a_chosen_value_is_taken_and_a_wrong_choice_is_refused(arman: Any) -> None:
    one, two = a_pair(arman)
    for wrong in ({"phone": two.id}, {"nothing": two.id}, {"city": 10**9}):
        with pytest.raises(Invalid), transaction.atomic():
            merge_records(arman, PERSON, one.id, [two.id], wrong)
    merge_records(arman, PERSON, one.id, [two.id], {"company": two.id, "phones": two.id})
    winner = load_record(PERSON, arman.actor, one.id)
    assert winner.company_id == two.company_id
    assert [p["value"] for p in PERSON.field("phones").load([one.id])[one.id]] == [
        "+989121112233",
        "+983512345678",
    ]
    assert not ContactPoint.objects.filter(
        object="person", object_id=one.id, kind="phone", consent="granted"
    ).exists()


def test_a_company_does_not_become_its_own_parent(arman: Any) -> None:
    top = create_record(arman, COMPANY, {"name": "بالا"})
    middle = create_record(arman, COMPANY, {"name": "میان", "parent": top.id})
    low = create_record(arman, COMPANY, {"name": "پایین", "parent": middle.id})
    (merge,) = merge_records(arman, COMPANY, low.id, [top.id])
    assert load_record(COMPANY, arman.actor, low.id).parent_id is None
    assert load_record(COMPANY, arman.actor, middle.id).parent_id == low.id
    unmerge(arman, merge.id)
    assert load_record(COMPANY, arman.actor, low.id).parent_id == middle.id
    assert load_record(COMPANY, arman.actor, middle.id).parent_id == top.id


def test_what_lies_beneath_the_winner_does_not_come_to_lie_above_it(arman: Any) -> None:
    top = create_record(arman, COMPANY, {"name": "بالا"})
    middle = create_record(arman, COMPANY, {"name": "میان", "parent": top.id})
    low = create_record(arman, COMPANY, {"name": "پایین", "parent": middle.id})
    (merge,) = merge_records(arman, COMPANY, top.id, [low.id])
    assert load_record(COMPANY, arman.actor, top.id).parent_id is None
    assert load_record(COMPANY, arman.actor, middle.id).parent_id == top.id
    unmerge(arman, merge.id)
    assert load_record(COMPANY, arman.actor, low.id).parent_id == middle.id


def test_what_was_merged_is_taken_apart_and_not_half_restored(arman: Any) -> None:
    one, two = a_pair(arman)
    merge_records(arman, PERSON, one.id, [two.id])
    two.refresh_from_db()
    with pytest.raises(RuleViolation, match="merged"), transaction.atomic():
        restore_records(arman, PERSON, [two])
    run = begin(arman, Order("person", "restore", ids=(two.id,), in_bin=True))
    assert (run.done, run.refused) == (0, 1)
    two.refresh_from_db()
    assert two.deleted_at is not None
    assert merged_into("person", two.id) == one.id


def test_a_deal_takes_stage_and_end_from_one_of_the_two(arman: Any) -> None:
    one, two = (create_record(arman, DEAL, {"name": f"فروش {n}", "amount": n}) for n in (5, 7))
    later = (
        object_named("stage")
        .rows.filter(pipeline_id=one.pipeline_id, kind="open")
        .order_by("position")
        .last()
    )
    two = update_record(arman, DEAL, two, {"stage": later.id})
    merge_records(arman, DEAL, one.id, [two.id])
    assert load_record(DEAL, arman.actor, one.id).stage_id == one.stage_id != later.id


def test_old_addresses_lead_on_through_several_merges(arman: Any) -> None:
    a, b, c = (create_record(arman, COMPANY, {"name": name}) for name in ("آ", "ب", "پ"))
    (first,) = merge_records(arman, COMPANY, b.id, [a.id])
    (second,) = merge_records(arman, COMPANY, c.id, [b.id])
    assert merged_into("company", a.id) == c.id
    with pytest.raises(RuleViolation), transaction.atomic():
        unmerge(arman, first.id)
    unmerge(arman, second.id)
    unmerge(arman, first.id)
    assert merged_into("company", a.id) is None
    with pytest.raises(RuleViolation), transaction.atomic():
        unmerge(arman, first.id)


def test_merging_needs_the_right_to_and_the_records_in_sight(cast: Any, acting: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id):
        sara = acting(cast.sara)
        mine, hers = (
            create_record(sara, COMPANY, {"name": n, "owner": o.id})
            for n, o in (("الف", cast.babak), ("ب", cast.sara))
        )
        with pytest.raises(NotAllowed), transaction.atomic():
            merge_records(acting(cast.viewer), COMPANY, mine.id, [hers.id])
        with pytest.raises(NotFound), transaction.atomic():
            merge_records(acting(cast.babak), COMPANY, mine.id, [hers.id])
        assert not Merge.objects.exists()
        (merge,) = merge_records(sara, COMPANY, hers.id, [mine.id])
        with pytest.raises((NotFound, NotAllowed)), transaction.atomic():
            unmerge(acting(cast.babak), merge.id)
    with workspace_scope(cast.rival.id), pytest.raises(NotFound):
        unmerge(acting(cast.cyrus), merge.id)


def test_a_record_that_is_gone_is_not_merged_again(arman: Any) -> None:
    a, b, c = (create_record(arman, COMPANY, {"name": name}) for name in ("آ", "ب", "پ"))
    merge_records(arman, COMPANY, a.id, [b.id])
    with pytest.raises(Conflict), transaction.atomic():
        merge_records(arman, COMPANY, c.id, [b.id])
    delete_records(arman, COMPANY, [load_record(COMPANY, arman.actor, c.id)])
    with pytest.raises(NotFound), transaction.atomic():
        merge_records(arman, COMPANY, a.id, [c.id])


def test_every_compound_field_says_where_its_rows_are() -> None:
    for spec in all_objects():
        if can_merge(spec):
            # What is read from records of others (gathers) moves with these.
            kept = [f for f in spec.compound_fields if not f.gathers]
            assert [f.key for f in kept if f.table is None] == [], spec.key


def test_own_fields_and_links_go_along_and_come_back(arman: Any) -> None:
    unique = add_field(arman, "person", "text", labels={"en": "Code"}, is_unique=True).key
    colour = add_field(arman, "person", "text", labels={"en": "Colour"}).key
    link = add_field(arman, "deal", "link", labels={"en": "Adviser"}, to="person").key
    one = create_record(arman, PERSON, {"family_name": "کریمی", colour: "سبز"})
    two = create_record(arman, PERSON, {"family_name": "کریمی", unique: "K-7", colour: "آبی"})
    deal = create_record(arman, DEAL, {"name": "فروش", link: two.id})
    before = everything()
    (merge,) = merge_records(arman, PERSON, one.id, [two.id])
    winner = load_record(PERSON, arman.actor, one.id)
    assert (winner.custom[unique], winner.custom[colour]) == ("K-7", "سبز")
    led = ListQuery(
        DEAL, arman.actor, (), parse({"field": link, "op": "is", "value": str(one.id)}, DEAL.condition_schema)
    )
    assert [d.id for d in led.rows()] == [deal.id]
    assert DEAL.rows.get(id=deal.id).custom[link] == one.id
    unmerge(arman, merge.id)
    after = everything()
    assert {t: bare(rows) for t, rows in after.items()} == {t: bare(rows) for t, rows in before.items()}


def test_records_of_an_own_object_are_merged_too(arman: Any) -> None:
    own = object_named(define_object(arman))
    link = next(f.key for f in own.custom_fields if isinstance(f, Link) and f.to == "company")
    company = create_record(arman, COMPANY, {"name": "کاشی کویر"})
    one = create_record(arman, own, {"name": "قرارداد ۱"})
    two = create_record(arman, own, {"name": "قرارداد یک", link: company.id})
    create_record(arman, NOTE, {"text": "پیوست دارد", "about": f"{own.key}:{two.id}"})
    before = everything()
    (merge,) = merge_records(arman, own, one.id, [two.id])
    assert load_record(own, arman.actor, one.id).custom[link] == company.id
    assert NOTE.rows.filter(about_object=own.key, about_id=one.id).exists()
    unmerge(arman, merge.id)
    after = everything()
    assert {t: bare(rows) for t, rows in after.items()} == {t: bare(rows) for t, rows in before.items()}


def bare(rows: dict[str, Any]) -> list[str]:
    """Rows without their own numbers, which typed copies of values get anew."""
    return sorted(
        json.dumps({k: v for k, v in row.items() if k != "id"}, sort_keys=True) for row in rows.values()
    )
