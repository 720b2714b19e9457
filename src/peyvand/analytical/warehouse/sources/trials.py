"""Whom an action was tried on and whom it was kept from, as automations draw them by lot, and what came of it."""

from __future__ import annotations

from typing import Final

from peyvand.analytical.warehouse.sources.declared import Follow, Source, Watch, customer, day

SOURCES: Final = (
    Source("trial", "automation_run", "trial", "'automation_run:' || id", f"""
        select 'automation_run:' || r.id, 'automation:' || a.id, a.name, r.about_object || ':' || r.about_id, {customer("r")},
               {day("r.at")}, r."group" = 'treated', r.came, {day("r.came_at")}, {day("r.until")}, a.least_effect, a.held_out
        from automation_run r join automation a on a.workspace_id = r.workspace_id and a.id = r.automation_id
        where r.workspace_id = %(here)s and r.deleted_at is null and a.deleted_at is null and r.until is not null {{only:r.id}}
    """),
)  # fmt: skip

WATCHES: Final = (
    Watch("automation_run", "automation_run"),
    Watch("automation", "automation"),
)

FOLLOWS: Final = (
    Follow(
        "automation", "automation_run",
        "select id from automation_run where workspace_id = %(here)s and automation_id = any(%(ids)s)",
    ),
)  # fmt: skip
