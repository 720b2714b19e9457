"""Whom nobody spoke to: no call and no meeting since a moment."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q

from peyvand.kernel import clock
from peyvand.operational.activities.models import Call, Meeting, MeetingPerson

_DEAL, _PERSON, _COMPANY = "deal", "person", "company"


def not_spoken(object_key: str, since: Any) -> Q | None:
    """Rows of people, companies or deals that no call was with or about, and no meeting, from ``since`` until now; None
    for other objects, whose records nobody speaks to. What was called off, plans for later and
    what rests in the bin do not count."""
    if object_key not in (_PERSON, _COMPANY, _DEAL):
        return None
    with_it = Q(about_object=object_key, about_id=OuterRef("id"))
    if object_key != _DEAL:
        with_it |= Q(**{f"{object_key}_id": OuterRef("id")})
    calls = Call.objects.filter(with_it, started_at__gte=since, deleted_at__isnull=True)
    held = {
        "starts_at__gte": since, "starts_at__lte": clock.now(), "deleted_at__isnull": True, "status__in": ("planned", "held"),
    }  # fmt: skip
    asked = ~Q(Exists(calls)) & ~Q(Exists(Meeting.objects.filter(with_it, **held)))
    if object_key == _PERSON:
        took_part = MeetingPerson.objects.filter(
            person_id=OuterRef("id"), **{f"meeting__{name}": value for name, value in held.items()}
        )
        asked &= ~Q(Exists(took_part))
    return asked
