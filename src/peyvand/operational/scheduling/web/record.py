"""A card on the page of a task or meeting that comes again: when, when next, and what can be done about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import format_date, weekday_name
from peyvand.operational.scheduling.free import hosts_of
from peyvand.operational.scheduling.models import Booking
from peyvand.operational.scheduling.series import STARTS, of_record
from peyvand.operational.scheduling.spoken import in_words
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.workspaces.addresses import full_address
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.objects.resolve import address
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card

SHOWN: Final = 3
_AHEAD: Final = timedelta(days=366 * 3)


def repetition(ctx: Context, opened: Opened) -> Card | None:
    """The rule in words, the next days, and the way to change or end it."""
    spec, record = opened.spec, opened.record
    if STARTS[spec.key] not in opened.row.values or (known := of_record(spec.key, record.id)) is None:
        return None
    series, language, today = known.series, ctx.reader.language, clock.today(ctx.tenant.tz)
    coming = series.coming(today, today + _AHEAD)[:SHOWN]
    base = address(ctx, spec, record.id, "do")
    verbs = []
    if series.ended_at is None:
        wanted = (
            ("repeat", gettext("Change the rule")),
            ("carry_over", gettext("Apply to the series")),
            ("end_series", gettext("End the series")),
        )
        verbs = [
            (label, f"{base}/{verb}", verb == "end_series")
            for verb, label in wanted
            if decide(ctx.actor, spec.permission(verb), record)
        ]
    return Card("scheduling/repetition.html", {
        "words": in_words(series.repeats, series.starts_on, language), "has_ended": series.ended_at is not None,
        "days": [f"{weekday_name(day, language)} {format_date(day, language, 'day', today)}" for day in coming],
        "verbs": verbs,
    })  # fmt: skip


for key in STARTS:
    record_card(key, order=15)(repetition)


@record_card("meeting", order=13)
def finding(ctx: Context, opened: Opened) -> Card | None:
    """The way to a time at which all are free, while the meeting is ahead."""
    if opened.record.status != "planned" or not opened.may_update or "starts_at" not in opened.row.values:
        return None
    url = f"{here(ctx, 'calendar/times')}?meeting={opened.record.id}"
    return Card("scheduling/finding.html", {"url": url}) if opened.record.starts_at > clock.now() else None


@record_card("booking_page", order=10)
def booking_page(ctx: Context, opened: Opened) -> Card:
    """The page's address, and how much is booked by it."""
    page = opened.record
    path = f"/b/{page.workspace_id}-{page.secret}"
    rows = Booking.objects.filter(page=page, meeting__status="planned", meeting__starts_at__gte=clock.now())
    return Card("scheduling/booking_page.html", {
        "path": path, "full": full_address(path), "hosts": hosts_of(page), "count": rows.count(),
    })  # fmt: skip
