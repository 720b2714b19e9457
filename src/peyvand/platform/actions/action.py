"""@action: the only way to write. Scope, permission, the change, its events and audit, in one transaction.

Order: the scope is open → the actor may → the function runs → audit, events and timeline are written → reactions and
live notices are queued. All of it commits or none does. HTTP, jobs, the command line and automations call the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.db import transaction
from django.utils.functional import Promise

from peyvand.kernel.errors import NotAllowed, msg
from peyvand.platform.access.decisions import demand_each
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.once import note_act
from peyvand.platform.actions.recording import record
from peyvand.platform.events.reactions import dispatch
from peyvand.platform.fields.types import Field
from peyvand.platform.identity.operations import declare_verb
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
    # The verb whose dialog the record's page offers once this one is done; empty: none.
    then: Callable[[Any], str] = lambda record: ""
    # As ``offered``, where it takes to know who asks: only a record's own page and the palette ask for it.
    useful: Callable[[Context, Any], bool] = lambda ctx, record: True
    # Whether the person goes on at the record that it returns: the invoice made of a deal.
    opens: bool = False
    # Whether nothing takes it back but another verb: no undo is offered then.
    final: bool = False
    # Whether it is what comes next for the record as it is: the first button of its page.
    is_next: Callable[[Any], bool] = lambda record: False
    # Beside the record's way, such as copying it or taking something back: it stands in the menu, never as a button.
    aside: bool = False
    # The verb that takes it back where it opens something else: the toast on that page offers it.
    undo: str = ""
    # What the person is told once it is pressed, where "done" would not be true: work that was only put into the queue.
    says: str | Promise = ""

    @property
    def object_key(self) -> str:
        return self.key.partition(".")[0]

    @property
    def verb(self) -> str:
        return self.key.partition(".")[2]


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
    admin: bool = False,
    then: Callable[[Any], str] = lambda record: "",
    useful: Callable[[Context, Any], bool] = lambda ctx, record: True,
    opens: bool = False,
    final: bool = False,
    is_next: Callable[[Any], bool] = lambda record: False,
    aside: bool = False,
    undo: str = "",
    says: str | Promise = "",
) -> Callable[[Callable[Concatenate[Context, P], R]], Callable[Concatenate[Context, P], R]]:
    """Make a function of (context, …) an action. Its docstring's first line is its description.

    ``admin``: not for everybody who works with such records; a role has it by naming it, not by a wildcard.
    """

    def register(function: Callable[Concatenate[Context, P], R]) -> Callable[Concatenate[Context, P], R]:
        @functools.wraps(function)
        def run(ctx: Context, *args: P.args, **kwargs: P.kwargs) -> R:
            targets = _targets(on, args)
            return perform(ctx, key, targets, lambda: function(ctx, *args, **kwargs))

        if key in _actions:
            raise ValueError(f"action {key} is declared twice")
        declare_verb(key, admin=admin)
        _actions[key] = ActionSpec(
            key,
            run,
            label,
            on,
            tuple(inputs),
            icon,
            tone,
            offered,
            button,
            then,
            useful,
            opens,
            final,
            is_next,
            aside,
            undo,
            says,
        )
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


def listeners() -> Sequence[ChangeListener]:
    """All that are called for a change, in order."""
    return _listeners


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
        if ctx.actor.is_preview:
            raise NotAllowed(msg("You only look through somebody else's eyes; nothing can be changed."))
        demand_each(ctx.actor, key, targets)
        ctx.running += 1
        try:
            result = change()
        finally:
            ctx.running -= 1
        # Afterwards: a change of rights forgets all that was known before it.
        note_act()
        if ctx.running == 0:
            _conclude(ctx, key, targets, detail or {})
        return result
    except BaseException:
        # Whoever catches this must not go on to commit half of a change, nor to record what did not happen.
        transaction.set_rollback(True)
        if ctx.running == 0:
            ctx.facts.clear()
            ctx.changed.clear()
            ctx.made.clear()
        raise


def _targets(on: str, args: Sequence[Any]) -> Sequence[Any]:
    if on == "none" or not args:
        return ()
    return (args[0],) if on == "one" else tuple(args[0])


def _conclude(ctx: Context, key: str, targets: Sequence[Any], detail: dict[str, Any]) -> None:
    facts, changed = list(ctx.facts), {k: list(dict.fromkeys(v)) for k, v in ctx.changed.items()}
    ctx.facts.clear()
    ctx.changed.clear()
    ids = record(ctx, key, facts, changed, targets, detail)
    for object_key, object_ids in changed.items():
        for listener in _listeners:
            listener(ctx, object_key, object_ids)
    ctx.made.clear()
    dispatch(facts, ids, ctx.depth, ctx.tenant.modules_off, silent=ctx.silent)
