"""What both pages share: who may be told, names of months, and where the records are that a figure counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.kernel.persian.calendar import Calendar, shift
from peyvand.operational.targets.public import name_of
from peyvand.platform.actions.context import Context
from peyvand.web.shell.navigation import here


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
