"""What other slices may use of the warehouse. Importing this loads neither DuckDB nor Ibis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Final, TypeVar

from django.db import connection

from peyvand.analytical.warehouse import filling, store
from peyvand.analytical.warehouse.engines import is_elsewhere, tables_elsewhere
from peyvand.analytical.warehouse.filling import HOUR_COST
from peyvand.analytical.warehouse.jobs import ask_for
from peyvand.analytical.warehouse.star import TABLES, customer_of, record_of
from peyvand.analytical.warehouse.tables import Tables
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.platform.identity.actor import Tenant, tenant_by
from peyvand.platform.workspaces.scope import current_workspace_id, workspace_scope

__all__ = ["HOUR_COST", "TABLES", "NotReady", "Tables", "as_of", "ask_for", "customer_of", "reading", "record_of", "refresh"]  # fmt: skip

T = TypeVar("T")
# A workspace with fewer lines than this is filled while somebody waits: it takes a second or two.
QUICK: Final = 50_000


class NotReady(RuleViolation):
    """The warehouse is being filled for the first time."""

    status = 503
    code = "not_ready"

    def __init__(self) -> None:
        super().__init__(
            msg("The figures are being gathered for the first time. Please come back in a few minutes.")
        )


@contextmanager
def reading() -> Iterator[Tables]:
    """The tables of the open workspace's warehouse, as of its last refresh. It is filled first if it never was.

    Raises:
        NotReady: it never was, and that takes longer than anybody would wait; it is under way.
    """
    here = current_workspace_id()
    if store.published(here) is None and not _apart(lambda: _first_filling(here)):
        raise NotReady
    tables = tables_elsewhere(here) if is_elsewhere() else _opened(here)
    try:
        yield tables
    finally:
        tables.backend.disconnect()


def as_of() -> datetime | None:
    """The moment of the last refresh of the open workspace's warehouse; None: it was never filled."""
    version = store.published(current_workspace_id())
    return None if version is None else store.moment_of(version)


def refresh(tenant: Tenant) -> None:
    """Bring a workspace's warehouse to the present, to all that is committed. For jobs and commands, not for requests."""
    _apart(lambda: filling.refresh(tenant))


def _opened(workspace_id: int) -> Tables:
    import duckdb
    import ibis

    while True:
        version = store.published(workspace_id)
        if version is None:
            raise NotReady
        try:
            return Tables(ibis.duckdb.connect(version, read_only=True, memory_limit=filling.MEMORY))
        except duckdb.IOException:
            # Another was published meanwhile and this one removed; whatever else it is, is not ours to hide.
            if version.exists():
                raise


def _first_filling(workspace_id: int) -> bool:
    """Fill a small workspace's warehouse now, have that of a large one filled; whether it is there."""
    tenant = tenant_by(id=workspace_id)
    if tenant is None:
        return False
    with workspace_scope(workspace_id), connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from ((select from order_line limit %(most)s) union all (select from invoice_line limit %(most)s)) x",
            {"most": QUICK},
        )
        if cursor.fetchone()[0] >= QUICK:
            ask_for(tenant)
            return False
    filling.refresh(tenant)
    return True


def _apart(work: Callable[[], T]) -> T:
    """Do it in a connection of its own where a transaction is open: what that may yet take back is no fact."""
    if not connection.in_atomic_block:
        return work()

    def run() -> T:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(run).result()
