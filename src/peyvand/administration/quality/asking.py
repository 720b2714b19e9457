"""The question that lists ask about quality, so that every figure leads to the rows it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.administration.quality.measures import VIEW, countable, measured_object
from peyvand.administration.quality.models import QualityFinding, QualityScore
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.fields.choices import LazyOptions
from peyvand.platform.fields.types import Choice, Field, Option
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.objects.questions import register_question
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.objects.touched import untouched

QUALITY, STALE, ALIKE, BROKEN = "quality", "stale", "alike", "broken"
INVALID, SHARED, PAIR = "invalid", "shared", "pair"


@dataclass(frozen=True, kw_only=True)
class Quality(Choice):
    """What the last reckoning found wrong: "stale", "alike", "broken", or a field and what is wrong with it ("phones:invalid")."""

    spec: ObjectSpec
    filters_itself: ClassVar[bool] = True

    def filter(self, op: str, value: Any) -> Q:
        if op == "empty":
            return ~(Q(id__in=self._found().values("record")) | self._stale())
        asked = Q(pk__in=[])
        for each in value if op == "in" else (value,):
            asked |= self._one(each)
        return asked

    def _one(self, value: str) -> Q:
        field, _sign, kind = value.rpartition(":")
        if value == STALE:
            return self._stale()
        whole = {ALIKE: Q(kind__in=(SHARED, PAIR)), BROKEN: Q(kind=INVALID)}
        asked = whole.get(value, Q(kind=kind, field=field))
        return Q(id__in=self._found().filter(asked).values("record"))

    def _found(self) -> QuerySet[Any]:
        return QualityFinding.objects.filter(object=self.spec.key)

    def _stale(self) -> Q:
        # As of the last reckoning, so that the rows are those that its figure counted.
        last = QualityScore.objects.filter(object=self.spec.key).order_by("-day")
        return untouched(self.spec, last.values("since")[:1])


def _question(spec: ObjectSpec) -> Field | None:
    if measured_object(spec.key) is None:
        return None
    return Quality(
        key=QUALITY, label=_("Data quality"), spec=spec, readonly=True,
        options=LazyOptions(lambda: _options(spec)),
    )  # fmt: skip


def _options(spec: ObjectSpec) -> list[Option]:
    found = [
        Option(STALE, _("not touched for long")),
        Option(ALIKE, _("may be there twice")),
        Option(BROKEN, _("a value is not valid")),
    ]
    for field in countable(spec):
        says = {"field": str(field.label)}
        found.append(Option(f"{field.key}:{INVALID}", gettext("%(field)s: not valid") % says))
        found.append(Option(f"{field.key}:{SHARED}", gettext("%(field)s: others have it too") % says))
    return found


def may_ask(actor: Actor, spec: ObjectSpec) -> bool:
    """Who sees the figures, every record of the object and every field: the answer tells of all of these."""
    grants = actor.grants
    sees_all = reaches_all(actor, spec.permission("view")) and not grants.hides(spec.key)
    return sees_all and grants.scope(VIEW) is Scope.ALL


register_question(QUALITY, _question, may_ask)
