"""The page of all results: what was found, where, and what to narrow it by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.models import User
from peyvand.platform.objects.queries import ListQuery, fetch_rows
from peyvand.platform.objects.spec import all_objects, find_object
from peyvand.platform.search.everywhere import AGES, Narrowing, Results, search
from peyvand.platform.search.recent import LONGEST, forget, recent, remember
from peyvand.web.components.tags import number
from peyvand.web.shell.found import lines, searched
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

PAGE = 25
MOST_SHOWN = 500
CHOICES = 8
K = TypeVar("K", str, int)
# The names of what a result is narrowed by, in addresses.
OBJECT, OWNER, DAYS, TAG = "object", "owner", "days", "tag"


@dataclass(frozen=True)
class Choice:
    """One way to narrow the results, or to widen them again where it is chosen."""

    label: str
    count: str
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    label: str
    choices: list[Choice]


@require_GET
def search_page(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?q=`` with ``object``, ``owner``, ``days`` and ``tag`` to narrow by, and ``show`` for how many."""
    ctx = context_of(request)
    query = request.GET.get("q", "").replace("\x00", "")[:LONGEST].strip()
    narrowed = _narrowing(request)
    results = search(ctx.actor, query, searched(), narrowed)
    shown = min(MOST_SHOWN, max(PAGE, whole_id(request.GET.get("show", "")) or PAGE))
    page = results.found[:shown]
    if page and narrowed == Narrowing():
        remember(ctx.actor, query)
    kept = {k: request.GET[k] for k in (OBJECT, OWNER, DAYS, TAG) if request.GET.get(k)}
    following = len(results.found) > shown and shown < MOST_SHOWN
    return render(
        request,
        "shell/search.html",
        {
            "query": query,
            "kept": kept,
            "lines": lines(ctx, page, results.meant or query),
            "told": _told(results),
            "meant": results.meant,
            "meant_href": f"?{urlencode({'q': results.meant})}",
            "is_guess": results.is_guess,
            "facets": _facets(ctx, results, {"q": query} | kept) if results.found or kept else [],
            "is_narrowed": narrowed != Narrowing(),
            "whole": f"?{urlencode({'q': query})}",
            "more": f"?{urlencode({'q': query, **kept, 'show': shown + PAGE})}" if following else "",
            "recent": [(said, f"?{urlencode({'q': said})}") for said in recent(ctx.actor) if said != query],
        },
    )


@require_POST
def forget_searches(request: HttpRequest, workspace: str) -> HttpResponse:
    """Drop what the person searched for lately."""
    ctx = context_of(request)
    forget(ctx.actor)
    return HttpResponseRedirect(here(ctx, "search"))


def _narrowing(request: HttpRequest) -> Narrowing:
    asked = request.GET
    spec = find_object(asked.get(OBJECT, ""))
    days = whole_id(asked.get(DAYS, ""))
    return Narrowing(
        spec.key if spec is not None else "",
        whole_id(asked.get(OWNER, "")) or None,
        days if days in AGES else None,
        whole_id(asked.get(TAG, "")) or None,
    )


def _told(results: Results) -> str:
    count = number(len(results.found))
    if results.is_capped:
        return gettext("More than %(n)s results") % {"n": count}
    return gettext("%(n)s results") % {"n": count} if len(results.found) != 1 else gettext("One result")


def _facets(ctx: Context, results: Results, kept: dict[str, str]) -> list[Facet]:
    found = results.facets
    owners = dict(User.objects.filter(id__in=_asked(found.owners, kept, OWNER)).values_list("id", "name"))
    tag = find_object("tag")
    tags = {}
    if tag is not None and (ids := _asked(found.tags, kept, TAG)):
        tags = {id: row.title for id, row in fetch_rows(ListQuery(tag, ctx.actor, ()), ids).items()}
    ages = {7: gettext("Last 7 days"), 30: gettext("Last 30 days"), 365: gettext("Last 12 months")}
    kinds = {spec.key: str(spec.label_plural) for spec in all_objects()}
    return [
        facet
        for facet in (
            _facet(gettext("Kind"), OBJECT, found.objects, kinds, kept),
            _facet(gettext("Owner"), OWNER, found.owners, owners, kept),
            _facet(gettext("Made"), DAYS, found.ages, ages, kept, in_order=AGES),
            _facet(gettext("Tag"), TAG, found.tags, tags, kept),
        )
        if facet.choices
    ]


def _asked(counts: Counter[int], kept: dict[str, str], name: str) -> list[int]:
    """Ids whose names are needed: the most frequent, and the one chosen."""
    chosen = whole_id(kept.get(name, ""))
    return [*(id for id, _ in counts.most_common(CHOICES)), *filter(None, [chosen])]


def _facet(
    label: str,
    name: str,
    counts: Counter[K],
    names: Mapping[K, str],
    kept: dict[str, str],
    in_order: Iterable[K] = (),
) -> Facet:
    chosen = kept.get(name, "")
    keys = list(in_order) or [key for key, _ in counts.most_common(CHOICES)]
    choices = []
    for key in keys:
        title, is_chosen = names.get(key), str(key) == chosen
        if title is None or not (counts[key] or is_chosen):
            continue
        rest = {k: v for k, v in kept.items() if k != name}
        href = f"?{urlencode(rest if is_chosen else rest | {name: key})}"
        choices.append(Choice(title, number(counts[key]), href, is_chosen))
    return Facet(label, choices)
