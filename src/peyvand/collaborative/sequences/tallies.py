"""What became of the people of a sequence, as fields of it: shown in its list, filtered by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q
from django.db.models.expressions import RawSQL

from peyvand.collaborative.sequences.models import FINISHED, GOING
from peyvand.collaborative.sequences.reasons import BOOKED, REPLIED
from peyvand.kernel.conditions import FieldType
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Compound, Number, Percent

_PEOPLE = "from enrolment e where e.workspace_id = {record}.workspace_id and e.sequence_id = {record}.id"
_ANSWERED = f"e.reason in ('{REPLIED}', '{BOOKED}')"
_COUNTS = {
    "under_way": f"count(*) filter (where e.state in {GOING})",
    "finished": f"count(*) filter (where e.state = '{FINISHED}')",
    "answered": f"count(*) filter (where {_ANSWERED})",
    # Of all who went in, in whole percent; of nobody there is none.
    "rate": f"round(100.0 * count(*) filter (where {_ANSWERED}) / nullif(count(*), 0))::int",
}
_COMPARED = {"is": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


@dataclass(frozen=True, kw_only=True)
class Tally(Compound):
    """How many of those who went into a sequence, or which part of them: ``of`` is a key of _COUNTS. Read, never written."""

    of: str
    type: ClassVar[FieldType] = FieldType.number
    widget: ClassVar[str] = "number"

    @property
    def _plain(self) -> Number:
        return Percent(key=self.key, label="") if self.of == "rate" else Number(key=self.key, label="")

    def items_sql(self, record: str) -> str:
        return f"select {_COUNTS[self.of]} {_PEOPLE.format(record=record)}"

    def from_columns(self, values: Sequence[Any]) -> Any:
        return next(iter(super().from_columns(values)), None)

    def empty(self) -> Any:
        return None

    def store(self, ctx: Any, values: Mapping[int, Any]) -> None:
        """Nothing is kept of it: it is counted."""

    def filter(self, op: str, value: Any) -> Q:
        count = f"select s.id from sequence s where ({self.items_sql('s')})"  # noqa: S608 declared SQL
        if op == "empty":
            return Q(id__in=RawSQL(f"{count} is null", []))  # noqa: S611 declared SQL
        if op == "between":
            return Q(id__in=RawSQL(f"{count} between %s and %s", list(value)))  # noqa: S611 values are parameters
        return Q(id__in=RawSQL(f"{count} {_COMPARED[op]} %s", [value]))  # noqa: S611 values are parameters

    def show(self, value: Any, reader: Reader) -> str:
        return self._plain.show(value, reader)

    def to_json(self, value: Any) -> Any:
        return value

    def schema(self) -> dict[str, Any]:
        return self._plain.schema()
