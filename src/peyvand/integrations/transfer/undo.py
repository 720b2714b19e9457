"""Taking an import back: what it made goes, what it changed is as it was, and what someone worked on since stays.

Sets are undone from the last to the first, each in a transaction of its own that also drops what was kept for it, so
a job that dies goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

from django.apps import apps
from django.db import IntegrityError, connection, models

from peyvand.integrations.transfer.images import foreign_keys, put_back, really_changed, sides_of
from peyvand.integrations.transfer.models import ImportChange, ImportRun
from peyvand.kernel.errors import Conflict, Message, PeyvandError, msg
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import RecordPurged
from peyvand.platform.files.models import File
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.objects.changes import record_changes
from peyvand.platform.objects.custom import keep_custom
from peyvand.platform.objects.halving import by_halves
from peyvand.platform.objects.purge import remove_rows
from peyvand.platform.objects.spec import ObjectSpec, object_named
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.records import Record
from peyvand.platform.workspaces.scope import current_workspace_id

PERMISSION: Final = "import.undo"
KEPT_FOR: Final = timedelta(days=30)
SOURCE: Final = "import.undo"
# The report names so many records that were left as they are.
NAMED: Final = 500
CHANGED: Final = msg("changed since")
USED: Final = msg("others are linked to it by now")
SIGNS_IN: Final = msg("can sign in")
DENIED: Final = msg("your role does not allow it")
GONE: Final = msg("what it was linked to is gone")


def undo_set(ctx: Context, run: ImportRun) -> bool:
    """Undo the last set that is left of a run, and note it on the run; False when nothing is left."""
    change = (
        ImportChange.objects.filter(run_id=run.id).defer("images").order_by("-at", "-kind", "-id").first()
    )
    if change is None:
        return False
    perform(ctx, PERMISSION, (), lambda: _undo(ctx, run, change))
    change.delete()
    run.rows += 1
    run.save(update_fields=["rows", "undoing"])
    return True


def _undo(ctx: Context, run: ImportRun, change: ImportChange) -> None:
    spec = object_named(change.object)
    begun, last = _place_of(run, change)
    versions = dict(zip(change.ids, change.versions, strict=True)) | last
    # What another set of the run did before is undone there, to what was before both.
    ids = [id for id in change.ids if id not in begun]
    now = _locked(spec, ids)
    same = [id for id in ids if id in now and now[id] == versions[id]]
    _tell(ctx, run, spec, set(now) - set(same), CHANGED)
    verb = _verb(spec, change.kind)
    asked = spec.model.objects.filter(id__in=same)
    mine = set(visible(ctx.actor, spec.key, asked, verb).values_list("id", flat=True))
    _tell(ctx, run, spec, set(same) - mine, DENIED)
    same = [id for id in same if id in mine]
    done = (
        _removed(ctx, run, spec, same)
        if change.kind == "created"
        else _restored(ctx, run, spec, change, same)
    )
    word = "removed" if change.kind == "created" else "restored"
    run.undoing[word] = run.undoing.get(word, 0) + done
    if spec.key in ("user", "team", "role"):
        access_changed(ctx.tenant.id)


def _verb(spec: ObjectSpec, kind: str) -> str:
    """Who may remove records takes back new ones; of a ledger, from which nobody removes, who may add to it."""
    if kind == "created":
        return "delete" if spec.changeable else "create"
    return "update"


def _place_of(run: ImportRun, change: ImportChange) -> tuple[set[int], dict[int, int]]:
    """The records of this set that an earlier set of the run did something to, and the last version the run left of others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select i.id, (array_agg(c.id order by c.at, c.kind, c.id))[1], "
            "(array_agg(i.version order by c.at desc, c.kind desc, c.id desc))[1] "
            "from import_change c cross join lateral unnest(c.ids, c.versions) i(id, version) "
            "where c.workspace_id = %s and c.run_id = %s and c.object = %s and i.id = any(%s) group by i.id having count(*) > 1",
            [current_workspace_id(), run.id, change.object, change.ids],
        )
        rows = cursor.fetchall()
    left = run.undoing.setdefault("last", {}).setdefault(change.object, {})
    earlier = {id for id, first, _ in rows if first != change.id}
    # The sets behind this one are gone by now: what they left is remembered on the run.
    for id, _, version in rows:
        left.setdefault(str(id), version)
    return earlier, {int(id): version for id, version in left.items() if int(id) not in earlier}


def _locked(spec: ObjectSpec, ids: Sequence[int]) -> dict[int, int]:
    """The versions of those that are there and not in the bin, locked in the order of the ids as by all who change sets."""
    rows = spec.model.objects.filter(id__in=ids).order_by("id").select_for_update(of=("self",))
    return dict(rows.values_list("id", "version"))


def _removed(ctx: Context, run: ImportRun, spec: ObjectSpec, ids: Sequence[int]) -> int:
    free = _unused(spec, set(ids))
    _tell(ctx, run, spec, set(ids) - free, USED)
    if spec.key == "user":
        account = set(
            spec.model.objects.filter(id__in=free, account__isnull=False).values_list("id", flat=True)
        )
        _tell(ctx, run, spec, account, SIGNS_IN)
        free -= account
    return _remove(ctx, run, spec, sorted(free))


def _remove(ctx: Context, run: ImportRun, spec: ObjectSpec, ids: Sequence[int]) -> int:
    titles = dict(spec.model.objects.filter(id__in=ids).values_list("id", spec.title))
    done: list[int] = []

    def remove(some: Sequence[int]) -> None:
        remove_rows(ctx, spec, some)
        ctx.record(*(RecordPurged(object=spec.key, object_id=id, title=str(titles[id])) for id in some))
        ctx.touch(spec.key, *some)
        done.extend(some)

    _each_that_can(ctx, run, spec, ids, remove, USED)
    return len(done)


def _each_that_can(
    ctx: Context, run: ImportRun, spec: ObjectSpec, ids: Sequence[int], change: Callable[[Sequence[int]], None], reason: Message
) -> None:  # fmt: skip
    """Apply the change to all but those that other rows hold where they are."""

    def refusal_of(error: Exception) -> PeyvandError | None:
        return Conflict(reason) if isinstance(error, IntegrityError) else None

    def refuse(id: int, error: PeyvandError) -> None:
        _tell(ctx, run, spec, [id], reason)

    by_halves(ctx, ids, change, refusal_of=refusal_of, refuse=refuse)


def _unused(spec: ObjectSpec, ids: set[int]) -> set[int]:
    """Those of these new records that nothing else leans on, but for what is a part of them or goes with them."""
    free = set(ids)
    while free:
        used = _leaned_on(spec, free)
        if not used:
            break
        free -= used
    return free


def _leaned_on(spec: ObjectSpec, ids: set[int]) -> set[int]:
    asked, used, own = list(ids), set[int](), {side.table for side in sides_of(spec)}
    for table in apps.get_models():
        if not issubclass(table, WorkspaceModel) or table._meta.db_table in own:
            continue
        rows: Any = table.objects
        for field in foreign_keys(table, spec.model):
            if field.remote_field.on_delete is models.CASCADE and not _is_work(table):
                continue
            leaning = rows.filter(**{f"{field.attname}__in": asked})
            if table is spec.model:
                leaning = leaning.exclude(id__in=asked)
            used |= set(leaning.values_list(field.attname, flat=True))
        if issubclass(table, Record) and hasattr(table, "about_object"):
            about = rows.filter(about_object=spec.key, about_id__in=asked)
            used |= set(about.values_list("about_id", flat=True))
    files = File.objects.filter(object=spec.key, object_id__in=asked, removed_at__isnull=True)
    return used | set(files.values_list("object_id", flat=True))


def _is_work(table: type[models.Model]) -> bool:
    """Whether rows of a table are somebody's work, and not merely part of the record that they go with."""
    return issubclass(table, Record) or "object_id" in {f.name for f in table._meta.local_fields}


def _restored(
    ctx: Context, run: ImportRun, spec: ObjectSpec, change: ImportChange, ids: Sequence[int]
) -> int:
    really = really_changed(spec, current_workspace_id(), change.id, ids)
    done: list[int] = []

    def restore(some: Sequence[int]) -> None:
        before = _read(spec, some)
        put_back(spec, current_workspace_id(), change.id, some)
        after = _read(spec, some)
        records = [record for record, _ in after.values()]
        changes = [_differences(spec, before[id], after[id]) for id in after]
        keep_custom(ctx, spec, records, changes)
        told = [(record, changed) for record, changed in zip(records, changes, strict=True) if changed]
        record_changes(ctx, spec, told, source=SOURCE)
        ctx.touch(spec.key, *after)
        done.extend(record.id for record, _ in told)

    _each_that_can(ctx, run, spec, really, restore, GONE)
    return len(done)


Whole = tuple[Any, dict[str, Any]]


def _read(spec: ObjectSpec, ids: Sequence[int]) -> dict[int, Whole]:
    """Records with the values of their compound fields."""
    loaded = {f.key: f.load(ids) for f in spec.compound_fields if not f.readonly}
    rows = spec.model.objects.filter(id__in=ids).order_by("id")
    return {r.id: (r, {key: found.get(r.id, ()) for key, found in loaded.items()}) for r in rows}


def _differences(spec: ObjectSpec, old: Whole, new: Whole) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for field in spec.stored_fields:
        was, now = field.read(old[0]), field.read(new[0])
        if was != now and field.key != "updated_at":
            out[field.key] = [field.to_json(was), field.to_json(now)]
    return out | {key: [old[1][key], now] for key, now in new[1].items() if old[1][key] != now}


def _tell(ctx: Context, run: ImportRun, spec: ObjectSpec, ids: Iterable[int], reason: Message) -> None:
    """Note records that stay as they are, and why."""
    left = sorted(ids)
    if not left:
        return
    run.undoing["kept"] = run.undoing.get("kept", 0) + len(left)
    named = run.undoing.setdefault("named", [])
    some = left[: max(0, NAMED - len(named))]
    seen = visible(ctx.actor, spec.key, spec.model.objects.filter(id__in=some))
    titles = dict(seen.values_list("id", spec.title))
    named += [
        {"object": spec.key, "id": id, "title": str(titles.get(id, "")), "reason": reason.template}
        for id in some
    ]
