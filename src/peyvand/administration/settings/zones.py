"""Time zones as people look for them: by the name of a city, in their own language, or by the zone's own name."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.numbers import localize
from peyvand.kernel.persian.text import compact

MOST = 20
COMMON: dict[str, str | Promise] = {
    "Asia/Tehran": _("Tehran"),
    "Asia/Kabul": _("Kabul"),
    "Asia/Dushanbe": _("Dushanbe"),
    "Asia/Baghdad": _("Baghdad"),
    "Asia/Dubai": _("Dubai"),
    "Asia/Kuwait": _("Kuwait"),
    "Asia/Qatar": _("Doha"),
    "Asia/Bahrain": _("Bahrain"),
    "Asia/Muscat": _("Muscat"),
    "Asia/Riyadh": _("Riyadh"),
    "Asia/Yerevan": _("Yerevan"),
    "Asia/Baku": _("Baku"),
    "Asia/Tbilisi": _("Tbilisi"),
    "Asia/Ashgabat": _("Ashgabat"),
    "Asia/Tashkent": _("Tashkent"),
    "Asia/Karachi": _("Karachi"),
    "Asia/Kolkata": _("Delhi and Mumbai"),
    "Asia/Beirut": _("Beirut"),
    "Asia/Damascus": _("Damascus"),
    "Europe/Istanbul": _("Istanbul"),
    "Europe/Moscow": _("Moscow"),
    "Europe/Athens": _("Athens"),
    "Europe/Berlin": _("Berlin"),
    "Europe/Vienna": _("Vienna"),
    "Europe/Paris": _("Paris"),
    "Europe/Rome": _("Rome"),
    "Europe/Madrid": _("Madrid"),
    "Europe/Amsterdam": _("Amsterdam"),
    "Europe/Stockholm": _("Stockholm"),
    "Europe/Zurich": _("Zurich"),
    "Europe/London": _("London"),
    "Asia/Shanghai": _("Beijing and Shanghai"),
    "Asia/Hong_Kong": _("Hong Kong"),
    "Asia/Singapore": _("Singapore"),
    "Asia/Kuala_Lumpur": _("Kuala Lumpur"),
    "Asia/Tokyo": _("Tokyo"),
    "Asia/Seoul": _("Seoul"),
    "Australia/Sydney": _("Sydney"),
    "America/New_York": _("New York"),
    "America/Toronto": _("Toronto"),
    "America/Chicago": _("Chicago"),
    "America/Los_Angeles": _("Los Angeles"),
    "America/Vancouver": _("Vancouver"),
    "UTC": _("Universal time"),
}


def zone_label(zone: str) -> str:
    """«تهران»; a zone that is less asked for by the city in its own name: "Asia/Ho_Chi_Minh" is Ho Chi Minh."""
    known = COMMON.get(zone)
    return str(known) if known is not None else zone.rpartition("/")[2].replace("_", " ")


def find_zones(query: str, language: str) -> list[dict[str, str]]:
    """What a picker offers for what was typed, the common zones first: ``[{id, label, sub}]``."""
    wanted = compact(query)
    found = []
    for zone in _all():
        if wanted in compact(zone_label(zone)) or wanted in compact(zone):
            found.append({"id": zone, "label": zone_label(zone), "sub": _offset(zone, language)})
            if len(found) == MOST:
                break
    return found


@cache
def _all() -> tuple[str, ...]:
    # Which there are is read from the files of the system; they stay the same while the product runs.
    others = (z for z in available_timezones() if "/" in z and not z.startswith("Etc/") and z not in COMMON)
    return (*COMMON, *sorted(others))


def _offset(zone: str, language: str) -> str:
    """How its clocks stand now against universal time, read from the left in every line: "UTC+03:30"."""
    text = clock.now().astimezone(ZoneInfo(zone)).strftime("%z")
    # A sign of a number is mirrored in a Persian line unless the whole is an island.
    return f"\u2066{zone} UTC{text[:1]}{localize(f'{text[1:3]}:{text[3:]}', language)}\u2069"
