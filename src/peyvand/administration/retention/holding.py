"""What is on hold beside a record itself: what belongs to it or names it would not stay as it is, were the record gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from peyvand.administration.governance.public import belongings_of
from peyvand.administration.retention.models import RetentionHold
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.platform.database.locks import hold
from peyvand.platform.objects.hanging import columns_of, custom_links
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.workspaces.scope import current_workspace_id


def named_by(other: ObjectSpec, rows: QuerySet[Any], spec: ObjectSpec, ids: Collection[int]) -> QuerySet[Any]:
    """Those of another object's ``rows`` that name one of these records."""
    named, asked = Q(pk__in=[]), list(ids)
    if other.base is None:
        for place in columns_of(other.model, spec):
            here = {place.kind: spec.key} if place.kind else {}
            named |= Q(**{f"{place.column}__in": asked}, **here)
    for owner, link in custom_links(spec):
        if owner.key == other.key:
            named |= Q(**{f"custom__{link.key}__in": asked})
    return rows.filter(named)


def settle_holds() -> None:
    """Wait for whoever is just putting something on hold; until the transaction ends nobody else does.

    Whoever puts on hold and whoever removes by a rule begin with this, before they lock any record, so that the two never
    wait for each other.
    """
    hold(current_workspace_id(), "retention.holds")


def refuse_held_about(person: Any) -> None:
    """Refuse to forget a person of whose notes, calls or merged records one is on hold. All of them are locked first, so
    that none is put on hold meanwhile.

    Raises:
        RuleViolation: one of them is.
    """
    mine = belongings_of(person.id)
    for spec, ids in mine.records:
        list(spec.rows.filter(id__in=ids).order_by("id").select_for_update(of=("self",)))
    held = _held()
    if any(held[spec.key] & set(ids) for spec, ids in mine.records):
        raise RuleViolation(msg("Something written about this person is on hold."))


def refuse_named_by_held(spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Refuse to remove for good what a record on hold names: it would lose the name.

    Raises:
        RuleViolation: one of them is named so.
    """
    ids = {record.id for record in records}
    for key, held in _held().items():
        other = find_object(key)
        if other is not None and named_by(other, other.rows.filter(id__in=held), spec, ids).exists():
            raise RuleViolation(msg("A record that is on hold names it."))


def _held() -> defaultdict[str, set[int]]:
    """Ids of the records on hold, by object."""
    out: defaultdict[str, set[int]] = defaultdict(set)
    found: Iterable[tuple[str, int]] = RetentionHold.objects.values_list("object", "object_id")
    for key, id in found:
        out[key].add(id)
    return out
