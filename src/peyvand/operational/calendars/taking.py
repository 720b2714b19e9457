"""Taking a calendar file over as work of its own: set by set, with how far it is, and undone within thirty days.

Each set is one transaction that also notes what it did and how far the file is, so a job that dies goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid, NotFound, PeyvandError, msg
from peyvand.operational.calendars import storing
from peyvand.operational.calendars.entries import SPECS
from peyvand.operational.calendars.importing import Unreadable, refusal_of, things_in, why, write
from peyvand.operational.calendars.models import CalendarImport, CalendarImportChange, Entry
from peyvand.operational.calendars.reading import Read, gathered, parts
from peyvand.platform.actions.action import action, perform
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.long import begin_work, end_work, fresh
from peyvand.platform.events.facts import RecordCreated
from peyvand.platform.files.actions import tidy_name
from peyvand.platform.identity.actor import Tenant, user_actor
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.objects.halving import by_halves
from peyvand.platform.workspaces.scope import workspace_scope

TAKE: Final = "meeting.import_calendar"
UNDO: Final = "meeting.undo_calendar_import"
KEPT: Final = timedelta(days=30)
# So many are written, or undone, in one transaction.
_SET: Final = 100
# So many refusals are kept by name.
_NAMED: Final = 100
# One that failed is tried again by its job.
_OPEN: Final = ("waiting", "running", "failed")
_CHANGED: Final = msg("changed since")


@action(TAKE, label=_("Take a calendar file over"), on="none", icon="down", button=False)
def start(ctx: Context, *, name: str, body: bytes) -> CalendarImport:
    """Have a calendar file worked off, for the actor's own calendar."""
    if ctx.actor.user_id is None:
        raise NotFound
    text = body.decode("utf-8-sig", "replace").replace("\x00", "")
    run: CalendarImport = CalendarImport.objects.create(
        user_id=ctx.actor.user_id, name=tidy_name(name)[:200], body=text, started_at=clock.now()
    )
    defer("calendars.import", lock=f"calendar-import:{ctx.tenant.id}:{run.user_id}", run_id=run.id)
    return run


@action(UNDO, label=_("Undo a calendar import"), on="none", icon="undo", button=False)
def undo(ctx: Context, run: CalendarImport) -> None:
    """Have all that a file did taken back, but for what someone worked on since.

    Raises:
        Conflict: it is not over, was undone, or is too old.
    """
    ready = CalendarImport.objects.filter(id=run.id, user_id=ctx.actor.user_id, state__in=("done", "failed"))
    changes = CalendarImportChange.objects.filter(run_id=run.id).count()
    if not changes or not ready.update(state="undoing", total=changes, done=0, told=[], audit_id=None):
        raise Conflict(msg("This import can no longer be undone."))
    defer("calendars.undo_import", lock=f"calendar-import:{ctx.tenant.id}:{run.user_id}", run_id=run.id)


def can_undo(run: CalendarImport) -> bool:
    """Whether what a file did is still kept, and nobody undoes it already."""
    return run.state in ("done", "failed") and CalendarImportChange.objects.filter(run_id=run.id).exists()


def work_off(tenant: Tenant, run_id: int) -> None:
    """Take a file over. Outside any scope."""
    with workspace_scope(tenant.id):
        run = CalendarImport.objects.filter(id=run_id, state__in=_OPEN).first()
        if run is None:
            return
        actor = user_actor(tenant.id, run.user_id)
    with translation.override(actor.language):
        try:
            things, lost = things_in(run.body.encode(), tenant.tz)
            while _write_next(tenant, run_id, things, lost):
                pass
        except Invalid as error:
            _fail(tenant, run_id, told=[{"line": 0, "title": "", "reason": why(error)}])
        except Exception:
            _fail(tenant, run_id)
            raise


def _fail(tenant: Tenant, run_id: int, **said: Any) -> None:
    with workspace_scope(tenant.id):
        CalendarImport.objects.filter(id=run_id).update(state="failed", ended_at=clock.now(), **said)


def _write_next(tenant: Tenant, run_id: int, things: list[Read], lost: list[Unreadable]) -> bool:
    """Write the next set of a file; False once nothing is left of it."""
    with workspace_scope(tenant.id):
        run = _held(run_id, _OPEN)
        if run is None:
            return False
        if run.audit_id is None:
            run.total = len(things)
            _tell(run, "refused", lost)
        run.state = "running"
        ctx = _context(run)
        some = list(islice(things, run.done, run.done + _SET))
        if some:
            perform(ctx, TAKE, (), lambda: _write(ctx, run, some))
            run.done += len(some)
        else:
            run.state, run.body = "done", ""
            _end(ctx, run, TAKE, run.counts.get("new", 0) + run.counts.get("changed", 0))
        run.save()
    return bool(some)


def _write(ctx: Context, run: CalendarImport, things: list[Read]) -> None:
    found = write(ctx, things)
    made = [
        (fact.object, fact.object_id, b"")
        for fact in ctx.facts
        if isinstance(fact, RecordCreated) and fact.object in SPECS
    ]
    was = [(entry.object, entry.object_id, before) for entry, before in found.before]
    for kind, spec in SPECS.items():
        of_kind = {id: before for key, id, before in (*was, *made) if key == kind}
        versions = dict(spec.model.objects.filter(id__in=of_kind).values_list("id", "version"))
        CalendarImportChange.objects.bulk_create(
            CalendarImportChange(
                run=run, object=kind, object_id=id, version=versions[id], before=before.decode()
            )
            for id, before in of_kind.items()
            if id in versions
        )
    _count(run, "new", len(found.new))
    _count(run, "changed", len(found.before))
    _count(run, "same", found.same)
    _tell(run, "refused", found.unreadable)


def take_back(tenant: Tenant, run_id: int) -> None:
    """Undo a file, from its last change to its first. Outside any scope."""
    while _undo_next(tenant, run_id):
        pass


def _undo_next(tenant: Tenant, run_id: int) -> bool:
    with workspace_scope(tenant.id):
        run = _held(run_id, ("undoing",))
        if run is None:
            return False
        ctx = _context(run)
        some = list(CalendarImportChange.objects.filter(run_id=run.id).order_by("-id")[:_SET])
        if some:
            with translation.override(ctx.actor.language):
                perform(ctx, UNDO, (), lambda: _undo(ctx, run, some))
            CalendarImportChange.objects.filter(id__in=[one.id for one in some]).delete()
            run.done += len(some)
        else:
            run.state = "undone"
            _end(ctx, run, UNDO, run.counts.get("removed", 0) + run.counts.get("restored", 0))
        run.save()
    return bool(some)


def _undo(ctx: Context, run: CalendarImport, changes: list[CalendarImportChange]) -> None:
    titles: dict[int, str] = {}
    kept: list[Unreadable] = []

    def refuse(change: CalendarImportChange, error: PeyvandError) -> None:
        kept.append(Unreadable(0, titles.get(change.id, ""), why(error)))

    def take_one_back(change: CalendarImportChange) -> None:
        rows = SPECS[change.object].rows.filter(deleted_at__isnull=True)
        record: Any = rows.select_for_update(of=("self",)).filter(id=change.object_id).first()
        if record is None:
            return
        titles[change.id] = record.title
        if record.version != change.version:
            raise Conflict(_CHANGED)
        entry = Entry.objects.filter(
            user_id=run.user_id, object=change.object, object_id=change.object_id
        ).first()
        if not change.before:
            storing.remove(ctx, entry or Entry(object=change.object, object_id=change.object_id))
            _count(run, "removed", 1)
        elif entry is not None:
            [read] = gathered(parts(change.before.encode()), ctx.tenant.tz)
            storing.change(ctx, entry, read)
            _count(run, "restored", 1)

    for change in changes:
        by_halves(
            ctx,
            [change],
            lambda some: take_one_back(some[0]),
            refusal_of=lambda error: error if isinstance(error, Conflict) else refusal_of(error),
            refuse=refuse,
        )
    _tell(run, "kept", kept)


def _held(run_id: int, states: tuple[str, ...]) -> CalendarImport | None:
    found: CalendarImport | None = (
        CalendarImport.objects.select_for_update(of=("self",)).filter(id=run_id, state__in=states).first()
    )
    return found


def _context(run: CalendarImport) -> Context:
    """The context of a run's next set: as in other imports nobody is told, and all of it is one line of audit."""
    ctx = Context(user_actor(run.workspace_id, run.user_id), "import", audit_id=run.audit_id, silent=True)
    if run.audit_id is None:
        ctx = begin_work(ctx)
        run.audit_id = ctx.audit_id
    return fresh(ctx)


def _end(ctx: Context, run: CalendarImport, key: str, count: int) -> None:
    run.ended_at = clock.now()
    end_work(ctx, key, "calendar_import", count, {"run": run.id, "name": run.name, **run.counts})


def _count(run: CalendarImport, word: str, by: int) -> None:
    run.counts[word] = run.counts.get(word, 0) + by


def _tell(run: CalendarImport, word: str, lost: Iterable[Unreadable]) -> None:
    """Note what could not be done, and why."""
    found = list(lost)
    _count(run, word, len(found))
    room = max(0, _NAMED - len(run.told))
    run.told += [{"line": one.line, "title": one.title, "reason": one.reason} for one in found[:room]]


def forget() -> None:
    """After thirty days a file can no longer be undone; that it was taken over stays known."""
    before = clock.now() - KEPT
    CalendarImportChange.objects.filter(run__started_at__lt=before).exclude(run__state="undoing").delete()
    CalendarImport.objects.filter(started_at__lt=before).exclude(body="").update(body="")
