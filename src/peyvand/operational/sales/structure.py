"""Rules of pipelines and stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peyvand.kernel.errors import Invalid, Refusals, RuleViolation, msg
from peyvand.operational.sales.models import Deal, Pipeline, Stage
from peyvand.platform.actions.context import Context
from peyvand.platform.database.locks import hold
from peyvand.platform.fields.types import whole_id
from peyvand.platform.objects.changes import record_changes
from peyvand.platform.objects.spec import object_named

Values = Mapping[str, Any]


def begin_deal(ctx: Context, given: Values) -> Values:
    """Where a new deal begins: in the stage that is given, in the given pipeline, else in the default one."""
    stages = Stage.objects.filter(deleted_at__isnull=True, pipeline__deleted_at__isnull=True)
    if stage := whole_id(given.get("stage")):
        found = stages.filter(id=stage)
    else:
        pipeline = whole_id(given.get("pipeline"))
        found = stages.filter(kind="open", **({"pipeline_id": pipeline} if pipeline else {}))
    order = ("-pipeline__is_default", "pipeline__position", "pipeline_id", "position", "id")
    first = found.order_by(*order).values_list("pipeline_id", "id").first()
    return dict(zip(("pipeline", "stage"), first, strict=True)) if first else {}


def prepare_pipelines(ctx: Context, pipelines: Sequence[Pipeline], values: Sequence[Values]) -> None:
    """There is always a default: the first pipeline is it, and it gives that up only to another."""
    # One at a time, or two could both become the default.
    hold(ctx.tenant.id, "pipeline.default")
    others = Pipeline.objects.filter(is_default=True, deleted_at__isnull=True).exclude(
        id__in=[p.id for p in pipelines]
    )
    if pipelines and not any(p.is_default for p in pipelines) and not others.exists():
        pipelines[0].is_default = True


def keep_one_default(
    ctx: Context, pipelines: Sequence[Pipeline], values: Sequence[Values], created: bool
) -> None:
    """Whichever pipeline was made the default last is the only one."""
    chosen = [
        p.id
        for p, given in zip(pipelines, values, strict=True)
        if p.is_default and (created or given.get("is_default"))
    ]
    if chosen:
        rest = list(Pipeline.objects.filter(is_default=True).exclude(id=chosen[-1]))
        ctx.touch("pipeline", *(p.id for p in rest))
        Pipeline.objects.filter(id__in=[p.id for p in rest]).update(is_default=False)
        record_changes(ctx, object_named("pipeline"), [(p, {"is_default": [True, False]}) for p in rest])


def prepare_stages(ctx: Context, stages: Sequence[Stage], values: Sequence[Values]) -> None:
    """An end is certain: won is 100 percent, lost is 0. A stage with deals in it stays what it is and where it is.

    Raises:
        Invalid: a stage of its pipeline has this name.
        RuleViolation: deals lie in a stage whose kind or pipeline changes.
    """
    _demand_names(stages, values)
    changed = [
        s
        for s, given in zip(stages, values, strict=True)
        if not s._state.adding and given.keys() & {"kind", "pipeline"}
    ]
    if changed:
        before = {
            id: rest
            for id, *rest in Stage.objects.filter(id__in=[s.id for s in changed]).values_list(
                "id", "kind", "pipeline_id"
            )
        }
        turned = [s.id for s in changed if before[s.id] != [s.kind, s.pipeline_id]]
        if turned and Deal.objects.filter(stage_id__in=turned).exists():
            raise RuleViolation(
                msg("There are deals in this stage; its kind and its pipeline can no longer be changed."),
                "kind",
            )
    for stage in stages:
        if stage.kind != "open":
            stage.probability = 100 if stage.kind == "won" else 0


def _demand_names(stages: Sequence[Stage], values: Sequence[Values]) -> None:
    """Refuse the name of another stage of the same pipeline."""
    asked = [
        s
        for s, given in zip(stages, values, strict=True)
        if s._state.adding or given.keys() & {"name", "pipeline"}
    ]
    if not asked:
        return
    others = Stage.objects.filter(pipeline_id__in={s.pipeline_id for s in asked}, deleted_at__isnull=True)
    taken = set(others.exclude(id__in=[s.id for s in asked]).values_list("pipeline_id", "name"))
    refusals = Refusals()
    for stage in asked:
        with refusals.of(None if stage._state.adding else stage.id):
            if (stage.pipeline_id, stage.name) in taken:
                raise Invalid.of(msg("A stage of this pipeline has this name."), "name", "taken")
            taken.add((stage.pipeline_id, stage.name))
    refusals.settle()


def keep_used_stages(ctx: Context, stages: Sequence[Stage]) -> None:
    """A stage in which deals lie stays."""
    used = Deal.objects.filter(stage_id__in=[s.id for s in stages], deleted_at__isnull=True)
    if (stage_id := used.values_list("stage_id", flat=True).first()) is not None:
        name = next(s.name for s in stages if s.id == stage_id)
        raise RuleViolation(msg("There are deals in “%(name)s”; move them elsewhere first.", name=name))


def keep_used_pipelines(ctx: Context, pipelines: Sequence[Pipeline]) -> None:
    """A pipeline through which deals go stays, and so does the default one."""
    used = Deal.objects.filter(pipeline_id__in=[p.id for p in pipelines], deleted_at__isnull=True)
    if (pipeline_id := used.values_list("pipeline_id", flat=True).first()) is not None:
        name = next(p.name for p in pipelines if p.id == pipeline_id)
        raise RuleViolation(msg("There are deals in “%(name)s”; move them elsewhere first.", name=name))
    if default := next((p for p in pipelines if p.is_default), None):
        raise RuleViolation(
            msg("“%(name)s” is the default; make another pipeline the default first.", name=default.name)
        )
