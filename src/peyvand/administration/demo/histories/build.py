"""Workspaces of real histories: public data sets that are known by their figures, each laid down by one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from django.db.models import Max

from peyvand.administration.demo.histories import cdnow, retail, telco
from peyvand.administration.demo.histories.laying import Figure, Told
from peyvand.administration.members.public import create_workspace
from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, msg
from peyvand.operational.orders.public import Order, Subscription
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.long import begin_work, end_work
from peyvand.platform.identity.actor import Tenant, access_changed, system_actor, tenant_by
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope

HISTORIES: Final = {one.key: one for one in (retail.HISTORY, cdnow.HISTORY, telco.HISTORY)}


@dataclass(frozen=True, slots=True)
class Laid:
    """A workspace that was made, and what is in it."""

    tenant: Tenant
    figures: Sequence[Figure]

    @property
    def is_known(self) -> bool:
        """Whether all figures are those that the set is known by."""
        return all(figure.is_known for figure in self.figures)


def lay_history(key: str, folder: Path, slug: str, told: Told) -> Laid:
    """Make the workspace ``slug`` of a data set in a folder, in sets of records that commit one by one, outside any scope.
    Its present is the day after its last fact, so that its figures are those of its own time.

    ``told(what, rows)`` hears of the progress.

    Raises:
        Invalid: the file is not there, or is another one: nothing is made then. Conflict: there is such a workspace.
    """
    history = HISTORIES[key]
    path = history.file_in(folder)
    history.check(path)
    if tenant_by(slug=slug) is not None:
        raise Conflict(msg("There is a workspace “%(slug)s” already.", slug=slug))
    tenant = create_workspace(
        slug, history.name, language="en", currency=history.currency, timezone=history.timezone
    )
    with workspace_scope(tenant.id):
        ctx = begin_work(Context(system_actor(tenant), "cli", silent=True))
    figures = history.lay(ctx, path, told)
    with workspace_scope(tenant.id):
        end_work(ctx, "import.run", "import", figures[0].found, {"files": [path.name]})
        row = Workspace.objects.get(id=tenant.id)
        row.present = _after_all(tenant)
        row.save(update_fields=["settings"])
        access_changed(tenant.id)
    return Laid(replace(tenant, present=row.present), figures)


def _after_all(tenant: Tenant) -> date:
    """The day after the last fact; today at most."""
    ordered = Order.objects.aggregate(last=Max("ordered_at"))["last"]
    held = Subscription.objects.aggregate(begun=Max("started_on"), ended=Max("ended_on"))
    facts = [*filter(None, held.values()), *([ordered.astimezone(tenant.tz).date()] if ordered else [])]
    today = clock.today(tenant.tz)
    return min(max(facts, default=today) + timedelta(days=1), today)
