"""The bin over all objects: what was deleted, by whom and when; restored or removed for good, many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from peyvand.kernel import numbers
from peyvand.kernel.errors import NotFound
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import RecordDeleted
from peyvand.platform.fields.about import KEY
from peyvand.platform.fields.types import Choice
from peyvand.platform.merging.models import Merge
from peyvand.platform.objects.purge import purge_records
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.records import restore_records
from peyvand.platform.objects.sifting import Outcome, sift
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.objects.resolve import address
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

SHOWN: Final = 100
DAYS: Final = timedelta(days=30)
# One request works on so many; more is chosen again.
MOST: Final = 500


@dataclass(frozen=True)
class Binned:
    """A record of the bin. ``ends`` is when it goes for good by itself."""

    spec: ObjectSpec
    id: int
    title: str
    at: datetime
    ends: datetime
    who: str
    url: str
    may_restore: bool
    may_purge: bool

    @property
    def ref(self) -> str:
        return f"{self.spec.key}:{self.id}"


def _opens(ctx: Context) -> bool:
    return any(binned_objects(ctx))


BIN = register_screen(Screen("bin", _("Bin"), "trash", "bin", opens=_opens))


def binned_objects(ctx: Context) -> list[ObjectSpec]:
    """The objects whose deleted records the actor may see and do something with."""
    return [
        spec
        for spec in all_objects()
        if spec.has_bin
        and spec.creatable
        and decide(ctx.actor, spec.permission("view"))
        and decide(ctx.actor, spec.permission("delete"))
    ]


@require_GET
def bin_page(request: HttpRequest, workspace: str) -> HttpResponse:
    """What rests in the bin, the latest first; of one kind with ``?object=``."""
    ctx = context_of(request)
    specs = binned_objects(ctx)
    if not specs:
        raise NotFound
    only = next((s for s in specs if s.key == request.GET.get("object")), None)
    rows, is_cut = find_binned(ctx, [only] if only else specs)
    context = {
        "rows": rows,
        "is_cut": is_cut,
        "kinds": specs,
        "only": only,
        "may_purge": any(r.may_purge for r in rows),
    }
    part = request.headers.get("HX-Target") == "bin"
    return render(
        request,
        "objects/bin/_bin.html" if part else "objects/bin/bin.html",
        context | {"url": here(ctx, "bin")},
    )


@require_POST
def bin_do(request: HttpRequest, workspace: str, verb: str) -> HttpResponse:
    """``restore`` or ``purge`` the chosen records; those that may not or cannot are counted, with a reason."""
    if verb not in ("restore", "purge"):
        raise NotFound
    ctx = context_of(request)
    chosen: dict[str, list[int]] = defaultdict(list)
    for ref in request.POST.getlist("ref")[:MOST]:
        if match := KEY.fullmatch(ref):
            chosen[match[1]].append(int(match[2]))
    outcome = Outcome()
    for spec in binned_objects(ctx):
        if ids := chosen.get(spec.key):
            operation = "delete" if verb == "restore" else "purge"
            rows = _resting(ctx, spec, operation).filter(id__in=ids).order_by("id")
            sift(ctx, spec, list(rows), restore_records if verb == "restore" else _purge, outcome)
    left = sum(map(len, chosen.values())) - len(outcome.done)
    where = request.POST.get("object", "")
    back = f"{here(ctx, 'bin')}?object={where}" if KEY.fullmatch(f"{where}:1") else here(ctx, "bin")
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(back)
    response = HttpResponse()
    response["HX-Reswap"] = "none"
    toast = {"text": _said(ctx, verb, outcome, left), "kind": "bad" if left else "good"}
    return with_events(response, **{"toast": toast, "bin-changed": True})


def _purge(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    purge_records(ctx, spec, records)


def _said(ctx: Context, verb: str, outcome: Outcome, left: int) -> str:
    done = len(outcome.done)
    words = (
        ngettext("%(n)s record restored", "%(n)s records restored", done)
        if verb == "restore"
        else ngettext("%(n)s record removed for good", "%(n)s records removed for good", done)
    ) % {"n": numbers.format_number(done, ctx.reader.language)}
    if not left:
        return words
    stay = ngettext("%(n)s stays as it was", "%(n)s stay as they were", left) % {
        "n": numbers.format_number(left, ctx.reader.language)
    }
    why = say(outcome.refused[0][1]) if outcome.refused else ""
    return " — ".join(filter(None, (words, stay, why)))


def find_binned(ctx: Context, specs: Sequence[ObjectSpec]) -> tuple[list[Binned], bool]:
    """The latest records in the bin, and whether there are more: one query for each object, one for who deleted them."""
    found: list[tuple[datetime, ObjectSpec, int, str]] = []
    is_cut = False
    rights: dict[tuple[str, str], set[int]] = {}
    for spec in specs:
        found_here = _resting(ctx, spec).order_by("-deleted_at", "-id")
        rows = list(found_here.values_list("deleted_at", "id", spec.title)[: SHOWN + 1])
        is_cut = is_cut or len(rows) > SHOWN
        ids = [id for _, id, _ in rows]
        for operation in ("delete", "purge") if ids else ():
            may = decide(ctx.actor, spec.permission(operation))
            allowed = (
                _resting(ctx, spec, operation).filter(id__in=ids).values_list("id", flat=True) if may else ()
            )
            rights[spec.key, operation] = set(allowed)
        found += [(at, spec, id, _title(spec, title)) for at, id, title in rows[:SHOWN]]
    found.sort(key=lambda row: row[0], reverse=True)
    is_cut, found = is_cut or len(found) > SHOWN, found[:SHOWN]
    names = _deleted_by(ctx, [(spec.key, id) for _, spec, id, _ in found])
    return [
        Binned(
            spec, id, title, at, at + DAYS, names.get((spec.key, id), ""), f"{address(ctx, spec, id)}/",
            id in rights[spec.key, "delete"], id in rights[spec.key, "purge"],
        )
        for at, spec, id, title in found
    ], is_cut  # fmt: skip


def _resting(ctx: Context, spec: ObjectSpec, operation: str = "view") -> QuerySet[Any]:
    """The deleted records that the actor may apply ``operation`` to.

    What became part of another record is none of them: it comes back by taking the two apart.
    """
    merged = Merge.objects.filter(object=spec.key, undone_at__isnull=True).values("loser")
    return ListQuery(spec, ctx.actor, (), in_bin=True).rows(operation).exclude(id__in=merged)


def _title(spec: ObjectSpec, title: Any) -> str:
    field = spec.all_fields.get(spec.title)
    option = field.option(title) if isinstance(field, Choice) else None
    return str(option.label) if option else str(title or spec.label)


def _deleted_by(ctx: Context, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Who moved each of these records to the bin the last time."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select distinct on (e.object, e.object_id) e.object, e.object_id, u.name
            from unnest(%s::text[], %s::bigint[]) k(object, id)
            join event e on e.workspace_id = %s and e.object = k.object and e.object_id = k.id and e.wire = %s
            left join app_user u on u.workspace_id = e.workspace_id and u.id = e.actor_id
            order by e.object, e.object_id, e.id desc
            """,
            [[key for key, _ in keys], [id for _, id in keys], ctx.tenant.id, RecordDeleted.wire],
        )
        return {(key, id): name or "" for key, id, name in cursor.fetchall()}
