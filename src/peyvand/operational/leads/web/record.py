"""What stands beside the timelines of leads, and of the deals that came of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from peyvand.kernel import clock
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.leads.models import Lead, LeadForm
from peyvand.operational.leads.objects import LEAD
from peyvand.operational.leads.scoring.explaining import explain
from peyvand.operational.leads.transitions import CONVERTED
from peyvand.operational.leads.web.pages import FORMS
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot
from peyvand.platform.objects.queries import ListQuery, fetch_in_order
from peyvand.platform.workspaces.lookups import lookup
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card

MOST_POINTS = 12


@record_card("lead", order=10)
def whose(ctx: Context, opened: Opened) -> Card | None:
    """The person, with the ways to reach them; and the deal that the lead became."""
    lead: Lead = opened.record
    people = fetch_in_order(ListQuery(PERSON, ctx.actor, ("job_title", "company", "phone", "email")), [lead.person_id]) if decide(
        ctx.actor, "person.view"
    ) else []  # fmt: skip
    deal = opened.row.values.get("deal") if lead.state == CONVERTED else None
    if not people and deal is None:
        return None
    context = {
        "person": people[0] if people else None,
        "people": here(ctx, "people/"),
        "deal": deal,
        "deals": here(ctx, "deals/"),
    }
    return Card("leads/card_person.html", context)


@record_card("lead", order=20)
def points(ctx: Context, opened: Opened) -> Card | None:
    """Where each point of the score comes from."""
    if {"score", "fit", "engagement"} & set(ctx.actor.grants.hides(LEAD.key)):
        return None
    found = explain(ctx, opened.record, clock.now())
    grade = LEAD.field("grade").show(found.score.grade, ctx.reader)
    return Card("leads/card_score.html", {
        "score": found.score, "grade": grade, "fit": found.fit, "engagement": found.engagement[:MOST_POINTS],
        "more": len(found.engagement) - MOST_POINTS if len(found.engagement) > MOST_POINTS else 0,
    })  # fmt: skip


@record_card("lead_form", order=10)
def where(ctx: Context, opened: Opened) -> Card | None:
    """The way to the public page of a form, and to how it looks and is put into other pages."""
    if not decide(ctx.actor, FORMS.operation):
        return None
    form: LeadForm = opened.record
    settings = here(ctx, f"settings/lead-forms/{form.id}")
    return Card("leads/card_form.html", {
        "public": f"/f/{form.token}" if form.is_active else "", "settings": settings, "preview": f"{settings}/preview",
    })  # fmt: skip


@lookup("bigint")
def _last_of(deal: Slot) -> QuerySet[Any]:
    return Lead.objects.filter(deal_id=deal, deleted_at__isnull=True).order_by("-id").values_list("id")[:1]


@record_card("deal", order=40)
def came_from(ctx: Context, opened: Opened) -> Card | None:
    """The lead that the deal was made of: what was asked, and whence it came."""
    ids = [id for (id,) in _last_of(opened.record.id)]
    if not ids or not decide(ctx.actor, "lead.view"):
        return None
    rows = fetch_in_order(
        ListQuery(LEAD, ctx.actor, ("source", "campaign", "message", "score", "grade", "created_at")), ids
    )
    if not rows:
        return None
    [row] = rows
    source = LEAD.field("source").show(row.values.get("source"), ctx.reader)
    grade = LEAD.field("grade").show(row.values.get("grade"), ctx.reader)
    return Card(
        "leads/card_origin.html",
        {"lead": row, "source": source, "grade": grade, "leads": here(ctx, "leads/")},
    )
