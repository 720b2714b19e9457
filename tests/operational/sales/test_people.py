"""Who has a say in a deal, who works on it and for how much, and who else wants it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid, NotFound, RuleViolation
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.public import (
    COMPETITOR,
    DEAL,
    Deal,
    DealContact,
    Pipeline,
    assign_deal,
    credits,
    split,
    win_deal,
)  # fmt: skip
from peyvand.platform.actions.context import job_context
from peyvand.platform.events.models import EventRow, TimelineEntry
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.objects import queries
from peyvand.platform.objects.queries import ListQuery, load_record
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

FA = "/w/arman/deals/"


@pytest.fixture
def ctx(cast, acting):
    with workspace_scope(cast.arman.id):
        yield acting(cast.babak)


def person(ctx, name: str):
    return create_record(ctx, PERSON, {"family_name": name})


def contacts(deal: Deal):
    return DEAL.field("contacts").load([deal.id]).get(deal.id, ())


def test_people_have_roles_in_a_deal_and_are_found_by_them(ctx):
    leila, omid = person(ctx, "Leila"), person(ctx, "Omid")
    deal = create_record(ctx, DEAL, {"name": "Hall", "contacts": [
        {"person": leila.id, "role": "decides", "attitude": "for", "note": "Signs"}, {"person": "Omid", "role": "blocks"},
    ]})  # fmt: skip
    assert [(c["person"]["id"], c["role"], c["attitude"], c["note"]) for c in contacts(deal)] == [
        (leila.id, "decides", "for", "Signs"), (omid.id, "blocks", "", ""),
    ]  # fmt: skip
    other = create_record(ctx, DEAL, {"name": "Other"})
    rows = ListQuery(DEAL, ctx.actor, (), None).rows()
    field = DEAL.field("contacts")
    assert set(rows.filter(field.filter("has_any", [str(omid.id)])).values_list("id", flat=True)) == {deal.id}
    assert other.id in set(rows.filter(field.filter("empty", None)).values_list("id", flat=True))
    update_record(ctx, DEAL, deal, {"contacts": [{"person": omid.id, "role": "buys"}]})
    assert [(c["person"]["id"], c["role"]) for c in contacts(deal)] == [(omid.id, "buys")]


@pytest.mark.parametrize(
    ("items", "place"),
    [
        ([{"person": 999_999_999}], "contacts.0.person"),
        ([{"role": "decides"}], "contacts.0.person"),
        ([{"person": "ME", "role": "king"}], "contacts.0.role"),
        ([{"person": "ME"}, {"person": "ME"}], "contacts.1.person"),
    ],
)
def test_what_is_wrong_with_a_person_is_named_by_its_place(ctx, items, place):
    me = person(ctx, "Zarrin")
    given = [{**item, **({"person": me.id} if item.get("person") == "ME" else {})} for item in items]
    with pytest.raises(Invalid) as caught:
        create_record(ctx, DEAL, {"name": "Wrong", "contacts": given})
    assert [problem.field for problem in caught.value.problems] == [place]


def test_a_person_out_of_sight_cannot_be_named(cast, acting):
    with workspace_scope(cast.arman.id):
        hidden = create_record(acting(cast.sara), PERSON, {"family_name": "Hidden"})
        ctx = acting(cast.babak)
        with pytest.raises(Invalid) as caught:
            create_record(ctx, DEAL, {"name": "Wrong", "contacts": [{"person": hidden.id}]})
        assert caught.value.problems[0].field == "contacts"


def test_a_deal_is_told_on_the_timeline_of_everybody_in_it_and_shown_on_their_page(cast, ctx, browse):
    leila = person(ctx, "Leila")
    deal = create_record(
        ctx, DEAL, {"name": "Great hall", "contacts": [{"person": leila.id, "role": "decides"}]}
    )
    win_deal(ctx, Deal.objects.get(id=deal.id))
    told = TimelineEntry.objects.filter(object="person", object_id=leila.id).values("event_id")
    assert EventRow.objects.filter(id__in=told, wire="sales.deal_won.v1").exists()
    page = browse(cast.babak).get(f"/w/arman/people/{leila.id}/").content.decode()
    assert "Great hall" in page
    assert "تصمیم‌گیر" in page


def test_of_many_deals_of_a_person_only_those_shown_are_read(cast, ctx, browse, monkeypatch):
    leila = person(ctx, "Leila")
    for n in range(7):
        create_record(ctx, DEAL, {"name": f"Hall {n}", "contacts": [{"person": leila.id, "role": "buys"}]})
    read, fetch = [], queries.fetch_several

    def watched(query, columns, ids):
        if query.spec is DEAL:
            read.append(len(ids))
        return fetch(query, columns, ids)

    monkeypatch.setattr(queries, "fetch_several", watched)
    page = browse(cast.babak).get(f"/w/arman/people/{leila.id}/").content.decode()
    assert [n for n in range(7) if f"Hall {n}</" in page] == [2, 3, 4, 5, 6]
    assert max(read) == 5


def test_people_who_become_one_are_one_in_their_deals(cast, acting, ctx):
    one, two = person(ctx, "Leila"), person(ctx, "Leyla")
    deal = create_record(ctx, DEAL, {"name": "Open", "person": two.id, "contacts": [
        {"person": one.id, "role": "decides"}, {"person": two.id, "role": "buys"},
    ]})  # fmt: skip
    merge_records(acting(cast.sara), PERSON, one.id, [two.id])
    assert [(c["person"]["id"], c["role"]) for c in contacts(deal)] == [(one.id, "decides")]
    assert DealContact.objects.filter(deal=deal.id).exclude(person=one.id).count() == 0
    assert Deal.objects.get(id=deal.id).person_id == one.id
    update_record(ctx, DEAL, Deal.objects.get(id=deal.id), {"name": "Still open"})


def test_the_owner_has_what_the_team_has_not(cast, ctx):
    alone = create_record(ctx, DEAL, {"name": "Alone"})
    shared = create_record(ctx, DEAL, {"name": "Shared", "team": [
        {"user": cast.mina.id, "share": "30"}, {"user": cast.sara.id, "share": "12.5", "part": "Engineering"},
    ]})  # fmt: skip
    assert credits([alone, shared]) == {
        alone.id: {cast.babak.id: Decimal(100)},
        shared.id: {cast.babak.id: Decimal("57.5"), cast.mina.id: Decimal(30), cast.sara.id: Decimal("12.5")},
    }


@pytest.mark.parametrize(("owners", "others", "error"), [(0, 120, Invalid), (60, 20, RuleViolation)])
def test_shares_come_to_the_whole(cast, ctx, owners, others, error):
    team = [{"user": cast.mina.id, "share": others // 2}, {"user": cast.sara.id, "share": others // 2}]
    if owners:
        team.append({"user": cast.babak.id, "share": owners})
    with pytest.raises(error) as caught:
        create_record(ctx, DEAL, {"name": "Wrongly shared", "team": team})
    assert "team" in (
        getattr(caught.value, "field", None),
        *(p.field for p in getattr(caught.value, "problems", ())),
    )


@given(
    st.integers(-(10**15), 10**15),
    st.lists(st.integers(1, 10_000), min_size=1, max_size=6).map(
        lambda parts: {n: Decimal(10_000 * part // sum(parts)) / 100 for n, part in enumerate(parts)}
    ),
)
def test_nothing_of_an_amount_is_lost_in_splitting_it(amount, shares):
    rest = {**shares, len(shares): Decimal(100) - sum(shares.values())}
    found = split(amount, rest)
    assert sum(found.values()) == amount
    assert all(abs(found[user] - amount * rest[user] / 100) < 1 for user in rest)


def test_whoever_is_in_the_team_sees_the_deal_until_they_leave_it(cast, acting):
    with workspace_scope(cast.arman.id):
        sara = acting(cast.sara)
        deal = create_record(sara, DEAL, {"name": "Sara's"})
        with pytest.raises(NotFound):
            load_record(DEAL, acting(cast.babak).actor, deal.id)
        update_record(sara, DEAL, deal, {"team": [{"user": cast.babak.id, "share": 20}]})
        assert load_record(DEAL, acting(cast.babak).actor, deal.id).name == "Sara's"
        update_record(sara, DEAL, deal, {"team": []})
        with pytest.raises(NotFound):
            load_record(DEAL, acting(cast.babak).actor, deal.id)
        Pipeline.objects.filter(id=deal.pipeline_id).update(team_sees=False)
        update_record(sara, DEAL, deal, {"team": [{"user": cast.babak.id, "share": 20}]})
        with pytest.raises(NotFound):
            load_record(DEAL, acting(cast.babak).actor, deal.id)


def test_an_agent_who_left_keeps_their_share_and_the_deal_goes_on(cast, ctx, acting):
    deal = create_record(ctx, DEAL, {"name": "Going on", "team": [{"user": cast.mina.id, "share": 40}]})
    with workspace_scope(cast.arman.id):
        type(cast.mina).objects.filter(id=cast.mina.id).update(is_active=False)
        type(cast.babak).objects.filter(id=cast.babak.id).update(is_active=False)
        sara = acting(cast.sara)
        assign_deal(sara, Deal.objects.get(id=deal.id), owner=cast.sara.id)
        win_deal(sara, Deal.objects.get(id=deal.id))
        won = Deal.objects.get(id=deal.id)
        assert won.status == "won"
        assert credits([won])[won.id] == {cast.sara.id: Decimal(60), cast.mina.id: Decimal(40)}


def test_competitors_for_a_deal_are_kept_with_how_they_stand(cast, ctx):
    rivals = [
        create_record(job_context(ctx.tenant), COMPETITOR, {"name": name}) for name in ("Pars", "Taban")
    ]
    program = program_of(cast.babak, cast.arman)
    made = program.post("deals", {"name": "Contested", "rivals": [
        {"competitor": rivals[0].id, "standing": "ahead", "note": "Cheaper"}, {"competitor": "Taban", "standing": "out"},
    ]})  # fmt: skip
    assert made.status == 201, made.json
    assert [(r["competitor"]["title"], r["standing"], r["note"]) for r in made.json["rivals"]] == [
        ("Pars", "ahead", "Cheaper"), ("Taban", "out", ""),
    ]  # fmt: skip
    assert made.json["competitor"] is None


def test_the_forms_rows_carry_people_team_and_competitors(cast, ctx, browse):
    leila = person(ctx, "Leila")
    client = browse(cast.babak)
    form = client.get(f"{FA}new").content.decode()
    assert 'name="contacts-count"' in form
    sent = {
        "name": "By form", "contacts-count": "2", "contacts-0-person": str(leila.id), "contacts-0-role": "champion",
        "contacts-0-attitude": "", "contacts-0-note": "", "contacts-1-person": "", "contacts-1-role": "", "team-count": "1",
        "team-0-user": str(cast.mina.id), "team-0-share": "۲۵", "team-0-part": "فنی",
    }  # fmt: skip
    made = client.post(f"{FA}new", sent)
    assert made.status_code == 302, made.content.decode()
    deal = Deal.objects.get(name="By form")
    assert [(c["person"]["id"], c["role"]) for c in contacts(deal)] == [(leila.id, "champion")]
    assert credits([deal])[deal.id][cast.mina.id] == 25
    page = client.get(made["Location"]).content.decode()
    assert "Leila" in page
    assert "پشتیبان" in page
    assert "۲۵٪" in page
