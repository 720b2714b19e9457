"""Pages that are one short list: reasons of loss, competitors, tags, purposes. Forms and the bin are those of every
object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from peyvand.administration.settings.actions import reorder
from peyvand.administration.settings.web import COMPETITORS, PURPOSES, REASONS, TAGS
from peyvand.kernel.errors import NotFound
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field, Flag, whole_id
from peyvand.platform.objects.queries import ListQuery, fetch_page
from peyvand.platform.objects.spec import object_named
from peyvand.web.objects.resolve import address
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import SettingsPage, render_settings

MOST = 200


@dataclass(frozen=True)
class Listed:
    """A settings page that lists the records of one object."""

    page: SettingsPage
    object: str
    lead: str | Promise
    empty: str | Promise
    # Key of the field shown at a row's end.
    note: str = ""
    has_order: bool = False


LISTED = {
    each.page.path: each
    for each in (
        Listed(
            REASONS,
            "lost_reason",
            _("One of these is asked for whenever a deal is lost. The order is that of the question."),
            _("Without reasons, losses teach nothing. Add those that you hear most."),
            has_order=True,
        ),
        Listed(
            COMPETITORS,
            "competitor",
            _("Who wins where you lose. Chosen when a deal is lost, and on the deal itself."),
            _("Add those you meet most often; their strengths stand ready when it matters."),
            "website",
        ),
        Listed(
            TAGS,
            "tag",
            _("Words of your own that gather records across all lists."),
            _("A tag is made by writing it on any record, or here."),
            "tone",
        ),
        Listed(
            PURPOSES,
            "purpose",
            _("What people are reached for. Where consent is needed, nobody is reached who did not give it."),
            _("Add what you write or call for: a newsletter, invitations, surveys."),
            "needs_consent",
            has_order=True,
        ),
    )
}


@require_GET
def listed(request: HttpRequest, workspace: str, which: str) -> HttpResponse:
    """The page; with ``part`` only its list, for it follows changes."""
    ctx = context_of(request)
    shown = _listed(which)
    demand(ctx.actor, shown.page.operation)
    spec = object_named(shown.object)
    rows = fetch_page(ListQuery(spec, ctx.actor, (shown.note,) if shown.note else ()), limit=MOST).rows
    field = spec.field(shown.note) if shown.note else None
    context: dict[str, Any] = {
        "shown": shown,
        "spec": spec,
        "rows": [(row, _note(field, row.values.get(shown.note), ctx.reader)) for row in rows],
        "base": address(ctx, spec),
        "can_delete": bool(decide(ctx.actor, spec.permission("delete"))),
        "can_create": bool(decide(ctx.actor, spec.permission("create"))),
    }
    if "part" in request.GET:
        return render(request, "settings/_listed.html", context)
    return render_settings(request, shown.page, "settings/listed.html", context)


@require_POST
def order(request: HttpRequest, workspace: str, which: str) -> HttpResponse:
    """POST ``order=3,1,2``: the records' new order."""
    shown = _listed(which)
    if not shown.has_order:
        raise NotFound
    reorder(context_of(request), object_named(shown.object), ids_of(request))
    return HttpResponse(status=204)


def ids_of(request: HttpRequest) -> list[int]:
    """The ids that an order names.

    Raises:
        NotFound: it names none, or the same twice.
    """
    ids = list(map(whole_id, request.POST.get("order", "").split(",")))
    if not all(ids) or len(set(ids)) != len(ids):
        raise NotFound
    return ids


def _note(field: Field | None, value: Any, reader: Reader) -> str:
    """What stands at a row's end: a value in words; of a flag, what it says where it is set."""
    if field is None:
        return ""
    return (str(field.label) if value else "") if isinstance(field, Flag) else field.show(value, reader)


def _listed(which: str) -> Listed:
    if which not in LISTED:
        raise NotFound
    return LISTED[which]
