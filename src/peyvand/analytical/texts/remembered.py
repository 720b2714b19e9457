"""What the run before said of texts, so that those which nobody touched since are not read again.

The first run of a day reads all of them; the others of that day read what is new or changed, and take the rest from the insights
that are kept of texts. Of those without a mood nothing is kept: they are told from texts without any words of their own
(``silent``) by the run before.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.analyses.objects import READY, RUNNING
from peyvand.analytical.texts.hearing import NEUTRAL
from peyvand.analytical.texts.judging import Judge
from peyvand.analytical.texts.labels import Labelled
from peyvand.analytical.texts.objects import MOOD
from peyvand.analytical.texts.sources import Mark, sources_of
from peyvand.analytical.texts.telling import said_by_colleague
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.insights.models import InsightRow
from peyvand.platform.workspaces.scope import workspace_scope

# A transaction that was under way when the run before began may have written earlier than that.
_UNDER_WAY: Final = timedelta(minutes=10)
_MOOD: Final = "text_mood"
Key = tuple[str, int]


@dataclass(frozen=True)
class Said:
    """The mood of a text and what is told beside it."""

    mood: str
    told: Mapping[str, Any] | None


@dataclass(frozen=True)
class Remembered:
    """``since``: what was changed from then on is read anew. ``words``: what marked unhappy texts in the whole reading.

    ``given``: texts of which somebody said then how they sound, so that they were never judged.
    """

    since: datetime
    moods: Mapping[Key, Said]
    silent: frozenset[Key]
    given: frozenset[Key]
    words: Sequence[Any]

    def of(self, mark: Mark, label: str | None) -> Said | None:
        """What is said of a text that need not be read; None: it has to be. ``label`` is what somebody says of it now."""
        if mark.updated_at >= self.since:
            return None
        if label is not None:
            return Said(label, said_by_colleague())
        if (mark.object, mark.id) in self.given:
            # What somebody had said was taken back since.
            return None
        said = self.moods.get((mark.object, mark.id))
        if said is None:
            return Said(NEUTRAL, None)
        # The same, of what was said after that run: it has no reasons yet.
        return said if said.told and said.told != said_by_colleague() else None


def judged_by(
    tenant: Tenant, judge: Judge, labels: Iterable[Labelled], horizon: int, trade: Collection[str]
) -> str:
    """What tells one way of judging from another: the kinds of texts that are read, the days that count, the words of the trade,
    and the labels that a model was learned from."""
    told: list[Any] = [[source.object for source in sources_of(tenant)], horizon, sorted(trade)]
    if judge.model is not None:
        told.append([(one.object, one.id, one.label, one.text) for one in labels])
    return blake2b(json.dumps(told).encode(), digest_size=16).hexdigest()


def remembered(tenant: Tenant, as_of: date, by: str) -> Remembered | None:
    """What the run before said, if it was of the same day and judged alike; outside any scope."""
    with workspace_scope(tenant.id):
        cards = ModelCard.objects.filter(analysis=MOOD.key).exclude(state=RUNNING)
        before = cards.order_by("-number").first()
        if (
            before is None
            or before.state != READY
            or before.as_of != as_of
            or before.more.get("judged") != by
        ):
            return None
        rows = InsightRow.objects.filter(analysis=MOOD.key, object__in=[s.object for s in sources_of(tenant)])
        moods = {
            (object, id): Said(mood, told.get(_MOOD))
            for object, id, mood, told in rows.values_list("object", "object_id", "text1", "told")
            if mood
        }
    silent, given = (
        frozenset((object, id) for object, ids in before.more[kept].items() for id in ids)
        for kept in ("silent", "given")
    )
    return Remembered(before.started_at - _UNDER_WAY, moods, silent, given, before.more["words"])


def by_object(keys: Iterable[Key]) -> dict[str, list[int]]:
    """The ids of texts by their object, as a run keeps them."""
    found: dict[str, list[int]] = defaultdict(list)
    for object, id in sorted(keys):
        found[object].append(id)
    return dict(found)
