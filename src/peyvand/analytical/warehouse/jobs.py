"""Keeping the warehouses up to date, in the background."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Q

from peyvand.analytical.warehouse import filling, store
from peyvand.analytical.warehouse.models import Change, OutsideSource
from peyvand.analytical.warehouse.outside.reasons import AWAY
from peyvand.analytical.warehouse.outside.taking import TAKE, ask_to_take, carry_out, ready
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import defer, job
from peyvand.platform.workspaces.scope import workspace_scope

FILL: Final = "warehouse.fill"
REFRESH: Final = "warehouse.refresh"


@in_every_workspace("*/10 * * * *", REFRESH, scoped=False, due=lambda: Change.objects.exists())
def keep_fresh(tenant: Tenant) -> None:
    """Take what changed into the warehouse, if the workspace has one."""
    if store.published(tenant.id) is None:
        filling.pass_over(tenant)
    else:
        filling.refresh(tenant)


@job(FILL, scoped=False, attempts=3)
def fill(tenant: Tenant) -> None:
    """Bring the warehouse to the present because somebody asked for it."""
    filling.refresh(tenant)


@job(TAKE, scoped=False, attempts=3)
def take(tenant: Tenant, taking_id: int) -> None:
    """Read an outside source, and have what it gave taken into the warehouse."""
    if carry_out(tenant, taking_id):
        with workspace_scope(tenant.id):
            ask_for(tenant)


def _databases() -> Any:
    return ready().filter(kind=OutsideSource.POSTGRES)


@in_every_workspace("20 2 * * *", "warehouse.outside", due=lambda: _databases().exists())
def take_nightly(tenant: Tenant) -> None:
    """Read every database anew; what a file says was read when it was uploaded."""
    for source in _databases():
        ask_to_take(source, None)


def _without_answer() -> Any:
    away = (Q(problem__contains=words) for words in AWAY)
    return _databases().filter(reduce(or_, away))


@in_every_workspace("20 3-8 * * *", "warehouse.outside_again", due=lambda: _without_answer().exists())
def take_again(tenant: Tenant) -> None:
    """Try those databases again that did not answer: a network is often back by the morning."""
    for source in _without_answer():
        ask_to_take(source, None)


def ask_for(tenant: Tenant) -> None:
    """Have the warehouse filled or refreshed in the background, in the caller's transaction."""
    # The same lock as the refreshing by the clock: one after the other.
    place = f"{REFRESH}:{tenant.id}"
    defer(FILL, once=f"{FILL}:{tenant.id}", lock=place)
