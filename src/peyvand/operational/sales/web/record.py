"""What stands beside a deal's timeline: its next steps, how it fares, and the people in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.operational.activities.public import CALL, MEETING, TASK, next_steps, suggests
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.health import say, tone
from peyvand.operational.sales.models import DealContact, Pipeline, Stage
from peyvand.operational.sales.objects import DEAL
from peyvand.operational.sales.parts import Contacts
from peyvand.operational.sales.playbook import guide_of
from peyvand.operational.sales.queries import deal_health
from peyvand.operational.sales.steps import WHEN
from peyvand.operational.sales.team import credits
from peyvand.operational.sales.winning import signs_of
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot
from peyvand.platform.fields.types import Rate, Ref
from peyvand.platform.objects.queries import (
    ListQuery,
    Row,
    fetch_in_order,
    fetch_linked,
    parse_sort,
)
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.lookups import lookup
from peyvand.web.components.tags import say as words
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.objects.resolve import address
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card

COLLEAGUES = 3
DEALS = 5
# Of so many deals of a person it is asked which of them the actor sees.
MOST = 500
SHARE = Rate(key="share", label="")


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


@record_card("deal", order=8)
def winning(ctx: Context, opened: Opened) -> Card | None:
    """Where an open deal seems won: why, and the button that says so."""
    if opened.record.status != "open" or not decide(ctx.actor, "deal.win", opened.record):
        return None
    reasons = signs_of([opened.record.id])[opened.record.id]
    win = page_url(ctx, opened.spec, opened.record.id, "do", "win")
    return Card("sales/record_winning.html", {"reasons": reasons, "win": win}) if reasons else None


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
    may_plan = (
        opened.record.status != "lost"
        and decide(ctx.actor, "deal.plan", opened.record)
        and decide(ctx.actor, "task.create")
    )
    return Card("sales/record_steps.html", {
        "steps": next_steps(ctx.actor, "deal", opened.record.id),
        "ways": ways, "now": clock.now(), "home": here(ctx), "is_open": opened.record.status == "open",
        "may_complete": bool(decide(ctx.actor, "task.complete")),
        "plan": page_url(ctx, opened.spec, opened.record.id, "do", "plan") if may_plan else "",
        "presets": WHEN[:3], "follow_up": gettext("Follow up: %(title)s") % {"title": opened.record.name},
    })  # fmt: skip


def _way(ctx: Context, opened: Opened, spec: ObjectSpec, label: str | Promise) -> Way | None:
    if not decide(ctx.actor, spec.permission("create")):
        return None
    begin = {"about": opened.ref, "next": page_url(ctx, opened.spec, opened.record.id)}
    return Way(label, spec.icon, f"{address(ctx, spec)}/new?{urlencode(begin)}")


@record_card("deal", order=14)
def playbook(ctx: Context, opened: Opened) -> Card | None:
    """What the stage's playbook asks for, and what of it is done."""
    if opened.record.status != "open" or "stage" in ctx.actor.grants.hides("deal"):
        return None
    items = guide_of(opened.record)
    if not items:
        return None
    done = sum(item.at is not None for item in items)
    post = page_url(ctx, opened.spec, opened.record.id, "do", "tick")
    may = bool(opened.may_update and decide(ctx.actor, "deal.tick", opened.record))
    return Card("sales/record_playbook.html", {
        "items": items, "done": done, "all": len(items), "share": done / len(items), "post": post if may else "",
    })  # fmt: skip


@suggests("deal")
def asked_for(ctx: Context, id: int) -> list[str]:
    """What the playbook of the deal's stage still asks for, where the actor sees the deal and its stage."""
    deal = next(iter(ListQuery(DEAL, ctx.actor, ()).rows().filter(id=id, status="open")), None)
    if deal is None or "stage" in ctx.actor.grants.hides("deal"):
        return []
    return [item.name for item in guide_of(deal) if item.at is None]


@record_card("deal", order=16)
def health(ctx: Context, opened: Opened) -> Card | None:
    """The deal's health with its reasons in words."""
    deal = opened.record
    if deal.health is None or opened.row.values.get("health") is None:
        return None
    return Card("sales/record_health.html", {
        "health": deal.health, "tone": tone(deal.health),
        "reasons": [(words(say(reason)), reason[1]) for reason in deal.health_why],
    })  # fmt: skip


@lookup("bigint")
def _says_in(person: Slot) -> QuerySet[Any]:
    """The latest deals in which a person has a say, and which."""
    rows = DealContact.objects.filter(person_id=person).order_by("-deal_id")
    return rows.values_list("deal_id", "role", "attitude", "note")[:MOST]


@record_card("person", order=40)
def deals_of_person(ctx: Context, opened: Opened) -> Card | None:
    """The deals in which a person has a say beside those whose main contact they are."""
    if not decide(ctx.actor, "deal.view") or "contacts" in ctx.actor.grants.hides("deal"):
        return None
    field, query = DEAL.field("contacts", Contacts), ListQuery(DEAL, ctx.actor, ("stage", "amount"))
    items = {
        deal: {"role": role, "attitude": attitude, "note": note}
        for deal, role, attitude, note in _says_in(opened.record.id)
    }
    seen = query.rows().filter(id__in=items).order_by("-id").values_list("id", flat=True)[:DEALS]
    rows = fetch_in_order(query, list(seen)) if items else []
    if not rows:
        return None
    shown = [(row, field.says(items[row.id], ctx.reader)) for row in rows]
    return Card("sales/record_deals.html", {"rows": shown, "deals": here(ctx, "deals/")})


@lookup("bigint")
def _stage(id: Slot) -> QuerySet[Any]:
    return Stage.objects.filter(id=id)


@lookup("bigint")
def _pipeline(id: Slot) -> QuerySet[Any]:
    return Pipeline.objects.filter(id=id)


@record_card("deal", order=20)
def standing(ctx: Context, opened: Opened) -> Card:
    """What the deal is worth by its chance, how long it has lain in its stage, and its days."""
    deal, values = opened.record, opened.row.values
    [stage], [pipeline] = _stage(deal.stage_id), _pipeline(deal.pipeline_id)
    is_open = deal.status == "open"
    health = deal_health(deal.stage_since, stage, pipeline)
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
        "is_won": deal.status == "won", "pushes": deal.pushes if values.get("pushes") is not None else 0,
        "is_own": deal.has_own_probability, "stage_probability": stage.probability,
        "dates": [KeyDate(label, on, late) for key, label, late in days if (on := values.get(key)) is not None],
    })  # fmt: skip


@record_card("deal", order=30)
def people(ctx: Context, opened: Opened) -> Card | None:
    """The person the deal is with, others of the company, and whose deal it is."""
    values = opened.row.values
    person, company, owner = (values.get(key) for key in ("person", "company", "owner"))
    rows: list[Row] = []
    said: dict[int, str] = {}
    if "contacts" not in ctx.actor.grants.hides("deal"):
        field = DEAL.field("contacts", Contacts)
        items = values.get("contacts") or ()
        said = {item["person"]["id"]: field.says(item, ctx.reader) for item in items}
    if decide(ctx.actor, "person.view"):
        query = ListQuery(PERSON, ctx.actor, ("job_title", "phone", "email"))
        ids = list(dict.fromkeys([*([person.id] if isinstance(person, Ref) else []), *said]))
        rows = fetch_in_order(query, ids)
        if isinstance(company, Ref):
            by_name = replace(query, sort=parse_sort("name", PERSON))
            others = fetch_linked(by_name, ("company_id",), company.id, limit=len(ids) + COLLEAGUES).rows
            rows += [row for row in others if row.id not in ids][:COLLEAGUES]
    members = _members(opened) if "team" not in ctx.actor.grants.hides("deal") else []
    if not rows and not members and not isinstance(owner, Ref):
        return None
    for row in rows:
        row.values["says"] = said.get(row.id, "")
    shares = credits([opened.record])[opened.record.id] if members else {}
    context: dict[str, Any] = {
        "members": [(id, name, part, SHARE.show(shares.get(id), ctx.reader)) for id, name, part in members],
        "owner_share": SHARE.show(shares.get(owner.id), ctx.reader) if isinstance(owner, Ref) else "",
        "rows": rows, "people": here(ctx, "people/"), "users": here(ctx, "users/"), "owner": owner,
        "contact": person.id if isinstance(person, Ref) else None,
    }  # fmt: skip
    return Card("sales/record_people.html", context)


def _members(opened: Opened) -> list[tuple[int, str, str]]:
    """Id, name and part of whoever is on the deal beside its owner."""
    team = opened.row.values.get("team") or ()
    named = ((item["user"], item["part"]) for item in team)
    return [(user["id"], user["title"], part) for user, part in named if user["id"] != opened.record.owner_id]
