"""What people do with watches: switch them on and off, and have them look."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.watches.hooks import why_closed
from peyvand.analytical.watches.models import Watch
from peyvand.analytical.watches.objects import WATCH
from peyvand.analytical.watches.queueing import have_look
from peyvand.kernel.errors import NotAllowed
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.changes import record_changes


@action(
    "watch.begin",
    label=_("Switch on"),
    icon="play",
    offered=lambda w: not w.is_on,
    is_next=lambda w: not w.is_on,
)
def begin(ctx: Context, watch: Watch) -> Watch:
    """Have it look every night from now on; its first look finds out who stands at the mark already.

    Raises:
        NotAllowed: it counts what the actor may not know.
    """
    _demand(ctx, watch)
    _switch(ctx, watch, is_on=True)
    have_look(ctx.tenant, watch.id)
    return watch


@action("watch.pause", label=_("Pause"), icon="clock", offered=lambda w: w.is_on, aside=True)
def pause(ctx: Context, watch: Watch) -> Watch:
    """Let it rest; what it saw stays. Switched on again, it begins with who stands there then.

    Raises:
        NotAllowed: it counts what the actor may not know.
    """
    _demand(ctx, watch)
    watch.seen_on = None
    _switch(ctx, watch, is_on=False)
    return watch


@action("watch.look", label=_("Check now"), icon="refresh", offered=lambda w: w.is_on)
def look_now(ctx: Context, watch: Watch) -> Watch:
    """Queue a look; what it sees stands on the watch's page soon.

    Raises:
        NotAllowed: it counts what the actor may not know.
    """
    _demand(ctx, watch)
    have_look(ctx.tenant, watch.id)
    return watch


def _demand(ctx: Context, watch: Watch) -> None:
    if reason := why_closed(ctx.actor, watch):
        raise NotAllowed(reason)


def _switch(ctx: Context, watch: Watch, *, is_on: bool) -> None:
    if watch.is_on == is_on:
        return
    watch.is_on = is_on
    watch.save(update_fields=["is_on", "seen_on", "updated_at"])
    record_changes(ctx, WATCH, [(watch, {"is_on": [not is_on, is_on]})])
    ctx.touch(WATCH.key, watch.id)
