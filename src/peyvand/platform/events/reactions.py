"""Reactions: what the product does because something happened. Each is a job of its own, run once for each event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.db import connection

from peyvand.platform.events.facts import Event, rebuild
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.scoped import defer_many, job
from peyvand.platform.workspaces.scope import current_workspace_id

BATCH = 500
# Reactions to reactions to reactions … end here: a loop between two rules must not run for ever.
MAX_DEPTH = 8


@dataclass(frozen=True)
class Cause:
    """What a reaction answers to: given to the Context of the actions it calls."""

    tenant: Tenant
    event_id: int
    depth: int
    # The event of each fact, and the user who did it, in the order of the facts.
    event_ids: tuple[int, ...] = ()
    users: tuple[int | None, ...] = ()


ReactionFunction = Callable[[Cause, Sequence[Event]], None]
_by_wire: dict[str, list[str]] = defaultdict(list)
# Those that keep derived values in step: they run even where all else is asked to be silent.
_always: set[str] = set()
# The objects whose facts alone a reaction wants, where it said so.
_objects: dict[str, frozenset[str]] = {}
_functions: dict[str, ReactionFunction] = {}
# Reactions to what the open workspace's own rules wait for: by name, what says which facts those are, by wire name.
Awaited = Callable[[], Collection[str]]
_awaited: dict[str, Awaited] = {}


def reaction(
    *facts: type[Event], objects: Sequence[str] = (), always: bool = False
) -> Callable[[ReactionFunction], ReactionFunction]:
    """Register ``function(cause, facts)`` to run, soon and once, for every event of these classes; with ``objects``,
    only for those about records of these kinds. ``always``: it keeps derived values in step, and so runs for the facts
    of an import too, where rules and notices are silent unless asked for.

    It gets the facts of one action together, so that it too can work in sets; it runs in one transaction, is tried
    again when it fails, and rests in the dead letters when it keeps failing. Reactions to one event run one after
    another: first those that keep derived values in step, then the others, each by module and name.
    """

    def register(function: ReactionFunction) -> ReactionFunction:
        name = _known(function)
        if objects:
            _objects[name] = frozenset(objects)
        if always:
            _always.add(name)
        for fact in facts:
            names = {*_by_wire[fact.wire], name}
            _by_wire[fact.wire] = sorted(names, key=lambda known: (known not in _always, known))
        return function

    return register


def reaction_to_awaited(awaited: Awaited) -> Callable[[ReactionFunction], ReactionFunction]:
    """As reaction, to whatever facts the open workspace's own rules wait for, which is asked at every change; it runs
    after all other reactions."""

    def register(function: ReactionFunction) -> ReactionFunction:
        _awaited[_known(function)] = awaited
        return function

    return register


def _known(function: ReactionFunction) -> str:
    name = f"{function.__module__.removeprefix('peyvand.')}.{function.__name__}"
    _functions[name] = function
    return name


def dispatch(
    facts: Sequence[Event], ids: Sequence[int], depth: int, off: Collection[str] = (), *, silent: bool = False
) -> None:
    """Put the reactions to these events into the queue, in the transaction that recorded them.

    Those of modules that are ``off`` in the workspace are left out; with ``silent``, all that are not marked ``always``.
    """
    if depth >= MAX_DEPTH:
        return
    waiting: dict[str, list[int]] = defaultdict(list)
    # The facts of a set are of few kinds; what each kind leads to is looked up once.
    led: dict[tuple[str, str], list[str]] = {}
    for fact, id in zip(facts, ids, strict=True):
        kind = (fact.wire, fact.object)
        names = led.get(kind)
        if names is None:
            names = led[kind] = [
                name
                for name in _by_wire.get(fact.wire, ())
                if _slice_of(name) not in off
                and (name in _always or not silent)
                and (name not in _objects or fact.object in _objects[name])
            ]
        for name in names:
            waiting[name].append(id)
    for name, awaited in _awaited.items():
        if facts and not silent and _slice_of(name) not in off:
            wires = awaited()
            if found := [id for fact, id in zip(facts, ids, strict=True) if fact.wire in wires]:
                waiting[name] = found
    for name, event_ids in waiting.items():
        # One event: in order with others about the same record. Many: in order with others of this reaction.
        single = len(event_ids) == 1 and len(facts) == 1
        place = f"{facts[0].object}:{facts[0].object_id}" if single else name
        batches = [
            {"reaction_name": name, "event_ids": event_ids[i : i + BATCH]}
            for i in range(0, len(event_ids), BATCH)
        ]
        defer_many("events.react", batches, lock=f"{current_workspace_id()}:{place}")


def _slice_of(reaction_name: str) -> str:
    """The slice whose reaction this is: "sales" of "operational.sales.reactions.…"."""
    return reaction_name.split(".")[1]


@job("events.react")
def react(tenant: Tenant, reaction_name: str, event_ids: list[int]) -> None:
    """Run one reaction for those of the events that it has not answered yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into reaction_run (workspace_id, event_id, reaction, at) select %s, e, %s, now() from unnest(%s::bigint[]) e "
            "on conflict do nothing returning event_id",
            [tenant.id, reaction_name, event_ids],
        )
        fresh = [row[0] for row in cursor.fetchall()]
    rows = EventRow.objects.filter(id__in=fresh).order_by("id")
    facts, ids, users, depth = [], [], [], 0
    for row in rows:
        fact = rebuild(row.wire, row.object, row.object_id, row.at, row.data)
        if fact is not None:
            facts.append(fact)
            ids.append(row.id)
            users.append(row.actor_id)
            depth = max(depth, row.depth)
    if facts:
        cause = Cause(tenant, fresh[0], depth + 1, tuple(ids), tuple(users))
        _functions[reaction_name](cause, facts)
