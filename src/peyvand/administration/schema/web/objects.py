"""The objects of a workspace: those that every workspace has, its own, and the archived."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.administration.schema.actions import (
    add_object,
    archive_object,
    change_object,
    definable,
    load_own,
    restore_object,
)
from peyvand.administration.schema.drafting import ICONS
from peyvand.administration.schema.web import OBJECTS
from peyvand.kernel.errors import Invalid, Problem, RuleViolation
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import spoken
from peyvand.platform.fields.types import Choice, Field, Option, Text
from peyvand.platform.schema.models import CustomField, CustomObject
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.answers import moved, refused
from peyvand.web.objects.pages.drawn import draw_field, loose_problems
from peyvand.web.objects.pages.forms import problems_of
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

_PARTS = {"label": "labels", "plural": "plural_labels", "title": "title_labels"}


@require_GET
def listed(request: HttpRequest, workspace: str) -> HttpResponse:
    """Every object that can have fields of the workspace's own."""
    ctx = context_of(request)
    demand(ctx.actor, OBJECTS.operation)
    live = CustomField.objects.filter(archived_at__isnull=True)
    counts = dict(live.values_list("object").annotate(n=Count("id")))
    own = {one.key: one for one in CustomObject.objects.filter(archived_at__isnull=True)}
    rows = [
        {"spec": s, "count": counts.get(s.key, 0), "own": own.get(s.key)}
        for s in sorted(definable(), key=lambda s: s.menu or 0)
    ]
    archived = CustomObject.objects.filter(archived_at__isnull=False).order_by("id")
    context = {
        "rows": rows,
        "archived": [(one, spoken(one.plural_labels)) for one in archived],
        "base": f"/w/{ctx.tenant.slug}/settings/objects",
    }
    return render_settings(request, OBJECTS, "schema/objects.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, workspace: str) -> HttpResponse:
    """The dialog of a new object; POST makes it."""
    ctx = context_of(request)
    demand(ctx.actor, OBJECTS.operation)
    if request.method != "POST":
        return _dialog(request, ctx, None)
    try:
        with transaction.atomic():
            made = add_object(ctx, **_read(ctx, None, request.POST))
    except (Invalid, RuleViolation) as error:
        return _dialog(request, ctx, None, error)
    where = f"/w/{ctx.tenant.slug}/settings/objects/{made.key}/"
    return moved(request, where, gettext("“%(name)s” was added.") % {"name": str(spoken(made.plural_labels))})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """The dialog of an object; POST changes it."""
    ctx = context_of(request)
    demand(ctx.actor, OBJECTS.operation)
    own = load_own(key)
    if request.method != "POST":
        return _dialog(request, ctx, own)
    try:
        with transaction.atomic():
            change_object(ctx, own, **_read(ctx, own, request.POST))
    except (Invalid, RuleViolation) as error:
        return _dialog(request, ctx, own, error)
    return moved(request, f"/w/{ctx.tenant.slug}/settings/objects/{own.key}/", gettext("Saved."))


@require_POST
def archive(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """Take an object out of use, unless another needs it."""
    ctx = context_of(request)
    own = load_own(key)
    try:
        with transaction.atomic():
            archive_object(ctx, own)
    except RuleViolation as error:
        return refused(error)
    words = gettext("“%(name)s” was archived; its records rest for 30 days.") % {
        "name": str(spoken(own.plural_labels))
    }
    return moved(request, f"/w/{ctx.tenant.slug}/settings/objects", words)


@require_POST
def restore(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """Take an archived object into use again."""
    ctx = context_of(request)
    own = load_own(key, archived=True)
    restore_object(ctx, own)
    words = gettext("“%(name)s” is back with all its records.") % {"name": str(spoken(own.plural_labels))}
    return moved(request, f"/w/{ctx.tenant.slug}/settings/objects", words)


def _fields(own: CustomObject | None) -> list[Field]:
    out: list[Field] = [
        Text(key="label_fa", label=_("One of them, in Persian"), max_length=80),
        Text(key="plural_fa", label=_("Several, in Persian"), max_length=80),
        Text(key="label_en", label=_("One of them, in English"), max_length=80),
        Text(key="plural_en", label=_("Several, in English"), max_length=80),
        Text(key="title_fa", label=_("What names a record, in Persian"), max_length=80),
        Text(key="title_en", label=_("What names a record, in English"), max_length=80),
    ]
    if own is not None:
        found = CustomField.objects.filter(object=own.key, kind="choice", archived_at__isnull=True).order_by(
            "position"
        )
        options = tuple(Option(f.key, spoken(f.labels)) for f in found)
        about = _("Its columns are the options of a field with one choice.")
        out.append(Choice(key="board_by", label=_("Board by"), options=options, help=about))
    return out


def _read(ctx: Context, own: CustomObject | None, post: QueryDict) -> dict[str, Any]:
    typed = read_inputs(_fields(own), post, ctx.reader)
    raw: dict[str, Any] = {
        part: {code: typed.get(f"{name}_{code}", "") for code in ("fa", "en")}
        for name, part in _PARTS.items()
    }
    for name in ("icon", "board_by"):
        if name in post:
            raw[name] = post[name]
    return raw


def _dialog(
    request: HttpRequest, ctx: Context, own: CustomObject | None, error: Invalid | RuleViolation | None = None
) -> HttpResponse:
    fields = _fields(own)
    values: dict[str, Any] = {}
    if error is not None:
        values = read_inputs(fields, request.POST, ctx.reader)
    elif own is not None:
        values = {
            f"{name}_{code}": text
            for name, part in _PARTS.items()
            for code, text in getattr(own, part).items()
        }
        values["board_by"] = own.board_by
    problems = _problems(error) if error is not None else []
    context = {
        "own": own,
        "fields": [draw_field(f, values.get(f.key), ctx.reader, problems) for f in fields],
        "loose": [say(p.message) for p in loose_problems(problems, fields)],
        "icons": ICONS,
        "icon": request.POST.get("icon") or (own.icon if own else ICONS[0]),
    }
    return render(request, "schema/_object.html", context, status=422 if error else 200)


def _problems(error: Invalid | RuleViolation) -> list[Problem]:
    """What a refusal says, at the controls of the parts that it names."""
    places = {part: f"{name}_fa" for name, part in _PARTS.items()}
    return [Problem(places.get(p.field or "", p.field), p.message, p.code) for p in problems_of(error)]
