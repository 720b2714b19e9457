"""The audit: who did what, when and by which way, with filters; a page costs the same however long it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.administration.operations.queries import MOST_READ, VERBS, WAYS, Filters, audit
from peyvand.administration.operations.web import AUDIT
from peyvand.administration.operations.web.places import number_in, place_before
from peyvand.kernel.errors import Invalid
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.action import all_actions
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Day, whole_id
from peyvand.platform.identity.models import User
from peyvand.platform.objects.spec import all_objects, find_object
from peyvand.web.components.csv_files import csv_answer
from peyvand.web.components.inputs import control_id, render_input
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

MOST_EXPORTED = 50_000
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
        _run(request),
        request.GET.get("action") or None,
        request.GET.get("way") if request.GET.get("way") in WAYS else None,
        request.GET.get("lent") == "1",
    )
    if request.GET.get("format") == "csv":
        return _csv(ctx, asked)
    before = place_before(request)
    lines, following = audit(ctx, asked, before)
    kept = {k: v for k, v in request.GET.items() if v and k != "before"}
    shown = {
        "lines": lines,
        "next": urlencode({**kept, "before": following}) if following else "",
        "kept": urlencode(kept),
    }
    if before is not None or request.headers.get("HX-Request"):
        return render(request, "operations/_lines.html", shown)
    context = {
        **shown,
        "asked": asked,
        "is_narrowed": asked != Filters(),
        "users": User.objects.order_by("name").values_list("id", "name"),
        "objects": sorted(((spec.key, str(spec.label)) for spec in all_objects()), key=lambda pair: pair[1]),
        "days": controls,
        "is_wrong": any(day["is_wrong"] for day in controls),
        "actions": _actions(),
        "ways": WAYS.items(),
        "csv": urlencode({**kept, "format": "csv"}),
    }
    return render_settings(request, AUDIT, "operations/audit.html", context)


def _actions() -> list[tuple[str, str]]:
    """What can be asked for: the verbs of every object, then the actions that were declared."""
    declared = sorted((action.key, str(action.label)) for action in all_actions())
    return [*((f".{verb}", str(label)) for verb, label in VERBS.items()), *declared]


def _csv(ctx: Context, asked: Filters) -> HttpResponse:
    """What was asked for as a table, one line for each entry; cut where it would be too long to be read by anybody."""
    header = (
        _("When"),
        _("Who"),
        _("What"),
        _("What kind"),
        _("Record"),
        _("Records"),
        _("Via"),
        _("Address"),
    )
    return csv_answer("audit.csv", header, _entries(ctx, asked))


def _entries(ctx: Context, asked: Filters) -> Iterator[tuple[Any, ...]]:
    before: int | None = None
    for _set in range(MOST_EXPORTED // MOST_READ):
        lines, before = audit(ctx, asked, before, folded=False, page=MOST_READ)
        for line in lines:
            at = line.at.astimezone(ctx.tenant.tz).isoformat(sep=" ", timespec="seconds")
            yield at, line.who, line.what, line.kind, line.record, line.count, line.way, line.ip or ""
        if before is None:
            return


def _run(request: HttpRequest) -> tuple[int, int] | None:
    """The folded line that is opened: ``?run=oldest-newest``."""
    oldest, _sep, newest = request.GET.get("run", "").partition("-")
    run = whole_id(oldest), whole_id(newest)
    return run if all(run) else None


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
