"""Lists may be asked whether a record ever crossed the mark of a watch; so may the conditions of automations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peyvand.analytical.watches.hooks import why_closed
from peyvand.analytical.watches.models import DIMENSIONS, USER, Crossing, Watch
from peyvand.analytical.watches.objects import WATCH
from peyvand.platform.access.decisions import decide
from peyvand.platform.fields.types import Field, Link, whole_id
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.questions import register_question
from peyvand.platform.objects.spec import ObjectSpec

CROSSED: Final = "crossed"


@dataclass(frozen=True, kw_only=True)
class Crossed(Link):
    """Records that crossed the mark of a watch."""

    filters_itself: ClassVar[bool] = True
    of: str

    def filter_for(self, op: str, value: Any, actor: Actor) -> Q:
        """Of watches whose figures the actor may not know, nobody crossed anything."""
        ids = [whole_id(one) for one in ((value if op == "in" else (value,)) if op != "empty" else ())]
        asked = Watch.objects.filter(id__in=ids) if op != "empty" else Watch.objects.filter(whose=self.of)
        known = [watch.id for watch in asked if why_closed(actor, watch) is None]
        told = Crossing.objects.filter(watch_id__in=known, object=self.of).values("object_id")
        return ~Q(id__in=told) if op == "empty" else Q(id__in=told)


def _question(spec: ObjectSpec) -> Field | None:
    if spec.key not in DIMENSIONS or spec.key == USER:
        return None
    return Crossed(key=CROSSED, label=_("Crossed the threshold of"), to=WATCH.key, readonly=True, of=spec.key)


def _may_ask(actor: Actor, spec: ObjectSpec) -> bool:
    return bool(decide(actor, WATCH.permission("view")))


register_question(CROSSED, _question, _may_ask)
