"""Who is told when something is to be decided, was decided, was booked, or went wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.operational.billing.conftest import till as till
from tests.operational.quotes.conftest import desk as desk

from peyvand.kernel import clock
from peyvand.operational.availability.public import ABSENCE, approve_absence
from peyvand.operational.billing.actions.cheques import bounce_cheque, deposit_cheque
from peyvand.operational.billing.reactions import ask_about_bounced
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.leads.public import LEAD
from peyvand.operational.quotes.actions import approve, ask_approval
from peyvand.operational.quotes.limits import set_limits
from peyvand.operational.sales.public import DEAL
from peyvand.operational.scheduling import booking
from peyvand.operational.scheduling.booking import Visitor
from peyvand.operational.scheduling.models import BookingPage
from peyvand.operational.scheduling.objects import BOOKING_PAGE
from peyvand.platform.actions.context import job_context
from peyvand.platform.events.facts import fact_named
from peyvand.platform.events.reactions import Cause
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.identity.models import User
from peyvand.platform.notifications.reading import newest
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.telling import tell_all

# A Sunday, half past nine in Tehran.
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def texts(user: User) -> list[str]:
    return [line.text for line in newest(user_actor(user.workspace_id, user.id).speaking("en"))]


def test_who_decides_is_asked_and_who_asked_hears_the_answer(desk: Any, cast: Any, acting: Any) -> None:
    set_limits(desk.ctx, limits={"member": "10", "manager": "30"})
    update_record(desk.ctx, COMPANY, desk.company, {"owner": cast.babak.id})
    quote = desk.quote(discount="15", owner=cast.babak.id)
    ask_approval(acting(cast.babak), quote)
    tell_all(cast.arman)
    [asked] = texts(cast.mina)
    assert asked.startswith("Babak Naderi asked to approve the discount on ")
    # The owner of the workspace may approve as well, but the manager is there.
    assert texts(cast.sara) == []
    approve(acting(cast.mina), quote)
    tell_all(cast.arman)
    [answer] = texts(cast.babak)
    assert answer.startswith("Mina Sadeghi approved the discount on ")


def test_an_absence_is_asked_for_and_answered(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id), clock.freeze(NOW):
        raw = {"kind": "leave", "starts_on": "2026-12-05", "ends_on": "2026-12-07"}
        absence = create_record(acting(cast.babak), ABSENCE, raw)
        tell_all(cast.arman)
        assert texts(cast.mina) == ["Babak Naderi asked to approve the absence of Babak Naderi"]
        approve_absence(acting(cast.mina), absence)
        tell_all(cast.arman)
        assert texts(cast.babak) == ["Mina Sadeghi approved the absence of Babak Naderi"]
        # What its writer may decide alone is asked of nobody.
        create_record(acting(cast.sara), ABSENCE, raw)
        tell_all(cast.arman)
        assert len(texts(cast.mina)) == 1


def test_leads_and_deals_are_told_to_their_new_owner(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        sara = acting(cast.sara)
        lead = create_record(sara, LEAD, {"family_name": "Karimi"})
        deal = create_record(sara, DEAL, {"name": "Tiles"})
        update_record(sara, LEAD, lead, {"owner": cast.babak.id})
        update_record(sara, DEAL, deal, {"owner": cast.babak.id})
        tell_all(cast.arman)
        assert texts(cast.babak) == [
            "Sara Moini gave you the deal Tiles",
            "Sara Moini gave you the lead Karimi",
        ]
        assert texts(cast.sara) == []


def test_whoever_is_booked_hears_of_it_and_of_what_becomes_of_it(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id), clock.freeze(NOW):
        page = create_record(acting(cast.sara), BOOKING_PAGE, {"name": "Advice", "after": 0})
        page = BookingPage.objects.get(id=page.id)
        at = NOW + timedelta(days=1)
        ctx = job_context(cast.arman)
        made = booking.take(ctx, page, at, Visitor("Neda Karimi", "+989124382217"))
        booking.move(ctx, made, at + timedelta(hours=1))
        booking.call_off(ctx, made)
        tell_all(cast.arman)
        assert texts(cast.sara) == [
            "A booking was called off: Advice · Neda Karimi, 23 November, 10:30",
            "A booking was moved: Advice · Neda Karimi, now 23 November, 10:30",
            "A time with you was booked: Advice · Neda Karimi, 23 November, 09:30",
        ]


def test_a_bounced_cheque_is_told_as_the_task_it_makes(till: Any, cast: Any) -> None:
    cheque = till.cheque(1_000_000, owner=cast.babak.id)
    deposit_cheque(till.ctx, cheque)
    bounce_cheque(till.ctx, till.now(cheque), reason="Not covered")
    bounced = fact_named("billing.cheque_bounced.v1")
    assert bounced is not None
    ask_about_bounced(Cause(cast.arman, 1, 1), [bounced(object="cheque", object_id=cheque.id)])
    tell_all(cast.arman)
    [text] = texts(cast.babak)
    assert text.startswith("Peyvand gave you the task ")
