"""What scheduling declares: pages on which times are booked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from secrets import token_urlsafe
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Refusals, RuleViolation, msg
from peyvand.operational.scheduling.models import BookingPage
from peyvand.platform.access.rules import owners_only, reaches_all
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Flag, Link, LongText, Number, Option, Text, UserLink
from peyvand.platform.identity.models import User
from peyvand.platform.objects.spec import ObjectSpec, Section, register

LANGUAGES = (
    Option("visitor", _("The visitor's")),
    Option("fa", _("Persian")),
    Option("en", _("English")),
)


def prepare_pages(ctx: Context, pages: Sequence[BookingPage], values: Sequence[Mapping[str, Any]]) -> None:
    """Give new pages an address that nobody guesses.

    Raises:
        RuleViolation: a page would offer the time of somebody whose pages are not the actor's to change.
    """
    old = {p.id: p for p in BookingPage.objects.filter(id__in=[p.id for p in pages if not p._state.adding])}
    refusals = Refusals()
    for page in pages:
        with refusals.of(None if page._state.adding else page.id):
            _demand_hosts(ctx, page, old.get(page.id))
    refusals.settle()
    for page in pages:
        page.secret = page.secret or token_urlsafe(32)


def _demand_hosts(ctx: Context, page: BookingPage, old: BookingPage | None) -> None:
    """A page tells strangers when its hosts are free, and lets them into their days: that is for whoever manages them."""
    if reaches_all(ctx.actor, "booking_page.update"):
        return
    mine = owners_only(ctx.actor, "booking_page", "update") or {ctx.actor.user_id}
    sentence = msg("Such a page is opened for oneself, or for those whose pages one may change.")
    if page.owner_id not in {*mine, None, old.owner_id if old else None}:
        raise RuleViolation(sentence, "owner")
    if page.team_id is not None and page.team_id != (old.team_id if old else None):
        hosts = User.objects.filter(team_id=page.team_id, is_active=True, deleted_at__isnull=True)
        if hosts.exclude(id__in=mine).exists():
            raise RuleViolation(sentence, "team")


BOOKING_PAGE = register(
    ObjectSpec(
        key="booking_page",
        plural="booking_pages",
        model=BookingPage,
        label=_("Booking page"),
        label_plural=_("Booking pages"),
        icon="cal",
        fields=(
            Text(key="name", label=_("Title"), required=True, search=True, max_length=200),
            Text(key="title_en", label=_("Title in English"), max_length=200),
            LongText(key="intro", label=_("Introduction"), max_length=2000, secondary=True),
            UserLink(key="owner", label=_("Owner")),
            Link(key="team", label=_("Whoever is free of the team"), to="team"),
            Number(key="minutes", label=_("Length in minutes"), default=30, min=5, max=480),
            Number(key="before", label=_("Free minutes before"), default=0, min=0, max=240),
            Number(key="after", label=_("Free minutes after"), default=10, min=0, max=240),
            Number(key="notice_hours", label=_("Notice in hours"), default=4, min=0, max=720),
            Number(key="days_ahead", label=_("Days ahead"), default=30, min=1, max=180),
            Number(key="per_day", label=_("At most a day, for each"), min=1, max=50),
            Text(key="place", label=_("Place or link"), max_length=300),
            LongText(key="questions", label=_("Questions, one a line"), max_length=1000, secondary=True),
            Choice(key="language", label=_("Language of the page"), options=LANGUAGES, default="visitor"),
            Flag(key="is_active", label=_("Open for bookings"), default=True),
        ),
        columns=("name", "owner", "team", "minutes", "is_active"),
        sections=(
            Section(_("Details"), ("name", "title_en", "intro", "owner", "team", "place", "language", "is_active")),
            Section(_("Times"), ("minutes", "before", "after", "notice_hours", "days_ahead", "per_day")),
            Section(_("More"), ("questions",)),
        ),
        prepare=prepare_pages,
    )
)  # fmt: skip


@action("booking_page.renew_address", label=_("New address"), icon="refresh")
def renew_address(ctx: Context, page: BookingPage) -> None:
    """Give the page another address; the one it had leads nowhere from now on, and with it every booking's own."""
    page.secret = token_urlsafe(32)
    BookingPage.objects.filter(id=page.id).update(secret=page.secret)
    ctx.touch("booking_page", page.id)
