"""A change applied to many records of which rules refuse some: the others go through, and each refusal has its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from peyvand.kernel.errors import Invalid, Message, PeyvandError
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.long import fresh
from peyvand.platform.database.failures import explained, passing
from peyvand.platform.objects.halving import by_halves
from peyvand.platform.objects.spec import ObjectSpec

Change = Callable[[Context, ObjectSpec, Sequence[Any]], None]


@dataclass
class Outcome:
    """What became of a set of records: those changed, and those refused with the reason of each."""

    done: list[int] = field(default_factory=list)
    refused: list[tuple[int, Message]] = field(default_factory=list)

    def refuse(self, id: int, reason: Message) -> None:
        self.refused.append((id, reason))

    @property
    def reasons(self) -> Counter[tuple[str, tuple[tuple[str, str], ...]]]:
        """How many were refused for each reason, told by its template and its values."""
        return Counter(
            (reason.template, tuple((k, str(v)) for k, v in reason.params.items()))
            for _, reason in self.refused
        )


def sift(ctx: Context, spec: ObjectSpec, records: Sequence[Any], change: Change, outcome: Outcome) -> None:
    """Change records as one set. A rule that names those it refuses is obeyed at once; where it names none, they are
    looked for by halving, which costs a few attempts for each.
    """
    loaded: Sequence[Any] = records

    def attempt(ids: Sequence[int]) -> None:
        nonlocal loaded
        # A refused attempt may have set values on the loaded records: the next begin with fresh ones.
        at_hand, loaded = loaded or _fresh(spec, ids), ()
        if not at_hand:
            return
        change(fresh(ctx), spec, at_hand)
        outcome.done += [r.id for r in at_hand]

    by_halves(
        ctx,
        [r.id for r in records],
        attempt,
        refusal_of=_refusal_of,
        refuse=lambda id, error: outcome.refuse(id, reason_of(error)),
        id_of=int,
    )


def _refusal_of(error: Exception) -> PeyvandError | None:
    if passing(error):
        return None
    return error if isinstance(error, PeyvandError) else explained(error)


def reason_of(error: PeyvandError) -> Message:
    """The sentence that tells why a record was refused."""
    return error.problems[0].message if isinstance(error, Invalid) else error.message


def _fresh(spec: ObjectSpec, ids: Sequence[int]) -> list[Any]:
    found = spec.rows.in_bulk(ids)
    return [found[id] for id in ids if id in found]
