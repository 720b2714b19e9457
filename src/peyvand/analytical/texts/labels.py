"""What people said of texts: kept by record, read again with the texts where these lie."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from peyvand.analytical.texts.models import TextLabel
from peyvand.analytical.texts.sources import source_of, sources_of, texts_of
from peyvand.kernel import clock
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.workspaces.scope import workspace_scope

# The newest labels are learned from; more would not make it better, but slower.
MOST: Final = 5000
_SET: Final = 1000


@dataclass(frozen=True)
class Labelled:
    """A text with what somebody said of it. ``said`` is what had been suggested then."""

    object: str
    id: int
    text: str
    at: datetime
    label: str
    said: str


def give(
    ctx: Context, object_key: str, records: Iterable[Any], kind: str, said: dict[int, str], **label: Any
) -> None:
    """Keep what the actor says of the texts of some records; an earlier word about them goes, but what had been suggested
    before that (``said``) stays.

    Raises:
        RuleViolation: one of them has no text that counts.
    """
    source, now, labels = source_of(object_key), clock.now(), []
    for record in records:
        if source is None or not source.holds(record) or not source.text_of(record):
            raise RuleViolation(msg("There is no text here that could be judged."))
        labels.append(TextLabel(
            workspace_id=ctx.tenant.id, object=object_key, object_id=record.pk, kind=kind, said=said.get(record.pk, ""),
            by_id=ctx.actor.user_id, at=now, **label,
        ))  # fmt: skip
    TextLabel.objects.bulk_create(
        labels, update_conflicts=True, unique_fields=["workspace_id", "object", "object_id", "kind"],
        update_fields=["mood", "topic", "by", "at"],
    )  # fmt: skip
    ctx.touch(object_key, *(one.object_id for one in labels))


def take_back(ctx: Context, object_key: str, record_id: int, kind: str) -> str | None:
    """Forget what was said of a record's text; what had been suggested then. None: nothing was said."""
    label = TextLabel.objects.filter(object=object_key, object_id=record_id, kind=kind).first()
    if label is None:
        return None
    label.delete()
    ctx.touch(object_key, record_id)
    said: str = label.said
    return said


def labelled(tenant: Tenant, kind: str) -> list[Labelled]:
    """The newest labelled texts that are still there, the oldest first; outside any scope."""
    with workspace_scope(tenant.id):
        rows = TextLabel.objects.filter(kind=kind)
        if kind == TextLabel.TOPIC:
            rows = rows.filter(topic__deleted_at__isnull=True)
        known: dict[str, dict[int, TextLabel]] = defaultdict(dict)
        for label in rows.order_by("-id")[:MOST]:
            known[label.object][label.object_id] = label
    out = []
    for source in sources_of(tenant):
        of = known.get(source.object, {})
        ids = sorted(of)
        for start in range(0, len(ids), _SET):
            with workspace_scope(tenant.id):
                for text in texts_of(source, ids[start : start + _SET]):
                    label = of[text.id]
                    named = label.mood or str(label.topic_id)
                    out.append(Labelled(text.object, text.id, text.text, text.at, named, label.said))
    return sorted(out, key=lambda one: (one.at, one.object, one.id))
