"""What a refresh takes of this machine does not grow with what there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from peyvand.analytical.warehouse import extracting, filling, store
from peyvand.analytical.warehouse.opening import opened
from peyvand.analytical.warehouse.star import Table
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import create_records

PEOPLE = 600


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A piece is some ten rows; by piece, the bytes of Arrow's columns that are held before it is written."""
    monkeypatch.setattr(extracting, "PIECE", 500)
    seen: list[int] = []
    real = filling.rows_of

    def watched(*given: Any) -> Iterator[pa.Table]:
        for piece in real(*given):
            seen.append(pa.total_allocated_bytes())
            yield piece

    monkeypatch.setattr(filling, "rows_of", watched)
    return seen


def test_no_piece_is_held_when_the_next_one_comes(here: Context, held: list[int]) -> None:
    before = pa.total_allocated_bytes()
    create_records(here, PERSON, [{"name": f"خریدار {n:03}"} for n in range(PEOPLE)])
    filling.refresh(here.tenant)
    assert len(held) > 50
    piece = held[0] - before
    assert max(held) - held[0] < 4 * piece
    held.clear()
    create_records(here, PERSON, [{"name": f"دیگر {n:03}"} for n in range(PEOPLE)])
    filling.refresh(here.tenant)
    # What is held from the first on is the numbers of those who are new.
    assert len(held) > 50
    assert max(held) - held[0] < 4 * piece


def test_many_changes_are_asked_about_a_part_at_a_time(
    here: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_records(here, PERSON, [{"name": "پیشین"}])
    filling.refresh(here.tenant)
    create_records(here, PERSON, [{"name": f"تازه {n:03}"} for n in range(25)])
    monkeypatch.setattr(extracting, "IDS", 10)
    asked = []
    real = extracting.copied

    def watched(sql: str, known: Mapping[str, Any], table: Table) -> Iterator[pa.Table]:
        asked.append(len(known["ids"]) if known.get("ids") else 0)
        return real(sql, known, table)

    monkeypatch.setattr(extracting, "copied", watched)
    refreshed = filling.refresh(here.tenant)
    assert refreshed is not None
    assert refreshed.records == 25
    assert sorted(asked, reverse=True)[:6] == [10, 10, 10, 10, 5, 5]
    with opened(refreshed.version) as file:
        assert file.execute("select count(*), count(distinct customer) from customer").fetchone() == (26, 26)


def test_no_more_cores_and_memory_than_it_is_allowed(here: Context, settings: Any, monkeypatch: Any) -> None:
    settings.CORES = 1
    said = []
    real = duckdb.connect

    def connect(*given: Any, **named: Any) -> Any:
        connection = real(*given, **named)
        said.append(
            connection.execute(
                "select current_setting('threads'), current_setting('memory_limit')"
            ).fetchone()
        )
        return connection

    monkeypatch.setattr(duckdb, "connect", connect)
    filling.refresh(here.tenant)
    version = store.published(here.tenant.id)
    assert version is not None
    opened(version).close()
    assert len(said) == 2
    assert {threads for threads, _ in said} == {1}
