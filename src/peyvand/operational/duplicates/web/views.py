"""The queue of likely duplicates: one pair at a time, side by side, with what speaks for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.kernel import numbers
from peyvand.kernel.errors import Conflict, Invalid, NotFound, RuleViolation
from peyvand.operational.duplicates.actions import begin_search, decide_pair, merge_all_sure
from peyvand.operational.duplicates.kinds import KINDS, Kind
from peyvand.operational.duplicates.models import Pair, Search
from peyvand.operational.duplicates.queue import (
    LATER,
    MOST_COUNTED,
    OPEN,
    better_of,
    load_pair,
    merge_pair,
    pairs_for,
    sure_pairs,
)
from peyvand.operational.duplicates.rules import rules_of
from peyvand.platform.access.decisions import decide as allowed
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.objects.queries import ListQuery, fetch_rows
from peyvand.web.components.tags import say
from peyvand.web.objects.merging.compare import compare, read_choices
from peyvand.web.objects.merging.page import undo_toast
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

PREVIEWED: Final = 20


@dataclass(frozen=True)
class Reason:
    """One piece of evidence: its sentence, how many bits it adds, and that as a share of the weightiest."""

    words: str
    bits: str
    share: int
    speaks_for: bool


@require_GET
def index(request: HttpRequest, workspace: str) -> HttpResponse:
    """The first object's queue that the actor may work on."""
    ctx = context_of(request)
    kind = next((k for k in KINDS.values() if allowed(ctx.actor, k.spec.permission("merge"))), None)
    if kind is None:
        raise NotFound
    return HttpResponseRedirect(_at(ctx, kind))


@require_GET
def queue(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The next pair of the queue (``?state=later`` for those put off); ``?after=`` an id skips to the pair behind it."""
    ctx, kind = _asked(request, plural)
    state = LATER if request.GET.get("state") == LATER else OPEN
    return _shown(request, ctx, kind, _next(ctx, kind, state, request.GET.get("after", "")), state)


@require_http_methods(["GET", "HEAD", "POST"])
def pair(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """One pair by its address; POST merges it, or with ``look`` shows it with another record as the one that stays."""
    ctx, kind = _asked(request, plural)
    found = load_pair(ctx, kind.spec, id, lock=request.method == "POST")
    if request.method != "POST":
        return _shown(request, ctx, kind, found, found.state)
    winner = whole_id(request.POST.get("winner", ""))
    if "look" in request.POST:
        return _shown(request, ctx, kind, found, found.state, winner=winner)
    try:
        with transaction.atomic():
            merges = merge_pair(ctx, found, winner, read_choices(request.POST, kind.spec))
    except (Invalid, RuleViolation, Conflict) as error:
        return _shown(request, ctx, kind, found, found.state, winner=winner, problem=say(error.message))
    return _onward(request, ctx, kind, found, undo_toast(ctx, kind.spec, merges))


@require_POST
def decide(request: HttpRequest, workspace: str, plural: str, id: int, state: str) -> HttpResponse:
    """Remember an answer other than merging."""
    ctx, kind = _asked(request, plural)
    found = load_pair(ctx, kind.spec, id, lock=True)
    before = found.state
    decide_pair(ctx, found, state)
    if state == OPEN:
        return _onward(
            request, ctx, kind, found, {"text": gettext("Back in the queue."), "kind": "good"}, same=True
        )
    words = gettext("Put off.") if state == LATER else gettext("Remembered: these are two.")
    undo = f"{_at(ctx, kind)}{id}/{OPEN}"
    return _onward(request, ctx, kind, found, {"text": words, "undo": undo}, state=before)


@require_POST
def search(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """Look for duplicates now."""
    ctx, kind = _asked(request, plural)
    begin_search(ctx, kind.spec.key)
    return HttpResponseRedirect(_at(ctx, kind))


@require_GET
def progress(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """How far the search is; at its end the whole screen is fetched anew."""
    ctx, kind = _asked(request, plural)
    last = _last(kind)
    response = render(
        request, "duplicates/_progress.html", {"last": last, "spec": kind.spec, "at": _at(ctx, kind)}
    )
    if last is None or last.state not in ("waiting", "running"):
        response["HX-Refresh"] = "true"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def sure(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The dialog with the surest pairs and how many there are; POST has all of them merged."""
    ctx, kind = _asked(request, plural)
    demand(ctx.actor, kind.spec.permission("bulk"))
    rules = rules_of(kind.spec.key)
    if request.method == "POST":
        count = merge_all_sure(ctx, kind.spec.key)
        words = ngettext("%(count)s pair is being merged.", "%(count)s pairs are being merged.", count)
        shown = {"count": numbers.format_number(count, ctx.reader.language)}
        toast = {"text": words % shown, "kind": "good"}
        if not request.headers.get("HX-Request"):
            return HttpResponseRedirect(_at(ctx, kind))
        return with_events(HttpResponse(), closeDialog=True, toast=toast)
    found = sure_pairs(ctx, kind.spec, rules.sure)
    count = found[: MOST_COUNTED + 1].count()
    context = {
        "spec": kind.spec, "at": _at(ctx, kind), "count": min(count, MOST_COUNTED), "is_more": count > MOST_COUNTED, "sure": rules.sure,
        "rows": _named(ctx, kind, list(found.order_by("score", "id")[:PREVIEWED])),
    }  # fmt: skip
    return render(request, "duplicates/_sure.html", context)


def _asked(request: HttpRequest, plural: str) -> tuple[Context, Kind]:
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    kind = KINDS.get(spec.key)
    if kind is None:
        raise NotFound
    demand(ctx.actor, spec.permission("merge"))
    return ctx, kind


def _at(ctx: Context, kind: Kind) -> str:
    return here(ctx, f"duplicates/{kind.spec.plural}/")


def _last(kind: Kind) -> Search | None:
    found: Search | None = Search.objects.filter(object=kind.spec.key).order_by("-id").first()
    return found


def _next(ctx: Context, kind: Kind, state: str, after: str) -> Pair | None:
    """The first pair of the queue, or the one behind a pair that was just looked at."""
    found = pairs_for(ctx, kind.spec, state)
    behind = Pair.objects.filter(id=whole_id(after), object=kind.spec.key).first() if after else None
    if behind is not None:
        later = found.filter(score__lt=behind.score) | found.filter(score=behind.score, id__gt=behind.id)
        return later.first() or found.exclude(id=behind.id).first()
    return found.first()


def _onward(
    request: HttpRequest, ctx: Context, kind: Kind, done: Pair, toast: dict[str, str], *, state: str = OPEN, same: bool = False
) -> HttpResponse:  # fmt: skip
    """The pair that follows, in the place of the one that was decided."""
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"{_at(ctx, kind)}?after={done.id}")
    if same:
        response = HttpResponse()
        response["HX-Redirect"] = f"{_at(ctx, kind)}{done.id}"
        return with_events(response, toast=toast)
    state = LATER if state == LATER else OPEN
    response = _shown(request, ctx, kind, _next(ctx, kind, state, str(done.id)), state)
    return with_events(response, toast=toast)


def _shown(
    request: HttpRequest, ctx: Context, kind: Kind, found: Pair | None, state: str, *, winner: int = 0, problem: str = ""
) -> HttpResponse:  # fmt: skip
    spec = kind.spec
    context: dict[str, Any] = {
        "spec": spec,
        "at": _at(ctx, kind),
        "state": state,
        "pair": found,
        "problem": problem,
    }
    if found is not None:
        kept = winner if winner in (found.one, found.other) else better_of(ctx, spec, found)
        chosen = {
            k.removeprefix("choice-"): str(v) for k, v in request.POST.items() if k.startswith("choice-")
        }
        looked_at = {f for key, _, _ in found.evidence for f in kind.matching.comparison(key).fields}
        context |= {
            "compared": compare(ctx, spec, (found.one, found.other), kept, chosen, looked_at),
            "percent": found.score / 1000,
            "pair_url": f"{_at(ctx, kind)}{found.id}",
            "reasons": _reasons(ctx, found.evidence),
            "waiting": pairs_for(ctx, spec, OPEN)[: MOST_COUNTED + 1].count(),
        }
    context["put_off"] = pairs_for(ctx, spec, LATER)[: MOST_COUNTED + 1].count()
    if request.headers.get("HX-Request"):
        return render(request, "duplicates/_pair.html", context, status=422 if problem else 200)
    rules = rules_of(spec.key)
    context |= {
        "kinds": [(k.spec, _at(ctx, k)) for k in KINDS.values() if allowed(ctx.actor, k.spec.permission("merge"))],
        "last": _last(kind), "rules": rules, "sure_count": sure_pairs(ctx, spec, rules.sure)[: MOST_COUNTED + 1].count(),
        "may_sure": bool(allowed(ctx.actor, spec.permission("bulk"))),
    }  # fmt: skip
    return render(request, "duplicates/queue.html", context)


def _reasons(ctx: Context, evidence: Sequence[Sequence[Any]]) -> list[Reason]:
    most = max((abs(bits) for _, _, bits in evidence), default=1) or 1
    return [
        Reason(
            gettext(says), numbers.format_number(abs(round(bits)), ctx.reader.language), min(100, round(abs(bits) / most * 100)), bits > 0
        )
        for _, says, bits in evidence
        if abs(bits) >= 0.5
    ]  # fmt: skip


def _named(ctx: Context, kind: Kind, pairs: Iterable[Pair]) -> list[dict[str, Any]]:
    spec = kind.spec
    columns = tuple(k for k in (spec.subtitle, "city") if k in spec.all_fields)
    found = fetch_rows(ListQuery(spec, ctx.actor, columns), [id for p in pairs for id in (p.one, p.other)])
    return [
        {"pair": p, "one": found[p.one].title, "other": found[p.other].title, "percent": p.score / 1000}
        for p in pairs
        if p.one in found and p.other in found
    ]
