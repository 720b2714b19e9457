"""Settings › Notifications: everybody's own page of how they want to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from itertools import groupby
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.kernel.errors import Invalid, NotFound, msg
from peyvand.kernel.persian.text import to_ascii_digits, to_persian_digits
from peyvand.kernel.phone import show_phone
from peyvand.platform.actions.context import Context
from peyvand.platform.notifications.channels import Channel, all_channels
from peyvand.platform.notifications.confirming import Outcome, ask_code, confirm, newest_code
from peyvand.platform.notifications.kinds import Kind, all_kinds
from peyvand.platform.notifications.preferences import QUIET, Wishes, keep, wishes_of
from peyvand.web.components.tags import say
from peyvand.web.notifications import SETTINGS
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.settings_pages import render_settings

# How long before a time one may be reminded without saying so each time, in minutes.
BEFORE: Final[Sequence[tuple[int, str | Promise]]] = (
    (0, _("At its time")),
    (5, _("5 minutes before")),
    (15, _("15 minutes before")),
    (30, _("30 minutes before")),
    (60, _("An hour before")),
    (1440, _("A day before")),
)
# What became of what somebody did here: the sentence, and whether it went well.
SAID: Final[Mapping[str, tuple[str | Promise, str]]] = {
    "saved": (_("Saved."), "good"),
    Outcome.SENT: (_("A code is on its way to your phone; it holds for ten minutes."), "good"),
    Outcome.CONFIRMED: (_("The phone is confirmed."), "good"),
    Outcome.SOON: (_("A code was sent just now. Wait a minute before you ask for another."), "warn"),
    Outcome.ENOUGH: (_("No more codes are sent to this phone today. Try again tomorrow."), "bad"),
    Outcome.WRONG: (_("That is not the code that was sent."), "bad"),
    Outcome.STALE: (_("This code holds no longer; ask for another."), "bad"),
    Outcome.NOTHING: (_("There is no phone to be confirmed."), "bad"),
}


@dataclass(frozen=True)
class Box:
    """Whether a kind goes by a channel."""

    name: str
    channel: Channel
    is_on: bool


@dataclass(frozen=True)
class Row:
    kind: Kind
    boxes: list[Box]


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest, workspace: str) -> HttpResponse:
    """Which kinds by which channels, quiet hours, the phone for messages, and how early one is reminded."""
    ctx = context_of(request)
    user_id = _self(ctx)
    wishes = wishes_of([user_id])[user_id]
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            keep(user_id, _read(ctx, request.POST, wishes))
        except Invalid as error:
            problems = {p.field or "form": say(p.message) for p in error.problems}
        else:
            return HttpResponseRedirect(here(ctx, "settings/notifications?said=saved"))
    return _page(request, ctx, wishes, problems)


@require_POST
def phone_code(request: HttpRequest, workspace: str) -> HttpResponse:
    """Send a code to the phone that was given, or take the one that came there."""
    ctx = context_of(request)
    user_id = _self(ctx)
    if request.POST.get("verb") == "send":
        outcome = ask_code(user_id)
    else:
        outcome = confirm(user_id, request.POST.get("code", "")[:40])
    # No answer of 4xx: it would roll back that a wrong code was counted.
    return HttpResponseRedirect(here(ctx, f"settings/notifications?said={outcome}#w-phone-f"))


def _self(ctx: Context) -> int:
    """Who signed in.

    Raises:
        NotFound: they look through the eyes of another, whose wishes and phone are that one's alone.
    """
    if ctx.actor.is_preview or ctx.actor.user_id is None:
        raise NotFound
    return ctx.actor.user_id


def _page(request: HttpRequest, ctx: Context, wishes: Wishes, problems: dict[str, str]) -> HttpResponse:
    typed = request.POST if problems else None
    chosen = (lambda kind: tuple(typed.getlist(kind.wire))) if typed is not None else wishes.channels
    rows = [
        Row(kind, [Box(kind.wire, c, c.key in chosen(kind)) for c in all_channels()]) for kind in _kinds(ctx)
    ]
    begin, end = wishes.quiet or QUIET
    shown = to_persian_digits if ctx.reader.is_persian else str
    waits = bool(wishes.phone) and not wishes.is_confirmed and "phone" not in problems
    context: dict[str, Any] = {
        "groups": [(group, list(found)) for group, found in groupby(rows, key=lambda row: row.kind.group)],
        "channels": all_channels(),
        "is_quiet": bool(typed.get("is_quiet")) if typed is not None else wishes.quiet is not None,
        "quiet_from": typed.get("quiet_from", "") if typed is not None else shown(f"{begin:%H:%M}"),
        "quiet_until": typed.get("quiet_until", "") if typed is not None else shown(f"{end:%H:%M}"),
        "phone": typed.get("phone", "")
        if typed is not None
        else show_phone(wishes.phone, ctx.reader.language)
        if wishes.phone
        else "",
        "asks_phone": any(channel.asks == "phone" for channel in all_channels()),
        "before": [
            (minutes, label, str(minutes) in typed.getlist("reminders") if typed is not None else minutes in wishes.reminders)
            for minutes, label in BEFORE
        ],
        "problems": problems,
        "said": SAID.get(request.GET.get("said", "")),
        # It is answered where it was asked.
        "is_of_phone": request.GET.get("said", "") in set(Outcome),
        "is_confirmed": wishes.is_confirmed,
        "waits": waits,
        "code": newest_code(_self(ctx), wishes.phone) if waits else None,
    }  # fmt: skip
    return render_settings(
        request, SETTINGS, "notifications/settings.html", context, 422 if problems else 200
    )


def _kinds(ctx: Context) -> list[Kind]:
    """Kinds of the modules that are on."""
    return [kind for kind in all_kinds() if kind.slice not in ctx.tenant.modules_off]


def _read(ctx: Context, post: QueryDict, wishes: Wishes) -> Wishes:
    known = {channel.key for channel in all_channels()}
    # Of kinds that are not asked about, because their module is off, what was chosen stays.
    choices = dict(wishes.choices)
    choices |= {kind.wire: [key for key in post.getlist(kind.wire) if key in known] for kind in _kinds(ctx)}
    quiet = None
    if post.get("is_quiet"):
        quiet = (_time(post, "quiet_from"), _time(post, "quiet_until"))
    allowed = {minutes for minutes, _ in BEFORE}
    reminders = tuple(int(m) for m in post.getlist("reminders") if m.isdecimal() and int(m) in allowed)
    return Wishes(choices, quiet, post.get("phone", "")[:40], reminders=reminders)


def _time(post: QueryDict, name: str) -> time:
    text = to_ascii_digits(post.get(name, "")).strip()
    hours, _, minutes = text.partition(":")
    if hours.isdecimal() and (minutes or "0").isdecimal() and int(hours) < 24 and int(minutes or 0) < 60:
        return time(int(hours), int(minutes or 0))
    raise Invalid.of(msg("Write a time of day like 22:00."), name)
