"""The bulk bar: which verbs it offers, and the runs still at work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.action import actions_of
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot
from peyvand.platform.objects.bulk import RUNNING, WAITING, tag_field
from peyvand.platform.objects.models import BulkRun
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.lookups import lookup
from peyvand.web.objects.lists.state import ListState


@dataclass(frozen=True)
class Verb:
    key: str
    label: str | Promise
    icon: str
    tone: str = ""


def verbs_for(state: ListState) -> list[Verb]:
    """What the actor may do to many of these records at once, in the order of the bar."""
    ctx, spec = state.ctx, state.spec

    def may(verb: str) -> bool:
        return bool(decide(ctx.actor, spec.permission(verb)))

    if state.in_bin:
        return [Verb("restore", _("Restore"), "undo")] if may("delete") else []
    verbs = []
    if may("update"):
        verbs.append(Verb("edit", _("Edit"), "pencil"))
        if spec.can_own:
            verbs.append(Verb("assign", _("Assign"), "uplus"))
        if tag_field(spec):
            verbs.append(Verb("tag", _("Tag"), "tag"))
    verbs += [
        Verb(f"do-{action.verb}", action.label, action.icon, action.tone)
        for action in actions_of(spec.key)
        if action.on == "many" and action.button and may(action.verb)
    ]
    if spec.has_bin and may("delete"):
        verbs.append(Verb("delete", _("Delete"), "trash", "danger"))
    return verbs


def waiting_runs(ctx: Context, spec: ObjectSpec) -> Sequence[BulkRun]:
    """The actor's runs over this object that are still at work."""
    if ctx.actor.user_id is None:
        return ()
    return _waiting(ctx.actor.user_id, spec.key)


@lookup("bigint", "text")
def _waiting(user: Slot, object: Slot) -> QuerySet[Any]:
    mine = BulkRun.objects.filter(user_id=user, object=object, state__in=(WAITING, RUNNING))
    return mine.order_by("-id")[:3]
