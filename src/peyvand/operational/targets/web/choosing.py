"""What every report lets one choose, beside its own: the span of time, the calendar and the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock, ranges
from peyvand.kernel.persian.calendar import calendar_of, format_date
from peyvand.operational.sales.public import DEAL, Pipeline
from peyvand.operational.targets.periods import CALENDARS, EVER, NAMED, OWN, Span, span_of
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.web.objects.lists.links import list_url

_CALENDARS = {"jalali": _("Jalali"), "gregorian": _("Gregorian")}


@dataclass(frozen=True)
class Option:
    label: str | Promise
    url: str
    is_current: bool


@dataclass(frozen=True)
class Choosing:
    """What an address chose, and the ways to choose otherwise. ``kept`` is what a report keeps in every one of its links."""

    ctx: Context
    span: Span
    pipelines: tuple[tuple[int, str], ...]
    pipeline: int | None
    kept: Mapping[str, str] = field(default_factory=dict)

    def url(self, **changed: str) -> str:
        """The address of the same report with something else chosen."""
        said = {"span": self.span.key, "calendar": self.span.calendar}
        if self.span.key == OWN:
            said |= {"from": self.span.start.isoformat() if self.span.start else "",
                     "to": self.span.last.isoformat() if self.span.last else ""}  # fmt: skip
        if self.pipeline is not None:
            said["pipeline"] = str(self.pipeline)
        return f"?{urlencode({k: v for k, v in {**self.kept, **said, **changed}.items() if v})}"

    @property
    def spans(self) -> list[Option]:
        return [
            Option(gettext("All time") if key == EVER else gettext(ranges.LABELS[key]), self.url(span=key), self.span.key == key)
            for key in (*NAMED, EVER)
        ]  # fmt: skip

    @property
    def calendars(self) -> list[Option]:
        return [
            Option(_CALENDARS[key], self.url(calendar=key), self.span.calendar == key) for key in CALENDARS
        ]

    @property
    def ways_through(self) -> list[Option]:
        """The pipelines, where there is more than one."""
        return [Option(name, self.url(pipeline=str(id)), self.pipeline == id) for id, name in self.pipelines]

    @property
    def days(self) -> str:
        """From which day to which, in words."""
        language = self.ctx.actor.language
        if self.span.start is None or self.span.last is None:
            return ""
        first, last = (format_date(day, language, "long") for day in (self.span.start, self.span.last))
        return gettext("%(first)s to %(last)s") % {"first": first, "last": last}

    def rows(self, *asked: Any) -> str:
        """The address of the deals that a figure counts; ``asked`` are conditions beside the pipeline."""
        parts = list(asked)
        if self.pipeline is not None:
            parts.append({"field": "pipeline", "op": "is", "value": str(self.pipeline)})
        return list_url(self.ctx, DEAL, *parts)


def choosing(ctx: Context, given: Mapping[str, str], *, one_pipeline: bool = False, **kept: str) -> Choosing:
    """What an address chose. ``one_pipeline``: there is always one, the default one unless another is named."""
    known: tuple[tuple[int, str], ...] = ()
    if decide(ctx.actor, "pipeline.view") and "pipeline" not in ctx.actor.grants.hides("deal"):
        rows = Pipeline.objects.filter(deleted_at__isnull=True).order_by("-is_default", "position", "id")
        known = tuple(rows.values_list("id", "name"))
    asked = whole_id(given.get("pipeline", ""))
    chosen = asked if asked in {id for id, _name in known} else None
    if one_pipeline and chosen is None and known:
        chosen = known[0][0]
    span = span_of(given, clock.today(ctx.tenant.tz), calendar_of(ctx.actor.language))
    return Choosing(ctx, span, known if len(known) > 1 else (), chosen, kept)
