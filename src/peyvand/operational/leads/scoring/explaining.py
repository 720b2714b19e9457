"""Where each point of a lead's score comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from peyvand.kernel.conditions import fields_of
from peyvand.kernel.errors import Invalid
from peyvand.operational.leads.models import Lead, ScoreRule
from peyvand.operational.leads.scoring.reckoning import DONE, Score, arguments_of, clamped, meeting
from peyvand.operational.leads.scoring.rules import FIT, active_rules, condition_of
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.filters import is_secret
from peyvand.platform.objects.spec import object_named


@dataclass(frozen=True)
class Point:
    """What one rule gives a lead, once. ``at``: when somebody did it, None for what the lead is; ``left``: what of the
    points is left. ``name`` is empty where the rule asks for what is hidden from the reader."""

    rule: int
    name: str
    side: str
    points: int
    left: float
    at: datetime | None = None

    @property
    def left_now(self) -> Decimal:
        """What is left, to a tenth of a point."""
        return Decimal(str(round(self.left, 1))).normalize() + 0

    @property
    def has_worn_off(self) -> bool:
        return abs(self.points - self.left) >= 0.05


@dataclass(frozen=True)
class Explanation:
    fit: tuple[Point, ...]
    engagement: tuple[Point, ...]

    @property
    def score(self) -> Score:
        """What the points come to."""
        return Score(_sum(self.fit), _sum(self.engagement))


def explain(ctx: Context, lead: Lead, at: datetime) -> Explanation:
    """The points of a lead as of a moment, the newest and heaviest first."""
    rules = active_rules()
    by_id = {rule.id: rule for rule in rules}
    found = [
        Point(rule.id, _name(ctx, rule), rule.side, rule.points, rule.points)
        for rule in rules
        if not rule.event and meeting(ctx, rule, [lead.id])
    ]
    if arguments := arguments_of(rules, [lead.id], at):
        with connection.cursor() as cursor:
            cursor.execute(f"{DONE} order by t.at desc, e.id desc, r.rule", arguments)
            found += [
                Point(rule, by_id[rule].name, by_id[rule].side, by_id[rule].points, float(left), when)
                for _, rule, when, left in cursor.fetchall()
            ]
    fit = tuple(sorted((p for p in found if p.side == FIT), key=lambda p: -abs(p.left)))
    return Explanation(fit, tuple(p for p in found if p.side != FIT))


def _sum(points: tuple[Point, ...]) -> int:
    return clamped(round(sum(p.left for p in points), 6))


def _name(ctx: Context, rule: ScoreRule) -> str:
    spec = object_named("lead")
    try:
        hidden = any(is_secret(path, spec, ctx.actor) for path in fields_of(condition_of(rule)))
    except Invalid:
        return ""
    return "" if hidden else rule.name
