"""What the calendar's address asks for: a span of days, whose, and of what kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from peyvand.kernel import clock
from peyvand.kernel.errors import NotFound
from peyvand.kernel.persian.calendar import Unit, calendar_of, period
from peyvand.operational.scheduling.series import KINDS
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.models import User
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

SCREEN = register_screen(
    Screen(
        "calendar", _("Calendar"), "cal", "calendar", menu=42, shortcut="k",
        opens=lambda ctx: any(decide(ctx.actor, spec.permission("view")) for spec in KINDS.values()),
    )
)  # fmt: skip
SPANS: Final[Mapping[Unit, Any]] = {
    "day": pgettext_lazy("calendar", "Day"),
    "week": _("Week"),
    "month": _("Month"),
}
# So many people at once, and so many to choose from.
MOST_PEOPLE: Final = 60


@dataclass(frozen=True)
class View:
    """What the address asks for."""

    ctx: Context
    unit: Unit
    at: date
    who: tuple[int, ...]
    team: int
    kind: str = ""

    @cached_property
    def bounds(self) -> tuple[date, date]:
        return period(self.unit, self.at, calendar_of(self.ctx.reader.language))

    @cached_property
    def users(self) -> list[Any]:
        """Everybody who works here."""
        rows = User.objects.filter(is_active=True, deleted_at__isnull=True).order_by("name", "id")
        return list(rows.values_list("id", "name", "team_id", named=True))

    @cached_property
    def names(self) -> dict[int, str]:
        return {user.id: user.name for user in self.users}

    @cached_property
    def people(self) -> list[int]:
        """Whose days are shown: a team's, those chosen, else one's own."""
        if self.team:
            chosen = [u.id for u in self.users if u.team_id == self.team]
        else:
            chosen = [u.id for u in self.users if u.id in self.who]
        own = self.ctx.actor.user_id
        return chosen[:MOST_PEOPLE] or ([own] if own else [])

    @property
    def choosable(self) -> list[Any]:
        return self.users[:MOST_PEOPLE]

    @property
    def kinds(self) -> tuple[str, ...]:
        return (self.kind,) if self.kind else tuple(KINDS)

    def href(self, at: date | None = None, **changed: Any) -> str:
        words: dict[str, Any] = {
            "span": self.unit, "at": (at or self.at).isoformat(), "who": ",".join(map(str, self.who)),
            "team": self.team or "", "kind": self.kind,
        } | changed  # fmt: skip
        return f"{here(self.ctx, SCREEN.path)}?{urlencode({k: v for k, v in words.items() if v})}"


def read_view(request: HttpRequest) -> View:
    """The view that an address asks for; what makes no sense in it is passed over.

    Raises:
        NotFound: the actor sees neither tasks nor meetings.
    """
    ctx = context_of(request)
    if not SCREEN.open_to(ctx):
        raise NotFound
    today = clock.today(ctx.reader.tz)
    try:
        at = date.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        at = today
    if not is_near(at):
        at = today
    unit: Unit = next((u for u in SPANS if u == request.GET.get("span")), "week")
    kind = next((key for key in KINDS if key == request.GET.get("kind")), "")
    ids = (whole_id(text) for text in request.GET.get("who", "")[:1000].split(","))
    who = tuple(dict.fromkeys(filter(None, ids)))
    return View(ctx, unit, at, who, whole_id(request.GET.get("team", "")), kind)


def is_near(day: date) -> bool:
    """Whether a day lies within a hundred years of ours: what is reckoned from one at the end of all time overflows."""
    return abs(day.year - clock.now().year) <= 100
