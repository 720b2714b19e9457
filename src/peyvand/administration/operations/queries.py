"""What the screens of operations show: the queue of a workspace, and who did what in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.actor import ActorKind, by_itself
from peyvand.platform.jobs.models import DeadLetter
from peyvand.platform.objects.references import titled
from peyvand.platform.objects.spec import find_object
from peyvand.platform.workspaces.modules import module_named

PAGE = 50
# How many entries are read for a page of folded lines: one line may stand for all of them.
MOST_READ = 1000
# How many of its records a folded line names.
NAMED = 2
# Named as actions are, so that a page of the audit speaks in one way.
VERBS: dict[str, str | Promise] = {
    "create": _("Create"), "update": _("Change"), "delete": _("Move to the bin"), "restore": _("Restore"),
    "share": _("Share"), "merge": _("Merge"), "export": _("Export"), "purge": _("Remove for good"), "bulk": _("Change many"),
}  # fmt: skip
# What people do by merely looking: shown to whoever asks for just that.
BY_LOOKING = "view.use"
WAYS: dict[str, str | Promise] = {
    "web": _("Screen"),
    "api": _("API"),
    "job": _("By itself"),
    "cli": _("Command line"),
    "import": _("Import"),
    "calendar": _("A device's calendar"),
}
_TASKS: dict[str, str | Promise] = {
    "events.react": _("Reaction to an event"), "objects.bulk": _("Change of many records"), "operations.empty_bin": _("Emptying the bin"),
    "operations.empty_bins": _("Emptying the bin"), "operations.forget": _("Housekeeping"), "merging.sweep": _("Housekeeping"),
    "files.read": _("Reading files for the search"), "archive.write": _("Export of the whole workspace"),
    "duplicates.search": _("Search for duplicates"), "duplicates.nightly": _("Search for duplicates"),
    "duplicates.merge_sure": _("Merging sure duplicates"), "transfer.import": _("Import"), "transfer.undo": _("Undoing an import"),
    "transfer.export": _("Export of a list"), "schema.work_out": _("Working out formulas and roll-ups"),
    "webhooks.follow": _("Messages to webhooks"), "webhooks.send": _("Messages to webhooks"), "webhooks.notify": _("Letter about a webhook"),
    "quality.reckon": _("Calculating data quality"), "quality.nightly": _("Calculating data quality"), "retention.work": _("Retention rules"),
}  # fmt: skip


@dataclass(frozen=True)
class Running:
    """Work of one kind that waits or goes on; ``since`` is when its oldest job began, or could have."""

    label: str | Promise
    state: str
    count: int
    since: datetime | None


@dataclass(frozen=True)
class Letter:
    """A failed job, with its reason in one line and in full."""

    id: int
    label: str | Promise
    task: str
    detail: str
    reason: str
    error: str
    attempts: int
    failed_at: datetime
    run_again_at: datetime | None


@dataclass(frozen=True)
class Filters:
    """What of the audit is asked for; None is everything. ``until`` is the last day, itself included."""

    user_id: int | None = None
    object: str | None = None
    record_id: int | None = None
    since: date | None = None
    until: date | None = None
    # The entries of one folded line, both ends included: these are asked for one by one.
    run: tuple[int, int] | None = None
    # An action's key ("deal.win"), or the verb of every object (".delete").
    action: str | None = None
    via: str | None = None
    # Only what a lent role made possible.
    lent: bool = False


@dataclass(frozen=True)
class Line:
    """One action as the audit shows it. ``place`` is the address of the record, where it still has a page."""

    id: int
    at: datetime
    who: str
    what: str | Promise
    kind: str | Promise
    record: str
    place: str
    count: int
    way: str | Promise
    ip: str | None
    # How many entries it stands for, and the id of the oldest; its own id is that of the newest.
    entries: int
    first_id: int
    # A lent role made it possible.
    lent: bool
    # Of a folded line, the records it names, each with its address, and how many more there are.
    records: tuple[tuple[str, str], ...] = ()
    others: int = 0


def running(ctx: Context) -> list[Running]:
    """The workspace's jobs that wait or are being done, by kind; those that wait for their hour are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select j.task_name, j.status::text, count(*), min(coalesce(e.at, j.scheduled_at)) from procrastinate_jobs j
            left join lateral (select max(at) as at from procrastinate_events where job_id = j.id and type in ('started', 'deferred')) e on true
            where j.status in ('todo', 'doing') and j.args ->> 'workspace_id' = %s and (j.scheduled_at is null or j.scheduled_at <= now())
            group by 1, 2 order by 2, 1
            """,
            [str(ctx.tenant.id)],
        )
        return [Running(_task(task), state, count, since) for task, state, count, since in cursor.fetchall()]


def _task(name: str) -> str | Promise:
    """What a job is called: by what it does, or by the module that it belongs to."""
    module = module_named(name.partition(".")[0])
    return _TASKS.get(name) or (module.label if module else name)


def letters(before: int | None) -> tuple[list[Letter], int | None]:
    """Failed jobs, the last first, those older than the letter ``before``; and where the next page begins."""
    rows = DeadLetter.objects.order_by("-id")
    found = list((rows.filter(id__lt=before) if before else rows)[: PAGE + 1])
    page = [
        Letter(row.pk, _task(row.task), row.task, str(row.args.get("reaction_name", "")), _reason(row.error),
               row.error, row.attempts, row.failed_at, row.run_again_at)
        for row in found[:PAGE]
    ]  # fmt: skip
    return page, page[-1].id if len(found) > PAGE else None


def audit(
    ctx: Context, asked: Filters, before: int | None, *, folded: bool = True, page: int = PAGE
) -> tuple[list[Line], int | None]:
    """What was done, the last first, before the entry ``before``, at most ``page`` lines; and where the next page begins.

    What the product did by itself, the same thing time after time, is folded into one line.
    """
    rows = AuditEntry.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    if asked.user_id is not None:
        rows = rows.filter(actor_id=asked.user_id)
    if asked.object is not None:
        rows = rows.filter(object=asked.object)
    if asked.record_id is not None:
        rows = rows.filter(object_id=asked.record_id)
    if asked.since is not None:
        rows = rows.filter(at__gte=_midnight(ctx, asked.since))
    if asked.until is not None:
        rows = rows.filter(at__lt=_midnight(ctx, asked.until + timedelta(days=1)))
    if asked.run is not None:
        rows = rows.filter(id__range=asked.run)
    if asked.action is None:
        rows = rows.exclude(action=BY_LOOKING)
    else:
        rows = rows.filter(**{"action__endswith" if asked.action.startswith(".") else "action": asked.action})
    if asked.via is not None:
        rows = rows.filter(via=asked.via)
    if asked.lent:
        rows = rows.filter(detail__has_key="elevation")
    runs, more = _runs(rows, page, folded=folded and asked.run is None)
    named = [_named(run) for run in runs]
    titles = titled(
        ctx.actor,
        (Ref(run[0].object, id, "") for run, ids in zip(runs, named, strict=True) for id in ids[:NAMED]),
    )
    lines = [_line(ctx, run, ids, titles) for run, ids in zip(runs, named, strict=True)]
    return lines, lines[-1].first_id if more else None


def _runs(rows: QuerySet[Any], page: int, *, folded: bool) -> tuple[list[list[AuditEntry]], bool]:
    """A page of entries put together as they are shown, and whether more follow.

    A run may be longer than what is read at once; the page that follows then goes on with it.
    """
    most = MOST_READ if folded else page
    found: list[Any] = list(rows[: most + 1])
    runs: list[list[AuditEntry]] = []
    for row in found[:most]:
        if folded and runs and _is_again(runs[-1][0], row):
            runs[-1].append(row)
        elif len(runs) == page:
            return runs, True
        else:
            runs.append([row])
    return runs, len(found) > sum(map(len, runs))


def _is_again(last: AuditEntry, row: AuditEntry) -> bool:
    def what(entry: AuditEntry) -> tuple[str, ...]:
        return entry.action, entry.object, entry.actor_kind, entry.via

    return what(last) == what(row) and row.actor_kind == ActorKind.SYSTEM.value and row.via == "job"


def _named(run: Sequence[AuditEntry]) -> list[int]:
    """Ids of the records of a line, each once, the last changed first."""
    return list(dict.fromkeys(entry.object_id for entry in run if entry.object_id is not None))


def _line(
    ctx: Context, run: Sequence[AuditEntry], ids: Sequence[int], titles: Mapping[tuple[str, int], Ref]
) -> Line:
    row = run[0]
    record = titles.get((row.object, row.object_id or 0))
    spec = find_object(row.object)
    verb, known = row.action.partition(".")[2], action_named(row.action)
    what = known.label if known else VERBS.get(verb, verb)
    if verb == "merge" and "search" in row.detail:
        what = _("Look for duplicates")
    elif row.action == "quality.manage":
        what = _("Measure data quality") if "reckoning" in row.detail else _("Change what data quality asks")
    # An action of its own names its object already: «Win the deal».
    is_said = known is not None or row.action == "quality.manage"
    kind = "" if is_said else spec.label if spec else row.object
    base = f"/w/{ctx.tenant.slug}/{spec.plural}/" if spec else ""
    seen = [found for id in ids[:NAMED] if (found := titles.get((row.object, id)))]
    place = f"{base}{record.id}/" if spec and record else ""
    # The workspace itself has no number that means anything to people.
    title = record.title if record else (f"#{row.object_id}" if spec and row.object_id is not None else "")
    return Line(
        row.pk,
        row.at,
        by_itself() if row.actor_kind == ActorKind.SYSTEM.value else row.actor_name,
        what,
        kind,
        title,
        place,
        row.count,
        WAYS.get(row.via, row.via),
        row.ip,
        len(run),
        run[-1].pk,
        "elevation" in row.detail,
        tuple((found.title, f"{base}{found.id}/") for found in seen) if spec else (),
        len(ids) - len(seen),
    )


def _midnight(ctx: Context, on: date) -> datetime:
    return datetime.combine(on, time(), ctx.tenant.tz)


def _reason(error: str) -> str:
    """The last line of a traceback says what went wrong."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""
