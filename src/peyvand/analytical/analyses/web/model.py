"""The page of a model card: how good the model is, what it was made of, and why it gives no answer where it gives none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.contract import analysis_named
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.analyses.objects import MODEL_CARD, READY, REFUSED, RUNNING
from peyvand.kernel import numbers
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Money
from peyvand.platform.insights.telling import said
from peyvand.web.components.charts import Chart, Mark, Series, columns
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.today import Card

_MONEY = Money(key="money", label="")


@dataclass(frozen=True)
class Line:
    """A figure of the card in words: its name, its value, and its interval where it has one."""

    name: str
    value: str
    low: str = ""
    high: str = ""


def figure(value: float | None, unit: str, reader: Reader) -> str:
    """A figure in the reader's digits; empty where there is none."""
    if value is None:
        return ""
    match unit:
        case "money":
            return _MONEY.show(round(value), reader, "short")
        case "percent":
            return numbers.format_percent(value / 100, reader.language, 1)
        case "days":
            return gettext("%(n)s days") % {"n": numbers.format_number(round(value, 1), reader.language, 1)}
    return numbers.format_number(value, reader.language, 0 if value == int(value) else 3)


@record_card("model_card", order=5)
def model(ctx: Context, opened: Opened) -> Card:
    """The card in full."""
    card: ModelCard = opened.record
    kept, reader = card.card, ctx.reader
    analysis = analysis_named(card.analysis)
    beside = kept.get("beside")
    return Card("analyses/model_card.html", {
        "about": analysis.about if analysis else "", "state": card.state,
        "is_refused": card.state == REFUSED, "is_running": card.state == RUNNING, "percent": card.percent,
        "refusal": said(card.refusal, reader) if card.refusal else "",
        "first": kept.get("first"), "last": kept.get("last"),
        "lines": [
            Line(gettext(f["name"]), *(figure(f[side], f["unit"], reader) for side in ("value", "low", "high")))
            for f in kept.get("figures", ())
        ],
        "beside": beside and {
            "rule": gettext(beside["rule"]), "figure": gettext(beside["figure"]), "is_better": beside["low"] > 0,
            **{key: figure(beside[key], "number", reader) for key in ("method", "simple", "gain", "low", "high")},
        },
        "bins": _bins(kept.get("bins", ()), reader), "lift": _lift(kept.get("lift", ()), reader),
        "weights": [Line(gettext(name), figure(effect, "number", reader)) for name, effect in kept.get("weights", ())],
        "parameters": [Line(name, figure(value, "number", reader)) for name, value in kept.get("parameters", {}).items()],
        "notes": [said(note, reader) for note in kept.get("notes", ())],
        "drift": [
            {"name": gettext(d["name"]), **{key: figure(d[key], d["unit"], reader) for key in ("was", "now")}}
            for d in kept.get("drift", ())
        ],
    })  # fmt: skip


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


def _bins(bins: Any, reader: Reader) -> Chart | None:
    """What was said beside what came true, from the least likely up."""
    percent = [
        (figure(100 * s, "percent", reader), figure(100 * c, "percent", reader)) for s, c, _rows in bins
    ]
    names = [numbers.format_number(n, reader.language) for n in range(1, len(bins) + 1)]
    came = tuple(Mark(c, shown) for (_s, c, _rows), (_, shown) in zip(bins, percent, strict=True))
    told = tuple(Mark(s, shown) for (s, _c, _rows), (shown, _) in zip(bins, percent, strict=True))
    return columns(
        gettext("Said and came true"),
        names,
        Series(gettext("Came true"), came),
        Series(gettext("Said"), told, "quiet", beside=True),
    )


def _lift(shares: Any, reader: Reader) -> Chart | None:
    """The share of all outcomes that the best tenths of the rows hold."""
    names = [figure(10 * (n + 1), "percent", reader) for n in range(len(shares))]
    marks = tuple(Mark(share, figure(100 * share, "percent", reader)) for share in shares)
    return columns(
        gettext("Outcomes among the best judged"), names, Series(gettext("Share of all outcomes"), marks)
    )
