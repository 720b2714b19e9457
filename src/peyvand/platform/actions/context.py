"""The context of an action: who acts, where, through which door, because of what; and what it has recorded so far."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from peyvand.platform.events.facts import Event
from peyvand.platform.events.reactions import Cause
from peyvand.platform.fields.reader import Reader
from peyvand.platform.identity.actor import Actor, Tenant, system_actor


@dataclass
class Context:
    actor: Actor
    via: str
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    ip: str | None = None
    cause_id: int | None = None
    depth: int = 0
    # The audit entry that stands for this action too, where many actions are one work: an import's sets.
    audit_id: int | None = None
    # Whether only what keeps derived values in step reacts: no rule of anybody's runs, nobody is told.
    silent: bool = False
    # What the token is called by which a program came in.
    token: str = ""
    # Filled while the action runs, written by it at its end.
    facts: list[Event] = field(default_factory=list)
    changed: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    # Records that the action made, as they were written, and the values given for them: until they are touched again,
    # nothing of them need be read back.
    made: dict[tuple[str, int], tuple[Any, Mapping[str, Any]]] = field(default_factory=dict)
    # The innermost running action's depth: only the outermost writes audit and events.
    running: int = 0

    @property
    def tenant(self) -> Tenant:
        return self.actor.tenant

    @property
    def reader(self) -> Reader:
        """How the actor reads and writes values."""
        t = self.tenant
        return Reader(self.actor.language, t.timezone, t.currency, t.money_unit, t.slug)

    def record(self, *facts: Event) -> None:
        """Add facts to the event log when the action ends."""
        self.facts.extend(facts)

    def touch(self, object_key: str, *ids: int) -> None:
        """Say that these records changed: they are searched anew and shown anew."""
        self.changed[object_key].extend(ids)
        if self.made:
            for id in ids:
                self.made.pop((object_key, id), None)


def job_context(tenant: Tenant) -> Context:
    """The context of work that the product does by itself."""
    return Context(system_actor(tenant), "job")


def reaction_context(cause: Cause) -> Context:
    """The context of work done because of an event; the chain of causes is kept and its depth counted."""
    return Context(system_actor(cause.tenant), "job", cause_id=cause.event_id, depth=cause.depth)
