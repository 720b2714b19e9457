"""Which records nobody had to do with for long: neither changed, nor written about, nor part of anything that happened."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q

from peyvand.platform.events.models import TimelineEntry
from peyvand.platform.objects.spec import ObjectSpec


def untouched(spec: ObjectSpec, since: Any) -> Q:
    """Rows of an object that were last changed before ``since`` (a moment, or a subquery for one), and on whose timeline
    nothing happened from then on: no call, no meeting, no note, no deal that moved."""
    happened = TimelineEntry.objects.filter(object=spec.key, object_id=OuterRef("id"), at__gte=since)
    return Q(updated_at__lt=since) & ~Q(Exists(happened))
