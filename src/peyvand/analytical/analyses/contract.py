"""What every analysis has in common: what it is given, what it answers, and how it says that it cannot answer.

An analysis is a function of (Inputs) that returns a Finding, or raises what ``analytical/methods/guards`` has for too little
data (NotEnough), no usable signal (NoSignal) or data that are too old (Stale). It knows only what had happened by
``as_of``. It names its function by its path, so that only a worker ever loads the mathematics.

    register_analysis(Analysis(
        key="rfm", label=_("RFM segments"), about=_("Who bought lately, often and for much …"),
        run="peyvand.analytical.customers.rfm:run",
        insights={"person": FIELDS, "company": FIELDS},
    ))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal

from peyvand.kernel.errors import Message
from peyvand.platform.fields.field import Label
from peyvand.platform.insights.ahead import looking_ahead
from peyvand.platform.insights.fields import InInsight
from peyvand.platform.insights.keeping import Scores
from peyvand.platform.objects.spec import extend, object_named

if TYPE_CHECKING:
    from peyvand.analytical.warehouse.tables import Tables
    from peyvand.platform.identity.actor import Tenant

# Of a share 1 is all, and it is told in percent; a count is told without a fraction, though it be expected.
Unit = Literal["number", "count", "percent", "share", "money", "days"]
# How much a field counts: its name, a msgid, and the effect; with True the name is that of a field which the workspace added.
Weight = tuple[str, float] | tuple[str, float, bool]


@dataclass(frozen=True)
class OwnField:
    """A field that the workspace added to people or companies and that can be learned from: a number (``kind`` "number" or "money")
    or one of a few words ("choice", with what they are called; "flag"). The customers' column ``own`` holds its values."""

    object: str
    key: str
    label: str
    kind: Literal["number", "money", "choice", "flag"]
    options: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def column(self) -> str:
        """What it is called among the fields that a method looks at."""
        return f"{self.object}.{self.key}"


@dataclass(frozen=True)
class Inputs:
    """What an analysis may know. ``as_of`` is the last day whose facts count; ``settings`` are what the workspace chose; ``own`` are
    the fields that it added to customers."""

    tables: Tables
    as_of: date
    tenant: Tenant
    settings: Mapping[str, Any] = field(default_factory=dict)
    own: tuple[OwnField, ...] = ()


@dataclass(frozen=True)
class Figure:
    """One figure of a model card: what it is called (a msgid), its value, and its interval where it has one."""

    name: str
    value: float
    unit: Unit = "number"
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Beside:
    """The analysis beside a simple rule, on what came later: the same figure of both and the gain with its interval.

    ``instead``: what is shown where it is not surely better (a msgid).
    """

    rule: str
    figure: str
    method: float
    simple: float
    gain: float
    low: float
    high: float
    unit: Unit = "number"
    instead: str = ""

    @property
    def is_better(self) -> bool:
        return self.low > 0


@dataclass(frozen=True)
class Card:
    """What is known of a model: the data it was made of, how good it is and how that was found out.

    ``bins`` are (said, came true, rows) from the least likely up; ``lift`` the share of all outcomes in the best 10, 20, …
    100 percent; ``weights`` what counts how much. Figures named in ``watched`` are compared with earlier cards: drift.
    """

    rows: int
    first: date | None = None
    last: date | None = None
    figures: tuple[Figure, ...] = ()
    beside: Beside | None = None
    bins: tuple[tuple[float, float, int], ...] = ()
    bins_unit: Unit = "share"
    lift: tuple[float, ...] = ()
    weights: tuple[Weight, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    # Warnings to whoever reads the scores: a season, drop-out that cannot be measured, a leak that was left out.
    notes: tuple[Message, ...] = ()
    watched: tuple[str, ...] = ()
    # Why what it says of records is not to be taken at its word (``methods/backtest``); None where it is.
    caution: Message | None = None
    # Of how many days ahead its scores are; None: of the day itself.
    ahead: int | None = None

    @property
    def is_off(self) -> bool:
        return self.caution is not None


@dataclass(frozen=True)
class Finding:
    """What an analysis found: scores of records, and its card. ``more`` is what its own pages show beyond scores (segments'
    medians, rules, channels): JSON that its slice reads again."""

    scores: tuple[Scores, ...]
    card: Card
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """See the module's docstring. ``defaults`` are its settings until the workspace chooses others; without a ``run`` its
    answers come from outside. ``gathers``: objects and "object.field" whose amounts its cards tell beyond those of its insights.
    ``absent``: what it means that it says nothing of a record.
    """

    key: str
    label: Label
    about: Label
    run: str = ""
    insights: Mapping[str, tuple[InInsight, ...]] = field(default_factory=dict)
    defaults: Mapping[str, int] = field(default_factory=dict)
    # So many days after its day an answer is too old to be shown.
    lasts: int = 14
    gathers: tuple[str, ...] = ()
    absent: Label = ""

    @property
    def tells_of(self) -> tuple[str, ...]:
        """The objects and "object.field" that its cards tell amounts of."""
        told = [path for fields in self.insights.values() for f in fields for path in f.gathers]
        return tuple(dict.fromkeys((*self.gathers, *told)))

    @property
    def function(self) -> Callable[[Inputs], Finding]:
        """The analysis itself; loads its mathematics."""
        module, _, name = self.run.partition(":")
        found: Callable[[Inputs], Finding] = getattr(import_module(module), name)
        return found

    def fields_of(self, object_key: str) -> tuple[InInsight, ...]:
        """The insights that it gives to records of an object."""
        return self.insights.get(object_key, ())


_analyses: Final[dict[str, Analysis]] = {}


def register_analysis(analysis: Analysis) -> Analysis:
    """Make an analysis known: its insights become fields of their objects, and it is run every night.

    Raises:
        ValueError: there is one of this key, or two of its insights of one object share a slot.
    """
    if analysis.key in _analyses:
        raise ValueError(f"analysis {analysis.key} is declared twice")
    known: dict[str, tuple[InInsight, ...]] = {}
    for object_key, fields in analysis.insights.items():
        if len({f.slot for f in fields}) < len(fields):
            raise ValueError(f"two insights of {analysis.key} share a slot")
        own = tuple(_given(analysis, object_key, f) for f in fields)
        known[object_key] = own
        extend(object_named(object_key), *own)
    made = replace(analysis, insights=known)
    _analyses[analysis.key] = made
    return made


def _given(analysis: Analysis, object_key: str, one: InInsight) -> InInsight:
    label = one.label
    if one.is_ahead:
        label = looking_ahead(label, analysis.key, analysis.defaults["horizon_days"])
    return replace(one, analysis=analysis.key, of=object_key, label=label)


def analysis_named(key: str) -> Analysis | None:
    return _analyses.get(key)


def all_analyses() -> list[Analysis]:
    """Those that are run here."""
    return [analysis for analysis in _analyses.values() if analysis.run]
