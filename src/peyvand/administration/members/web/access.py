"""What a user can see, and why: their rights by kind of record, one record step by step, and a look through their eyes."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.administration.members.elevation import MOST_HOURS, elevate, end_elevation, lasting
from peyvand.administration.members.explaining import Reach, reach_of, why
from peyvand.administration.members.lines import COLUMNS, Label
from peyvand.administration.members.previews import view_as
from peyvand.administration.members.web import ACCESS
from peyvand.administration.members.web.matrix import SCOPES, said
from peyvand.administration.members.web.users import role_field
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotFound
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.access.previews import OPERATION, SECONDS, SESSION_KEY
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.about import parse_ref
from peyvand.platform.fields.types import Number, Text, whole_id
from peyvand.platform.identity.actor import Actor, user_actor
from peyvand.platform.identity.models import Elevation, User
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import object_named
from peyvand.web.components.tags import say
from peyvand.web.objects.dialogs import answered, done
from peyvand.web.objects.pages.answers import moved
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

REASON = Text(
    key="reason",
    label=_("Why"),
    required=True,
    max_length=500,
    help=_("Everybody who reads the audit sees this."),
)
HOURS = Number(key="hours", label=_("For how many hours"), required=True, min=1, max=MOST_HOURS, default=2)


@require_GET
def access(request: HttpRequest, workspace: str) -> HttpResponse:
    """One user's rights; with ``record=deal:5`` why they may do what with that record."""
    ctx = context_of(request)
    demand(ctx.actor, ACCESS.operation)
    users = User.objects.filter(deleted_at=None, is_active=True).order_by("name")
    chosen = users.filter(id=whole_id(request.GET.get("user", "")) or ctx.actor.user_id).first()
    if chosen is None:
        raise NotFound
    actor = user_actor(ctx.tenant.id, chosen.id)
    asked = request.GET.get("record", "").strip()
    context: dict[str, Any] = {
        "users": users.values_list("id", "name"),
        "chosen": chosen,
        "role_name": actor.role_name,
        "verbs": list(COLUMNS.values()),
        "rows": [_row(reach) for reach in reach_of(actor)],
        "common": _common(actor),
        "asked": asked,
        "elevation": lasting(chosen.id).select_related("role", "granted_by").first(),
        "may_look": chosen.id != ctx.actor.user_id and bool(decide(ctx.actor, OPERATION)),
        "may_lend": bool(decide(ctx.actor, "user.elevate", chosen)),
    }
    return render_settings(request, ACCESS, "members/access.html", context | _verdicts(ctx, actor, asked))


def _row(reach: Reach) -> dict[str, Any]:
    """A kind of record with a cell for each verb, empty where nobody has it, and the lines of the role that speak of this
    kind itself, each once, with what they give."""
    scopes = {right.verb: SCOPES[right.scope] for right in reach.rights}
    own = [right for right in reach.rights if not _is_of_all(right.pattern)]
    lines = {_line(right.pattern): SCOPES[right.scope] for right in own if right.pattern}
    return {
        "reach": reach,
        "cells": [(label, scopes.get(verb, "")) for verb, label in COLUMNS.items()],
        "lines": list(lines.items()),
    }


def _common(actor: Actor) -> list[tuple[str, Label]]:
    """The lines of the role that speak of every kind, with what they give: they hold wherever no line of the kind's own does."""
    lines = [line for line in actor.grants.operations.items() if _is_of_all(line[0])]
    # “Everything” is what remains: last.
    told = [
        (p, scope)
        for p, scope in sorted(lines, key=lambda line: (line[0] == "*", line[0]))
        if _verb(p) in {"", *COLUMNS}
    ]
    return [(_line(pattern), SCOPES[scope]) for pattern, scope in told]


def _is_of_all(pattern: str) -> bool:
    return pattern.partition(".")[0] == "*"


def _line(pattern: str) -> str:
    """Of what a line of the role speaks: its verb, or everything."""
    return str(COLUMNS.get(_verb(pattern)) or gettext("Everything else"))


def _verb(pattern: str) -> str:
    return pattern.partition(".")[2].strip("*")


def _verdicts(ctx: Context, actor: Actor, asked: str) -> dict[str, Any]:
    """The record asked about and the decisions, as the page shows them; only of a record that the asker may see."""
    if not asked:
        return {}
    try:
        ref = parse_ref(asked)
        spec = object_named(ref.object)
        record = load_record(spec, ctx.actor, ref.id)
    except (Invalid, NotFound, KeyError):
        return {"lost": True, "asked": ""}
    verdicts = why(ctx, actor, spec, record, partial(said, ctx))
    shown = [
        {
            "label": COLUMNS[v.verb],
            "allowed": v.allowed,
            "steps": [(say(step.words), step.settles) for step in v.steps],
        }
        for v in verdicts
    ]
    return {"verdicts": shown, "record": str(getattr(record, spec.title)), "record_label": spec.label}


@require_POST
def look(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Begin to look through a user's eyes: until it is ended, or for half an hour."""
    ctx = context_of(request)
    record: User = load_record(object_named("user"), ctx.actor, id)
    view_as(ctx, record)
    until = clock.now().timestamp() + SECONDS
    request.session[SESSION_KEY] = {"workspace": ctx.tenant.id, "user": record.id, "until": until}
    return moved(request, f"/w/{ctx.tenant.slug}/")


@require_POST
def end_look(request: HttpRequest, workspace: str) -> HttpResponse:
    """See with one's own eyes again."""
    ctx = context_of(request)
    request.session.pop(SESSION_KEY, None)
    return moved(request, f"/w/{ctx.tenant.slug}/")


@require_http_methods(["GET", "POST"])
def lend(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """The dialog that lends a user another role for some hours."""
    ctx = context_of(request)
    record: User = load_record(object_named("user"), ctx.actor, id)
    demand(ctx.actor, "user.elevate", record)
    fields = (role_field(), HOURS, REASON)
    title = gettext("Lend %(name)s a role") % {"name": record.name}

    def lend_it(wanted: dict[str, Any]) -> HttpResponse:
        elevate(ctx, record, role=wanted["role"], hours=wanted["hours"] or 0, reason=wanted["reason"])
        return done(request, gettext("Lent."), f"{ACCESS.path}?user={id}", object="user", ids=[id])

    return answered(request, title, fields, {"hours": HOURS.default}, lend_it, button=_("Lend"))


@require_POST
def take_back(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Take back what was lent to a user."""
    ctx = context_of(request)
    record: User = load_record(object_named("user"), ctx.actor, id)
    end_elevation(ctx, record)
    return done(request, gettext("Taken back."), f"{ACCESS.path}?user={id}", object="user", ids=[id])


@require_GET
def lent(request: HttpRequest, workspace: str) -> HttpResponse:
    """Everything that is lent now, and what was lent lately."""
    ctx = context_of(request)
    demand(ctx.actor, ACCESS.operation)
    rows = Elevation.objects.select_related("user", "role", "granted_by").order_by("-id")[:50]
    now = clock.now()
    shown = [{"row": row, "lasts": row.ended_at is None and row.ends_at > now} for row in rows]
    return render(request, "members/_lent.html", {"rows": shown})
