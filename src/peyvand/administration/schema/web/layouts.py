"""Which sections an object's page has, and which fields stand in each, for one role or for all others."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from peyvand.administration.schema.actions import lay_out
from peyvand.administration.schema.web import OBJECTS
from peyvand.administration.schema.web.fields import base, spec_at
from peyvand.kernel.errors import Invalid, NotFound, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.schema.models import Layout
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.answers import moved
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings


@require_http_methods(["GET", "POST"])
def layout(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """The page where sections are named and fields carried between them; POST keeps or, with ``reset``, forgets it."""
    ctx = context_of(request)
    demand(ctx.actor, OBJECTS.operation)
    spec = spec_at(key)
    role = request.GET.get("role", "")
    roles = list(Role.objects.filter(deleted_at__isnull=True).order_by("id").values_list("key", "name"))
    if role and role not in dict(roles):
        raise NotFound
    kept = Layout.objects.filter(object=spec.key, role=role).first()
    problems: list[str] = []
    if request.method == "POST":
        try:
            with transaction.atomic():
                lay_out(ctx, spec.key, () if "reset" in request.POST else _sent(request), role=role)
            return moved(
                request, f"{base(ctx, spec)}layout" + (f"?role={role}" if role else ""), gettext("Saved.")
            )
        except Invalid as error:
            problems = [say(p.message) for p in error.problems]
    context = {
        "spec": spec,
        "base": base(ctx, spec),
        "role": role,
        "roles": roles,
        "is_kept": kept is not None,
        "problems": problems,
        "sections": _shown(spec, kept),
    }
    return render_settings(request, OBJECTS, "schema/layout.html", context, status=422 if problems else 200)


def _sent(request: HttpRequest) -> list[tuple[str, list[str]]]:
    """The sections as the page sends them, as JSON: [["Details", ["name", "owner"]], …].

    Raises:
        Invalid: they are not that, or none.
    """
    try:
        sent = json.loads(request.POST.get("sections", ""))
        sections = [(str(label), [str(key) for key in keys]) for label, keys in sent]
    except (ValueError, TypeError):
        raise Invalid.of(msg("This layout is not understood."), "sections") from None
    if not sections:
        raise Invalid.of(msg("A page needs at least one section with a field."), "sections")
    return sections


def _shown(spec: ObjectSpec, kept: Any) -> list[dict[str, Any]]:
    sections = spec.shape.laid_out(tuple((s[0], tuple(s[1])) for s in kept.sections) if kept else None)
    own = {field.key for field in spec.custom_fields}
    shown = [
        {"label": str(s.label), "fields": [(k, spec.field(k).label, k in own) for k in s.fields]}
        for s in sections
    ]
    named = {key for section in sections for key in section.fields}
    rest = [(f.key, f.label, f.key in own) for f in spec.own_fields if f.key not in named]
    return [*shown, {"label": "", "fields": rest}]
