"""The audit: who did what, when and by which way, with filters; a page costs the same however long it is."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.administration.operations.queries import Filters, audit
from peyvand.administration.operations.web import AUDIT
from peyvand.administration.operations.web.places import number_in, place_before
from peyvand.administration.settings.public import render_settings
from peyvand.kernel.errors import Invalid
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Day
from peyvand.platform.identity.models import User
from peyvand.platform.objects.spec import all_objects, find_object
from peyvand.web.components.inputs import control_id, render_input
from peyvand.web.shell.middleware import context_of

_DAYS = (Day(key="since", label=_("From")), Day(key="until", label=_("To")))


@require_GET
def audit_page(request: HttpRequest, workspace: str) -> HttpResponse:
    """The page; with ``before`` only the lines that follow."""
    ctx = context_of(request)
    demand(ctx.actor, AUDIT.operation)
    days, controls = _days(ctx, request)
    asked = Filters(
        number_in(request, "user"),
        _object(request),
        number_in(request, "record"),
        days["since"],
        days["until"],
    )
    before = place_before(request)
    lines, following = audit(ctx, asked, before)
    kept = {k: v for k, v in request.GET.items() if v and k != "before"}
    shown = {"lines": lines, "next": urlencode({**kept, "before": following}) if following else ""}
    if before is not None:
        return render(request, "operations/_lines.html", shown)
    context = {
        **shown,
        "asked": asked,
        "is_narrowed": asked != Filters(),
        "users": User.objects.order_by("name").values_list("id", "name"),
        "objects": sorted(((spec.key, str(spec.label)) for spec in all_objects()), key=lambda pair: pair[1]),
        "days": controls,
    }
    return render_settings(request, AUDIT, "operations/audit.html", context)


def _object(request: HttpRequest) -> str | None:
    spec = find_object(request.GET.get("object", ""))
    return spec.key if spec else None


def _days(ctx: Context, request: HttpRequest) -> tuple[dict[str, date | None], list[dict[str, object]]]:
    """The days asked for, and their controls; one that is no day is shown with its reason and narrows nothing."""
    days: dict[str, date | None] = {}
    controls: list[dict[str, object]] = []
    for field in _DAYS:
        raw, value, problems = request.GET.get(field.key, "").strip(), None, ()
        try:
            value = field.understand(raw, ctx.reader) if raw else None
        except Invalid as error:
            problems = error.at(field.key).problems  # type: ignore[assignment]
        days[field.key] = value
        control = render_input(field, raw if problems else value, problems=problems, reader=ctx.reader)
        controls.append(
            {
                "label": field.label,
                "id": control_id(field.key),
                "control": control,
                "is_wrong": bool(problems),
            }
        )
    return days, controls
