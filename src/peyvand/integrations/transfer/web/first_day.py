"""The step of the checklist that brings in what one has."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.integrations.transfer.models import ImportRun
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.web.shell.first_day import FirstStep, first_step


@first_step(order=10)
def import_data(ctx: Context) -> FirstStep | None:
    if not decide(ctx.actor, "import.run"):
        return None
    is_done = ImportRun.objects.filter(state="done", dry_run=False).exists()
    return FirstStep(
        _("Import your data"), _("Bring in people, companies and deals from CSV or Excel files."), "down", "import/", is_done
    )  # fmt: skip
