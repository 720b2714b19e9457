"""What would be if: levers that the reader moves, and the course of the next twelve months with them beside that as now.

The address holds the levers. What they act upon was reckoned at night; the courses are simulated here, in some milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.analytical.analyses.public import standing_of
from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.analyses.saying import shown
from peyvand.analytical.forecasts.web.cards import may_know, month_name
from peyvand.analytical.forecasts.web.forecast import SCREEN as FORECAST
from peyvand.kernel import numbers
from peyvand.kernel.errors import Invalid, NotAllowed, msg
from peyvand.kernel.persian.calendar import Calendar, shift
from peyvand.operational.catalog.public import Product
from peyvand.platform.actions.context import Context
from peyvand.web.components.charts import Area, Axis, Mark, Series, drawn
from peyvand.web.components.tags import money_unit, say
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

if TYPE_CHECKING:
    from peyvand.analytical.methods.what_if import Band, Compared, Start

_DEALS: Final = ("deals_opened", "won_amount")
_PLAN: Final = "plan-"


def opens(ctx: Context) -> bool:
    return may_know(ctx, "revenue") or may_know(ctx, "won_amount")


SCREEN = register_screen(Screen("what-if", _("What if"), "bulb", "insights/what-if", place=4, opens=opens))


@dataclass(frozen=True)
class Lever:
    """What can be moved. ``scale``: what is written is so many times what is reckoned with; ``is_change``: it says by how much."""

    key: str
    label: str | Promise
    says: str | Promise
    scale: int = 1
    is_change: bool = False


GROUPS: Final = (
    (_("Leads and deals"), ("leads", "conversion", "win_rate", "people")),
    (_("Orders and their size"), ("orders", "size")),
    (_("Price and discount"), ("price", "discount", "elasticity")),
)
LEVERS: Final = (
    Lever("leads", _("Leads a month"), _("More deals begin; they are won as much later as deals take.")),
    Lever("conversion", _("Conversion of leads, in percent"), _("How many leads of a hundred become a deal or customer."), 100),
    Lever("win_rate", _("Win rate, in percent"), _("Deals won of a hundred closed; it counts at once."), 100),
    Lever("people", _("People who work on deals"), _("A new colleague finds as many deals as one does now, at full pace from the third month on.")),
    Lever("orders", _("Orders without a deal, percent more"), _("What is sold beside deals; -10 means a tenth less."), 100, True),
    Lever("size", _("Size of deals and orders, percent more"), _("More goods in each: revenue and costs alike."), 100, True),
    Lever("price", _("Price, percent higher"), _("The cost of goods stays; what it does to volume is said below."), 100, True),
    Lever("discount", _("Discount rate, in percent"), _("Of the full price. Less of it acts as a higher price."), 100),
    Lever(
        "elasticity", _("What one percent of price does to volume"),
        _("Your own assumption: -1 means one percent less is sold, 0 that nobody minds."),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A lever as the form has it: how it is now, what was written, and what is wrong with that."""

    key: str
    label: str | Promise
    says: str | Promise
    now: str
    value: str
    problem: str = ""


@dataclass(frozen=True)
class Group:
    """Levers that belong together; shown at once where one of them is moved, and the first."""

    label: str | Promise
    fields: tuple[Field, ...]
    is_first: bool = False

    @property
    def is_open(self) -> bool:
        return self.is_first or any(field.value for field in self.fields)


@dataclass(frozen=True)
class Line:
    """A month in words: revenue as now and with the levers, then the margin where it is known; each (expected, from, to)."""

    name: str
    cells: tuple[tuple[str, str, str], ...]


@require_GET
def what_if(request: HttpRequest, workspace: str) -> HttpResponse:
    """The levers as LEVERS name them, ``plan-ID`` for a product; what is left empty is as now."""
    ctx = context_of(request)
    if not opens(ctx):
        raise NotAllowed(msg("Your role sees no figures of all the workspace's records."))
    standing = standing_of(ctx, "what_if")
    more = standing.more
    told = {"standing": standing, "unit": money_unit()}
    if not more or not may_know(ctx, more["base"]):
        return render(request, "forecasts/what_if.html", {**told, "is_closed": bool(more)})
    start = _start(ctx, more)
    asked, problems = _read(request.GET, start)
    return render(request, "forecasts/what_if.html", {
        **told, "groups": _groups(ctx, start, request.GET, problems),
        "is_moved": bool(asked), "lag": start.lag, "has_deals": any(start.dealt), "known": len(start.dealt),
        "forecast": here(ctx, FORECAST.path), "until": _until(ctx, more, start),
        "from_leads": shown(100 * start.from_leads, "percent", ctx.reader) if start.leads else "",
        "of_deals": shown(_share(start), "percent", ctx.reader), "is_linked": more["is_linked"],
        "cost_known": shown(more["cost_known"], "percent", ctx.reader) if start.margin is not None else "",
        **_answer(ctx, more, start, asked),
    })  # fmt: skip


def _start(ctx: Context, more: Mapping[str, Any]) -> Start:
    """Where the course begins, as far as the actor may know it: what is not told to them cannot be moved by them."""
    # Numerics, which no other page needs.
    from peyvand.analytical.methods.what_if import Band, Part, Start

    levels = more["levels"]
    dealt, other = tuple(more["dealt"]), tuple(more["other"])
    sees_deals, sees_leads = may_know(ctx, *_DEALS), may_know(ctx, "leads", "conversion")
    if not sees_deals:
        dealt, other = (0.0,) * len(dealt), tuple(a + b for a, b in zip(dealt, other, strict=True))
    has_deals = any(dealt)
    of_leads = more["from_leads"] if has_deals and sees_leads else 0.0
    plan = {} if closed(ctx.actor, ("product",)) else {
        str(one["product"]): Part(one["share"], one["cost_share"]) for one in more["plan"]
    }  # fmt: skip
    return Start(
        dealt, other,
        leads=_monthly(levels["leads"], len(dealt)) if of_leads else None,
        conversion=_rate(levels["conversion"]) if of_leads else None,
        win_rate=_rate(levels["win_rate"]) if has_deals else None,
        people=float(more["people"]) or None if has_deals else None,
        from_leads=of_leads, lag=more["lag"] if has_deals else 0, discount=more["discount"],
        margin=more["margin"] if may_know(ctx, "margin") else None, plan=plan,
        ahead=tuple(Band(*(float(month[side]) for side in ("expected", "low", "high"))) for month in _ahead(ctx, more)),
    )  # fmt: skip


def _first(more: Mapping[str, Any]) -> date:
    """What is changed now tells from the next month on: the running one follows the last whole one."""
    calendar: Calendar = more["calendar"]
    return shift(date.fromisoformat(more["months"][-1]), 2, "month", calendar)


def _ahead(ctx: Context, more: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What the forecast says of the months from the first on, without a gap; nothing where it was made for other months."""
    told = standing_of(ctx, "sales_forecast").more
    calendar: Calendar = more["calendar"]
    known = {one["month"]: one for one in told.get("measures", {}).get(more["base"], {}).get("ahead", ())}
    found: list[Mapping[str, Any]] = []
    while (month := known.get(shift(_first(more), len(found), "month", calendar).isoformat())) is not None:
        found.append(month)
    return found


def _until(ctx: Context, more: Mapping[str, Any], start: Start) -> str:
    """The last month that is as the forecast says; empty where there is none."""
    calendar: Calendar = more["calendar"]
    return (
        month_name(ctx, shift(_first(more), len(start.ahead) - 1, "month", calendar), calendar)
        if start.ahead
        else ""
    )


def _monthly(total: float | None, months: int) -> float | None:
    return total / months if total else None


def _rate(percent: float | None) -> float | None:
    return percent / 100 if percent else None


def _share(start: Start) -> float:
    total = sum(start.dealt) + sum(start.other)
    return 100 * sum(start.dealt) / total if total > 0 else 0.0


def _is_open(lever: Lever, start: Start) -> bool:
    """Whether there is anything that the lever acts upon."""
    if lever.key in ("leads", "conversion", "win_rate", "people"):
        return getattr(start, lever.key) is not None
    return lever.key != "orders" or any(start.other)


def _read(given: Mapping[str, str], start: Start) -> tuple[dict[str, Any], dict[str, str]]:
    """The levers that were moved, and by field what is wrong: such a one stays as now."""
    from peyvand.analytical.methods.what_if import BOUNDS

    moved: dict[str, Any] = {}
    problems: dict[str, str] = {}

    def read(name: str, bound: str, scale: int) -> float | None:
        text = given.get(name, "").strip()
        if not text:
            return None
        low, high = BOUNDS[bound]
        try:
            value = float(numbers.parse_number(text) / Decimal(scale))
        except Invalid as error:
            problems[name] = say(error.problems[0].message)
            return None
        if not low <= value <= high:
            problems[name] = say(
                msg(
                    "Write a number from %(low)s to %(high)s.",
                    low=round(low * scale),
                    high=round(high * scale),
                )
            )
            return None
        return value

    for lever in LEVERS:
        value = read(lever.key, lever.key, lever.scale) if _is_open(lever, start) else None
        if value is not None:
            moved[lever.key] = value
    plan = {key: value for key in start.plan if (value := read(f"{_PLAN}{key}", "plan", 100)) is not None}
    return moved | ({"plan": plan} if plan else {}), problems


def _groups(ctx: Context, start: Start, given: Mapping[str, str], problems: Mapping[str, str]) -> list[Group]:
    fields = {field.key: field for field in _fields(ctx, start, given, problems)}
    found = [(label, tuple(fields[key] for key in keys if key in fields)) for label, keys in GROUPS]
    found.append((_("Plan of products, percent more"), tuple(_plan_fields(ctx, start, given, problems))))
    shown = [(label, of) for label, of in found if of]
    return [Group(label, of, n == 0) for n, (label, of) in enumerate(shown)]


def _fields(ctx: Context, start: Start, given: Mapping[str, str], problems: Mapping[str, str]) -> list[Field]:
    found = []
    for lever in LEVERS:
        if not _is_open(lever, start):
            continue
        now = (
            0.0
            if lever.is_change
            else -1.0
            if lever.key == "elasticity"
            else getattr(start, lever.key) * lever.scale
        )
        text = numbers.format_number(round(now, 1), ctx.reader.language)
        found.append(
            Field(
                lever.key,
                lever.label,
                lever.says,
                text,
                _written(ctx, given.get(lever.key, "")),
                problems.get(lever.key, ""),
            )
        )
    return found


def _plan_fields(
    ctx: Context, start: Start, given: Mapping[str, str], problems: Mapping[str, str]
) -> list[Field]:
    names = dict(Product.objects.filter(id__in=[int(key) for key in start.plan]).values_list("id", "name"))
    nothing = numbers.format_number(0, ctx.reader.language)
    found = []
    for id, part in start.plan.items():
        if (name := names.get(int(id))) is None:
            continue
        key, share = f"{_PLAN}{id}", shown(100 * part.share, "percent", ctx.reader)
        says = gettext("brings %(share)s of the revenue now") % {"share": share}
        found.append(
            Field(key, name, says, nothing, _written(ctx, given.get(key, "")), problems.get(key, ""))
        )
    return found


def _written(ctx: Context, text: str) -> str:
    """What was written, in the reader's digits; what is no number as it is."""
    try:
        return numbers.format_number(numbers.parse_number(text), ctx.reader.language) if text.strip() else ""
    except Invalid:
        return text


def _answer(ctx: Context, more: Mapping[str, Any], start: Start, asked: Mapping[str, Any]) -> dict[str, Any]:
    from peyvand.analytical.methods.what_if import Levers, compared

    found = compared(start, Levers(**asked))
    calendar: Calendar = more["calendar"]
    first = _first(more)
    names = [
        month_name(ctx, shift(first, n, "month", calendar), calendar) for n in range(len(found.now.revenue))
    ]
    return {
        "lines": _lines(ctx, names, found), "has_margin": found.now.margin is not None,
        "total": _total(ctx, found), "chart": _chart(ctx, names, found, is_moved=bool(asked)),
        "gain": _band(ctx, found.gain), "margin_gain": found.margin_gain and _band(ctx, found.margin_gain),
        "is_gain": found.gain.low > 0, "is_loss": found.gain.high < 0,
    }  # fmt: skip


def _text(ctx: Context, value: float) -> str:
    return shown(round(value), "money", ctx.reader)


def _band(ctx: Context, band: Band) -> tuple[str, str, str]:
    return _text(ctx, band.expected), _text(ctx, band.low), _text(ctx, band.high)


def _lines(ctx: Context, names: list[str], found: Compared) -> list[Line]:
    courses = [found.now.revenue, found.then.revenue, *filter(None, (found.now.margin, found.then.margin))]
    return [Line(name, tuple(_band(ctx, course[n]) for course in courses)) for n, name in enumerate(names)]


def _total(ctx: Context, found: Compared) -> Line:
    now, then = found.now, found.then
    bands = [now.revenue_total, then.revenue_total, *filter(None, (now.margin_total, then.margin_total))]
    return Line(gettext("Together"), tuple(_band(ctx, band) for band in bands))


def _chart(ctx: Context, names: list[str], found: Compared, *, is_moved: bool) -> Any:
    """The course as now and, where anything is changed, the other beside it: two lines upon each other would be read as one."""

    def side(bands: tuple[Band, ...], key: str) -> tuple[Mark, ...]:
        return tuple(Mark(getattr(band, key), _text(ctx, getattr(band, key))) for band in bands)

    then = found.then.revenue
    return drawn(
        "lines", gettext("Revenue"), names,
        *([Series(gettext("With your changes"), side(then, "expected"))] if is_moved else []),
        Series(gettext("As now"), side(found.now.revenue, "expected"), "info"),
        says=[Axis(lambda value: _text(ctx, value), money_unit())], is_time=True,
        area=Area(gettext("80 percent range"), side(then, "low"), side(then, "high")),
    )  # fmt: skip
