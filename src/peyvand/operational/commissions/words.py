"""How a line came, in the words of whoever reads: «۵٪ از ۱۲۰٬۰۰۰٬۰۰۰ ریال × سهم ۶۰٪»."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, cast

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import numbers
from peyvand.kernel.persian.calendar import Unit, calendar_of
from peyvand.operational.targets.public import name_of
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Money

_MONEY: Final = Money(key="amount", label="")
OF: Final = {
    "won": _("%(amount)s won"), "margin": _("%(amount)s of margin"), "invoiced": _("%(amount)s invoiced"),
    "received": _("%(amount)s received without tax"),
}  # fmt: skip


def words(why: Mapping[str, Any], reader: Reader) -> str:
    """A line's reasons as one sentence."""
    said = [part for part in (_earned(why, reader), _limit(why, reader), _changed(why, reader)) if part]
    if note := why.get("note"):
        said.append(str(note))
    return " · ".join(said)


def _earned(why: Mapping[str, Any], reader: Reader) -> str:
    parts, share = why.get("parts") or [], why.get("share")
    texts = []
    if why.get("of"):
        texts = [
            gettext("%(percent)s of %(amount)s that %(name)s earned")
            % {
                "percent": _percent(p["percent"], reader),
                "amount": _amount(p["base"], reader),
                "name": why["of"],
            }
            for p in parts
        ]
    elif len(parts) == 1 and share and why.get("whole") is not None:
        texts = [
            gettext("%(percent)s of %(amount)s × share of %(share)s") % {
                "percent": _rate(parts[0], reader), "amount": _what(why, why["whole"], reader), "share": _percent(share, reader),
            }
        ]  # fmt: skip
    elif parts:
        texts = [
            gettext("%(percent)s of %(amount)s")
            % {"percent": _rate(p, reader), "amount": _what(why, p["base"], reader)}
            for p in parts
        ]
        if share and why.get("whole") is not None:
            own = gettext("share of %(share)s in %(amount)s")
            texts.append(own % {"share": _percent(share, reader), "amount": _amount(why["whole"], reader)})
    elif why.get("below"):
        texts = [
            gettext("%(amount)s lies below the first step") % {"amount": _what(why, why["below"], reader)}
        ]
    if why.get("fixed"):
        fixed = gettext("%(amount)s for the deal") % {"amount": _amount(why["fixed_whole"], reader)}
        if share:
            fixed = gettext("%(what)s × share of %(share)s") % {
                "what": fixed,
                "share": _percent(share, reader),
            }
        texts = [t for t in texts if not _is_nothing(parts)] + [fixed]
    if why.get("no_quota"):
        texts.append(gettext("no quota for this period"))
    return (" + " if len(parts) > 1 or why.get("fixed") else " · ").join(texts)


def _is_nothing(parts: Any) -> bool:
    return all(Decimal(p["percent"]) == 0 for p in parts)


def _rate(part: Mapping[str, Any], reader: Reader) -> str:
    percent = _percent(part["percent"], reader)
    if Decimal(str(part.get("reach") or 0)):
        reach = _percent(part["reach"], reader)
        return gettext("%(percent)s (from %(step)s of the quota on)") % {"percent": percent, "step": reach}
    if part.get("from"):
        step = _amount(part["from"], reader)
        return gettext("%(percent)s (from %(step)s on)") % {"percent": percent, "step": step}
    return percent


def _limit(why: Mapping[str, Any], reader: Reader) -> str:
    if "most" in why:
        return gettext("%(earned)s was earned; the plan pays at most %(most)s") % {
            "earned": _amount(why["earned"], reader), "most": _amount(why["most"], reader),
        }  # fmt: skip
    if "least" in why:
        kind = (
            gettext("%(earned)s was earned; filled up to %(least)s in advance")
            if why.get("is_draw")
            else gettext("%(earned)s was earned; the plan pays at least %(least)s")
        )
        return kind % {"earned": _amount(why["earned"], reader), "least": _amount(why["least"], reader)}
    if "owing" in why:
        return gettext("advances of %(amount)s are taken back") % {"amount": _amount(why["owing"], reader)}
    return ""


def _changed(why: Mapping[str, Any], reader: Reader) -> str:
    if "was" not in why:
        return ""
    period = name_of(
        cast(Unit, why["unit"]),
        date.fromisoformat(why["period"]),
        calendar_of(reader.language),
        reader.language,
    )
    if not why["was"]:
        return gettext("late for %(period)s") % {"period": period}
    return gettext("%(period)s: %(now)s instead of %(was)s") % {
        "period": period, "now": _amount(why["now"], reader), "was": _amount(why["was"], reader),
    }  # fmt: skip


def _what(why: Mapping[str, Any], amount: int, reader: Reader) -> str:
    shown = _amount(amount, reader)
    return (
        str(OF[why["basis"]]) % {"amount": shown}
        if why.get("basis") in OF and why["basis"] != "won"
        else shown
    )


def _amount(amount: int, reader: Reader) -> str:
    return _MONEY.show(amount, reader)


def _percent(value: Any, reader: Reader) -> str:
    return numbers.format_percent(Decimal(str(value)) / 100, reader.language, 2)
