"""The steps of the checklist that make sales one's own: the pipeline, and a first deal in it."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peyvand.operational.sales.models import Deal, Pipeline, Stage
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.web.shell.first_day import FirstStep, first_step

# What the workspace began with is of version 1 and nobody's.
_BY_HAND = Q(version__gt=1) | Q(created_by__isnull=False) | Q(deleted_at__isnull=False)


@first_step(order=30)
def set_pipeline(ctx: Context) -> FirstStep | None:
    if not decide(ctx.actor, "pipeline.update"):
        return None
    is_done = Stage.objects.filter(_BY_HAND).exists() or Pipeline.objects.filter(_BY_HAND).exists()
    return FirstStep(
        _("Set your pipeline"), _("Name the stages as you do, with their chance and what each asks for."), "flow",
        "settings/pipelines", is_done,
    )  # fmt: skip


@first_step(order=40)
def first_deal(ctx: Context) -> FirstStep | None:
    if not decide(ctx.actor, "deal.create"):
        return None
    return FirstStep(
        _("Add the first deal"), _("A name is enough to begin; carry it over the board afterwards."), "deals", "deals/new",
        Deal.objects.exists(), in_dialog=True,
    )  # fmt: skip
