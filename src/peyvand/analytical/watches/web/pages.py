"""The pages of watches: all of them with what each saw lately, and one with everybody who crossed its mark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.warehouse.public import present
from peyvand.analytical.watches.asking import CROSSED
from peyvand.analytical.watches.hooks import why_closed
from peyvand.analytical.watches.looking import LATELY, Trial, trial
from peyvand.analytical.watches.models import USER, Crossing, Standing, Watch
from peyvand.analytical.watches.objects import WATCH
from peyvand.analytical.watches.web.words import lines, worth
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation, msg
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.insights.telling import said
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.references import titled
from peyvand.platform.objects.spec import object_named
from peyvand.web.components.tags import say
from peyvand.web.objects.lists.links import list_url
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

SHOWN: Final = 100
TRIED: Final = 20


def may_open(ctx: Context) -> bool:
    """Whether the actor may know anything that a watch can see."""
    sees = bool(decide(ctx.actor, WATCH.permission("view")))
    return sees and any(closed(ctx.actor, one.objects, one.fields) is None for one in MEASURES.values())


WATCHES = register_screen(
    Screen("watches", _("Watches"), "flag", "insights/watches", place=8, opens=may_open)
)


@dataclass(frozen=True)
class Line:
    """Somebody who crossed a mark; no ``url``: out of the reader's sight."""

    title: str
    url: str
    day: date | None
    was: str
    now: str


@require_GET
def watches(request: HttpRequest, workspace: str) -> HttpResponse:
    """Every watch that the actor may know the figures of."""
    ctx = context_of(request)
    if not may_open(ctx):
        raise NotAllowed(msg("Your role sees no figures of all the workspace's records."))
    rows = visible(ctx.actor, WATCH.key, Watch.objects.filter(deleted_at__isnull=True)).select_related(
        "product"
    )
    known = [one for one in rows.order_by("name", "id") if one.measure in MEASURES and why_closed(ctx.actor, one) is None]  # fmt: skip
    since = present(ctx.tenant) - LATELY
    lately = _counts(Crossing.objects.filter(watch__in=known, day__gte=since))
    standing = _counts(Standing.objects.filter(watch__in=known))
    newest = dict(Crossing.objects.filter(watch__in=known).values_list("watch").annotate(day=Max("day")))
    return render(request, "watches/watches.html", {
        "watches": [
            {
                "one": one, "url": here(ctx, f"insights/watches/{one.id}"), "lines": lines(ctx, one), "lately": lately.get(one.id, 0),
                "standing": standing.get(one.id, 0), "newest": newest.get(one.id),
            }
            for one in known
        ],
        "new": f"{here(ctx, f'{WATCH.plural}/new')}" if decide(ctx.actor, WATCH.permission("create")) else "",
        "list": here(ctx, f"{WATCH.plural}/"),
    })  # fmt: skip


@require_GET
def watch(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Who crossed the mark of one watch, the newest first."""
    ctx, one = _opened(request, id)
    crossings = list(Crossing.objects.filter(watch=one).order_by("-day", "-id")[: SHOWN + 1])
    told = [(c.object_id, c.day, c.was, c.now) for c in crossings[:SHOWN]]
    asked = {"field": CROSSED, "op": "is", "value": str(one.id)}
    spec = object_named(one.whose)
    return render(request, "watches/watch.html", {
        "one": one, "lines": lines(ctx, one), "rows": _named(ctx, one, told), "is_cut": len(crossings) > SHOWN,
        "refusal": said(one.refusal, ctx.reader) if one.refusal else "", "page": page_url(ctx, WATCH, one.id),
        "whose": WATCH.field("whose").show(one.whose, ctx.reader), "standing": Standing.objects.filter(watch=one).count(),
        "all": "" if one.whose == USER else list_url(ctx, spec, asked),
        "trial": here(ctx, f"insights/watches/{one.id}/trial"),
        "does": [
            (verb, page_url(ctx, WATCH, one.id, "do", verb))
            for verb in (("look", "pause") if one.is_on else ("begin",))
            if decide(ctx.actor, WATCH.permission(verb), one)
        ],
    })  # fmt: skip


@require_GET
def tried(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """The part of the page that says what the watch would see; it asks the warehouse."""
    ctx, one = _opened(request, id)
    found: Trial | None = None
    problem = ""
    try:
        found = trial(ctx.actor, one)
    except (RuleViolation, Invalid) as refusal:
        problem = say(refusal.message)
    moved: Mapping[int, tuple[float | None, float | None]] = found.crossed if found else {}
    first = sorted(moved, key=lambda id: (-(moved[id][1] or 0), id))[:TRIED]
    return render(request, "watches/_trial.html", {
        "one": one, "trial": found, "problem": problem, "count": len(moved),
        "rows": _named(ctx, one, [(id, None, *moved[id]) for id in first]),
    })  # fmt: skip


def _opened(request: HttpRequest, id: int) -> tuple[Context, Watch]:
    ctx = context_of(request)
    one: Watch = load_record(WATCH, ctx.actor, id)
    if reason := why_closed(ctx.actor, one):
        raise NotAllowed(reason)
    return ctx, one


def _counts(rows: Any) -> dict[int, int]:
    return dict(rows.order_by().values_list("watch").annotate(n=Count("id")))


def _named(ctx: Context, one: Watch, told: Sequence[tuple[int, date | None, Any, Any]]) -> Iterable[Line]:
    spec = object_named(one.whose)
    names = titled(ctx.actor, (Ref(one.whose, id, "") for id, *_rest in told))
    return [
        Line(ref.title, page_url(ctx, spec, id), day, worth(ctx, one, was), worth(ctx, one, now))
        if (ref := names.get((one.whose, id))) and ref.title
        else Line("", "", day, worth(ctx, one, was), worth(ctx, one, now))
        for id, day, was, now in told
    ]
