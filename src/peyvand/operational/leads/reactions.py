"""What leads do because something happened: scores, the last touch and names are kept in step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.db.models.functions import Coalesce, Greatest

from peyvand.kernel import clock
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.operational.leads.jobs import RESCORE
from peyvand.operational.leads.models import Lead
from peyvand.operational.leads.scoring.happenings import all_happenings
from peyvand.operational.leads.scoring.reckoning import refresh
from peyvand.operational.leads.transitions import OPEN
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import reaction_context
from peyvand.platform.database.bulk import update_rows
from peyvand.platform.events.facts import (
    Event,
    RecordCreated,
    RecordDeleted,
    RecordRestored,
    RecordUpdated,
    all_facts,
)
from peyvand.platform.events.reactions import Cause, reaction
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.merging.events import RecordMerged, RecordUnmerged
from peyvand.platform.objects.records import update_records
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.spec import find_object
from peyvand.platform.workspaces.scope import current_workspace_id

# What one of us did, when it is written down or came to pass.
_TOUCHES = ("call", "note", "meeting")
_FACTS = all_facts()
_DONE = [_FACTS[wire] for wire in dict.fromkeys(h.wire for h in all_happenings())]
_TOUCHED = [_FACTS[f"activities.{name}.v1"] for name in ("task_completed", "meeting_held")]


@reaction(RecordCreated, objects=("lead",), always=True)
def reckon_new(cause: Cause, facts: Sequence[Event]) -> None:
    """Reckon the leads that came."""
    reckon_changed(cause, facts)


@reaction(
    RecordUpdated,
    RecordRestored,
    RecordMerged,
    RecordUnmerged,
    objects=("lead", "person", "company"),
    always=True,
)
def reckon_changed(cause: Cause, facts: Sequence[Event]) -> None:
    """Reckon the leads anew that changed, or whose person or company did."""
    ids = _ids(facts)
    about = Q(id__in=ids["lead"]) | Q(person_id__in=ids["person"]) | Q(company_id__in=ids["company"])
    refresh(reaction_context(cause), list(Lead.objects.filter(about).values_list("id", flat=True)))


@reaction(*_DONE, always=True)
def reckon_done(cause: Cause, facts: Sequence[Event]) -> None:
    """Reckon the leads of people anew who did something that rules count."""
    people = _subjects(facts)["person"]
    refresh(
        reaction_context(cause), list(Lead.objects.filter(person_id__in=people).values_list("id", flat=True))
    )


@reaction(RecordCreated, *_TOUCHED, objects=(*_TOUCHES, "task"))
def note_touch(cause: Cause, facts: Sequence[Event]) -> None:
    """Note when one of us last did something about an open lead, or with its person."""
    found = _subjects([f for f in facts if not (isinstance(f, RecordCreated) and f.object == "task")])
    about = Q(id__in=found["lead"]) | Q(person_id__in=found["person"])
    now, ctx = clock.now(), reaction_context(cause)
    rows = Lead.objects.filter(about, state__in=OPEN)
    ids = list(rows.order_by("id").select_for_update().values_list("id", flat=True))
    if not ids:
        return

    def write() -> None:
        Lead.objects.filter(id__in=ids).update(touched_at=Greatest(Coalesce("touched_at", now), now))
        ctx.touch("lead", *ids)

    perform(ctx, "lead.update", (), write)


@reaction(RecordUpdated, objects=("person",), always=True)
def follow_names(cause: Cause, facts: Sequence[Event]) -> None:
    """A lead that is called like its person is called so when the person gets another name."""
    renamed = {
        f.object_id: f.changes["name"] for f in facts if isinstance(f, RecordUpdated) and "name" in f.changes
    }
    if not renamed:
        return
    rows = Lead.objects.filter(person_id__in=renamed).order_by("id").select_for_update()
    named = [
        (id, str(renamed[person][1])[:300])
        for id, person, name in rows.values_list("id", "person_id", "name")
        if name == renamed[person][0]
    ]
    if not named:
        return
    ctx = reaction_context(cause)

    def write() -> None:
        update_rows(Lead, ("name",), named)
        ctx.touch("lead", *(id for id, _ in named))

    perform(ctx, "lead.update", (), write)


@reaction(RecordCreated, RecordUpdated, objects=("lead",))
def give_people(cause: Cause, facts: Sequence[Event]) -> None:
    """A person whom nobody looks after goes to whoever got their lead, who could not see them otherwise."""
    got = [f.object_id for f in facts if isinstance(f, RecordCreated) or "owner" in getattr(f, "changes", ())]
    rows = Lead.objects.filter(id__in=got, owner__isnull=False, person__owner__isnull=True)
    owners = dict(rows.order_by("-id").values_list("person_id", "owner_id"))
    people = list(
        Person.objects.filter(id__in=owners, owner=None, deleted_at=None).order_by("id").select_for_update()
    )
    update_records(reaction_context(cause), PERSON, people, [{"owner": owners[one.id]} for one in people])


@reaction(RecordCreated, RecordUpdated, RecordDeleted, RecordRestored, objects=("score_rule",), always=True)
def reckon_all(cause: Cause, facts: Sequence[Event]) -> None:
    """Reckon every lead anew by rules that changed, in the background."""
    defer(RESCORE, once=f"{RESCORE}:{current_workspace_id()}")


def _ids(facts: Iterable[Event]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for fact in facts:
        found[fact.object].add(fact.object_id)
    return found


def _subjects(facts: Iterable[Event]) -> dict[str, set[int]]:
    """The records on whose timelines the facts stand, by object."""
    found: dict[str, set[int]] = defaultdict(set)
    for key, ids in _ids(facts).items():
        if spec := find_object(key):
            for subjects in subjects_of(spec, list(spec.rows.filter(id__in=ids))):
                for object_key, id in subjects:
                    found[object_key].add(id)
    return found
