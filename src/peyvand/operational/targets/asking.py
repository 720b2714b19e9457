"""What lists of deals may be asked beside their fields, so that every figure of the funnel and the forecast opens its rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.persian.calendar import format_date
from peyvand.operational.sales.public import DEAL, Stage
from peyvand.operational.targets.funnel import KINDS, MOVES
from peyvand.operational.targets.periods import Span
from peyvand.operational.targets.snapshots import BRIDGE
from peyvand.operational.targets.snapshots import KINDS as KINDS_OF_CHANGE
from peyvand.platform.fields.choices import LazyOptions
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Field, Option, whole_id
from peyvand.platform.identity.actor import Actor, tenant_by
from peyvand.platform.objects.questions import register_question
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.scope import current_workspace_id

PASSED: Final = "passed"
_SAYS: Final = {
    "came": _("came into %(stage)s"), "left": _("left %(stage)s"), "on": _("went on from %(stage)s"),
    "back": _("went back from %(stage)s"), "lost": _("lost at %(stage)s"),
}  # fmt: skip


def passed(kind: str, stage: int, span: Span) -> str:
    """What the question is asked with: "on:12", "on:12:2026-03-21:2026-06-22" (the end is not inside)."""
    days = (span.start.isoformat() if span.start else "", span.end.isoformat() if span.end else "")
    return ":".join((kind, str(stage), *days)) if any(days) else f"{kind}:{stage}"


@dataclass(frozen=True)
class _Asked:
    kind: str
    stage: int
    start: date | None
    end: date | None


def _read(value: str) -> _Asked | None:
    kind, stage, start, end = (*value.split(":"), "", "", "")[:4]
    try:
        days = [date.fromisoformat(text) if text else None for text in (start, end)]
    except ValueError:
        return None
    return _Asked(kind, whole_id(stage), *days) if kind in KINDS else None


@dataclass(frozen=True, kw_only=True)
class Passed(Choice):
    """What happened to a deal at a stage, ever or from one day to before another."""

    filters_itself: ClassVar[bool] = True

    def filter(self, op: str, value: Any) -> Q:
        if op == "empty":
            return Q(pk__in=[])
        asked = [one for each in (value if op == "in" else (value,)) if (one := _read(each)) is not None]
        found = Q(pk__in=[])
        for one in asked:
            found |= Q(id__in=_deals(one))
        return found

    def show(self, value: Any, reader: Reader) -> str:
        asked = _read(str(value))
        stage = asked and Stage.objects.filter(id=asked.stage).values_list("name", flat=True).first()
        if asked is None or not stage:
            return ""
        says = str(_SAYS[asked.kind]) % {"stage": stage}
        if asked.start is None or asked.end is None:
            return says
        first, last = (
            format_date(day, reader.language, "long") for day in (asked.start, asked.end - timedelta(days=1))
        )
        return gettext("%(what)s, %(first)s to %(last)s") % {"what": says, "first": first, "last": last}


def _deals(asked: _Asked) -> RawSQL:
    tenant = tenant_by(id=current_workspace_id())
    zone = tenant.timezone if tenant else "UTC"
    moves = KINDS[asked.kind].format(stage="%s")
    return RawSQL(  # noqa: S611 values are parameters
        f"""select m.deal_id from {MOVES} where m.workspace_id = %s and {moves}
            and (%s::date is null or m.at >= (%s::date)::timestamp at time zone %s)
            and (%s::date is null or m.at < (%s::date)::timestamp at time zone %s)""",  # noqa: S608 declared; values are parameters
        [current_workspace_id(), asked.stage, asked.start, asked.start, zone, asked.end, asked.end, zone],
    )  # fmt: skip


def _options() -> list[Option]:
    stages = Stage.objects.filter(deleted_at__isnull=True, kind="open").order_by(
        "pipeline_id", "position", "id"
    )
    return [
        Option(f"{kind}:{id}", str(says) % {"stage": name})
        for id, name in stages.values_list("id", "name")
        for kind, says in _SAYS.items()
    ]  # fmt: skip


def _question(spec: ObjectSpec) -> Field | None:
    if spec.key != DEAL.key:
        return None
    return Passed(
        key=PASSED, label=_("Progress through the stages"), readonly=True, options=LazyOptions(_options)
    )


def _may_ask(actor: Actor, spec: ObjectSpec) -> bool:
    return "stage" not in actor.grants.hides(spec.key)


CHANGED: Final = "changed_since"
_SINCE: Final = {**KINDS_OF_CHANGE, "other_owner": _("Got another owner")}
_NAMED: Final = re.compile(r"%\((\w+)\)s")


def changed(kind: str, day: date, span: Span) -> str:
    """What the question about changes is asked with: "won:2026-11-15:2026-10-01:2027-01-01"."""
    return ":".join(
        (
            kind,
            day.isoformat(),
            span.start.isoformat() if span.start else "",
            span.end.isoformat() if span.end else "",
        )
    )


def _read_change(value: str) -> tuple[str, date, date | None, date | None] | None:
    kind, day, start, end = (*value.split(":"), "", "", "")[:4]
    try:
        first, last = (date.fromisoformat(text) if text else None for text in (start, end))
        return (kind, date.fromisoformat(day), first, last) if kind in _SINCE else None
    except ValueError:
        return None


@dataclass(frozen=True, kw_only=True)
class Changed(Choice):
    """How a deal stands in the bridge of the forecast since the evening of a day, among deals expected in a span."""

    filters_itself: ClassVar[bool] = True

    def filter(self, op: str, value: Any) -> Q:
        found = Q(pk__in=[])
        for each in () if op == "empty" else value if op == "in" else (value,):
            asked = _read_change(each)
            if asked is not None:
                found |= Q(id__in=_changed(*asked))
        return found

    def show(self, value: Any, reader: Reader) -> str:
        asked = _read_change(str(value))
        if asked is None:
            return ""
        return gettext("%(what)s since %(day)s") % {
            "what": str(_SINCE[asked[0]]), "day": format_date(asked[1], reader.language, "long"),
        }  # fmt: skip


def _changed(kind: str, day: date, start: date | None, end: date | None) -> RawSQL:
    named = {"ws": current_workspace_id(), "day": day, "start": start, "end": end, "kind": kind}
    which = "was and is_in and other_owner" if kind == "other_owner" else "kind = %(kind)s"
    text = f"""with v as (select id, status, amount, owner_id, expected_on from deal where workspace_id = %(ws)s and deleted_at is null)
        select id from ({BRIDGE}) b where {which}"""  # noqa: S608 declared here
    values = [named[name] for name in _NAMED.findall(text)]
    return RawSQL(_NAMED.sub("%s", text), values)  # noqa: S611 values are parameters


def _changes(spec: ObjectSpec) -> Field | None:
    return (
        Changed(key=CHANGED, label=_("Change in the forecast"), readonly=True, options=())
        if spec.key == DEAL.key
        else None
    )


def _may_ask_changes(actor: Actor, spec: ObjectSpec) -> bool:
    return not actor.grants.hides(spec.key) & {"amount", "expected_on", "status", "owner"}


register_question(PASSED, _question, _may_ask)
register_question(CHANGED, _changes, _may_ask_changes)
