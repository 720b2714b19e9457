"""A watch in plain words, and values of its measure as they are read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.watches import models as m
from peyvand.analytical.watches.models import Watch
from peyvand.analytical.watches.objects import WATCH
from peyvand.kernel import numbers
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Day, Money
from peyvand.web.objects.lists.condition import in_words


def lines(ctx: Context, watch: Watch) -> list[tuple[str, str]]:
    """What it looks for, as (label, words); what is not asked is left out."""

    def shown(key: str) -> str:
        return WATCH.field(key).show(getattr(watch, key), ctx.reader)

    counted = {
        m.EVER: shown("within"),
        m.LAST: gettext("in the last %(n)s days") % {"n": numbers.format_number(watch.days or 0, ctx.reader.language)},
        m.FROM: gettext("from %(day)s on") % {"day": WATCH.field("since", Day).show(watch.since, ctx.reader, "long")},
    }[watch.within]  # fmt: skip
    told = [
        (gettext("What is measured"), f"{shown('measure')} – {shown('whose')}"),
        (gettext("The mark"), f"{worth(ctx, watch, watch.mark)} – {shown('way')}"),
        (gettext("Counted from when"), counted),
        (gettext("Only of this product"), watch.product.name if watch.product else ""),
        (gettext("Only those for which"), in_words(ctx, WATCH, watch) if watch.condition else ""),
    ]
    return [(label, words) for label, words in told if words]


def worth(ctx: Context, watch: Watch, value: Decimal | float | None) -> str:
    """A value of its measure with its unit."""
    if value is None:
        return "–"
    language, unit = ctx.reader.language, MEASURES[watch.measure].unit
    if unit == "money":
        return WATCH.field("amount", Money).show(round(value), ctx.reader)
    rounded: Any = int(value) if value == int(value) else round(Decimal(value), 1)
    if unit == "percent":
        return numbers.format_percent(round(Decimal(value), 1) / 100, language, 1)
    text = numbers.format_number(rounded, language)
    if unit == "days":
        return gettext("%(n)s days") % {"n": text}
    return gettext("%(n)s hours") % {"n": text} if unit == "hours" else text
