"""One timeline of everything that happened to a record, newest first by key; a page costs the same for any length.

Queries of a page: the entries with their events, then one for each kind of record among them (which also tells what
the actor may see of it), one for the people who acted, one for each kind of record named in a change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot, in_slot
from peyvand.platform.database.prepared import fetch
from peyvand.platform.events.facts import Event, RecordCreated, RecordUpdated, all_facts, rebuild
from peyvand.platform.events.reading import data_of
from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import Field, Ref, whole_id
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import User
from peyvand.platform.objects.changes import value_of
from peyvand.platform.objects.queries import ListQuery, Row, fetch_rows
from peyvand.platform.objects.sight import named
from peyvand.platform.objects.spec import ObjectSpec, all_objects, find_object
from peyvand.platform.objects.telling import TELLS_MORE, told_to, untold
from peyvand.platform.search.permitted import visible
from peyvand.platform.workspaces.lookups import lookup

PAGE = 25
IMPORT = "import"
CHANGES = "changes"
# What people reach for most comes first, in the filter and in the composer.
ORDER = {"note": 0, "call": 1, "task": 2, "meeting": 3}


@dataclass(frozen=True)
class Kind:
    """One choice of the filter above the timeline."""

    key: str
    label: str | Promise
    icon: str


@dataclass(frozen=True)
class Change:
    """A field that an event changed, old and new as Field.show wants them."""

    field: Field
    old: Any
    new: Any


@dataclass(frozen=True)
class Origin:
    """An import by which a record came; ``run`` is 0 where no page tells of it, ``by`` the user who began it."""

    run: int
    by: int | None
    files: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """An event as the timeline shows it. ``content`` is the record of an activity as it stands now."""

    id: int
    at: datetime
    fact: Event
    spec: ObjectSpec
    actor: str
    changes: tuple[Change, ...] = ()
    content: Row | None = None
    # By which import it came, where it did.
    origin: Origin | None = None


@dataclass(frozen=True)
class TimelinePage:
    entries: list[Entry]
    # Cursor of the page that follows; empty at the end.
    next: str


@dataclass(frozen=True)
class _Line:
    at: datetime
    id: int
    wire: str
    object: str
    object_id: int
    actor_id: int | None
    actor_kind: str
    data: dict[str, Any] = field(default_factory=dict)
    audit_id: int | None = None


def activity_objects() -> list[ObjectSpec]:
    """Objects whose records are about other records: notes, calls, tasks, meetings."""
    return [spec for spec in all_objects() if about_field(spec)]


def about_field(spec: ObjectSpec) -> Field | None:
    """The field that says what an activity is about."""
    return next((f for f in spec.fields if isinstance(f, About)), None)


def kinds_of(ctx: Context, spec: ObjectSpec) -> list[Kind]:
    """What the timeline of such a record can be narrowed to."""
    may = ctx.actor.grants
    specs = sorted(activity_objects(), key=lambda s: ORDER.get(s.key, len(ORDER)))
    kinds = [
        Kind(s.key, s.label_plural, s.icon)
        for s in specs
        if may.scope(s.permission("view")) is not Scope.NONE
    ]
    for related in spec.relations:
        other = find_object(related.object)
        if (
            other is None
            or other.menu is None
            or other.key == spec.key
            or may.scope(other.permission("view")) is Scope.NONE
        ):
            continue
        if related.via in {f.key for f in other.timeline_links}:
            kinds.append(Kind(other.key, other.label_plural, other.icon))
    return [*kinds, Kind(CHANGES, _("Changes"), "pencil")]


def kinds_among(spec: ObjectSpec, page: TimelinePage) -> set[str]:
    """The kinds of which a page of the timeline of such a record has something."""
    there = {entry.spec.key for entry in page.entries}
    has_changes = any(e.spec is spec and isinstance(e.fact, RecordUpdated) for e in page.entries)
    return there | {CHANGES} if has_changes else there


def kinds_there(ctx: Context, spec: ObjectSpec, id: int, limit: int = PAGE) -> set[str] | None:
    """The kinds of which the actor's timeline of a record has something, without reading what is said of them; None: it has
    more than ``limit`` lines, and may have any."""
    lines = _lines(ctx, spec, id, "", None, limit + 1)
    if len(lines) > limit:
        return None
    own = (spec.key, id)
    seen = {own} | visible(ctx.actor, {(line.object, line.object_id) for line in lines} - {own})
    there = {line.object for line in lines if (line.object, line.object_id) in seen}
    hidden = ctx.actor.grants.hides(spec.key)
    if any(
        line.wire == RecordUpdated.wire
        and (line.object, line.object_id) == own
        and line.data["changes"].keys() - hidden
        for line in lines
    ):
        there.add(CHANGES)
    return there


def fetch_timeline(
    ctx: Context, spec: ObjectSpec, id: int, kind: str = "", after: str = "", limit: int = PAGE
) -> TimelinePage:
    """A page of the timeline of a record that the actor may see.

    Raises:
        Invalid: the cursor ``after`` is damaged.
    """
    lines = _lines(ctx, spec, id, kind, _cursor(after), limit + 1)
    more, lines = len(lines) > limit, lines[:limit]
    contents, seen = _contents(ctx, spec, id, lines)
    names, origins = _names(lines), _origins(ctx, lines)
    entries = []
    for line in lines:
        own = find_object(line.object)
        data = told_to(ctx.actor, line.object, line.wire, line.data)
        fact = (
            rebuild(line.wire, line.object, line.object_id, line.at, untold(data))
            if data is not None
            else None
        )
        if own is None or fact is None or (line.object, line.object_id) not in seen:
            continue
        actor = names.get(line.actor_id or 0, "")
        changes = tuple(_changes(ctx, own, fact)) if isinstance(fact, RecordUpdated) else ()
        if isinstance(fact, RecordUpdated) and not changes:
            continue
        entries.append(
            Entry(
                line.id,
                line.at,
                fact,
                own,
                actor,
                changes,
                contents.get((line.object, line.object_id)),
                origins.get(line.audit_id or 0) if _came(fact) else None,
            )
        )
    last = lines[-1] if lines else None
    return TimelinePage(
        _with_titles(ctx, entries), f"{last.at.isoformat()}~{last.id}" if more and last else ""
    )


# A plain "created" or "changed" of an activity is passed over where the same action said in words of its own what it did,
# whatever the moment it said that of: a call is logged when it was made, and entered later.
_NOT_SAID_BETTER = """not (e.wire = any(%s::text[]) and e.object = any(%s::text[]) and exists (
    select 1 from event s where s.workspace_id = e.workspace_id and s.object = e.object and s.object_id = e.object_id
    and s.audit_id = e.audit_id and not s.wire = any(%s::text[])))"""
# So is that somebody got a record, where the same action also said why.
_NOT_GIVEN = """not (e.wire = any(%s::text[]) and exists (
    select 1 from event s where s.workspace_id = e.workspace_id and s.object = e.object and s.object_id = e.object_id
    and s.audit_id = e.audit_id and s.wire = any(%s::text[])))"""


def _lines(
    ctx: Context, spec: ObjectSpec, id: int, kind: str, after: tuple[datetime, int] | None, limit: int
) -> list[_Line]:
    where = f" and {_NOT_SAID_BETTER} and {_NOT_GIVEN} and {TELLS_MORE}"
    facts = all_facts()
    plain = [RecordCreated.wire, RecordUpdated.wire]
    parameters: list[Any] = [ctx.tenant.id, spec.key, id, plain, [s.key for s in activity_objects()], plain,
        [wire for wire, kind in facts.items() if kind.assigns], [wire for wire, kind in facts.items() if kind.gives],
    ]  # fmt: skip
    if after:
        where += " and (t.at, t.event_id) < (%s::timestamptz, %s::bigint)"
        parameters += after
    if kind == CHANGES:
        where += " and e.wire = %s::text and e.object = %s::text and e.object_id = %s::bigint"
        parameters += [RecordUpdated.wire, spec.key, id]
    elif kind:
        where += " and e.object = %s::text"
        parameters.append(kind)
    # How many is part of the text: a plan for any number of rows would not go by the index.
    found = fetch(
        f"""
        select t.at, e.id, e.wire, e.object, e.object_id, e.actor_id, e.actor_kind, e.data, e.audit_id
        from timeline_entry t join event e on e.workspace_id = t.workspace_id and e.id = t.event_id
        where t.workspace_id = %s::bigint and t.object = %s::text and t.object_id = %s::bigint{where}
        order by t.at desc, t.event_id desc limit {limit}
        """,  # noqa: S608 names come from models, values are parameters
        parameters,
    )
    return [_Line(*(*row[:7], data_of(row[7]), row[8])) for row in found]


def _contents(
    ctx: Context, spec: ObjectSpec, id: int, lines: Sequence[_Line]
) -> tuple[dict[tuple[str, int], Row], set[tuple[str, int]]]:
    """Activities among the lines as they stand now, and all records among them that the actor may see."""
    asked: dict[str, set[int]] = defaultdict(set)
    for line in lines:
        asked[line.object].add(line.object_id)
    contents: dict[tuple[str, int], Row] = {}
    seen = {(spec.key, id)}
    for key, ids in asked.items():
        other = find_object(key)
        ids = ids - {id} if key == spec.key else ids
        if other is None or not ids:
            continue
        if about_field(other):
            keys = tuple(f.key for f in other.fields if not isinstance(f, About) and not f.is_compound)
            rows = fetch_rows(ListQuery(other, ctx.actor, keys), sorted(ids))
            contents |= {(key, row_id): row for row_id, row in rows.items()}
            seen |= {(key, row_id) for row_id in rows}
        else:
            seen |= visible(ctx.actor, ((key, row_id) for row_id in ids))
    return contents, seen


def _names(lines: Sequence[_Line]) -> dict[int, str]:
    ids = {line.actor_id for line in lines if line.actor_id is not None}
    return dict(_users(list(ids))) if ids else {}


@lookup("bigint[]")
def _users(ids: Slot) -> QuerySet[Any]:
    return User.objects.filter(in_slot("id", ids)).values_list("id", "name")


def _came(fact: Event) -> bool:
    """Whether a fact tells that a record came by an import."""
    return isinstance(fact, RecordCreated) and fact.source == IMPORT


def _origins(ctx: Context, lines: Sequence[_Line]) -> dict[int, Origin]:
    """By line of the audit: the imports by which records of these lines came. Of one still under way nothing is known."""
    ids = {
        line.audit_id: line.actor_id
        for line in lines
        if line.audit_id and line.wire == RecordCreated.wire and line.data.get("source") == IMPORT
    }
    if not ids:
        return {}
    found = fetch(
        "select id, detail from audit_entry where workspace_id = %s::bigint and id = any(%s::bigint[])",
        [ctx.tenant.id, list(ids)],
    )
    out = {}
    for id, raw in found:
        detail = data_of(raw)
        names = detail.get("files")
        files = tuple(map(str, names if isinstance(names, list) else ()))
        out[id] = Origin(int(detail.get("run") or 0), ids[id], files)
    return out


def _changes(ctx: Context, spec: ObjectSpec, fact: RecordUpdated) -> list[Change]:
    hidden = ctx.actor.grants.hides(spec.key)
    found = []
    for key, pair in fact.changes.items():
        one = spec.all_fields.get(key)
        if one is None or key in hidden or not isinstance(pair, list) or len(pair) != 2:
            continue
        # Copies kept by the product itself (the primary phone, the full name) only repeat what was typed elsewhere.
        if one.readonly or (
            key == spec.title and key not in {k for s in spec.form_sections for k in s.fields}
        ):
            continue
        found.append(Change(one, value_of(one, pair[0]), value_of(one, pair[1])))
    return found


def _with_titles(ctx: Context, entries: Sequence[Entry]) -> list[Entry]:
    """The entries with every linked record of their changes named: one query for each kind of record."""
    refs = [
        value
        for entry in entries
        for change in entry.changes
        for value in (change.old, change.new)
        if isinstance(value, Ref)
    ]
    titles = named(ctx.actor, refs)

    def read(value: Any) -> Any:
        return titles[value] if isinstance(value, Ref) else value

    return [
        Entry(
            e.id,
            e.at,
            e.fact,
            e.spec,
            e.actor,
            tuple(Change(c.field, read(c.old), read(c.new)) for c in e.changes),
            e.content,
        )
        if e.changes
        else e
        for e in entries
    ]


def _cursor(after: str) -> tuple[datetime, int] | None:
    if not after:
        return None
    at, _sep, id = after.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not whole_id(id):
        raise Invalid.of(
            msg("This place in the timeline is no longer known; start from its beginning."), "after"
        )
    return moment, whole_id(id)
