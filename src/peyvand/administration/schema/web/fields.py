"""The fields of one object: its own in their order, those that every workspace has, and the archived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.administration.schema.actions import (
    add_field,
    archive_field,
    arrange_fields,
    change_field,
    definable,
    definition_of,
    leanings,
    load_field,
    restore_field,
)
from peyvand.administration.schema.web import OBJECTS
from peyvand.administration.schema.web.forms import KINDS, FieldForm, sources_of
from peyvand.kernel.errors import Invalid, NotFound, RuleViolation
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import ROLLUP, spoken
from peyvand.platform.fields.types import Field, whole_id
from peyvand.platform.objects.spec import ObjectSpec, object_named
from peyvand.platform.schema.models import CustomField, CustomObject
from peyvand.web.objects.pages.answers import moved, refused
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

# What a declared field is, by its control.
_WIDGETS = {
    "textarea": "long_text", "number": "number", "percent": "percent", "money": "money", "date": "date", "instant": "instant",
    "select": "choice", "choices": "choices", "checkbox": "flag", "picker": "link", "user": "user", "phone": "phone", "email": "email",
    "url": "url", "about": "link", "points": "phone", "tags": "choices",
}  # fmt: skip


@require_GET
def listed(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """The fields of an object."""
    ctx = context_of(request)
    demand(ctx.actor, OBJECTS.operation)
    spec = spec_at(key)
    found, leaning = CustomField.objects.filter(object=spec.key).order_by("position", "id"), leanings()
    context = {
        "spec": spec,
        "base": base(ctx, spec),
        "own_object": CustomObject.objects.filter(key=spec.key).first(),
        "own": [
            _row(one, [_named(name, spec) for name in leaning.get((one.object, one.key), ())])
            for one in found
            if one.archived_at is None
        ],
        "archived": [_row(one) for one in found if one.archived_at is not None],
        "declared": [(f.label, f.key, KINDS[_kind(f)]) for f in spec.fields],
    }
    return render_settings(request, OBJECTS, "schema/fields.html", context)


@require_GET
def kinds(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """The dialog that asks for a field's kind, or of a roll-up for what it counts."""
    ctx = context_of(request)
    demand(ctx.actor, OBJECTS.operation)
    spec = spec_at(key)
    of_rollup = request.GET.get("kind") == ROLLUP
    context = {
        "spec": spec,
        "base": base(ctx, spec),
        "kinds": []
        if of_rollup
        else [(k, *said) for k, said in KINDS.items() if k != ROLLUP or sources_of(spec)],
        "sources": sources_of(spec) if of_rollup else [],
    }
    return render(request, "schema/_kinds.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """The dialog of a new field; POST adds it."""
    ctx = context_of(request)
    demand(ctx.actor, OBJECTS.operation)
    spec = spec_at(key)
    kind, source = request.GET.get("kind", ""), request.GET.get("source", "")
    if kind not in KINDS or (kind == ROLLUP and source not in {s[0] for s in sources_of(spec)}):
        raise NotFound
    form = FieldForm(ctx, spec, kind, source=source)
    if request.method != "POST":
        return form.render(request)
    try:
        with transaction.atomic():
            made = add_field(ctx, spec.key, kind, **form.read(request.POST))
    except (Invalid, RuleViolation) as error:
        return form.render(request, error)
    return moved(
        request, base(ctx, spec), gettext("“%(name)s” was added.") % {"name": str(spoken(made.labels))}
    )


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """The dialog of a field; POST changes it."""
    ctx = context_of(request)
    demand(ctx.actor, OBJECTS.operation)
    field = load_field(id)
    spec = spec_at(field.object)
    form = FieldForm(ctx, spec, field.kind, definition_of(field))
    if request.method != "POST":
        return form.render(request)
    try:
        with transaction.atomic():
            change_field(ctx, field, **form.read(request.POST))
    except (Invalid, RuleViolation) as error:
        return form.render(request, error)
    return moved(request, base(ctx, spec), gettext("Saved."))


@require_POST
def order(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """POST ``order=3,1,2``: the fields' new order."""
    ids = list(map(whole_id, request.POST.get("order", "").split(",")))
    arrange_fields(context_of(request), spec_at(key).key, ids)
    return HttpResponse(status=204)


@require_POST
def archive(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Take a field out of use, unless another is computed from it."""
    ctx = context_of(request)
    field = load_field(id)
    try:
        with transaction.atomic():
            archive_field(ctx, field)
    except RuleViolation as error:
        return refused(error)
    words = gettext("“%(name)s” was archived; its values rest for 30 days.") % {
        "name": str(spoken(field.labels))
    }
    return moved(request, base(ctx, spec_at(field.object)), words)


@require_POST
def restore(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Take an archived field into use again."""
    ctx = context_of(request)
    field = load_field(id, archived=True)
    restore_field(ctx, field)
    words = gettext("“%(name)s” is back with all its values.") % {"name": str(spoken(field.labels))}
    return moved(request, base(ctx, spec_at(field.object)), words)


def spec_at(key: str) -> ObjectSpec:
    """The object of an address.

    Raises:
        NotFound: there is none that can have fields of its own.
    """
    found = next((spec for spec in definable() if spec.key == key), None)
    if found is None:
        raise NotFound
    return found


def base(ctx: Context, spec: ObjectSpec) -> str:
    """Where an object's fields are."""
    return f"/w/{ctx.tenant.slug}/settings/objects/{spec.key}/"


def _named(path: str, here: ObjectSpec) -> str:
    """A field ("company.c_debt") by its label; one of another object with that object's."""
    key, _, field = path.partition(".")
    spec = object_named(key)
    label = str(spec.field(field).label)
    return label if spec.key == here.key else f"{spec.label}: {label}"


def _row(one: CustomField, needed_by: Sequence[str] = ()) -> dict[str, Any]:
    label, icon, _about = KINDS[one.kind]
    return {"field": one, "label": spoken(one.labels), "kind": label, "icon": icon, "needed_by": needed_by}


def _kind(field: Field) -> str:
    return _WIDGETS.get(field.widget, "text")
