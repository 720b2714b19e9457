"""What other slices may use of the warehouse. Importing this loads neither DuckDB nor Ibis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from django.db import connection

from peyvand.analytical.warehouse import filling, opening, store
from peyvand.analytical.warehouse.engines import is_elsewhere, let_go, tables_elsewhere
from peyvand.analytical.warehouse.filling import HOUR_COST, PUBLISHED
from peyvand.analytical.warehouse.jobs import ask_for
from peyvand.analytical.warehouse.models import OutsideSource
from peyvand.analytical.warehouse.objects import OUTSIDE
from peyvand.analytical.warehouse.outside.looking import outside_of
from peyvand.analytical.warehouse.present import figures_context, present, present_moment
from peyvand.analytical.warehouse.querying import QUERY
from peyvand.analytical.warehouse.star import TABLES, Column, customer_of, record_of
from peyvand.analytical.warehouse.tables import Tables
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.platform.access.decisions import decide
from peyvand.platform.identity.actor import Actor, Tenant, tenant_by
from peyvand.platform.workspaces.scope import current_workspace_id, workspace_scope

__all__ = [
    "HOUR_COST", "OUTSIDE", "PUBLISHED", "TABLES", "NotReady", "OutsideTable", "Tables", "as_of", "ask_for", "customer_of", "figures_context",
    "may_query", "outside_tables", "present", "present_moment", "reading", "record_of", "refresh",
]  # fmt: skip

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


@dataclass(frozen=True)
class OutsideTable:
    """A table of an outside source as it is in the warehouse: ``tables.outside(name)``. Who reads it must see all of OUTSIDE.

    The column ``customer``, where there is one, leads to the customers.
    """

    name: str
    columns: tuple[Column, ...]
    says: str = ""


def outside_tables() -> list[OutsideTable]:
    """The outside sources whose data are in the open workspace's warehouse, by name."""
    says = {source.name: source.says for source in OutsideSource.objects.filter(deleted_at__isnull=True)}
    found = outside_of(current_workspace_id())
    return [OutsideTable(name, columns, says.get(name, "")) for name, columns in found.items()]


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
        let_go(tables.backend)


def may_query(actor: Actor) -> bool:
    """Whether the actor may open the warehouse's page, where it is asked in SQL."""
    return bool(decide(actor, QUERY))


def as_of() -> datetime | None:
    """The moment of the last refresh of the open workspace's warehouse; None: it was never filled."""
    version = store.published(current_workspace_id())
    return None if version is None else store.moment_of(version)


def refresh(tenant: Tenant) -> None:
    """Bring a workspace's warehouse to the present, to all that is committed. For jobs and commands, not for requests."""
    _apart(lambda: filling.refresh(tenant))


def _opened(workspace_id: int) -> Tables:
    import ibis

    file = opening.published(workspace_id)
    if file is None:
        raise NotReady
    return Tables(ibis.duckdb.from_connection(file))


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
