"""What stands beside a deal's timeline: its next steps, how it fares, and the people in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.operational.activities.public import CALL, MEETING, TASK, next_steps
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.models import Stage
from peyvand.operational.sales.queries import deal_health
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.queries import ListQuery, Row, fetch_in_order
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.objects.resolve import address
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card

COLLEAGUES = 3


@dataclass(frozen=True)
class Way:
    """A button that opens the form of an activity about this deal."""

    label: str | Promise
    icon: str
    href: str


@dataclass(frozen=True)
class KeyDate:
    label: str | Promise
    on: date | datetime
    is_late: bool = False


@record_card("deal", order=10)
def steps(ctx: Context, opened: Opened) -> Card:
    """The open tasks and planned meetings about the deal, and the ways to log or plan another."""
    ways = [
        way for way in (
            _way(ctx, opened, TASK, _("Plan a task")),
            _way(ctx, opened, MEETING, _("Plan a meeting")),
            _way(ctx, opened, CALL, _("Log a call")),
        ) if way
    ] if opened.may_update else []  # fmt: skip
    return Card("sales/record_steps.html", {
        "steps": next_steps(ctx.actor, "deal", opened.record.id),
        "ways": ways, "now": clock.now(), "home": here(ctx), "is_open": opened.record.status == "open",
        "may_complete": bool(decide(ctx.actor, "task.complete")),
    })  # fmt: skip


def _way(ctx: Context, opened: Opened, spec: ObjectSpec, label: str | Promise) -> Way | None:
    if not decide(ctx.actor, spec.permission("create")):
        return None
    begin = {"about": opened.ref, "next": page_url(ctx, opened.spec, opened.record.id)}
    return Way(label, spec.icon, f"{address(ctx, spec)}/new?{urlencode(begin)}")


@record_card("deal", order=20)
def standing(ctx: Context, opened: Opened) -> Card:
    """What the deal is worth by its chance, how long it has lain in its stage, and its days."""
    deal, values = opened.record, opened.row.values
    stage = Stage.objects.select_related("pipeline").get(id=deal.stage_id)
    is_open = deal.status == "open"
    health = deal_health(deal.stage_since, stage, stage.pipeline)
    today = clock.today(ctx.tenant.tz)
    days = (
        ("created_at", _("Created"), False),
        ("engaged_on", _("Engaged on"), False),
        ("stage_since", _("In stage since"), False),
        ("expected_on", _("Expected close"), is_open and deal.expected_on is not None and deal.expected_on < today),
        ("closed_on", _("Closed on"), False),
    )  # fmt: skip
    begun = deal.engaged_on or deal.created_at.astimezone(ctx.tenant.tz).date()
    return Card("sales/record_standing.html", {
        "weighted": values.get("weighted") if is_open and "amount" in values else None,
        "probability": values.get("probability"),
        "health": health if is_open and "stage" in values else None,
        "worn": health.days / health.limit if health.limit else 0,
        "stage": stage.name,
        "took": (deal.closed_on - begun).days if not is_open and deal.closed_on and deal.closed_on >= begun else None,
        "is_won": deal.status == "won",
        "dates": [KeyDate(label, on, late) for key, label, late in days if (on := values.get(key)) is not None],
    })  # fmt: skip


@record_card("deal", order=30)
def people(ctx: Context, opened: Opened) -> Card | None:
    """The person the deal is with, others of the company, and whose deal it is."""
    values = opened.row.values
    person, company, owner = (values.get(key) for key in ("person", "company", "owner"))
    rows: list[Row] = []
    if decide(ctx.actor, "person.view"):
        query = ListQuery(PERSON, ctx.actor, ("job_title", "phone", "email"))
        ids = [person.id] if isinstance(person, Ref) else []
        if isinstance(company, Ref):
            others = (
                query.rows().filter(company_id=company.id).exclude(id__in=ids).order_by("name_sort", "id")
            )
            ids += others.values_list("id", flat=True)[:COLLEAGUES]
        rows = fetch_in_order(query, ids)
    if not rows and not isinstance(owner, Ref):
        return None
    context: dict[str, Any] = {
        "rows": rows, "people": here(ctx, "people/"), "users": here(ctx, "users/"), "owner": owner,
        "contact": person.id if isinstance(person, Ref) else None,
    }  # fmt: skip
    return Card("sales/record_people.html", context)
