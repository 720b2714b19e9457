"""What the screens of quality show: the figures, how they went, and the address of the rows behind each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.administration.quality.asking import ALIKE, BROKEN, INVALID, QUALITY, SHARED, STALE, may_ask
from peyvand.administration.quality.measures import (
    Asked,
    asked_of,
    countable,
    open_objects,
    rules_of,
    shown_when,
)
from peyvand.administration.quality.models import QualityFinding, QualityRun, QualityScore
from peyvand.administration.quality.scoring import WHOLE, Counted
from peyvand.kernel import clock
from peyvand.kernel.conditions import leaves
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Field
from peyvand.platform.objects.filters import is_secret
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.objects.lists.links import list_url

TREND_DAYS: Final = 90
PARTS: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("complete", _("Completeness")), ("valid", _("Validity")), ("fresh", _("Freshness")), ("unique", _("Uniqueness")),
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One part of a score, in tenths of a percent; ``rows`` leads to the records that take from it, ``wrong`` of them."""

    key: str
    label: str | Promise
    share: int | None
    wrong: int | None = None
    rows: str = ""

    @property
    def ratio(self) -> float:
        return (self.share or 0) / WHOLE

    @property
    def tone(self) -> str:
        return tone(self.share)


@dataclass(frozen=True)
class Line:
    """The last figures of one object. ``trend``: points of a line from the oldest to the newest day, or nothing to draw.
    Not ``is_told``: only how many records there are, for a total would tell of fields that the reader may not see."""

    spec: ObjectSpec
    score: QualityScore | None
    parts: tuple[Part, ...] = ()
    trend: str = ""
    records: str = ""
    is_told: bool = True

    @property
    def points(self) -> Decimal | None:
        """The score out of a hundred."""
        if not self.is_told or self.score is None or self.score.score is None:
            return None
        return Decimal(self.score.score) / 10

    @property
    def tone(self) -> str:
        return tone(self.score.score) if self.score else ""


@dataclass(frozen=True)
class FieldLine:
    """The last figures of one field; addresses are empty where the reader may not ask for the rows."""

    field: Field
    counted: Counted
    missing: str
    invalid: str
    shared: str

    @property
    def empty(self) -> int:
        return self.counted.of - self.counted.filled

    @property
    def filled(self) -> float:
        return self.counted.filled / self.counted.of if self.counted.of else 0

    @property
    def score(self) -> float | None:
        found = self.counted.score
        return None if found is None else found / WHOLE

    @property
    def tone(self) -> str:
        return tone(self.counted.score)


def tone(share: int | None) -> str:
    """How a share is coloured."""
    if share is None or 600 <= share < 900:
        return ""
    return "good" if share >= 900 else "bad"


def lines(ctx: Context) -> list[Line]:
    """The figures of every object whose records the actor sees all of."""
    specs = open_objects(ctx.actor)
    last = QualityScore.objects.filter(object__in=[s.key for s in specs])
    found = {score.object: score for score in last.order_by("object", "-day").distinct("object")}
    trends = _trends(ctx, specs)
    broken = _broken(specs)
    return [
        line(ctx, spec, found.get(spec.key), trends.get(spec.key, []), broken.get(spec.key, 0))
        for spec in specs
    ]


def line(
    ctx: Context, spec: ObjectSpec, score: QualityScore | None, days: list[tuple[int, int]], broken: int
) -> Line:
    """The figures of one object; ``days`` are its scores by the number of days ago, the oldest first, and ``broken`` how
    many of its records have a value that is not valid."""
    if score is None:
        return Line(spec, None)
    records = list_url(ctx, spec)
    if not may_ask(ctx.actor, spec):
        return Line(spec, score, records=records, is_told=False)
    wrong = {"valid": (broken, BROKEN), "fresh": (score.stale, STALE), "unique": (score.alike, ALIKE)}
    parts = []
    for key, label in PARTS:
        # What is missing is told, and leads to its rows, field by field.
        count, asked = wrong.get(key, (None, ""))
        rows = _asking(ctx, spec, asked) if asked else ""
        parts.append(Part(key, label, getattr(score, key), count, rows))
    return Line(spec, score, tuple(parts), _drawn(days), records)


def object_line(ctx: Context, spec: ObjectSpec) -> Line:
    """The figures of one object."""
    score = QualityScore.objects.filter(object=spec.key).order_by("-day").first()
    return line(ctx, spec, score, _trends(ctx, [spec]).get(spec.key, []), _broken([spec]).get(spec.key, 0))


def field_lines(ctx: Context, spec: ObjectSpec, score: QualityScore | None) -> list[FieldLine]:
    """The fields that were measured last and that the actor may see, the worst first."""
    hidden, asks = ctx.actor.grants.hides(spec.key), may_ask(ctx.actor, spec)
    found = []
    for field in countable(spec):
        if score is None or field.key in hidden or field.key not in score.fields:
            continue
        if (place := shown_when(spec, field)) and any(
            is_secret(x.field, spec, ctx.actor) for x in leaves(place)
        ):
            # How many records ought to have it would tell of what is hidden.
            continue
        counted = Counted(**score.fields[field.key])
        found.append(FieldLine(
            field, counted, list_url(ctx, spec, _missing(field)),
            _asking(ctx, spec, f"{field.key}:{INVALID}") if asks else "", _asking(ctx, spec, f"{field.key}:{SHARED}") if asks else "",
        ))  # fmt: skip
    return sorted(found, key=lambda each: (each.counted.score is None, each.counted.score or 0))


def asked_lines(ctx: Context, spec: ObjectSpec) -> list[tuple[Field, Asked | None]]:
    """What is asked of each field that the actor may see; None: left out."""
    hidden = ctx.actor.grants.hides(spec.key)
    pairs = zip(countable(spec), asked_of(spec, rules_of(spec).fields), strict=True)
    return [(field, asked) for field, asked in pairs if field.key not in hidden]


def last_run() -> QualityRun | None:
    """The last reckoning, which may be under way."""
    found: QualityRun | None = QualityRun.objects.order_by("-id").first()
    return found


def _missing(field: Field) -> Any:
    """The condition of records that ought to have the field filled and have not."""
    empty = {"field": field.key, "op": "empty"}
    place = field.defined.visible_when if isinstance(field, InCustom) else None
    return {"and": [place, empty]} if place else empty


def _asking(ctx: Context, spec: ObjectSpec, value: str) -> str:
    return list_url(ctx, spec, {"field": QUALITY, "op": "is", "value": value})


def _broken(specs: list[ObjectSpec]) -> dict[str, int]:
    """How many records of each object have a value that is not valid."""
    rows = QualityFinding.objects.filter(object__in=[s.key for s in specs], kind=INVALID)
    return dict(rows.values_list("object").annotate(n=Count("record", distinct=True)).order_by())


def _trends(ctx: Context, specs: list[ObjectSpec]) -> dict[str, list[tuple[int, int]]]:
    today = clock.today(ctx.tenant.tz)
    rows = QualityScore.objects.filter(
        object__in=[s.key for s in specs], day__gt=today - timedelta(days=TREND_DAYS), score__isnull=False
    )
    out: dict[str, list[tuple[int, int]]] = {}
    for key, day, score in rows.order_by("day").values_list("object", "day", "score"):
        out.setdefault(key, []).append(((today - day).days, score))
    return out


def _drawn(days: list[tuple[int, int]]) -> str:
    """The points of a line in a field of 100 by 24."""
    if len(days) < 2:
        return ""
    first = days[0][0]
    return " ".join(f"{100 - 100 * ago / first:.1f},{23 - 22 * score / WHOLE:.1f}" for ago, score in days)
