"""Several at the same moment, on connections of their own: one person, one lead, one deal."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

from peyvand.kernel.errors import Conflict, RuleViolation
from peyvand.operational.contacts.public import PERSON, Company, Person
from peyvand.operational.leads.actions import capture_lead, convert_lead
from peyvand.operational.leads.models import Lead
from peyvand.operational.sales.public import Deal
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.workspaces.scope import workspace_scope

PHONES = tuple(PERSON.field("phones").parse(["09121112233"], None))  # type: ignore[arg-type]


def at_once(cast: Any, count: int, work: Callable[[Context], Any]) -> list[Any]:
    """What came of it, or what was refused, of each."""
    barrier = Barrier(count)

    def one(_: int) -> Any:
        try:
            with workspace_scope(cast.arman.id):
                ctx = Context(user_actor(cast.arman.id, cast.sara.id), "web")
                barrier.wait(30)
                return work(ctx)
        except (RuleViolation, Conflict) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_the_same_stranger_at_once_is_one_person_with_one_lead(committed: Any) -> None:
    found = at_once(committed, 6, lambda ctx: capture_lead(ctx, who="Reza Karimi", phones=PHONES).id)
    assert len(set(found)) == 1
    with workspace_scope(committed.arman.id):
        assert Person.objects.count() == 1
        assert Lead.objects.get().inquiries == 6


def test_the_same_external_id_at_once_is_one_lead(committed: Any) -> None:
    found = at_once(
        committed, 4, lambda ctx: capture_lead(ctx, who="Reza", phones=PHONES, external_id="web-1").id
    )
    assert len(set(found)) == 1
    with workspace_scope(committed.arman.id):
        assert Lead.objects.get().inquiries == 1


def test_convert_pressed_at_once_makes_one_deal(committed: Any) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        lead = capture_lead(ctx, who="Reza", phones=PHONES, company_name="Avand")
    found = at_once(committed, 4, lambda ctx: convert_lead(ctx, Lead.objects.get(id=lead.id)))
    assert sum(isinstance(one, Deal) for one in found) == 1
    with workspace_scope(committed.arman.id):
        assert (Deal.objects.count(), Company.objects.count()) == (1, 1)
