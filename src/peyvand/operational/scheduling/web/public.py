"""The page on which a visitor books a time, and a booking's own page. Whoever has the address has the right; nobody signs in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from secrets import token_hex
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from peyvand.api.limits import is_within
from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid, NotFound, RuleViolation
from peyvand.kernel.persian.calendar import format_date, format_time, weekday_name
from peyvand.operational.scheduling import booking
from peyvand.operational.scheduling.feeds import invitation
from peyvand.operational.scheduling.free import free_times
from peyvand.operational.scheduling.models import Booking, BookingPage
from peyvand.operational.scheduling.web.feed import as_file
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Email, Phone, Text
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.components.reading import read_by
from peyvand.web.components.tags import say
from peyvand.web.shell.guests import guarded, read_token

PER_MINUTE, BOOKINGS_PER_MINUTE = 60, 10
# Of whole bookings an address makes no more; a day is not to be filled at one go.
MADE_PER_MINUTE: Final = 4
# And so many by one page in a day: an office has several who book, a machine has thousands.
MADE_PER_DAY: Final = 20
_DAY: Final = 24 * 3600
# So long a form may lie open and is still known when it is sent twice.
TICKET_LASTS: Final = timedelta(days=1)
_SALT: Final = "scheduling.ticket"
# So many days are looked through for one page.
SPAN: Final = timedelta(days=14)
# A field that people do not see: who fills it in is a machine.
TRAP: Final = "homepage"
# The clocks that a visitor may read the times on, by the city that people know them by.
ZONES: Final[dict[str, str | Promise]] = {
    "Asia/Tehran": _("Tehran"),
    "Asia/Kabul": _("Kabul"),
    "Asia/Dubai": _("Dubai"),
    "Asia/Baghdad": _("Baghdad"),
    "Europe/Istanbul": _("Istanbul"),
    "Europe/Berlin": _("Berlin"),
    "Europe/London": _("London"),
    "UTC": _("Universal time"),
    "America/New_York": _("New York"),
    "America/Los_Angeles": _("Los Angeles"),
    "Asia/Shanghai": _("Beijing and Shanghai"),
    "Australia/Sydney": _("Sydney"),
}
_NAME = Text(key="name", label=_("Your name"), required=True, max_length=150)
_PHONE = Phone(key="phone", label=_("Phone"))
_EMAIL = Email(key="email", label=_("E-mail"))


@dataclass
class Guest:
    """Somebody who came with the address of a page."""

    request: HttpRequest
    ctx: Context
    page: BookingPage
    base: str
    reader: Reader
    tz: ZoneInfo
    problems: list[str] = field(default_factory=list)


@contextmanager
def _opened(request: HttpRequest, token: str) -> Iterator[Guest]:
    tenant, secret = read_token(token, "scheduling")
    with workspace_scope(tenant.id):
        page = BookingPage.objects.filter(secret=secret, deleted_at__isnull=True).first()
        if page is None:
            raise NotFound
        chosen = page.language if page.language in ("fa", "en") else (get_language() or "en")[:2]
        zone = request.POST.get("tz") or request.GET.get("tz") or tenant.timezone
        tz = ZoneInfo(zone if zone in ZONES else tenant.timezone)
        reader = Reader(chosen, tz.key, tenant.currency, tenant.money_unit, tenant.slug)
        ctx = Context(
            system_actor(tenant).speaking(chosen), "web", ip=request.META.get("REMOTE_ADDR") or None
        )
        with translation.override(chosen), read_by(reader):
            yield Guest(request, ctx, page, f"/b/{token}", reader, tz)


@require_safe
@guarded(_opened, "booking", PER_MINUTE)
def page(guest: Guest) -> HttpResponse:
    """The free times; with ``at`` the form for one of them."""
    return _form(guest) if _moment(guest.request.GET.get("at", "")) else _times(guest)


@require_POST
@guarded(_opened, "booking-take", BOOKINGS_PER_MINUTE)
def book(guest: Guest) -> HttpResponse:
    """Book the time with a name and a phone or mail."""
    post, at = guest.request.POST, _moment(guest.request.POST.get("at", ""))
    if post.get(TRAP) or at is None or not guest.page.is_active:
        return HttpResponseRedirect(guest.base)
    values: dict[str, str] = {}
    for known in (_NAME, _PHONE, _EMAIL):
        try:
            values[known.key] = known.parse(post.get(known.key, ""), guest.reader) or ""
        except Invalid as error:
            guest.problems.append(f"{known.label}: {say(error.problems[0].message)}")
    if not guest.problems and not values["name"]:
        guest.problems.append(gettext("Write your name."))
    if not guest.problems and not values["phone"] and not values["email"]:
        guest.problems.append(gettext("Leave a phone or an e-mail, so that we can reach you."))
    answers = []
    for n, question in enumerate(guest.page.asked):
        text = post.get(f"q{n}", "").replace("\x00", "").strip()
        if len(text) > 1000:
            guest.problems.append(gettext("This is too long: %(what)s") % {"what": question})
        elif text:
            answers.append((question, text))
    if guest.problems:
        return _form(guest, 422)
    if not is_within(guest.request, "booking-made", MADE_PER_MINUTE):
        guest.problems.append(gettext("Too many requests; try again in a minute."))
        return _form(guest, 429)
    if not is_within(guest.request, f"booking-day:{guest.page.id}", MADE_PER_DAY, _DAY):
        guest.problems.append(
            gettext("Too many times were booked from your network today; try again tomorrow.")
        )
        return _form(guest, 429)
    visitor = booking.Visitor(values["name"], values["phone"], values["email"].casefold(), tuple(answers))
    try:
        with transaction.atomic():
            made = booking.take(guest.ctx, guest.page, at, visitor, _ticket(post.get("ticket", "")))
    except Conflict as error:
        guest.problems.append(say(error.message))
        return _times(guest, 409)
    return HttpResponseRedirect(f"{guest.base}/{made.secret}?{urlencode({'tz': guest.tz.key})}")


@require_safe
@guarded(_opened, "booking", PER_MINUTE)
def booked(guest: Guest, secret: str) -> HttpResponse:
    """A booking, with the ways to move it and to call it off; with ``move`` the free times."""
    found = _booking(guest, secret)
    if "move" in guest.request.GET and _is_open(found):
        return _times(guest, found=found)
    return _shown(guest, found)


@require_POST
@guarded(_opened, "booking-take", BOOKINGS_PER_MINUTE)
def move(guest: Guest, secret: str) -> HttpResponse:
    """Move a booking to another time."""
    found, at = _booking(guest, secret), _moment(guest.request.POST.get("at", ""))
    if at is None:
        return HttpResponseRedirect(f"{guest.base}/{secret}")
    try:
        with transaction.atomic():
            booking.move(guest.ctx, found, at)
    except (Conflict, RuleViolation) as error:
        guest.problems.append(say(error.message))
        found.meeting.refresh_from_db()
        return (
            _times(guest, error.status, found) if isinstance(error, Conflict) else _shown(guest, found, 422)
        )
    return HttpResponseRedirect(f"{guest.base}/{secret}?{urlencode({'tz': guest.tz.key})}")


@require_POST
@guarded(_opened, "booking-take", BOOKINGS_PER_MINUTE)
def cancel(guest: Guest, secret: str) -> HttpResponse:
    """Call a booking off; once it is, it stays so."""
    found = _booking(guest, secret)
    if found.meeting.status != "cancelled":
        try:
            with transaction.atomic():
                booking.call_off(guest.ctx, found)
        except RuleViolation as error:
            guest.problems.append(say(error.message))
            return _shown(guest, found, 422)
    return HttpResponseRedirect(f"{guest.base}/{secret}")


@require_GET
@guarded(_opened, "booking", PER_MINUTE)
def file(guest: Guest, secret: str) -> HttpResponse:
    """The booking for the visitor's own calendar."""
    return as_file(
        invitation(guest.ctx.actor, _booking(guest, secret).meeting, to_guest=_title(guest)), "meeting.ics"
    )


def _times(guest: Guest, status: int = 200, found: Booking | None = None) -> HttpResponse:
    """The free times of a fortnight, by the visitor's days."""
    today = clock.today(guest.ctx.tenant.tz)
    try:
        start = max(today, date.fromisoformat(guest.request.GET.get("from", "")))
    except ValueError:
        start = today
    last = today + timedelta(days=guest.page.days_ahead)
    start = min(start, last)
    free: dict[datetime, list[int]] = {}
    if guest.page.is_active:
        free = free_times(
            guest.ctx.tenant, guest.page, start, start + SPAN, without=found.meeting_id if found else None
        )
    language = guest.reader.language
    days: dict[date, list[tuple[str, str]]] = {}
    for at, hosts in free.items():
        if found and found.meeting.owner_id not in hosts:
            continue
        days.setdefault(at.astimezone(guest.tz).date(), []).append(
            (at.strftime("%Y-%m-%dT%H:%MZ"), format_time(at, guest.tz, language))
        )
    where = f"{guest.base}/{found.secret}" if found else guest.base
    words = {"tz": guest.tz.key, **({"move": "1"} if found else {})}
    context = {
        **_frame(guest), "found": found, "where": where, "words": urlencode(words),
        "days": [
            (f"{weekday_name(day, language)} {format_date(day, language, 'day', today)}", times)
            for day, times in sorted(days.items())
        ],
        "earlier": f"{where}?{urlencode({**words, 'from': (start - SPAN).isoformat()})}" if start > today else "",
        "later": f"{where}?{urlencode({**words, 'from': (start + SPAN).isoformat()})}" if start + SPAN <= last else "",
    }  # fmt: skip
    return render(guest.request, "scheduling/times.html", context, status=status)


def _form(guest: Guest, status: int = 200) -> HttpResponse:
    given = guest.request.POST if status != 200 else guest.request.GET
    at = _moment(given.get("at", ""))
    typed = {key: given.get(key, "")[:1000] for key in ("name", "phone", "email")}
    context = {
        **_frame(guest), "at": given.get("at", ""), "when": _when(guest, at) if at else "", "typed": typed, "trap": TRAP,
        "ticket": signing.dumps(token_hex(12), salt=_SALT),
        "questions": [(f"q{n}", text, given.get(f"q{n}", "")[:1000]) for n, text in enumerate(guest.page.asked)],
        "back": f"{guest.base}?{urlencode({'tz': guest.tz.key})}",
    }  # fmt: skip
    return render(guest.request, "scheduling/book.html", context, status=status)


def _shown(guest: Guest, found: Booking, status: int = 200) -> HttpResponse:
    meeting, words = found.meeting, urlencode({"tz": guest.tz.key})
    context = {
        **_frame(guest), "found": found, "where": f"{guest.base}/{found.secret}", "words": words,
        "when": _when(guest, meeting.starts_at), "place": meeting.place, "is_open": _is_open(found),
        "is_off": meeting.status == "cancelled" or meeting.deleted_at is not None,
    }  # fmt: skip
    return render(guest.request, "scheduling/booked.html", context, status=status)


def _frame(guest: Guest) -> dict[str, Any]:
    zones = dict.fromkeys((guest.ctx.tenant.timezone, guest.tz.key, *ZONES))
    return {
        "page": guest.page, "title": _title(guest), "company": guest.ctx.tenant.name, "base": guest.base,
        "problems": guest.problems, "zone": guest.tz.key, "zone_name": _city(guest.tz.key),
        "zones": [(zone, _city(zone)) for zone in zones], "language": guest.reader.language,
        "direction": "rtl" if guest.reader.is_persian else "ltr",
    }  # fmt: skip


def _city(zone: str) -> str:
    return str(ZONES.get(zone) or zone.rpartition("/")[2].replace("_", " "))


def _title(guest: Guest) -> str:
    return guest.page.name if guest.reader.is_persian else guest.page.title_en or guest.page.name


def _when(guest: Guest, at: datetime) -> str:
    """«سه‌شنبه ۳ آذر ۱۴۰۵، ۱۰:۰۰»."""
    day, language = at.astimezone(guest.tz).date(), guest.reader.language
    comma = "،" if guest.reader.is_persian else ","
    return f"{weekday_name(day, language)} {format_date(day, language, 'long')}{comma} {format_time(at, guest.tz, language)}"


def _booking(guest: Guest, secret: str) -> Booking:
    rows = Booking.objects.filter(page=guest.page, secret=secret).select_related("meeting", "page")
    found: Booking | None = rows.first()
    if found is None:
        raise NotFound
    return found


def _is_open(found: Booking) -> bool:
    try:
        booking.check_open(found.meeting)
    except RuleViolation:
        return False
    return True


def _ticket(signed: str) -> str:
    """What tells one form from any other; nothing where it is not ours or too old."""
    try:
        return str(signing.loads(signed, salt=_SALT, max_age=TICKET_LASTS))
    except signing.BadSignature:
        return ""


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
