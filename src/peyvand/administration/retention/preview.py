"""What a rule would do tonight, found out without doing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction

from peyvand.administration.retention.holding import named_by
from peyvand.administration.retention.models import RetentionRule
from peyvand.administration.retention.rules import ERASE, LIMITS, due
from peyvand.administration.retention.running import apply
from peyvand.kernel.errors import Message
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.files.models import File
from peyvand.platform.objects.queries import ListQuery, Row, fetch_rows
from peyvand.platform.objects.spec import ObjectSpec, all_objects, object_named

SHOWN: Final = 10
LOOKED_AT: Final = 500
TRIED: Final = 100
MOST_COUNTED: Final = 100_000


@dataclass(frozen=True)
class Preview:
    """``count`` records are due (``is_more``: that many and more), ``held`` more would be but for a hold. ``hanging``:
    how many records of each object, and files, are linked to the first ``looked_at``. ``refused``: of the first
    ``tried`` which reasons leave how many."""

    spec: ObjectSpec
    count: int
    is_more: bool
    held: int
    nights: int
    rows: list[Row] = field(default_factory=list)
    looked_at: int = 0
    hanging: list[tuple[Any, int]] = field(default_factory=list)
    files: int = 0
    tried: int = 0
    refused: list[tuple[Message, int]] = field(default_factory=list)


def preview(ctx: Context, rule: RetentionRule) -> Preview:
    """Try a rule out; everything it writes meanwhile is taken back.

    Raises:
        Invalid: what the rule asks about is no longer there.
    """
    spec, rows = object_named(rule.object), due(ctx.tenant, rule)
    counted = rows.order_by()[: MOST_COUNTED + 1].count()
    count = min(counted, MOST_COUNTED)
    ids = list(rows.order_by("id").values_list("id", flat=True)[:LOOKED_AT])
    found = fetch_rows(ListQuery(spec, ctx.actor, ()), ids[:SHOWN])
    return Preview(
        spec, count, counted > MOST_COUNTED, due(ctx.tenant, rule, held=True).count(), -(-count // LIMITS[rule.deed].night),
        [found[id] for id in ids[:SHOWN] if id in found], len(ids), _hanging(spec, ids),
        File.objects.filter(object=spec.key, object_id__in=ids, removed_at=None).count(),
        *_refusals(ctx, spec, rule, ids[:TRIED]),
    )  # fmt: skip


def _hanging(spec: ObjectSpec, ids: Sequence[int]) -> list[tuple[Any, int]]:
    """Living records of other objects that name one of these, by object; each counted once."""
    out = []
    for other in all_objects():
        named = named_by(other, other.rows.filter(deleted_at__isnull=True), spec, ids)
        if other.key == spec.key:
            named = named.exclude(id__in=ids)
        if count := named.count():
            out.append((other, count))
    return out


def _refusals(
    ctx: Context, spec: ObjectSpec, rule: RetentionRule, ids: Sequence[int]
) -> tuple[int, list[tuple[Message, int]]]:
    # To forget a person looks through every table: no page waits for a hundred of them.
    if rule.deed == ERASE or not ids:
        return 0, []
    with transaction.atomic():
        outcome = apply(
            job_context(ctx.tenant), spec, rule.deed, list(spec.rows.filter(id__in=list(ids)).order_by("id"))
        )
        transaction.set_rollback(True)
    return len(ids), [
        (Message(text, dict(params)), count) for (text, params), count in outcome.reasons.most_common()
    ]
