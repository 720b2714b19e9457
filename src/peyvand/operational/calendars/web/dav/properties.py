"""The properties of what is served: the place to begin, a user, their calendars, what stands in these."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from peyvand.kernel import clock
from peyvand.operational.calendars.entries import KEPT, SPECS, Calendar, is_shown, look, look_at
from peyvand.operational.calendars.models import Entry
from peyvand.operational.calendars.web.dav.xml import CS, A, C, D, Found, element, href, path_to
from peyvand.operational.calendars.writing import Known, body_of, empty, gather, series_of, zone_named
from peyvand.operational.scheduling.public import Series
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.models import User

PLURALS: Final = {spec.plural: kind for kind, spec in SPECS.items()}
COMPONENTS: Final = {"meeting": "VEVENT", "task": "VTODO"}
REPORTS: Final = (f"{C}calendar-query", f"{C}calendar-multiget", f"{D}sync-collection")
MOST_BYTES: Final = 512_000
SYNC: Final = "urn:x-peyvand:sync:"
_NUMBERS: Final = re.compile(r"([0-9]{1,18})-([0-9]{1,7})")
Writes = Callable[[], Element | None]


@dataclass
class Place:
    """Whose calendars are asked for, with what was found out on the way."""

    actor: Actor
    _calendars: dict[str, Calendar] = field(default_factory=dict)

    @property
    def home(self) -> str:
        return path_to(self.actor.tenant.slug, self.actor.user_id)

    def path(self, kind: str, name: str = "") -> str:
        parts = (self.actor.tenant.slug, self.actor.user_id, SPECS[kind].plural)
        return path_to(*parts, name, is_folder=False) if name else path_to(*parts)

    def calendar(self, kind: str) -> Calendar:
        if kind not in self._calendars:
            self._calendars[kind] = look(self.actor, kind)
        return self._calendars[kind]

    def things(self, kind: str, names: Collection[str]) -> dict[str, Entry]:
        """Those of these names that stand in a calendar."""
        return look_at(self.actor, kind, names)

    def kinds(self) -> list[str]:
        return [kind for kind in SPECS if is_shown(self.actor, kind)]


def of_root(place: Place) -> Mapping[str, Writes]:
    return {
        **_of_all(place),
        f"{D}resourcetype": lambda: element(f"{D}resourcetype", element(f"{D}collection")),
    }


def of_home(place: Place) -> Mapping[str, Writes]:
    """A user, and at once the folder of their calendars."""

    def addresses() -> Element:
        user = User.objects.filter(id=place.actor.user_id).values_list("email", flat=True).first()
        mail = [href(f"mailto:{user}")] if user else []
        return element(f"{C}calendar-user-address-set", *mail, href(place.home))

    return {
        **_of_all(place),
        f"{D}resourcetype": lambda: element(
            f"{D}resourcetype", element(f"{D}collection"), element(f"{D}principal")
        ),
        f"{D}displayname": lambda: element(f"{D}displayname", text=place.actor.name),
        f"{D}principal-URL": lambda: element(f"{D}principal-URL", href(place.home)),
        f"{C}calendar-home-set": lambda: element(f"{C}calendar-home-set", href(place.home)),
        f"{C}calendar-user-address-set": addresses,
    }


def of_calendar(place: Place, kind: str) -> Mapping[str, Writes]:
    spec, tenant = SPECS[kind], place.actor.tenant

    def zone() -> Element:
        calendar = empty()
        calendar.add_component(zone_named(tenant.timezone))
        return element(f"{C}calendar-timezone", text=calendar.to_ical().decode())

    def privileges() -> Element:
        return element(f"{D}current-user-privilege-set", *(
            element(f"{D}privilege", element(f"{D}{name}"))
            for name in ("read", "write", "write-content", "bind", "unbind", "read-current-user-privilege-set")
        ))  # fmt: skip

    def reports() -> Element:
        return element(f"{D}supported-report-set", *(
            element(f"{D}supported-report", element(f"{D}report", element(name))) for name in REPORTS
        ))  # fmt: skip

    return {
        **_of_all(place),
        f"{D}resourcetype": lambda: element(
            f"{D}resourcetype", element(f"{D}collection"), element(f"{C}calendar")
        ),
        f"{D}displayname": lambda: element(f"{D}displayname", text=f"{tenant.name} · {spec.label_plural}"),
        f"{D}owner": lambda: element(f"{D}owner", href(place.home)),
        f"{C}supported-calendar-component-set": lambda: element(
            f"{C}supported-calendar-component-set", _named(f"{C}comp", COMPONENTS[kind])
        ),
        f"{C}supported-calendar-data": lambda: element(
            f"{C}supported-calendar-data", _typed(f"{C}calendar-data")
        ),
        f"{C}max-resource-size": lambda: element(f"{C}max-resource-size", text=str(MOST_BYTES)),
        f"{C}calendar-timezone": zone,
        f"{D}current-user-privilege-set": privileges,
        f"{D}supported-report-set": reports,
        f"{CS}getctag": lambda: element(f"{CS}getctag", text=str(place.calendar(kind).position)),
        f"{D}sync-token": lambda: element(f"{D}sync-token", text=token_of(place, kind)),
        f"{A}calendar-color": lambda: element(
            f"{A}calendar-color", text="#0F766EFF" if kind == "meeting" else "#B45309FF"
        ),
    }


def of_entry(place: Place, entry: Entry, known: Known | None) -> Mapping[str, Writes]:
    """``known`` is there where its content is asked for."""
    content = f"text/calendar; charset=utf-8; component={COMPONENTS[entry.object]}"
    found: dict[str, Writes] = {
        **_of_all(place),
        f"{D}resourcetype": lambda: element(f"{D}resourcetype"),
        f"{D}getetag": lambda: element(f"{D}getetag", text=etag(entry)),
        f"{D}getcontenttype": lambda: element(f"{D}getcontenttype", text=content),
        f"{D}owner": lambda: element(f"{D}owner", href(place.home)),
    }
    if known is not None:
        found[f"{C}calendar-data"] = lambda: element(f"{C}calendar-data", text=body_of(known).decode())
        found[f"{D}getlastmodified"] = lambda: element(
            f"{D}getlastmodified", text=f"{known.record.updated_at:%a, %d %b %Y %H:%M:%S} GMT"
        )
    return found


def needs_content(asked: Collection[str] | None) -> bool:
    """Whether the records themselves are to be read."""
    return asked is not None and bool({f"{C}calendar-data", f"{D}getlastmodified"} & set(asked))


def known_of(place: Place, kind: str, entries: Iterable[Entry]) -> Mapping[int, Known]:
    return gather(place.actor, SPECS[kind], list(entries))


def series_going_on(place: Place, kind: str, ids: Iterable[int]) -> Mapping[int, Series]:
    return series_of(SPECS[kind], ids, place.actor.user_id)


def chosen(has: Mapping[str, Writes], asked: Collection[str] | None) -> Found:
    """The properties that were asked for, by status; None: all that cost nothing special."""
    names = [name for name in has if name != f"{C}calendar-data"] if asked is None else asked
    there, not_there = [], []
    for name in names:
        made = has[name]() if name in has else None
        if made is None:
            not_there.append(element(name))
        else:
            there.append(made)
    return {200: there, 404: not_there}


def etag(entry: Entry) -> str:
    return f'"{entry.id}-{entry.mark}"'


def token_of(place: Place, kind: str, position: int | None = None) -> str:
    """Where a calendar is, and on which day: what changed behind it is told to whoever comes back with it in time."""
    at = place.calendar(kind).position if position is None else position
    return f"{_token(place, kind)}{at}-{clock.now().date().toordinal()}"


def position_of(place: Place, kind: str, token: str) -> int | None:
    """The position that a token names; None if it is none of this calendar's, or so old that what went since may be
    forgotten."""
    begin = _token(place, kind)
    found = _NUMBERS.fullmatch(token.strip().removeprefix(begin)) if token.strip().startswith(begin) else None
    if found is None:
        return None
    at, day = int(found[1]), int(found[2])
    today = clock.now().date().toordinal()
    return at if at <= place.calendar(kind).position and today - KEPT.days <= day <= today else None


def _token(place: Place, kind: str) -> str:
    return f"{SYNC}{place.actor.workspace_id}-{place.actor.user_id}-{kind}-"


def _of_all(place: Place) -> dict[str, Writes]:
    return {
        f"{D}current-user-principal": lambda: element(f"{D}current-user-principal", href(place.home)),
        f"{D}displayname": lambda: element(f"{D}displayname", text="Peyvand"),
    }


def _named(name: str, said: str) -> Element:
    made = element(name)
    made.set("name", said)
    return made


def _typed(name: str) -> Element:
    made = element(name)
    made.set("content-type", "text/calendar")
    made.set("version", "2.0")
    return made
