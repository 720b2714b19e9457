"""A watch in plain words, and values of its measure as they are read."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext

from peyvand.analytical.analyses.saying import shown
from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.watches import models as m
from peyvand.analytical.watches.models import Watch
from peyvand.analytical.watches.objects import WATCH
from peyvand.kernel import numbers
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Day
from peyvand.web.objects.lists.condition import in_words


def lines(ctx: Context, watch: Watch) -> list[tuple[str, str]]:
    """What it looks for, as (label, words); what is not asked is left out."""

    def said(key: str) -> str:
        return WATCH.field(key).show(getattr(watch, key), ctx.reader)

    counted = {
        m.EVER: said("within"),
        m.LAST: gettext("in the last %(n)s days") % {"n": numbers.format_number(watch.days or 0, ctx.reader.language)},
        m.FROM: gettext("from %(day)s on") % {"day": WATCH.field("since", Day).show(watch.since, ctx.reader, "long")},
    }[watch.within]  # fmt: skip
    told = [
        (gettext("What is measured"), f"{said('measure')} – {said('whose')}"),
        (gettext("Threshold"), f"{worth(ctx, watch, watch.mark)} – {said('way')}"),
        (gettext("Counting from"), counted),
        (gettext("Only of this product"), watch.product.name if watch.product else ""),
        (gettext("Only those for which"), in_words(ctx, WATCH, watch) if watch.condition else ""),
    ]
    return [(label, words) for label, words in told if words]


def worth(ctx: Context, watch: Watch, value: Decimal | float | None) -> str:
    """A value of its measure with its unit."""
    return shown(value, MEASURES[watch.measure].unit, ctx.reader, is_short=False, decimals=1)
