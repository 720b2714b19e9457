"""A customer goes with the sale: whoever is given a lead or a deal has its person and company, or at least sees them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peyvand.administration.members.actions import add_user
from peyvand.kernel import clock
from peyvand.operational.assignment.handing import hand_over
from peyvand.operational.contacts.outlook import BACK, GOES, outlook
from peyvand.operational.contacts.public import COMPANY, PERSON, Company, Person
from peyvand.operational.leads.actions import assign_lead, assign_leads
from peyvand.operational.leads.models import Lead
from peyvand.operational.leads.objects import LEAD
from peyvand.operational.sales.public import DEAL, Deal, assign_deal, win_deal
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.action import action_named, perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.identity.models import RecordShare, User
from peyvand.platform.objects.records import create_record, create_records, update_records
from peyvand.platform.objects.sharing import share_record
from peyvand.platform.workspaces.scope import workspace_scope


def user(cast: Any, name: str) -> Any:
    return add_user(
        job_context(cast.arman), name=name, email=f"{name.lower()}@arman.example", role="member", password="correct horse 6"
    )  # fmt: skip


@pytest.fixture
def desk(cast: Any, acting: Any) -> Iterator[Any]:
    """Sara sees everything; Pouya and Nava, their own. A lead of Pouya's, with its person and company."""
    with workspace_scope(cast.arman.id):
        sara, pouya, nava = acting(cast.sara), user(cast, "Pouya"), user(cast, "Nava")
        company = create_record(sara, COMPANY, {"name": "Negin", "owner": pouya.id})
        person = create_record(
            sara, PERSON, {"family_name": "Saeedi", "company": company.id, "owner": pouya.id}
        )
        whom = {"person": person.id, "company": company.id}
        lead = create_record(sara, LEAD, {"name": "Booth", "owner": pouya.id, **whom})
        yield SimpleNamespace(
            sara=sara, pouya=pouya, nava=nava, company=company, person=person, whom=whom, lead=lead, cast=cast,
            acting=acting, whose=lambda: (owner(Person, person), owner(Company, company)),
        )  # fmt: skip


def owner(model: Any, record: Any) -> int | None:
    found: int | None = model.objects.values_list("owner_id", flat=True).get(id=record.id)
    return found


def sees(ctx: Any, *records: Any) -> list[bool]:
    return [
        bool(decide(ctx.actor, f"{r._meta.model_name}.view", type(r).objects.get(id=r.id))) for r in records
    ]


def told(record: Any) -> list[Any]:
    rows = EventRow.objects.filter(wire="contacts.customer_followed.v1", object_id=record.id)
    return [(row.data["given"], row.data["opened"]) for row in rows.order_by("id")]


def test_person_and_company_go_along_with_a_lead_and_come_back_with_it(desk: Any) -> None:
    assign_lead(desk.sara, desk.lead, owner=desk.nava.id)
    assert desk.whose() == (desk.nava.id, desk.nava.id)
    assert told(desk.lead) == [(["company", "person"], [])]
    assign_lead(desk.sara, desk.lead, owner=desk.pouya.id)
    assert desk.whose() == (desk.pouya.id, desk.pouya.id)


def test_whom_others_work_with_stays_theirs_and_is_opened_until_the_lead_is_given_on(desk: Any) -> None:
    deal = create_record(
        desk.sara, DEAL, {"name": "Stand", "owner": desk.pouya.id, "company": desk.company.id}
    )
    assign_lead(desk.sara, desk.lead, owner=desk.nava.id)
    assert desk.whose() == (desk.nava.id, desk.pouya.id)
    nava = desk.acting(desk.nava)
    assert sees(nava, desk.company, desk.person) == [True, True]
    assert not decide(nava.actor, "company.update", Company.objects.get(id=desk.company.id))
    assert told(desk.lead) == [(["person"], ["company"])]
    assign_lead(desk.sara, desk.lead, owner=desk.pouya.id)
    assert desk.whose() == (desk.pouya.id, desk.pouya.id)
    assert not RecordShare.objects.filter(user=desk.nava).exists()
    assert sees(desk.acting(desk.nava), desk.company, desk.person) == [False, False]
    # With the last that they had of it, the company goes too.
    assign_deal(desk.sara, deal, owner=desk.nava.id)
    assert desk.whose() == (desk.pouya.id, desk.pouya.id)
    assign_lead(desk.sara, desk.lead, owner=desk.nava.id)
    assert desk.whose() == (desk.nava.id, desk.nava.id)


def test_a_customer_whom_somebody_else_won_stays_theirs_and_one_of_an_idle_owner_goes(
    desk: Any, cast: Any
) -> None:
    deal = create_record(desk.sara, DEAL, {"name": "Sold", "owner": cast.mina.id, "company": desk.company.id})
    win_deal(desk.sara, deal)
    update_records(desk.sara, COMPANY, [Company.objects.get(id=desk.company.id)], [{"owner": cast.mina.id}])
    update_records(desk.sara, PERSON, [Person.objects.get(id=desk.person.id)], [{"owner": cast.sara.id}])
    assign_lead(desk.sara, desk.lead, owner=desk.nava.id)
    assert desk.whose() == (desk.nava.id, cast.mina.id)
    assert sees(desk.acting(desk.nava), desk.company) == [True]
    # Given back, the person is again whose it was.
    assign_lead(desk.sara, desk.lead, owner=desk.pouya.id)
    assert desk.whose() == (cast.sara.id, cast.mina.id)


def test_nobody_gives_more_than_is_theirs_to_give(desk: Any, cast: Any) -> None:
    hidden = create_record(desk.sara, PERSON, {"family_name": "Hidden"})
    mine = create_record(desk.acting(desk.pouya), LEAD, {"name": "Mine", "family_name": "Somebody"})
    Lead.objects.filter(id=mine.id).update(person=hidden.id, company=None)
    mine.refresh_from_db()
    assign_lead(desk.acting(desk.pouya), mine, owner=desk.nava.id)
    assert owner(Person, hidden) == cast.sara.id
    assert sees(desk.acting(desk.nava), hidden) == [False]
    assert told(mine) == []


def test_the_undo_of_the_toast_takes_all_of_it_back(desk: Any, browse: Any, cast: Any) -> None:
    create_record(desk.sara, DEAL, {"name": "Stand", "owner": desk.pouya.id, "company": desk.company.id})
    sara, page = browse(cast.sara), f"/w/arman/leads/{desk.lead.id}"
    asked = sara.get(f"{page}/do/assign").content.decode()
    assert "«Saeedi» هم به مسئول تازه سپرده می‌شود" in asked
    assert "مسئول «Negin» همان می‌ماند" in asked
    many = sara.post("/w/arman/leads/bulk/assign", {"ids": desk.lead.id}).content.decode()
    assert "شرکت‌ها و اشخاص آن‌ها همراهشان می‌روند" in many
    said = sara.post(f"{page}/do/assign", {"owner": desk.nava.id}, headers={"HX-Request": "true"})
    assert desk.whose() == (desk.nava.id, desk.pouya.id)
    undo = json.loads(said["HX-Trigger"])["toast"]["undo"]
    assert sara.post(undo, headers={"HX-Request": "true"}).status_code == 200
    assert owner(Lead, desk.lead) == desk.pouya.id
    assert desk.whose() == (desk.pouya.id, desk.pouya.id)
    assert not RecordShare.objects.filter(user=desk.nava).exists()


def test_a_salesperson_given_a_lead_sees_its_person_on_the_page(desk: Any, browse: Any) -> None:
    assign_lead(desk.sara, desk.lead, owner=desk.nava.id)
    nava = browse(desk.nava)
    assert "پنهان از شما" not in nava.get(f"/w/arman/leads/{desk.lead.id}/").content.decode()
    assert nava.get(f"/w/arman/people/{desk.person.id}/").status_code == 200


def test_what_many_customers_going_along_costs_does_not_grow(
    desk: Any, django_assert_max_num_queries: Any
) -> None:
    def made(many: int) -> list[Any]:
        companies = create_records(
            desk.sara, COMPANY, [{"name": f"C{many}-{n}", "owner": desk.pouya.id} for n in range(many)]
        )
        people = create_records(
            desk.sara, PERSON, [{"family_name": f"P{many}-{n}", "owner": desk.pouya.id} for n in range(many)]
        )
        return create_records(desk.sara, LEAD, [
            {"name": f"L{n}", "owner": desk.pouya.id, "person": p.id, "company": c.id}
            for n, (p, c) in enumerate(zip(people, companies, strict=True))
        ])  # fmt: skip

    few, many = made(3), made(200)
    with CaptureQueriesContext(connection) as counted:
        assign_leads(desk.sara, few, owner=desk.nava.id)
    with django_assert_max_num_queries(len(counted.captured_queries) + 2):
        assign_leads(desk.sara, many, owner=desk.nava.id)
    assert (
        Person.objects.filter(owner=desk.nava).count()
        == Company.objects.filter(owner=desk.nava).count()
        == 203
    )


def test_a_share_that_ran_out_comes_back_as_one_to_be_seen(desk: Any) -> None:
    create_record(desk.sara, DEAL, {"name": "Stand", "owner": desk.pouya.id, "company": desk.company.id})
    share_record(desk.sara, COMPANY, desk.company, user=desk.nava, may_update=True)
    RecordShare.objects.filter(user=desk.nava).update(ends_at=clock.now() - timedelta(days=1))
    assign_lead(desk.sara, desk.lead, owner=desk.nava.id)
    company = Company.objects.get(id=desk.company.id)
    nava = desk.acting(desk.nava)
    assert sees(nava, company) == [True]
    assert not decide(nava.actor, "company.update", company)
    assign_lead(desk.sara, desk.lead, owner=desk.pouya.id)
    assert not RecordShare.objects.filter(user=desk.nava).exists()


def test_what_stayed_open_for_another_record_is_closed_when_that_one_goes(desk: Any) -> None:
    create_record(desk.sara, DEAL, {"name": "Stand", "owner": desk.pouya.id, "company": desk.company.id})
    assign_lead(desk.sara, desk.lead, owner=desk.nava.id)
    nava = desk.acting(desk.nava)
    own = create_record(nava, DEAL, {"name": "Own", "company": desk.company.id, "owner": desk.nava.id})
    assign_lead(desk.sara, Lead.objects.get(id=desk.lead.id), owner=desk.pouya.id)
    assert sees(desk.acting(desk.nava), desk.company) == [True], "she works with it still"
    assign_deal(desk.sara, Deal.objects.get(id=own.id), owner=desk.pouya.id)
    assert sees(desk.acting(desk.nava), desk.company) == [False]
    # Whoever keeps something of it, be it closed, sees whose it is.
    assign_lead(desk.sara, Lead.objects.get(id=desk.lead.id), owner=desk.nava.id)
    won = create_record(nava, DEAL, {"name": "Won", "company": desk.company.id, "owner": desk.nava.id})
    more = create_record(nava, DEAL, {"name": "More", "company": desk.company.id, "owner": desk.nava.id})
    win_deal(desk.sara, Deal.objects.get(id=won.id))
    assign_lead(desk.sara, Lead.objects.get(id=desk.lead.id), owner=desk.pouya.id)
    assign_deal(desk.sara, Deal.objects.get(id=more.id), owner=desk.pouya.id)
    assert sees(desk.acting(desk.nava), desk.company) == [True]


def test_what_many_new_owners_see_is_asked_together(desk: Any, cast: Any) -> None:
    create_record(desk.sara, DEAL, {"name": "Stand", "owner": desk.pouya.id, "company": desk.company.id})
    agents = [user(cast, f"Agent{n}") for n in range(9)]

    def given(to: list[Any]) -> None:
        leads = create_records(
            desk.sara, LEAD, [{"name": f"L{one.id}", "owner": desk.pouya.id, **desk.whom} for one in to]
        )
        with CaptureQueriesContext(connection) as counted:
            update_records(desk.sara, LEAD, leads, [{"owner": one.id} for one in to])
        asked.append(sum('FROM "company"' in str(one["sql"]) for one in counted.captured_queries))

    asked: list[int] = []
    given(agents[:2])
    given(agents[2:])
    assert asked[0] == asked[1] > 0
    assert [sees(desk.acting(one), desk.company)[0] for one in agents] == [True] * 9


def test_what_somebody_opened_by_hand_meanwhile_stays_open(desk: Any) -> None:
    create_record(desk.sara, DEAL, {"name": "Stand", "owner": desk.pouya.id, "company": desk.company.id})
    assign_lead(desk.sara, desk.lead, owner=desk.nava.id)
    share_record(desk.sara, COMPANY, desk.company, user=desk.nava)
    assign_lead(desk.sara, desk.lead, owner=desk.pouya.id)
    assert sees(desk.acting(desk.nava), desk.company) == [True]


def test_who_is_given_another_record_of_a_customer_in_the_same_change_keeps_seeing_it(
    desk: Any, cast: Any
) -> None:
    create_record(desk.sara, DEAL, {"name": "Stand", "owner": desk.pouya.id, "company": desk.company.id})
    other = create_record(desk.sara, LEAD, {"name": "Tent", "owner": cast.sara.id, **desk.whom})
    assign_lead(desk.sara, desk.lead, owner=desk.nava.id)
    assert RecordShare.objects.filter(user=desk.nava, object="company").exists()
    swapped = [Lead.objects.get(id=desk.lead.id), Lead.objects.get(id=other.id)]
    update_records(desk.sara, LEAD, swapped, [{"owner": cast.sara.id}, {"owner": desk.nava.id}])
    assert owner(Company, desk.company) == desk.pouya.id
    assert sees(desk.acting(desk.nava), desk.company) == [True]


def test_the_dialog_says_beforehand_what_becomes_of_each_customer(desk: Any, browse: Any, cast: Any) -> None:
    """Whatever ``outlook`` says comes true: nobody's customer goes along, one that had come along goes back."""
    sara = browse(cast.sara)

    def owned(company: int | None, person: int | None) -> None:
        Company.objects.filter(id=desk.company.id).update(owner=company)
        Person.objects.filter(id=desk.person.id).update(owner=person)

    def said(to: Any) -> list[Any]:
        lead = Lead.objects.get(id=desk.lead.id)
        found = outlook(desk.sara, LEAD, lead, to and to.id)
        assert lead.owner_id == owner(Lead, lead)
        return [(one.title, one.becomes, one.whose) for one in found]

    def asked(to: Any = None) -> str:
        filled = {"owner": to.id} if to else {}
        page: str = sara.post(f"/w/arman/leads/{desk.lead.id}/do/assign?foreword=1", filled).content.decode()
        return page

    owned(None, cast.mina.id)
    for to in (None, desk.nava):
        assert said(to) == [("Negin", GOES, ""), ("Saeedi", GOES, "")]
        assert "«Negin» هم به مسئول تازه سپرده می‌شود" in asked(to)
    assign_lead(desk.sara, desk.lead, owner=desk.nava.id)
    assert desk.whose() == (desk.nava.id, desk.nava.id)
    assert said(None) == [("Negin", GOES, ""), ("Saeedi", GOES, "")]
    assert said(desk.pouya) == [("Negin", BACK, ""), ("Saeedi", BACK, str(cast.mina))]
    page = asked(desk.pouya)
    assert "«Negin» مانند قبل بدون مسئول می‌شود" in page
    assert f"«Saeedi» دوباره به {cast.mina} سپرده می‌شود" in page
    assign_lead(desk.sara, desk.lead, owner=desk.pouya.id)
    assert desk.whose() == (cast.mina.id, None)


def test_what_an_agent_hands_over_takes_its_customers_along(desk: Any, cast: Any) -> None:
    User.objects.filter(id=desk.pouya.id).update(is_active=False)
    ctx = job_context(cast.arman)
    perform(ctx, "assignment.hand_over", (), partial(hand_over, ctx, LEAD, desk.pouya, desk.nava, 0))
    assert owner(Lead, desk.lead) == desk.nava.id
    assert desk.whose() == (desk.nava.id, desk.nava.id)


@pytest.mark.parametrize("key", ["person", "company"])
def test_people_and_companies_are_assigned_as_leads_are(desk: Any, key: str, browse: Any, cast: Any) -> None:
    record = getattr(desk, key)
    one = action_named(f"{key}.assign")
    assert one is not None
    one.function(desk.sara, record, owner=desk.nava.id)
    assert owner(type(record), record) == desk.nava.id
    plural = {"person": "people", "company": "companies"}[key]
    assert (
        f"/w/arman/{plural}/{record.id}/do/assign"
        in browse(cast.sara).get(f"/w/arman/{plural}/{record.id}/").content.decode()
    )
    assert not Deal.objects.exists()


def test_what_a_stranger_sent_takes_no_customer_away(desk: Any) -> None:
    """By a public form anybody may name anybody's person: who is given such a lead sees them, and no more."""
    nobody = job_context(desk.cast.arman)
    lead = create_record(nobody, LEAD, {"name": "Form", "person": desk.person.id})
    update_records(
        desk.sara, LEAD, [Lead.objects.get(id=desk.lead.id)], [{"person": None, "family_name": "Saeedi"}]
    )
    perform(
        nobody, LEAD.permission("assign"), [lead],
        lambda: update_records(nobody, LEAD, [lead], [{"owner": desk.nava.id}]),
    )  # fmt: skip
    assert desk.whose()[0] == desk.pouya.id
    nava = desk.acting(desk.nava).actor
    assert decide(nava, "person.view", Person.objects.get(id=desk.person.id))
    assert not decide(nava, "person.update", Person.objects.get(id=desk.person.id))


def test_two_who_give_at_once_leave_no_customer_behind(committed: Any) -> None:
    with workspace_scope(committed.arman.id):
        sara = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        pouya, *others = (user(committed, name) for name in ("Pouya", "Nava", "Tara"))
        company = create_record(sara, COMPANY, {"name": "Negin", "owner": pouya.id})
        deals = [
            create_record(sara, DEAL, {"name": str(n), "owner": pouya.id, "company": company.id})
            for n in (1, 2)
        ]
    given, go_on = Event(), Event()

    def give(deal: Any, to: Any, pause: bool) -> None:
        try:
            with workspace_scope(committed.arman.id):
                ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
                assign_deal(ctx, Deal.objects.get(id=deal.id), owner=to.id)
                given.set()
                if pause:
                    go_on.wait(2)
        finally:
            connection.close()

    first = Thread(target=give, args=(deals[0], others[0], True))
    first.start()
    assert given.wait(30)
    second = Thread(target=give, args=(deals[1], others[1], False))
    second.start()
    second.join(1)
    go_on.set()
    for thread in (first, second):
        thread.join(30)

    with workspace_scope(committed.arman.id):
        assert owner(Company, company) in {each.id for each in others}
