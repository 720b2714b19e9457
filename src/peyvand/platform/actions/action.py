"""@action: the only way to write. Scope, permission, the change, its events and audit, in one transaction.

Order: the scope is open → the actor may → the function runs → audit, events and timeline are written → reactions and
live notices are queued. All of it commits or none does. HTTP, jobs, the command line and automations call the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.db import transaction
from django.utils.functional import Promise

from peyvand.kernel import clock
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import as_json
from peyvand.platform.database.prepared import fetch
from peyvand.platform.events.facts import Event
from peyvand.platform.events.log import append
from peyvand.platform.events.reactions import dispatch
from peyvand.platform.fields.types import Field
from peyvand.platform.live.notices import MANY, tell_changed
from peyvand.platform.workspaces.scope import NoWorkspace, current_workspace_id

P = ParamSpec("P")
R = TypeVar("R")
ChangeListener = Callable[[Context, str, Sequence[int]], None]


@dataclass(frozen=True)
class ActionSpec:
    """An action as data: what its button, form, endpoint and automation step are made from.

    ``key`` is "object.verb" and also the permission. ``inputs`` describe the keyword arguments. ``on`` says what it
    takes after the context: "one" record, "many" records, or "none". ``offered`` tells whether it makes sense for a
    record now; it hides a button, while the function itself still refuses.
    """

    key: str
    function: Callable[..., Any]
    label: str | Promise
    on: str = "one"
    inputs: tuple[Field, ...] = ()
    icon: str = "bolt"
    tone: str = ""
    offered: Callable[[Any], bool] = lambda record: True
    # Shown as a button of the record page; otherwise only programs and other screens call it.
    button: bool = True

    @property
    def object_key(self) -> str:
        return self.key.partition(".")[0]

    @property
    def verb(self) -> str:
        return self.key.partition(".")[2]


_AUDIT = """
insert into audit_entry (workspace_id, action, object, object_id, count, actor_kind, actor_id, actor_name, via, request_id, ip, at, detail)
values (%s::bigint, %s::text, %s::text, %s::bigint, %s::int, %s::text, %s::bigint, %s::text, %s::text, %s::text, %s::text::inet,
        %s::timestamptz, %s::text::jsonb)
returning id
"""
_actions: dict[str, ActionSpec] = {}
_listeners: list[ChangeListener] = []


def action(
    key: str,
    *,
    label: str | Promise,
    on: str = "one",
    inputs: Sequence[Field] = (),
    icon: str = "bolt",
    tone: str = "",
    offered: Callable[[Any], bool] = lambda record: True,
    button: bool = True,
) -> Callable[[Callable[Concatenate[Context, P], R]], Callable[Concatenate[Context, P], R]]:
    """Make a function of (context, …) an action. Its docstring's first line is its description."""

    def register(function: Callable[Concatenate[Context, P], R]) -> Callable[Concatenate[Context, P], R]:
        @functools.wraps(function)
        def run(ctx: Context, *args: P.args, **kwargs: P.kwargs) -> R:
            targets = _targets(on, args)
            return perform(ctx, key, targets, lambda: function(ctx, *args, **kwargs))

        if key in _actions:
            raise ValueError(f"action {key} is declared twice")
        _actions[key] = ActionSpec(key, run, label, on, tuple(inputs), icon, tone, offered, button)
        return cast(Callable[Concatenate[Context, P], R], run)

    return register


def action_named(key: str) -> ActionSpec | None:
    return _actions.get(key)


def actions_of(object_key: str) -> list[ActionSpec]:
    return [spec for spec in _actions.values() if spec.object_key == object_key]


def all_actions() -> list[ActionSpec]:
    return list(_actions.values())


def on_change(listener: ChangeListener) -> ChangeListener:
    """Have ``listener(ctx, object_key, ids)`` called in the transaction of every change: search keeps in step by it."""
    _listeners.append(listener)
    return listener


def perform(
    ctx: Context,
    key: str,
    targets: Sequence[Any],
    change: Callable[[], R],
    detail: dict[str, Any] | None = None,
) -> R:
    """Carry out one change as an action: see the module's first lines. ``targets`` are the records it is applied to.

    Raises:
        NotAllowed, NotFound: the actor may not. Nothing is written then.
        NoWorkspace: the context's workspace is not the open scope's.
    """
    if current_workspace_id() != ctx.actor.workspace_id:
        raise NoWorkspace("the context belongs to another workspace than the open scope")
    try:
        demand(ctx.actor, key)
        for target in targets:
            demand(ctx.actor, key, target)
        ctx.running += 1
        try:
            result = change()
        finally:
            ctx.running -= 1
        if ctx.running == 0:
            _conclude(ctx, key, targets, detail or {})
        return result
    except BaseException:
        # Whoever catches this must not go on to commit half of a change, nor to record what did not happen.
        transaction.set_rollback(True)
        if ctx.running == 0:
            ctx.facts.clear()
            ctx.changed.clear()
        raise


def _targets(on: str, args: Sequence[Any]) -> Sequence[Any]:
    if on == "none" or not args:
        return ()
    return (args[0],) if on == "one" else tuple(args[0])


def _conclude(ctx: Context, key: str, targets: Sequence[Any], detail: dict[str, Any]) -> None:
    facts, changed = list(ctx.facts), {k: list(dict.fromkeys(v)) for k, v in ctx.changed.items()}
    ctx.facts.clear()
    ctx.changed.clear()
    audit_id = _audit(ctx, key, facts, changed, targets, detail)
    ids = append(ctx.actor, facts, audit_id=audit_id, cause_id=ctx.cause_id, depth=ctx.depth)
    for object_key, object_ids in changed.items():
        for listener in _listeners:
            listener(ctx, object_key, object_ids)
    tell_changed(_seen_by(facts, changed))
    dispatch(facts, ids, ctx.depth, ctx.tenant.modules_off)


def _seen_by(facts: Sequence[Event], changed: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """The changed records, and those on whose timelines something new stands, unless there are too many to name."""
    seen = {key: list(ids) for key, ids in changed.items()}
    if len(facts) <= MANY:
        for key, id in (subject for fact in facts for subject in fact.subjects):
            if id not in seen.setdefault(key, []):
                seen[key].append(id)
    return seen


def _audit(
    ctx: Context,
    key: str,
    facts: Sequence[Any],
    changed: dict[str, list[int]],
    targets: Sequence[Any],
    detail: dict[str, Any],
) -> int:
    touched = [(o, i) for o, ids in changed.items() for i in ids] or [(f.object, f.object_id) for f in facts]
    own = [t for t in touched if t[0] == key.partition(".")[0]] or touched
    object_key, object_id = (
        own[0] if own else (key.partition(".")[0], getattr(targets[0], "id", None) if targets else None)
    )
    ((audit_id,),) = fetch(
        _AUDIT,
        [ctx.actor.workspace_id, key, object_key, object_id if len(own) <= 1 else None, max(1, len(own)), ctx.actor.kind.value,
         ctx.actor.user_id, ctx.actor.name, ctx.via, ctx.request_id, ctx.ip, clock.now(), as_json(detail)],
    )  # fmt: skip
    return int(audit_id)
