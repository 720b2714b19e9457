"""A refresh that is ended at any moment loses nothing, and neither does one that runs while others write."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from peyvand.analytical.warehouse import filling, store
from peyvand.analytical.warehouse.actions import Shape, add_file, confirm, replace_file
from peyvand.analytical.warehouse.filling import refresh
from peyvand.analytical.warehouse.models import OutsideSource, OutsideTaking
from peyvand.analytical.warehouse.outside import taking
from peyvand.analytical.warehouse.outside.reading import Text
from peyvand.analytical.warehouse.public import reading
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

COMPANY = object_named("company")


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed(work: Callable[[], Any]) -> bool:
    """Whether a process of its own that does this was killed over it."""
    connections.close_all()
    if not (child := os.fork()):
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize("moment", ["while it writes", "before it publishes", "before it forgets"])
def test_a_kill_at_any_moment_loses_nothing(
    committed: Any, rows: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    arman = committed.arman
    with workspace_scope(arman.id):
        ctx = Context(user_actor(arman.id, committed.sara.id), "web")
        company = create_record(ctx, COMPANY, {"name": "پیش", "kind": "customer"})
    refresh(arman)
    before = rows(arman)
    with workspace_scope(arman.id):
        update_record(ctx, COMPANY, company, {"name": "پس"})
        create_record(ctx, COMPANY, {"name": "نو"})
    publish = store.publish

    with monkeypatch.context() as patch:
        if moment == "while it writes":
            patch.setattr(filling, "days", die)
        else:
            patch.setattr(store, "publish", lambda v: (moment == "before it forgets" and publish(v), die()))
        assert killed(lambda: refresh(arman))

    if moment != "before it forgets":
        assert rows(arman) == before
    assert refresh(arman) is not None
    taken_in = rows(arman)
    assert {row[3] for row in taken_in["customer"]} == {"پس", "نو"}
    assert refresh(arman) is None
    refresh(arman, whole=True)
    assert rows(arman) == taken_in
    # What the dead left behind is gone.
    assert sorted(path.name for path in store.folder(arman.id).iterdir() if path.suffix != ".duckdb") == [
        "lock",
        "outside",
        "published",
    ]
    assert not any(store.outside(arman.id).iterdir())
    assert len(list(store.folder(arman.id).glob("*.duckdb"))) == 1


def test_what_is_committed_late_is_taken_in_late(committed: Any, rows: Callable[[Any], Any]) -> None:
    arman = committed.arman
    written, enough = threading.Event(), threading.Event()

    def slow() -> None:
        with workspace_scope(arman.id):
            ctx = Context(user_actor(arman.id, committed.sara.id), "web")
            create_record(ctx, COMPANY, {"name": "دیر"})
            written.set()
            enough.wait(60)
        connections.close_all()

    refresh(arman)
    writer = threading.Thread(target=slow)
    writer.start()
    assert written.wait(60)
    with workspace_scope(arman.id):
        ctx = Context(user_actor(arman.id, committed.mina.id), "web")
        create_record(ctx, COMPANY, {"name": "زود"})
    refresh(arman)
    assert {row[3] for row in rows(arman)["customer"]} == {"زود"}
    enough.set()
    writer.join(60)
    refresh(arman)
    assert {row[3] for row in rows(arman)["customer"]} == {"زود", "دیر"}


def test_whoever_reads_is_not_disturbed_and_reads_to_the_end(committed: Any) -> None:
    from peyvand.analytical.warehouse.public import as_of

    arman = committed.arman
    with workspace_scope(arman.id):
        assert as_of() is None
        with reading() as tables:
            # It was filled because somebody asked, in a connection of its own.
            first = as_of()
            assert first is not None
            assert tables.fetch(tables["customer"].count()).as_py() == 0
            store_file = store.published(arman.id)
            writer = threading.Thread(
                target=lambda: (_make(committed), refresh(arman), connections.close_all())
            )
            writer.start()
            writer.join(60)
            assert store_file is not None
            assert not store_file.exists()
            assert tables.fetch(tables["customer"].count()).as_py() == 0
        with reading() as tables:
            assert tables.fetch(tables["customer"].count()).as_py() == 1
        assert as_of() > first  # type: ignore[operator]  # it was filled


def _make(cast: Any) -> None:
    with workspace_scope(cast.arman.id):
        create_record(Context(user_actor(cast.arman.id, cast.sara.id), "web"), COMPANY, {"name": "نو"})


def test_a_kill_while_an_outside_source_is_read_leaves_what_was_there(
    committed: Any, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "files")
    arman = committed.arman

    def asked(work: Callable[[Context], Any]) -> int:
        with workspace_scope(arman.id):
            work(Context(user_actor(arman.id, committed.sara.id), "web"))
            return int(OutsideTaking.objects.latest("id").id)

    def there() -> list[int]:
        refresh(arman)
        with workspace_scope(arman.id), reading() as tables:
            return list(tables.fetch(tables.outside("x").id).to_pylist())

    def begin(ctx: Context) -> None:
        confirm(ctx, add_file(ctx, {"name": "x"}, "x.csv", [b"id\n1\n"]), Shape(Text("", "", None), {}))

    def replace(ctx: Context) -> None:
        replace_file(ctx, OutsideSource.objects.get(), "x.csv", [b"id\n2\n"])

    taking.carry_out(arman, asked(begin))
    assert there() == [1]
    newer = asked(replace)
    for place, name in ((taking, "take"), (taking, "_forget_old"), (filling, "add")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, die)
            assert killed(lambda: taking.carry_out(arman, newer) and refresh(arman))
        if name != "add":
            # Read again, it is still what was there.
            assert there() == [1]
    # That one was killed while the version was written: what was read is not lost.
    assert there() == [2]
    assert len(list(store.outside(arman.id).iterdir())) == 1
