"""The week that a new workspace begins with, as people of its language usually work."""

from __future__ import annotations

from peyvand.operational.availability.objects import WORKING_HOURS
from peyvand.operational.availability.reading import USUAL
from peyvand.platform.actions.context import Context
from peyvand.platform.modules.seeds import seed
from peyvand.platform.objects.records import create_records


@seed
def plant(ctx: Context) -> None:
    is_persian = ctx.tenant.language == "fa"
    name, country = ("ساعت کاری عادی", "IR") if is_persian else ("Usual hours", "")
    create_records(ctx, WORKING_HOURS, [{"name": name, "country": country, **USUAL[is_persian]}])
