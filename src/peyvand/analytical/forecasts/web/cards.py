"""The newest model cards as these pages read them: what was found, or why there is no answer, and who may be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.analyses.objects import MODEL_CARD, READY, REFUSED
from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.kernel.persian.calendar import Calendar, shift
from peyvand.operational.targets.public import name_of
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.insights.telling import said
from peyvand.platform.objects.spec import object_named
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.shell.navigation import here


@dataclass(frozen=True)
class Newest:
    """What an analysis last said. ``refusal``: why it gives no answer; neither: it never ran."""

    more: Mapping[str, Any] | None = None
    as_of: date | None = None
    refusal: str = ""
    # Where how good it is can be read, and where it is reckoned anew; "" for whom that is not open.
    card_url: str = ""
    runs_url: str = ""


def newest(ctx: Context, analysis: str) -> Newest:
    """The newest answer of an analysis, or its refusal."""
    spec = object_named("analysis")
    runs = here(ctx, f"{spec.plural}/") if decide(ctx.actor, spec.permission("view")) else ""
    card = ModelCard.objects.filter(analysis=analysis, state__in=(READY, REFUSED)).order_by("-number").first()
    if card is None:
        return Newest(runs_url=runs)
    url = page_url(ctx, MODEL_CARD, card.pk) if decide(ctx.actor, MODEL_CARD.permission("view")) else ""
    if card.state == REFUSED:
        return Newest(None, card.as_of, said(card.refusal, ctx.reader), url, runs)
    return Newest(card.more, card.as_of, "", url, runs)


def may_know(ctx: Context, *measures: str) -> bool:
    """Whether the actor may be told these measures of all records."""
    return all(closed(ctx.actor, MEASURES[key].objects, MEASURES[key].fields) is None for key in measures)


def month_name(ctx: Context, month: date, calendar: Calendar) -> str:
    return name_of("month", month, calendar, ctx.reader.language)


def month_rows(ctx: Context, measure: str, month: date, calendar: Calendar) -> str:
    """Where the records are that a month's figure counts."""
    return rows_of(ctx, measure, month, shift(month, 1, "month", calendar))


def rows_of(ctx: Context, measure: str, since: date, until: date, **mark: Any) -> str:
    """Where the records are that a figure of the days before ``until`` counts; ``mark``: of which members of dimensions."""
    asked = {
        "measures": [measure], "by": list(mark), "span": "own", "since": since.isoformat(),
        "until": (until - timedelta(days=1)).isoformat(),
    }  # fmt: skip
    told = orjson.dumps({"q": asked, "m": measure, "v": list(mark.values())}).decode()
    return f"{here(ctx, 'reports/rows')}?{urlencode({'mark': told})}"
