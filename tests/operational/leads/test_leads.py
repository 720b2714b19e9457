"""A lead goes from the first word to the deal: one person throughout, states with reasons, and a way back."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from peyvand.administration.governance.actions import erase_person
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.operational.activities.public import NOTE
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.public import COMPANY, PERSON, Company, Person
from peyvand.operational.leads.actions import (
    assign_leads,
    capture_lead,
    convert_lead,
    disqualify_lead,
    nurture_lead,
    qualify_lead,
    recycle_lead,
    take_up_lead,
    unconvert_lead,
)
from peyvand.operational.leads.jobs import wake_some
from peyvand.operational.leads.models import Lead, LeadReason
from peyvand.operational.leads.objects import LEAD
from peyvand.operational.quotes.public import quote_deal
from peyvand.operational.sales.public import DEAL, Deal, Stage, move_deal
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow, TimelineEntry
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.actor import access_changed, system_actor, user_actor
from peyvand.platform.identity.models import Role, User
from peyvand.platform.identity.roles import BUILTIN_ROLES
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.objects.records import (
    create_record,
    create_records,
    delete_records,
    update_record,
    update_records,
)
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of
from peyvand.testing.queue import drain
from peyvand.web.objects.pages.access import open_record
from peyvand.web.objects.pages.page import head_context


@pytest.fixture
def ctx(cast: Any, acting: Any) -> Any:
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)


@contextmanager
def refused(kind: Any, match: str | None = None) -> Any:
    """What is refused takes itself back, and nothing else."""
    with pytest.raises(kind, match=match) as error, transaction.atomic():
        yield error


def phones(*values: str) -> tuple[dict[str, Any], ...]:
    return tuple(PERSON.field("phones").parse(list(values), None))  # type: ignore[arg-type]


def emails(*values: str) -> tuple[dict[str, Any], ...]:
    return tuple(PERSON.field("emails").parse(list(values), None))  # type: ignore[arg-type]


def fresh(lead: Lead) -> Lead:
    return Lead.objects.get(id=lead.id)


def wires(object_key: str, id: int) -> list[str]:
    ids = TimelineEntry.objects.filter(object=object_key, object_id=id).values("event_id")
    return list(EventRow.objects.filter(id__in=ids).order_by("id").values_list("wire", flat=True))


def test_a_capture_makes_the_person_once_and_finds_them_in_any_digits(ctx: Any) -> None:
    lead = capture_lead(
        ctx, who="پروین احمدی", phones=phones("۰۹۱۲ ۳۴۵ ۶۷۸۹"), message="قیمت ده دستگاه", source="website"
    )
    person = Person.objects.get(id=lead.person_id)
    assert (person.given_name, person.family_name, person.phone, person.source) == (
        "پروین",
        "احمدی",
        "+989123456789",
        "website",
    )
    assert lead.name == "پروین احمدی"
    assert lead.state == "new"
    disqualify_lead(ctx, fresh(lead), reason=LeadReason.objects.first().id)  # type: ignore[union-attr]
    other = capture_lead(
        ctx, who="P. Ahmadi", phones=phones("0912-345-6789"), emails=emails("parvin@example.com")
    )
    assert other.id != lead.id
    assert other.person_id == person.id
    # Anybody can write anybody's number into a form: who is there is left as they are.
    assert Person.objects.get(id=person.id).email == ""
    assert "leads.inquiry_received.v1" in wires("person", person.id)


def test_whoever_gets_a_lead_sees_its_person_if_nobody_looks_after_them(committed: Any) -> None:
    with workspace_scope(committed.arman.id):
        sara = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        lead = capture_lead(
            Context(system_actor(committed.arman), "job"), who="Reza", phones=phones("09121112233")
        )
        kept = capture_lead(sara, who="Neda", phones=phones("09121112244"))
        Person.objects.filter(id=kept.person_id).update(owner_id=committed.mina.id)
        create_record(sara, DEAL, {"name": "Hall", "owner": committed.mina.id, "person": kept.person_id})
        assert Person.objects.get(id=lead.person_id).owner_id is None
        babak = user_actor(committed.arman.id, committed.babak.id)
        assert not visible(babak, "person", Person.objects.filter(id=lead.person_id)).exists()
        for one in (lead, kept):
            update_records(sara, LEAD, [fresh(one)], [{"owner": committed.babak.id}])
    drain()
    with workspace_scope(committed.arman.id):
        assert visible(babak, "person", Person.objects.filter(id=lead.person_id)).exists()
        assert Person.objects.get(id=kept.person_id).owner_id == committed.mina.id


def test_who_asks_again_while_the_lead_is_open_is_counted_and_told_there(ctx: Any) -> None:
    lead = capture_lead(ctx, who="Reza Karimi", emails=emails("reza@example.com"), message="First")
    again = capture_lead(
        ctx, emails=emails("Reza@Example.com"), message="Second", company_name="Avand", campaign="Nowruz"
    )
    assert again.id == lead.id
    kept = fresh(lead)
    assert (kept.inquiries, kept.message, kept.company_name, kept.campaign) == (2, "First", "Avand", "Nowruz")
    told = EventRow.objects.filter(wire="leads.inquiry_received.v1", object_id=lead.id).order_by("id")
    assert [row.data["message"] for row in told] == ["First", "Second"]


def test_a_capture_with_an_external_id_is_done_once(cast: Any) -> None:
    program = program_of(cast.sara, cast.arman)
    body = {"who": "Reza", "phones": ["09121112233"], "external_id": "web-1"}
    first = program.post("leads/capture", body)
    assert first.status == 200, first.json
    assert program.post("leads/capture", body).json == first.json
    shown = program.get(f"leads/{first.json['result']['id']}").json
    assert (shown["phone"], shown["state"], shown["inquiries"]) == ("+989121112233", "new", 1)
    assert program.post("leads/capture", {"message": "Who am I?"}).status == 422


def test_a_lead_by_form_or_program_finds_its_person_too(ctx: Any) -> None:
    person = create_record(
        ctx, PERSON, {"given_name": "Mina", "family_name": "Rad", "emails": ["mina@example.com"]}
    )
    lead = create_record(ctx, LEAD, {"email": "mina@example.com", "name": "Ten routers"})
    assert (lead.person_id, lead.name) == (person.id, "Ten routers")
    with refused(Invalid) as why:
        create_record(ctx, LEAD, {"message": "nobody"})
    assert [p.field for p in why.value.problems] == ["person"]


def test_two_rows_of_one_set_with_one_phone_are_one_person(ctx: Any) -> None:
    rows = [
        {"family_name": "Rad", "phone": "+989120000001"},
        {"family_name": "Rad", "phone": "+989120000001", "email": "r@example.com"},
    ]
    one, other = create_records(ctx, LEAD, rows)
    assert one.person_id == other.person_id


def test_states_ask_for_what_they_need(ctx: Any) -> None:
    lead = capture_lead(ctx, who="Reza", phones=phones("09121112233"))
    for change, field in (
        ({"state": "disqualified"}, "reason"),
        ({"state": "nurturing"}, "nurture_until"),
        ({"state": "nurturing", "nurture_until": clock.today(ctx.tenant.tz)}, "nurture_until"),
    ):
        with refused(Invalid) as why:
            update_records(ctx, LEAD, [fresh(lead)], [change])
        assert [p.field for p in why.value.problems] == [field]
    with refused(RuleViolation):
        update_records(ctx, LEAD, [fresh(lead)], [{"state": "converted"}])


def test_giving_up_and_taking_up_again_is_counted_with_its_history(ctx: Any) -> None:
    lead = capture_lead(ctx, who="Reza", phones=phones("09121112233"))
    reason = LeadReason.objects.order_by("position").first()
    assert reason is not None
    take_up_lead(ctx, fresh(lead))
    assert fresh(lead).owner_id == ctx.actor.user_id
    disqualify_lead(ctx, fresh(lead), reason=reason.id, reason_note="Asked twice")
    assert fresh(lead).reason_id == reason.id
    recycle_lead(ctx, fresh(lead))
    kept = fresh(lead)
    assert (kept.state, kept.recycled, kept.reason_id) == ("working", 1, None)
    with refused(RuleViolation):
        recycle_lead(ctx, fresh(lead))
    told = wires("lead", lead.id)
    assert "leads.lead_disqualified.v1" in told
    assert "leads.lead_recycled.v1" in told


def test_a_lead_that_rests_is_woken_on_its_day_and_once(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        until = clock.today(cast.arman.tz) + timedelta(days=10)
        lead = capture_lead(ctx, who="Reza", phones=phones("09121112233"))
        nurture_lead(ctx, fresh(lead), nurture_until=until)
    assert wake_some(cast.arman) == 0
    with clock.freeze(clock.now() + timedelta(days=10)):
        assert wake_some(cast.arman) == 1
        assert wake_some(cast.arman) == 0
    with workspace_scope(cast.arman.id):
        assert fresh(lead).state == "working"
        assert wires("lead", lead.id).count("leads.lead_woken.v1") == 1


def test_converting_makes_company_and_deal_and_keeps_the_person(ctx: Any) -> None:
    lead = capture_lead(ctx, who="Reza Karimi", phones=phones("09121112233"), company_name="Avand", budget=5_000_000,
                        source="exhibition", campaign="Nowruz", message="Ten routers")  # fmt: skip
    convert_lead(ctx, fresh(lead), name="Routers")
    kept = fresh(lead)
    deal = Deal.objects.get(id=kept.deal_id)
    assert (deal.name, deal.person_id, deal.amount, deal.source, deal.description) == (
        "Routers",
        lead.person_id,
        5_000_000,
        "exhibition",
        "Ten routers",
    )
    company = Company.objects.get(name="Avand")
    assert (
        deal.company_id == company.id == kept.company_id == Person.objects.get(id=lead.person_id).company_id
    )
    assert kept.state == "converted"
    assert kept.qualified_at is not None
    for key, id in (
        ("lead", lead.id),
        ("person", lead.person_id),
        ("deal", deal.id),
        ("company", company.id),
    ):
        assert "leads.lead_converted.v1" in wires(key, id)
    with refused(RuleViolation):
        convert_lead(ctx, kept)
    assert Deal.objects.count() == 1


def test_converting_links_the_company_that_is_there(ctx: Any) -> None:
    company = create_record(ctx, COMPANY, {"name": "شرکت آوند"})
    lead = capture_lead(ctx, who="Reza", phones=phones("09121112233"), company_name="آوند")
    convert_lead(ctx, fresh(lead))
    assert Deal.objects.get().company_id == company.id
    assert Company.objects.count() == 1


def test_a_deal_is_called_by_what_the_lead_is_about(ctx: Any) -> None:
    router = create_record(ctx, object_named("product"), {"name": "Router"})
    about = {"Ten routers": {"name": "Ten routers"}, "Router": {"product": router.id}, "Deal with Reza": {}}
    for n, (name, said) in enumerate(about.items()):
        lead = capture_lead(ctx, who="Reza", phones=phones(f"0912111223{n}"), **said)
        convert_lead(ctx, fresh(lead))
        assert Deal.objects.get(id=fresh(lead).deal_id).name == name


def test_a_conversion_is_taken_back_with_all_that_it_made(ctx: Any) -> None:
    lead = capture_lead(ctx, who="Reza", phones=phones("09121112233"), company_name="Avand")
    qualify_lead(ctx, fresh(lead))
    convert_lead(ctx, fresh(lead))
    deal = Deal.objects.get()
    unconvert_lead(ctx, fresh(lead))
    kept = fresh(lead)
    assert (kept.state, kept.deal_id, kept.company_id, kept.converted_at) == ("qualified", None, None, None)
    assert kept.qualified_at is not None
    assert Deal.objects.get(id=deal.id).deleted_at is not None
    assert Company.objects.get(name="Avand").deleted_at is not None
    assert Person.objects.get(id=lead.person_id).company_id is None
    convert_lead(ctx, fresh(lead))
    assert Deal.objects.filter(deleted_at=None).count() == 1


def test_a_deal_that_somebody_worked_on_stays_and_why_is_said(ctx: Any) -> None:
    lead = capture_lead(ctx, who="Reza", phones=phones("09121112233"))
    convert_lead(ctx, fresh(lead), name="Routers")
    deal = Deal.objects.get()
    move_deal(ctx, deal, stage=Stage.objects.filter(kind="open").order_by("position")[1].id)
    with refused(RuleViolation, match="changed since"):
        unconvert_lead(ctx, fresh(lead))
    other = capture_lead(ctx, who="Sima", phones=phones("09121112244"))
    convert_lead(ctx, fresh(other))
    create_records(ctx, NOTE, [{"text": "Called", "about": Ref("deal", fresh(other).deal_id or 0, "")}])
    with refused(RuleViolation, match="has to stay"):
        unconvert_lead(ctx, fresh(other))
    assert fresh(other).state == "converted"


def test_whoever_names_another_company_means_that_one(ctx: Any) -> None:
    own = create_record(ctx, COMPANY, {"name": "Avand"})
    lead = capture_lead(ctx, who="Reza", phones=phones("09121112233"))
    update_records(ctx, LEAD, [fresh(lead)], [{"company": own.id}])
    convert_lead(ctx, fresh(lead), company_name="Behsazan")
    assert Deal.objects.get().company.name == "Behsazan"
    assert Company.objects.filter(deleted_at=None).count() == 2


def test_a_company_that_others_use_by_now_stays(ctx: Any) -> None:
    lead = capture_lead(ctx, who="Reza", phones=phones("09121112233"), company_name="Avand")
    convert_lead(ctx, fresh(lead))
    company = Company.objects.get(name="Avand")
    create_record(ctx, PERSON, {"family_name": "Colleague", "company": company.id})
    unconvert_lead(ctx, fresh(lead))
    assert Company.objects.get(id=company.id).deleted_at is None


def test_leads_go_with_their_person_when_people_are_merged(ctx: Any) -> None:
    lead = capture_lead(ctx, who="Reza", phones=phones("09121112233"))
    winner = create_record(ctx, PERSON, {"given_name": "Reza", "family_name": "Karimi"})
    merge_records(ctx, PERSON, winner.id, [lead.person_id])
    assert fresh(lead).person_id == winner.id
    convert_lead(ctx, fresh(lead))
    assert Deal.objects.get().person_id == winner.id


def test_a_lead_whose_person_is_in_the_bin_is_found_anew(ctx: Any) -> None:
    lead = capture_lead(ctx, who="Reza", phones=phones("09121112233"))
    delete_records(ctx, PERSON, [Person.objects.get(id=lead.person_id)])
    other = capture_lead(ctx, who="Reza", phones=phones("09121112233"))
    assert other.id != lead.id
    assert Person.objects.get(id=other.person_id).deleted_at is None
    with refused(RuleViolation, match="bin"):
        convert_lead(ctx, fresh(lead))


def test_ten_thousand_leads_change_hands_in_sets(
    cast: Any, ctx: Any, django_assert_max_num_queries: Any
) -> None:
    person = create_record(ctx, PERSON, {"family_name": "Rad"})
    rows = [
        {"person": person.id, "name": f"Inquiry {n}", "owner": cast.babak.id, "state": "new"}
        for n in range(10_000)
    ]
    leads = create_records(ctx, LEAD, rows)
    with django_assert_max_num_queries(80):
        assign_leads(ctx, leads, owner=cast.mina.id)
    assert Lead.objects.filter(owner=cast.mina.id).count() == 10_000
    assert EventRow.objects.filter(wire="leads.lead_assigned.v1").count() == 10_000


def test_the_views_find_what_their_names_say(cast: Any, ctx: Any) -> None:
    person = create_record(ctx, PERSON, {"family_name": "Rad"})
    with clock.freeze(clock.now() - timedelta(days=9)):
        old = create_records(ctx, LEAD, [{"person": person.id, "name": "Old", "owner": cast.sara.id}])[0]
    new = create_records(ctx, LEAD, [{"person": person.id, "name": "New", "owner": None}])[0]
    program = program_of(cast.sara, cast.arman)

    def found(view: str) -> list[int]:
        condition = json.dumps(LEAD.standard_views[view].condition)
        return [item["id"] for item in program.get("leads", filter=condition).json["items"]]

    assert found("mine") == [old.id]
    assert found("free") == [new.id]
    assert found("untouched") == [old.id]
    take_up_lead(ctx, fresh(old))
    assert found("untouched") == []


def test_a_lead_has_its_screens(cast: Any, browse: Any, ctx: Any) -> None:
    lead = capture_lead(
        ctx, who="پروین احمدی", phones=phones("09121112233"), message="<script>alert(1)</script>"
    )
    client = browse(cast.sara)
    page = client.get(f"/w/arman/leads/{lead.id}/").content.decode()
    assert "پروین احمدی" in page
    assert "<script>alert(1)" not in page
    for at in (
        "leads/",
        "leads/?view=hot",
        "leads/?kind=board",
        "leads/new",
        f"leads/{lead.id}/do/convert",
        f"people/{lead.person_id}/",
    ):
        answer = client.get(f"/w/arman/{at}")
        assert answer.status_code == 200, at
    assert DEAL.key == "deal"


def test_the_dialog_of_converting_says_which_product_the_deal_will_have(
    browse: Any, cast: Any, ctx: Any
) -> None:
    product = create_record(ctx, PRODUCT, {"name": "Router", "price": 900})
    lead = capture_lead(ctx, who="پروین", phones=phones("09121112233"), product=product.id)
    named = capture_lead(ctx, who="رضا", phones=phones("09121112234"), product=product.id, budget=50_000)
    page = browse(cast.sara).get(f"/w/arman/leads/{lead.id}/do/convert").content.decode()
    assert "«\u2068Router\u2069»" in page
    assert "۹۰ تومان" in page
    # The way back leads by the list and the record.
    assert 'href="/w/arman/leads/"' in page
    assert f'href="/w/arman/leads/{lead.id}/"><bdi>' in page
    assert (
        "قیمت آن باز می‌ماند"
        in browse(cast.sara).get(f"/w/arman/leads/{named.id}/do/convert").content.decode()
    )


@pytest.mark.parametrize(("fields", "without"), [({"product.price": "masked"}, ""), ({}, "product.view")])
def test_the_dialog_of_converting_tells_nothing_that_is_hidden(
    browse: Any, cast: Any, ctx: Any, fields: dict[str, str], without: str
) -> None:
    product = create_record(ctx, PRODUCT, {"name": "Router", "price": 987_650})
    grants = dict(BUILTIN_ROLES["member"][1]) | ({without: "none"} if without else {})
    role = Role.objects.create(key="narrow", name="Narrow", grants=grants, fields=fields)
    User.objects.filter(id=cast.babak.id).update(role=role)
    access_changed(cast.arman.id)
    lead = capture_lead(ctx, who="پروین", phones=phones("09121112233"), product=product.id)
    Lead.objects.filter(id=lead.id).update(owner=cast.babak.id)
    page = browse(cast.babak).get(f"/w/arman/leads/{lead.id}/do/convert")
    assert page.status_code == 200
    assert "۹۸٬۷۶۵" not in page.content.decode()


def test_who_is_forgotten_takes_their_inquiries_along(ctx: Any) -> None:
    lead = capture_lead(
        ctx,
        who="Zivar Zarrinpour",
        phones=phones("09121112233"),
        emails=emails("zivar@example.com"),
        message="Ten routers",
    )
    convert_lead(ctx, fresh(lead), name="Routers")
    person = Person.objects.get(id=lead.person_id)
    erase_person(ctx, person)
    assert not Lead.objects.filter(id=lead.id).exists()
    assert not EventRow.objects.filter(data__contains={"message": "Ten routers"}).exists()
    assert Deal.objects.get().person_id is None


def test_a_phone_of_somebody_out_of_sight_tells_no_name_and_changes_no_lead(
    ctx: Any, cast: Any, acting: Any
) -> None:
    theirs = capture_lead(ctx, who="Reza Karimi", phones=phones("09121112233"))
    known = create_record(ctx, PERSON, {"family_name": "Sharifi", "company": create_record(ctx, COMPANY, {"name": "Toloo"}).id,
                                        "phones": ["09121112244"]})  # fmt: skip
    babak = acting(cast.babak)
    mine = capture_lead(babak, phones=phones("09121112233"), company_name="Nobody", message="Filled in")
    assert mine.id != theirs.id
    assert (mine.person_id, mine.name) == (theirs.person_id, "+989121112233")
    kept = fresh(theirs)
    assert (kept.inquiries, kept.company_name, kept.message) == (1, "", "")
    made = create_record(babak, LEAD, {"phone": "09121112244"})
    captured = capture_lead(babak, phones=phones("09121112244"))
    for lead in (made, captured):
        assert (lead.person_id, lead.name, lead.company_id) == (known.id, "+989121112244", None)


def test_who_may_not_change_a_lead_is_told_on_it_and_fills_nothing(ctx: Any, cast: Any, acting: Any) -> None:
    lead = capture_lead(acting(cast.mina), who="Reza", phones=phones("09121112233"), owner=cast.mina.id)
    again = capture_lead(
        acting(cast.babak), phones=phones("09121112233"), company_name="Avand", message="Again"
    )
    assert again.id == lead.id
    assert (fresh(lead).inquiries, fresh(lead).company_name) == (2, "")
    told = EventRow.objects.filter(wire="leads.inquiry_received.v1", object_id=lead.id).latest("id")
    assert "Avand" in told.data["message"]


def test_the_deal_has_what_was_asked_for_and_its_timeline_begins_with_the_inquiry(
    ctx: Any, cast: Any
) -> None:
    product = create_record(ctx, PRODUCT, {"name": "Router", "price": 900})
    lead, dear = (
        capture_lead(ctx, who=f"Reza {n}", phones=phones(f"0912111224{n}"), product=product.id, message="Fifty, please", **more)
        for n, more in enumerate(({}, {"budget": 50_000}))
    )  # fmt: skip
    deal, priced = convert_lead(ctx, fresh(lead)), convert_lead(ctx, fresh(dear))
    [line] = DEAL.field("lines").load([deal.id])[deal.id]
    assert (line["product"]["id"], line["quantity"], deal.amount) == (product.id, 1, 900)
    # A sum that they named stays; the price of the product is open, also after its form was sent as it was.
    [asked] = DEAL.field("lines").load([priced.id])[priced.id]
    assert (priced.amount, asked["product"]["id"], asked["price"]) == (50_000, product.id, None)
    assert quote_deal(ctx, priced).net == 900
    form = {
        "name": "Fifty routers",
        "lines": [{"product": product.id, "quantity": "1", "price": "", "discount": ""}],
    }
    again = update_record(ctx, DEAL, Deal.objects.get(id=priced.id), form)
    assert (again.amount, DEAL.field("lines").load([priced.id])[priced.id]) == (50_000, (asked,))
    told = program_of(cast.sara, cast.arman).get(f"deals/{deal.id}/timeline").json["items"]
    assert "leads.inquiry_received.v1" in [event["type"] for event in told]


def test_the_next_step_is_the_first_button_and_a_conversion_leads_to_the_deal(
    ctx: Any, cast: Any, browse: Any
) -> None:
    lead = capture_lead(ctx, who="Reza", phones=phones("09121112233"))

    def buttons() -> list[str]:
        return [a.verb for a in head_context(ctx, open_record(ctx, LEAD, lead.id))["actions"]]

    assert buttons()[0] == "take_up"
    qualify_lead(ctx, fresh(lead))
    assert buttons()[0] == "convert"
    page = browse(cast.sara)
    assert 'data-label="کاریز فروش"' in page.get(f"/w/arman/leads/{lead.id}/do/convert").content.decode()
    wrong = page.post(
        f"/w/arman/leads/{lead.id}/do/convert", {"name": "Hall", "amount": "many", "asked": "name,amount"}
    )
    assert re.search(r'name="amount"[^>]*autofocus|autofocus[^>]*name="amount"', wrong.content.decode())
    done = page.post(f"/w/arman/leads/{lead.id}/do/convert", headers={"HX-Request": "true"})
    assert f"/w/arman/deals/{fresh(lead).deal_id}/" in done["HX-Location"]
    assert "unconvert" not in buttons()


def test_the_person_belongs_to_the_new_company_also_where_whoever_converts_does_not_see_them(
    ctx: Any, cast: Any, acting: Any
) -> None:
    person = create_record(ctx, PERSON, {"family_name": "Karimi"})
    lead = create_record(ctx, LEAD, {"name": "Hall", "person": person.id, "company_name": "Avand"})
    # As it was before customers went along with their leads.
    Lead.objects.filter(id=lead.id).update(owner=cast.babak)
    babak = acting(cast.babak)
    assert not visible(babak.actor, "person", Person.objects.filter(id=person.id)).exists()
    deal = convert_lead(babak, fresh(lead))
    assert Person.objects.get(id=person.id).company_id == deal.company_id is not None
    unconvert_lead(babak, fresh(lead))
    assert Person.objects.get(id=person.id).company_id is None
