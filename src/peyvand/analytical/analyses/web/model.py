"""What a model card says, ready to be drawn: how good the model is, what it was made of, or why it gives no answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.contract import Weight, analysis_named
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.analyses.objects import MODEL_CARD, READY
from peyvand.analytical.analyses.saying import shown
from peyvand.kernel import numbers
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.insights.telling import said
from peyvand.web.components.charts import Axis, Chart, Mark, Series, drawn
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.today import Card


@dataclass(frozen=True)
class Line:
    """A figure of the card in words: its name, its value, its interval where it has one, and its length beside others (0–100)."""

    name: str
    value: str
    low: str = ""
    high: str = ""
    share: int = 0


@dataclass(frozen=True)
class Compared:
    """The model beside its simple rule, in words. ``verdict``: better, worse or open."""

    rule: str
    figure: str
    verdict: str
    method: str
    simple: str
    low: str
    high: str
    instead: str


def _figure(value: float | None, unit: str, reader: Reader) -> str:
    """A figure of a card, whose plain numbers are shares of one and coefficients; empty where there is none."""
    return shown(value, unit, reader, decimals=3, nothing="")


def change(value: float, unit: str, reader: Reader) -> str:
    """A difference in words, without a sign: «3 points more»."""
    if unit in ("percent", "share"):
        points = abs(value) * (100 if unit == "share" else 1)
        told = numbers.format_number(round(points, 1), reader.language, 1)
        sentence = gettext("%(n)s points more") if value >= 0 else gettext("%(n)s points less")
    else:
        told = _figure(abs(value), unit, reader)
        sentence = gettext("more by %(n)s") if value >= 0 else gettext("less by %(n)s")
    return sentence % {"n": told}


def card_context(card: ModelCard, reader: Reader, *, hides_money: bool = False) -> dict[str, Any]:
    """Everything that the card keeps, in words and charts; without the amounts for whom they are hidden."""
    kept = _without_money(card.card) if hides_money else card.card
    analysis = analysis_named(card.analysis)
    weights: Sequence[Weight] = kept.get("weights", ())
    most = max((abs(effect) for _name, effect, *_ in weights), default=0.0) or 1.0
    return {
        "about": analysis.about if analysis else _("This analysis is not installed any more."),
        "refusal": said(card.refusal, reader) if card.refusal else "",
        "first": _day(kept.get("first")), "last": _day(kept.get("last")),
        "lines": [
            Line(
                gettext(f["name"]), _figure(f["value"], f["unit"], reader), _figure(f["low"], f["unit"], reader),
                _figure(f["high"], f["unit"], reader),
            )
            for f in kept.get("figures", ())
        ],
        "beside": compared(kept["beside"], reader) if kept.get("beside") else None,
        "bins": _bins(kept.get("bins", ()), kept.get("bins_unit", "share"), reader), "lift": _lift(kept.get("lift", ()), reader),
        "bins_are_shares": kept.get("bins_unit", "share") in ("share", "percent"),
        "best_tenth": _figure(kept["lift"][0], "share", reader) if kept.get("lift") else "",
        "weights": [
            Line(name if own else gettext(name), _figure(effect, "number", reader), share=round(100 * abs(effect) / most))
            for name, effect, *own in weights
        ],
        "parameters": [Line(name, _figure(value, "number", reader)) for name, value in kept.get("parameters", {}).items()],
        "notes": [said(note, reader) for note in kept.get("notes", ())], "is_off": kept.get("is_off", False),
        "drift": [
            {"name": gettext(d["name"]), **{key: _figure(d[key], d["unit"], reader) for key in ("was", "now")}}
            for d in kept.get("drift", ())
        ],
    }  # fmt: skip


def _without_money(kept: Mapping[str, Any]) -> dict[str, Any]:
    beside = kept.get("beside")
    return {
        **kept,
        **{key: [one for one in kept.get(key, ()) if one["unit"] != "money"] for key in ("figures", "drift")},
        "beside": None if beside and beside.get("unit") == "money" else beside,
        "bins": () if kept.get("bins_unit") == "money" else kept.get("bins", ()),
    }


def _day(kept: str | None) -> date | None:
    return date.fromisoformat(kept) if kept else None


def compared(beside: Mapping[str, Any], reader: Reader) -> Compared:
    """The kept comparison with the simple rule, in words."""
    unit = beside.get("unit", "number")
    verdict = "better" if beside["low"] > 0 else "worse" if beside["high"] < 0 else "open"
    method, simple = (_figure(beside[key], unit, reader) for key in ("method", "simple"))
    low, high = (change(beside[key], unit, reader) for key in ("low", "high"))
    instead = gettext(beside["instead"]) if beside.get("instead") and verdict != "better" else ""
    return Compared(
        gettext(beside["rule"]), gettext(beside["figure"]), verdict, method, simple, low, high, instead
    )


@record_card("analysis", order=5)
def newest(ctx: Context, opened: Opened) -> Card:
    """What the analysis is, and its newest card."""
    analysis = analysis_named(opened.record.key)
    card = ModelCard.objects.filter(analysis=opened.record.key).order_by("-number").first()
    return Card("analyses/analysis.html", {
        "about": analysis.about if analysis else _("This analysis is not installed any more."), "card": card,
        "is_ready": card is not None and card.state == READY,
        "refusal": said(card.refusal, ctx.reader) if card is not None and card.refusal else "",
        "url": page_url(ctx, MODEL_CARD, card.id) if card is not None else "",
        "label": MODEL_CARD.field("state").show(card.state, ctx.reader) if card is not None else "",
    })  # fmt: skip


def _bins(bins: Any, unit: str, reader: Reader) -> Chart | None:
    """What was said beside what came true, from the least likely up: two columns for each tenth."""
    names = [numbers.format_number(n, reader.language) for n in range(1, len(bins) + 1)]
    said_then, came = (
        tuple(Mark(one[place], _figure(one[place], unit, reader)) for one in bins) for place in (0, 1)
    )
    return drawn(
        "columns", gettext("Predicted and actual"), names,
        Series(gettext("Predicted"), said_then, "quiet", beside=True), Series(gettext("Actual"), came, beside=True),
        says=(Axis(lambda value: _figure(value, unit, reader)),),
    )  # fmt: skip


def _lift(shares: Any, reader: Reader) -> Chart | None:
    """The share of all outcomes that the best tenths of the rows hold."""
    names = [_figure(10 * (n + 1), "percent", reader) for n in range(len(shares))]
    marks = tuple(Mark(share, _figure(share, "share", reader)) for share in shares)
    return drawn(
        "columns", gettext("Outcomes among the top-ranked"), names, Series(gettext("Share of all outcomes"), marks),
        says=(Axis(lambda value: _figure(value, "share", reader)),),
    )  # fmt: skip
