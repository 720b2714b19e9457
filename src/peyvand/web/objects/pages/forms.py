"""Creating and editing a record by a form: in the dialog where scripts run, as a page of its own where they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, Problem, RuleViolation, msg
from peyvand.platform.actions.action import ActionSpec
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import Field, Instant, Link, Ref
from peyvand.platform.merging.similar import warns
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.clashes import Clash
from peyvand.web.objects.pages.access import Opened, form_fields, offered_actions, open_record
from peyvand.web.objects.pages.additions import additions_of, apply_additions, draw_additions
from peyvand.web.objects.pages.answers import came_from, moved, page_url, saved_in_place, undo_of
from peyvand.web.objects.pages.drawn import draw_sections, loose_problems, with_titles
from peyvand.web.objects.pages.sent import read_sent, standing
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.offers import offer


def object_new(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The form of a new record, filled in from the address (``?company=7``); POST creates it."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural, "create")
    if not spec.creatable:
        raise NotAllowed
    fields = form_fields(ctx, spec)
    if request.method != "POST":
        return _form(
            request,
            ctx,
            spec,
            fields,
            with_titles(
                ctx,
                fields,
                _defaults(ctx, spec, [*fields, *_carried(spec, fields)], _begun(request, ctx, spec)),
            ),
        )
    added = additions_of(ctx, spec)
    besides = [field for one in added for field in one.fields]
    raw = read_inputs([*fields, *_carried(spec, fields)], request.POST, ctx.reader)
    more = read_inputs(besides, request.POST, ctx.reader)
    try:
        with transaction.atomic():
            record = create_record(ctx, spec, raw)
            apply_additions(ctx, added, record, more)
    except (Invalid, RuleViolation) as error:
        shown = {**with_titles(ctx, fields, raw), **more}
        return _form(request, ctx, spec, fields, shown, problems=problems_of(error))
    title = str(getattr(record, spec.title))
    where = _next(request) or page_url(ctx, spec, record.id)
    words = say(msg("“%(title)s” was created.", title=_named(spec, record, title)))
    return moved(request, where, words, **offer(ctx, spec.permission("create"), record, elsewhere=True))


def object_edit(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """The form of a record; POST saves what this person changed in it, and asks where a colleague changed the same."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    opened = open_record(ctx, spec, id)
    if not opened.may_update:
        raise NotAllowed
    fixed = spec.fixed(opened.record)
    fields = [field for field in form_fields(ctx, spec) if field.key not in fixed]
    if request.method != "POST":
        return _form(request, ctx, spec, fields, opened.row.values, opened=opened)
    # From here on nobody else changes it, so that what is compared is what is overwritten.
    load_record(spec, ctx.actor, id, lock=True)
    opened = open_record(ctx, spec, id)
    sent = read_sent(ctx, spec, fields, request.POST, opened.row)
    shown = {**opened.row.values, **with_titles(ctx, fields, sent.mine)}
    if sent.clashes:
        words = msg("Someone changed the marked fields too. Choose whose value stays, then save.")
        return _form(
            request,
            ctx,
            spec,
            fields,
            shown,
            opened=opened,
            problems=[Problem(None, words)],
            clashes=sent.clashes,
        )
    before = opened.record.version
    try:
        with transaction.atomic():
            update_record(ctx, spec, opened.record, sent.mine)
    except (Invalid, RuleViolation) as error:
        return _form(request, ctx, spec, fields, shown, opened=opened, problems=problems_of(error))
    where = _next(request) or page_url(ctx, spec, id)
    undo = undo_of(ctx, spec, id, before)
    if came_from(request) not in ("", where) and not _next(request):
        return saved_in_place(spec, id, gettext("Saved."), undo)
    return moved(request, where, gettext("Saved."), undo)


def problems_of(error: Invalid | RuleViolation) -> Sequence[Problem]:
    """What a refusal says, field by field."""
    return error.problems if isinstance(error, Invalid) else [Problem(error.field, error.message, error.code)]


def _form(
    request: HttpRequest, ctx: Context, spec: ObjectSpec, fields: Sequence[Field], values: Mapping[str, Any], *,
    opened: Opened | None = None, problems: Sequence[Problem] = (), clashes: Mapping[str, Clash] | None = None,
) -> HttpResponse:  # fmt: skip
    is_dialog = bool(request.headers.get("HX-Request"))
    carried = (
        {f.key: values.get(f.key) for f in _carried(spec, fields) if values.get(f.key)}
        if opened is None
        else {}
    )
    locked = _locked(ctx, opened) if opened else None
    added = additions_of(ctx, spec) if opened is None else []
    asked = [*fields, *(field for one in added for field in one.fields)]
    context = {
        "spec": spec,
        "opened": opened,
        "action": f"{request.path}?next={_next(request)}" if _next(request) else request.path,
        "sections": [
            *draw_sections(ctx, spec, fields, values, problems, clashes or {}, has_focus=locked is None),
            *draw_additions(ctx, added, values, problems),
        ],
        "was": standing(ctx, fields, opened.row) if opened else "",
        "asked": ",".join(clashes or ()),
        "locked": locked,
        "loose": [say(p.message) for p in loose_problems(problems, asked)],
        "wrong": len(problems),
        "similar_url": address(ctx, spec, "similar") if opened is None and warns(spec) else "",
        "carried": [(key, _carried_text(value)) for key, value in carried.items()],
        "list_url": f"{address(ctx, spec)}/",
        "title": opened.row.title if opened else "",
        "back": page_url(ctx, spec, opened.record.id) if opened else f"{address(ctx, spec)}/",
    }
    template = "objects/pages/_form_dialog.html" if is_dialog else "objects/pages/form.html"
    return render(request, template, context, status=422 if problems else 200)


@dataclass(frozen=True)
class Locked:
    """Why most of a record is not asked for, in words, and the verb by which one goes on."""

    words: str
    action: ActionSpec | None


def _locked(ctx: Context, opened: Opened) -> Locked | None:
    because = opened.spec.fixed_because(opened.record)
    if because is None:
        return None
    words, verb = because
    offered = {action.verb: action for action in offered_actions(ctx, opened)}
    return Locked(say(words), offered.get(verb))


def next_hour(ctx: Context) -> datetime:
    """The workspace's next full hour: what a moment that must be given begins with."""
    soon = clock.now().astimezone(ctx.tenant.tz) + timedelta(hours=1)
    return soon.replace(minute=0, second=0, microsecond=0)


def _begun(request: HttpRequest, ctx: Context, spec: ObjectSpec) -> Mapping[str, str]:
    """What the address names; opened over the object's own board, also what the board shows: the pipeline."""
    over = urlsplit(request.headers.get("HX-Current-URL", ""))
    on_board = spec.board is not None and over.path == address(ctx, spec, "board")
    return {**(QueryDict(over.query).dict() if on_board else {}), **request.GET.dict()}


def _defaults(
    ctx: Context, spec: ObjectSpec, fields: Sequence[Field], query: Mapping[str, str]
) -> dict[str, Any]:
    """What a new record begins with: the field's default, the actor as owner, and what the address names."""
    values: dict[str, Any] = {}
    for field in fields:
        if field.key in query:
            values[field.key] = query[field.key]
        elif field.default is not None:
            values[field.key] = field.default() if callable(field.default) else field.default
        elif field.key == "owner" and ctx.actor.user_id is not None:
            values["owner"] = Ref("user", ctx.actor.user_id, ctx.actor.name)
        elif isinstance(field, Instant) and field.required:
            values[field.key] = next_hour(ctx)
    return values | dict(spec.begin(ctx, values)) if spec.begin else values


def _carried(spec: ObjectSpec, fields: Sequence[Field]) -> list[Field]:
    """Links that the form does not show but its address may set: an activity's record, for one."""
    shown = {f.key for f in fields}
    return [
        f for f in spec.own_fields if f.key not in shown and not f.readonly and isinstance(f, Link | About)
    ]


def _carried_text(value: Any) -> str:
    return (f"{value.object}:{value.id}" if isinstance(value, Ref) else str(value)) if value else ""


def _next(request: HttpRequest) -> str:
    """Where to go afterwards: an address of this workspace only, whatever the query says."""
    where = request.GET.get("next", "")
    parts = urlsplit(where)
    inside = where.startswith("/w/") and not parts.netloc and not parts.scheme and "\\" not in where
    return where if inside else ""


def _named(spec: ObjectSpec, record: Any, title: str) -> str:
    return str(spec.label) if spec.title == "role" or not title else title
