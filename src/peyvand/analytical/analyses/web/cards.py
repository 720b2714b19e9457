"""The card of insights on every page of a record that has any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext

from peyvand.analytical.analyses.contract import all_analyses
from peyvand.analytical.analyses.objects import MODEL_CARD
from peyvand.analytical.warehouse.public import present
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot, in_slot
from peyvand.platform.fields.types import Day, Link, Ref
from peyvand.platform.insights.fields import InsightDay, InsightPercent
from peyvand.platform.insights.models import InsightRun
from peyvand.platform.objects.insights import Concluded, Insight, concluded, shown_tone
from peyvand.platform.objects.spec import find_object
from peyvand.platform.workspaces.lookups import lookup
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.objects.resolve import address
from peyvand.web.shell.today import Card

_DAY: Final = Day(key="day", label="")


@dataclass(frozen=True)
class Said:
    """A reason, and whether it is good news, bad news or neither."""

    text: str
    way: str


@dataclass(frozen=True)
class Shown:
    """One insight as it is drawn. ``share`` is the length of its bar, where it has one; ``url`` leads to what it names."""

    label: Any
    text: str
    tone: str
    low: str
    high: str
    share: float | None
    reasons: Sequence[Said]
    url: str
    help: Any = ""


@dataclass(frozen=True)
class Step:
    """What can be done about it at once: a form that opens filled in."""

    label: str
    url: str


@dataclass(frozen=True)
class Part:
    """What one analysis concluded: its first insight in large, the others beneath, the reasons of all of them, and one step to take."""

    head: Shown
    rest: Sequence[Shown]
    reasons: Sequence[Said]
    step: Step | None
    as_of: date
    until: date | None
    caution: str
    card_url: str
    version: int


@record_card("*", order=3)
def insights(ctx: Context, opened: Opened) -> Card | None:
    """What the analyses concluded about the record, with the reasons."""
    found = concluded(ctx, opened.spec, opened.record.id)
    if not found:
        absent = _absent(ctx, opened)
        return Card("analyses/record_insights.html", {"absent": absent}) if absent else None
    may_read = bool(decide(ctx.actor, MODEL_CARD.permission("view")))
    return Card(
        "analyses/record_insights.html", {"parts": [_part(ctx, opened, one, may_read) for one in found]}
    )


def _absent(ctx: Context, opened: Opened) -> tuple[Any, date] | None:
    """What it means that nothing is concluded, and as of which day; None where no analysis that would say something has answered."""
    hidden = ctx.actor.grants.hides(opened.spec.key)
    silent = {
        one.key: one.absent
        for one in all_analyses()
        if one.absent and any(f.key not in hidden for f in one.fields_of(opened.spec.key))
    }
    runs = [(as_of, key) for key, as_of in _newest_runs(list(silent))] if silent else []
    as_of, key = max(runs, default=(None, ""))
    return (silent[key], as_of) if as_of is not None else None


@lookup("text[]")
def _newest_runs(analyses: Slot) -> QuerySet[Any]:
    newest = InsightRun.objects.filter(in_slot("analysis", analyses)).order_by("-as_of")
    return newest.values_list("analysis", "as_of")[:1]


def _part(ctx: Context, opened: Opened, one: Concluded, may_read: bool) -> Part:
    head, *rest = _all_shown(ctx, one.insights)
    card_id = one.card_id if may_read else None
    card_url = "" if card_id is None else page_url(ctx, MODEL_CARD, card_id)
    reasons = tuple(dict.fromkeys(reason for shown in (head, *rest) for reason in shown.reasons))
    until = one.as_of + timedelta(days=one.ahead) if one.ahead else None
    return Part(
        head, rest, reasons, _step(ctx, opened, one), one.as_of, until, one.caution, card_url, one.version
    )


def _step(ctx: Context, opened: Opened, one: Concluded) -> Step | None:
    """Where something is in danger, a task about the record; where something is to be offered, one that names it."""
    spec = find_object("task")
    if spec is None or not decide(ctx.actor, spec.permission("create")):
        return None
    offered = next((i for i in one.insights if isinstance(i.field, Link) and isinstance(i.value, Ref)), None)
    endangered = next((i for i in one.insights if shown_tone(i) == "bad"), None)
    if offered is not None:
        title = gettext("Offer %(name)s") % {"name": offered.value.title}
    elif endangered is not None:
        title = f"{endangered.field.label}: {endangered.field.show(endangered.value, ctx.reader)}"
    else:
        return None
    back = page_url(ctx, opened.spec, opened.record.id)
    about = f"{opened.spec.key}:{opened.record.id}"
    return Step(
        gettext("Create a task"),
        f"{address(ctx, spec)}/new?{urlencode({'about': about, 'title': title, 'next': back})}",
    )


def _all_shown(ctx: Context, insights: Sequence[Insight]) -> list[Shown]:
    """Every insight; two days between which something lies are told as one."""
    days = {insight.field.key: insight for insight in insights if isinstance(insight.field, InsightDay)}
    ends = {
        insight.field.until: insight
        for insight in days.values()
        if isinstance(insight.field, InsightDay) and insight.field.until in days
    }
    found = []
    for insight in insights:
        field = insight.field
        if isinstance(field, InsightDay) and field.until in ends:
            found.append(
                replace(
                    _shown(ctx, insight),
                    label=field.span,
                    text=_between(ctx, insight.value, days[field.until].value),
                )
            )
        elif field.key not in ends:
            found.append(_shown(ctx, insight))
    return found


def _between(ctx: Context, first: date, last: date) -> str:
    """When something is expected, seen from today: what lies behind is not told as if it were ahead."""
    today = present(ctx.tenant)
    told = {"first": _said(ctx, _DAY, first), "last": _said(ctx, _DAY, last)}
    if last < today:
        return gettext("was expected until %(last)s") % told
    if first < today:
        return gettext("has been expected since %(first)s, until %(last)s") % told
    return gettext("from %(first)s until %(last)s") % told


def _shown(ctx: Context, insight: Insight) -> Shown:
    field, value = insight.field, insight.value
    url = ""
    if isinstance(field, Link) and isinstance(value, Ref):
        spec = find_object(value.object)
        url = page_url(ctx, spec, value.id) if spec else ""
    said = _said(ctx, field, value)
    share = value / 100 if isinstance(field, InsightPercent) else None
    low, high = ("" if end is None else _said(ctx, field, end) for end in (insight.low, insight.high))
    reasons = [Said(reason.text, _way(field.better, reason.effect)) for reason in insight.reasons]
    return Shown(field.label, said, shown_tone(insight), low, high, share, reasons, url, field.help)


def _said(ctx: Context, field: Any, value: Any) -> str:
    """A value as the card says it: days in words, as its reasons say them."""
    text: str = (
        field.show(value, ctx.reader, "long") if isinstance(field, Day) else field.show(value, ctx.reader)
    )
    return text


def _way(better: str, effect: float) -> str:
    if not better or not effect:
        return ""
    return "dn" if (effect > 0) == (better == "high") else "up"
