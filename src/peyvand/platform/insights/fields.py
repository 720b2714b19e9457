"""Insights as fields: what an analysis concluded stands in lists, filters, boards, the API and automations like any field.

A slice of the analytical side declares them (analytical/analyses); ``slot`` names the column of the analysis' row that
holds the value, and ``of`` is filled in when the object gets them. Nobody types an insight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import BigIntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext

from peyvand.kernel import numbers
from peyvand.platform.fields.aside import Aside
from peyvand.platform.fields.field import Label
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Day, Link, Money, Number, Percent, Ref
from peyvand.platform.insights.models import InsightRow

# The analysis of what others concluded and programs send.
OUTSIDE: Final = "outside"


def run_of(analysis: str, object_key: str) -> str:
    """The key of the run that an analysis' rows about an object are of: what comes from outside comes for one object alone."""
    return f"{OUTSIDE}:{object_key}" if analysis == OUTSIDE else analysis


@dataclass(frozen=True, kw_only=True)
class InInsight(Aside):
    """What every insight adds to its type: which analysis it comes of, and where its row holds it."""

    analysis: str = ""
    of: str = ""
    slot: str
    readonly: bool = True
    secondary: bool = True
    # Whether a high value is good news: "high", "low", or neither. Reasons are coloured by it.
    better: str = ""
    # It is of the days ahead that its run looks at, which its label names.
    is_ahead: bool = False
    on_request: ClassVar[bool] = True

    @property
    def cell(self) -> str:  # type: ignore[override]  # a workspace's own field has it of its type, an insight of its slot
        return self.slot

    def columns(self) -> tuple[str, ...]:
        return (self.key,)

    def from_columns(self, values: Sequence[Any]) -> Any:
        return self.decode(values[0])

    def read(self, record: Any) -> Any:
        """The value of a record that a query annotated with it; a record by itself does not know."""
        return self.decode(record.__dict__.get(self.key))

    def write(self, record: Any, value: Any) -> None:
        raise TypeError(f"{self.key} is an insight: only its analysis writes it")

    def encode(self, value: Any) -> Any:
        """A value as its slot holds it."""
        return value

    def decode(self, kept: Any) -> Any:
        """The value of what a slot holds."""
        return kept

    def expression(self, prefix: str = "") -> Any:
        rows = self._rows().filter(object_id=OuterRef(f"{prefix}id"))
        return Subquery(rows.values(self.slot)[:1], output_field=self.output)

    def holding(self, condition: Q | None = None) -> QuerySet[Any]:
        """Ids of the records that have this insight, or one that meets a condition on its row."""
        rows = self._rows().filter(**{f"{self.slot}__isnull": False})
        return (rows if condition is None else rows.filter(condition)).values("object_id")

    def _rows(self) -> QuerySet[Any]:
        return InsightRow.objects.filter(analysis=self.analysis, object=self.of)


class _InNumber(InInsight):
    @property
    def output(self) -> models.Field[Any, Any]:
        return BigIntegerField(null=True)


@dataclass(frozen=True, kw_only=True)
class InsightNumber(_InNumber, Number):
    """A number of which ``decimals`` are kept: an int, or a Decimal where it has any."""

    decimals: int = 0

    def encode(self, value: Any) -> Any:
        return None if value is None else round(Decimal(value).scaleb(self.decimals))

    def decode(self, kept: Any) -> Any:
        return kept if kept is None or not self.decimals else Decimal(kept).scaleb(-self.decimals)

    def asked(self, value: Any) -> Any:
        return Decimal(value).scaleb(self.decimals)

    def show(self, value: Any, reader: Reader) -> str:
        return "" if value is None else numbers.format_number(value, reader.language, self.decimals or None)

    def to_json(self, value: Any) -> Any:
        return float(value) if isinstance(value, Decimal) else value

    def schema(self) -> dict[str, Any]:
        return {"type": ["number" if self.decimals else "integer", "null"]}


@dataclass(frozen=True, kw_only=True)
class InsightPercent(_InNumber, Percent):
    """A share or, where ``is_chance``, a probability, in whole percent: nothing that lies ahead is as sure as 0 or 100."""

    is_chance: bool = False

    def show(self, value: Any, reader: Reader) -> str:
        if self.is_chance and value in (0, 100):
            near = super().show(1 if value == 0 else 99, reader)
            return (gettext("under %(share)s") if value == 0 else gettext("over %(share)s")) % {"share": near}
        return super().show(value, reader)


@dataclass(frozen=True, kw_only=True)
class InsightMoney(_InNumber, Money):
    """An amount in minor units of the workspace's currency."""


@dataclass(frozen=True, kw_only=True)
class InsightDay(InInsight, Day):
    """A day. ``until`` is the key of the insight with which a span ends that begins with this one: both are told as one, called ``span``."""

    until: str = ""
    span: Label = ""

    @property
    def output(self) -> models.Field[Any, Any]:
        return models.DateField(null=True)


@dataclass(frozen=True, kw_only=True)
class InsightLink(_InNumber, Link):
    """A record that was found for this one: the product to offer next. Shown by its title, to whoever may see it."""

    untitled: ClassVar[bool] = True
    sortable: ClassVar[bool] = False

    def from_columns(self, values: Sequence[Any]) -> Any:
        return None if values[0] is None else Ref(self.to, values[0], "")


@dataclass(frozen=True, kw_only=True)
class InsightLevel(InInsight, Choice):
    """One of named levels or segments, sorted by their order. ``is_ranked``: they go from low to high, so that a change
    is a rise or a fall. ``is_told``: a change of it is a fact, which timelines, notifications and automations hear of.
    ``begins``: the level that a record is taken to have had of which nothing was said, so that its first other one is a change
    too; not in the first run of all, which finds what had long been so."""

    is_ranked: bool = False
    is_told: bool = True
    begins: str = ""

    def decode(self, kept: Any) -> Any:
        return kept or ""

    def order(self, prefix: str = "") -> Any:
        places = models.Func(
            Value([o.key for o in self.options]), self.expression(prefix), function="array_position",
            template="%(function)s(%(expressions)s)", output_field=BigIntegerField(),
        )  # fmt: skip
        return Cast(places, BigIntegerField(null=True))

    @property
    def order_output(self) -> models.Field[Any, Any]:
        return BigIntegerField(null=True)

    def direction(self, was: str, now: str) -> str:
        """up, down, or empty where the levels are no ranks."""
        places = {o.key: n for n, o in enumerate(self.options)}
        if not self.is_ranked or was not in places or now not in places or was == now:
            return ""
        return "up" if places[now] > places[was] else "down"
