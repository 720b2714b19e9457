"""A task or meeting carried in the calendar: to another day, to other hours, to a colleague; alone or with its series."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from peyvand.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, RuleViolation
from peyvand.kernel.persian.calendar import format_date, format_instant
from peyvand.operational.scheduling.actions import (
    carry_over_meeting,
    carry_over_task,
    shift_meetings,
    shift_tasks,
)
from peyvand.operational.scheduling.free import USUAL
from peyvand.operational.scheduling.series import KINDS, STARTS, of_record
from peyvand.operational.scheduling.web.hours import stamp
from peyvand.operational.scheduling.web.view import SCREEN, is_near
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.records import update_record
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.tags import say
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

_CARRY: Final[dict[str, Callable[..., Any]]] = {"task": carry_over_task, "meeting": carry_over_meeting}
_SHIFT: Final[dict[str, Callable[..., Any]]] = {"task": shift_tasks, "meeting": shift_meetings}
ONE, FOLLOWING = "one", "following"


@dataclass(frozen=True)
class Move:
    """Where something is carried, as it was sent. By day: its time stays; by the hour: it begins at ``at``."""

    spec: ObjectSpec
    id: int
    which: str
    day: date | None = None
    taken: date | None = None
    at: datetime | None = None
    until: datetime | None = None
    was: str = ""
    owner: int = 0


def read_move(ctx: Context, given: Mapping[str, str]) -> Move:
    """The move that was sent.

    Raises:
        NotFound: it makes no sense.
    """
    kind, _colon, text = given.get("card", "").partition(":")
    which = given.get("which", "")
    if kind not in KINDS or not SCREEN.open_to(ctx) or which not in ("", ONE, FOLLOWING):
        raise NotFound
    spec, id, tz = KINDS[kind], whole_id(text), ctx.reader.tz
    try:
        if "at" not in given:
            day, taken = (date.fromisoformat(given.get(name, "")) for name in ("day", "from"))
            if not (is_near(day) and is_near(taken)):
                raise NotFound
            return Move(spec, id, which, day=day, taken=taken)
        at = datetime.fromisoformat(given["at"]).replace(tzinfo=tz)
        until = datetime.fromisoformat(given["until"]).replace(tzinfo=tz) if given.get("until") else None
        if not all(is_near(moment) for moment in (at, until) if moment):
            raise NotFound
    except ValueError:
        raise NotFound from None
    owner = whole_id(given.get("owner", ""))
    return Move(spec, id, which, at=at, until=until, was=given.get("was", ""), owner=owner)


@require_POST
def calendar_move(request: HttpRequest, workspace: str) -> HttpResponse:
    """POST ``card`` ("task:5") with ``day`` and ``from``, the day it was taken from, or with ``at``, ``until`` and ``was``
    (``hours.stamp``), and ``owner`` where it goes to a colleague.

    204 with a toast that can take it back. What comes again is asked about first (422, a dialog): this one, or ``which``
    "following". A refusal says why and changes nothing; where somebody moved it meanwhile (409), where it is now.
    """
    ctx = context_of(request)
    given = (request.POST if "card" in request.POST else request.GET).dict()
    move = read_move(ctx, given)
    spec, tz = move.spec, ctx.reader.tz
    record = load_record(spec, ctx.actor, move.id, lock=True)
    start, end = getattr(record, STARTS[spec.key]), getattr(record, "ends_at", None)
    events: dict[str, Any] = {"changed": {"object": spec.key, "ids": [record.id]}}
    response = HttpResponse(status=204)
    try:
        changes = _changes(ctx, move, record, start, end)
        known = of_record(spec.key, record.id)
        if known and known.series.ended_at is None and not move.which:
            return _ask(request, ctx, spec, record, given)
        owner = record.owner_id
        with transaction.atomic():
            update_record(ctx, spec, record, changes)
            if move.which == FOLLOWING:
                begins = getattr(record, STARTS[spec.key]).astimezone(tz).date()
                same = begins == start.astimezone(tz).date()
                (_CARRY if same else _SHIFT)[spec.key](ctx, record)
    except (Conflict, Invalid, RuleViolation, NotAllowed) as error:
        sentence = say(error.problems[0].message if isinstance(error, Invalid) else error.message)
        if isinstance(error, Conflict) and start is not None:
            when = format_instant(start, tz, ctx.reader.language, "day")
            sentence = gettext("Somebody moved it meanwhile: it is on %(when)s.") % {"when": when}
        response.status_code = error.status
        return _with(response, {"toast": {"text": sentence, "kind": "bad"}, **events})
    now = getattr(record, STARTS[spec.key])
    words = {"card": f"{spec.key}:{record.id}", "which": ONE}
    if move.at is None:
        words |= {
            "day": start.astimezone(tz).date().isoformat(),
            "from": now.astimezone(tz).date().isoformat(),
        }
        shown = format_date(now.astimezone(tz).date(), ctx.reader.language, "day")
    else:
        ends = getattr(record, "ends_at", None)
        before, _, until = stamp(start, end, tz).partition("/")
        words |= {"at": before, "until": until, "was": stamp(now, ends, tz)}
        words |= {"owner": str(owner)} if owner != record.owner_id else {}
        shown = format_instant(now, tz, ctx.reader.language, "day")
    toast = {"text": gettext("Moved to %(day)s") % {"day": shown}}
    if move.which != FOLLOWING:
        toast["undo"] = f"{here(ctx, 'calendar/move')}?{urlencode(words, quote_via=quote)}"
    return _with(response, {"closeDialog": True, "toast": toast, **events})


def _changes(
    ctx: Context, move: Move, record: Any, start: datetime | None, end: datetime | None
) -> dict[str, Any]:
    """What the move sets.

    Raises:
        Conflict: it is not where it was taken from.
    """
    key, tz = STARTS[move.spec.key], ctx.reader.tz
    if move.at is not None:
        if start is None or stamp(start, end, tz) != move.was:
            raise Conflict
        changes: dict[str, Any] = {key: move.at.isoformat()}
        if hasattr(record, "ends_at"):
            # What passes through a change of the clocks keeps its length.
            length = (end - start) if end else USUAL
            until = move.until or move.at.astimezone(UTC) + length
            if end is not None or until - move.at != USUAL:
                changes["ends_at"] = until.isoformat()
        if move.owner and move.owner != record.owner_id:
            changes["owner"] = move.owner
        return changes
    assert move.day is not None
    assert move.taken is not None
    if start is None or start.astimezone(tz).date() != move.taken:
        raise Conflict
    by = move.day - move.taken
    changes = {key: _later(start, by, tz)}
    if end is not None:
        changes["ends_at"] = _later(end, by, tz)
    return changes


def _later(at: datetime, by: timedelta, tz: Any) -> str:
    """Some days later on the clocks of the reader."""
    return (at.astimezone(tz).replace(tzinfo=None) + by).replace(tzinfo=tz).isoformat()


def _ask(
    request: HttpRequest, ctx: Context, spec: ObjectSpec, record: Any, given: Mapping[str, str]
) -> HttpResponse:
    kept = [
        (key, given[key]) for key in ("card", "day", "from", "at", "until", "was", "owner") if key in given
    ]
    context = {"post": here(ctx, "calendar/move"), "kept": kept, "title": str(getattr(record, spec.title))}
    return render(request, "scheduling/_which.html", context, status=422)


def _with(response: HttpResponse, events: Mapping[str, Any]) -> HttpResponse:
    response["HX-Trigger"] = json.dumps(events)
    return response
