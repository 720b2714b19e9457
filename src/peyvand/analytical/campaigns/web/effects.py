"""What campaigns changed: the mean effect first, then whom it changed, where that is surely no chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.analytical.analyses.public import standing_of
from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.analyses.web.listed import CUSTOMERS, Listed, listed
from peyvand.analytical.campaigns.known import LABELS
from peyvand.analytical.campaigns.objects import CAMPAIGN_TRIAL, MORE
from peyvand.analytical.warehouse.public import OUTSIDE
from peyvand.kernel import numbers
from peyvand.kernel.errors import NotAllowed
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.insights.models import InsightRow
from peyvand.platform.insights.telling import said
from peyvand.platform.objects.spec import find_object
from peyvand.web.components.charts import Mark, Series, columns
from peyvand.web.objects.lists.links import list_url
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

_OBJECTS: Final = ("automation_run", "person", "company", "order", "invoice")
_FIELDS: Final = ("order.total", "invoice.total")
# Of campaigns of outside tables.
_OUTSIDE: Final = (CAMPAIGN_TRIAL.key, OUTSIDE.key)


def _closed(ctx: Context) -> Any:
    return closed(ctx.actor, _OBJECTS, _FIELDS)


UPLIFT = register_screen(
    Screen("uplift", _("Effect of campaigns"), "chart", "insights/uplift", place=6, opens=lambda ctx: _closed(ctx) is None)
)  # fmt: skip


@dataclass(frozen=True)
class Group:
    """Those treated, or those left alone: how many came to the outcome, of how many, and the list of all
    that they were part of, also again or still waited for."""

    label: str
    came: int
    of: int
    url: str

    @property
    def share(self) -> float:
        return self.came / self.of if self.of else 0.0


@dataclass(frozen=True)
class Tenth:
    """A tenth of the people, best ranked first: the effect seen among them, in points, with its interval."""

    name: str
    value: str
    low: str
    high: str


@require_GET
def uplift(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?trial=`` the key of one; otherwise the newest."""
    ctx = context_of(request)
    if reason := _closed(ctx):
        raise NotAllowed(reason)
    standing = standing_of(ctx, "uplift")
    more = standing.more
    hides = closed(ctx.actor, _OUTSIDE) is not None
    trials, unread = (
        [one for one in more.get(key, []) if not (hides and _key(one).startswith(CAMPAIGN_TRIAL.key))]
        for key in ("trials", "unread")
    )
    asked = request.GET.get("trial", "")
    trial = next((one for one in trials if one["key"] == asked), trials[0] if trials else None)
    return render(request, "campaigns/uplift.html", {
        "standing": standing, "trial": trial, **(_told(ctx, trial) if trial else {}),
        "trials": [(one["key"], one["name"], verdict(ctx, one), one is trial) for one in trials] if len(trials) > 1 else [],
        "unread": [(_page(ctx, key), name, said(why, ctx.reader)) for key, name, why in unread],
        "new": here(ctx, f"{CAMPAIGN_TRIAL.plural}/new") if decide(ctx.actor, CAMPAIGN_TRIAL.permission("create")) else "",
        "answers": _answers(ctx) if trial and more.get("scored_by") == trial["key"] else [],
    })  # fmt: skip


def _key(one: Any) -> str:
    return str(one["key"] if isinstance(one, Mapping) else one[0])


def verdict(ctx: Context, trial: Mapping[str, Any]) -> str:
    """What a trial says of its mean effect, in words that claim no more than is known."""
    value, low, high = (_points(ctx, v) for v in trial["difference"])
    match trial["verdict"]:
        case "few":
            treated, alone = (numbers.format_number(n, ctx.reader.language) for n in trial["missing"])
            words = gettext(
                "Too early to tell: %(treated)s more treated and %(alone)s more in the control group are needed."
            )
            return words % {"treated": treated, "alone": alone}  # fmt: skip
        case "open":
            fewer, more = _points(ctx, -trial["difference"][1]), high
            words = gettext(
                "No clear effect: of a hundred people, between %(fewer)s fewer and %(more)s more reach the outcome, so it may change nothing."
            )
            return words % {"fewer": fewer, "more": more}  # fmt: skip
        case "better":
            words = gettext(
                "It helps: of a hundred people, %(by)s more reach the outcome (between %(low)s and %(high)s)."
            )
            return words % {"by": value, "low": low, "high": high}  # fmt: skip
    by, least, most = (_points(ctx, -v) for v in (trial["difference"][n] for n in (0, 2, 1)))
    words = gettext(
        "It hurts: of a hundred people, %(by)s fewer reach the outcome (between %(low)s and %(high)s)."
    )
    return words % {"by": by, "low": least, "high": most}


def _told(ctx: Context, trial: Mapping[str, Any]) -> dict[str, Any]:
    ranking = trial["ranking"]
    refusal = trial["refusal"]
    return {
        "verdict": verdict(ctx, trial), "tone": {"better": "good", "worse": "bad"}.get(trial["verdict"], "warn"),
        "since": _day(trial["since"]), "until": _day(trial["until"]),
        "page": _page(ctx, trial["key"]),
        "groups": [_group(ctx, trial, gettext("Treated"), "treated", "treated"), _group(ctx, trial, gettext("Control group"), "alone", "held_out")],
        "points": [_points(ctx, v) for v in trial["difference"]], "is_sure": trial["verdict"] in ("better", "worse"),
        "is_chance": trial["code"] == "no_signal", "is_not_by_lot": trial["code"] == "not_random",
        "refusal": said(refusal, ctx.reader) if refusal else "",
        "qini": [numbers.format_number(v, ctx.reader.language, 2) for v in ranking["qini"]] if ranking else None,
        "tenths": _tenths(ctx, ranking["tenths"]) if ranking else [],
        "chart": _chart(ctx, ranking["tenths"]) if ranking else None,
        "fields": [
            (name if trial["key"].startswith(f"{CAMPAIGN_TRIAL.key}:") else gettext(LABELS[name]), share)
            for name, share in trial["fields"]
        ],
    }  # fmt: skip


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _points(ctx: Context, value: float) -> str:
    return numbers.format_number(value, ctx.reader.language, 1)


def _page(ctx: Context, key: str) -> str:
    """The campaign's own page, for whoever may open it."""
    object_key, _sep, id = key.partition(":")
    spec = find_object(object_key)
    return page_url(ctx, spec, int(id)) if spec and decide(ctx.actor, spec.permission("view")) else ""


def _group(ctx: Context, trial: Mapping[str, Any], label: str, name: str, group: str) -> Group:
    object_key, _sep, id = trial["key"].partition(":")
    spec = find_object("automation_run")
    url = ""
    if spec is not None and object_key == "automation":
        of_it = {"field": "automation", "op": "is", "value": int(id)}
        url = list_url(ctx, spec, of_it, {"field": "group", "op": "is", "value": group})
    came, of = trial[name]
    return Group(label, came, of, url)


def _tenths(ctx: Context, tenths: list[list[float]]) -> list[Tenth]:
    return [
        Tenth(numbers.format_number(n, ctx.reader.language), *(_points(ctx, v) for v in three))
        for n, three in enumerate(tenths, 1)
    ]


def _chart(ctx: Context, tenths: list[list[float]]) -> Any:
    names = [numbers.format_number(n, ctx.reader.language) for n in range(1, len(tenths) + 1)]
    marks = tuple(Mark(three[0], _points(ctx, three[0])) for three in tenths)
    label = gettext("Effect by tenths of people, the most responsive first")
    return columns(label, names, Series(gettext("Effect, in points"), marks))


def _answers(ctx: Context) -> Sequence[Listed]:
    """The lists of those whom such a campaign is expected to change more than others."""
    rows = InsightRow.objects.filter(analysis="uplift", text1=MORE, object__in=CUSTOMERS)
    counts = dict(rows.order_by().values_list("object").annotate(Count("id")))
    wanted = {"field": "uplift_level", "op": "is", "value": MORE}
    return listed(ctx, counts, wanted, ("uplift", "uplift_level"), "-uplift")
