"""Whoever is given a deal sees with whom it is, as far as the giver does; nobody else learns anything."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from peyvand.administration.members.actions import add_user
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.sales.public import DEAL, Deal, assign_deal
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import job_context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.models import RecordShare
from peyvand.platform.objects.records import create_record, create_records, update_record
from peyvand.platform.objects.sharing import share_record
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture
def desk(cast: Any, acting: Any) -> Any:
    """Sara's own customer, out of Babak's sight."""
    with workspace_scope(cast.arman.id):
        sara = acting(cast.sara)
        company = create_record(sara, COMPANY, {"name": "Toloo"})
        person = create_record(sara, PERSON, {"family_name": "Karimi"})
        yield SimpleNamespace(
            sara=sara,
            company=company,
            person=person,
            whom={"company": company.id, "person": person.id},
            babak=lambda: acting(cast.babak),
        )


def sees(ctx, record, verb="view"):
    record.refresh_from_db()
    return bool(decide(ctx.actor, f"{record._meta.model_name}.{verb}", record))


def test_a_deal_that_is_given_shows_its_customer_and_lets_change_nothing(desk, cast):
    deal = create_record(desk.sara, DEAL, {"name": "Hall", **desk.whom})
    # What she keeps of it, she keeps the customer for; else they would go along (contacts/test_following).
    create_record(desk.sara, DEAL, {"name": "Garden", **desk.whom})
    assert not sees(desk.babak(), desk.company)
    assign_deal(desk.sara, deal, owner=cast.babak.id)
    babak = desk.babak()
    assert sees(babak, desk.company)
    assert sees(babak, desk.person)
    assert not sees(babak, desk.company, "update")
    told = EventRow.objects.filter(
        wire="objects.record_shared.v1", object="company", object_id=desk.company.id
    )
    assert [event.data["holder"] for event in told] == ["Babak Naderi"]
    # Given once more, nothing is left to open.
    update_record(desk.sara, DEAL, deal, {"owner": None})
    assign_deal(desk.sara, deal, owner=cast.babak.id)
    assert told.count() == 1


def test_deals_made_for_somebody_open_their_customers_in_a_few_statements(
    desk, cast, django_assert_max_num_queries
):
    rows = [{"name": f"{n}", "owner": cast.babak.id, **desk.whom} for n in range(40)]
    create_records(desk.sara, DEAL, rows[:1])
    RecordShare.objects.all().delete()
    with django_assert_max_num_queries(45):
        create_records(desk.sara, DEAL, rows)
    assert sees(desk.babak(), desk.company)


def test_what_the_giver_sees_by_a_share_alone_is_not_passed_on(desk, cast, acting):
    for record, spec in ((desk.company, COMPANY), (desk.person, PERSON)):
        share_record(desk.sara, spec, record, user=cast.babak)
    apart = add_user(
        job_context(cast.arman), name="Parisa", email="parisa@arman.example", role="member", password="correct horse 6"
    )  # fmt: skip
    deal = create_record(desk.babak(), DEAL, {"name": "Own", **desk.whom})
    assign_deal(desk.babak(), deal, owner=apart.id)
    assert not RecordShare.objects.filter(user=apart).exists()
    assert not sees(acting(apart), desk.company)


def test_a_rule_opens_no_more_than_whoever_made_the_deal_could(desk, cast):
    """A member's deal with a company out of their sight is given on by a rule: it stays hidden; a deal of Sara's own does not."""
    with_rights = {
        "name": "Nima",
        "email": "nima@arman.example",
        "role": "member",
        "password": "correct horse 6",
    }
    nima = add_user(job_context(cast.arman), **with_rights)
    hers = create_record(desk.sara, DEAL, {"name": "Sara's", **desk.whom})
    theirs = create_record(desk.sara, DEAL, {"name": "Theirs", "company": desk.company.id})
    Deal.objects.filter(id=theirs.id).update(created_by=nima)
    system = job_context(cast.arman)
    update_record(system, DEAL, Deal.objects.get(id=theirs.id), {"owner": cast.babak.id})
    assert not sees(desk.babak(), desk.company)
    update_record(system, DEAL, Deal.objects.get(id=hers.id), {"owner": cast.babak.id})
    assert sees(desk.babak(), desk.company)
