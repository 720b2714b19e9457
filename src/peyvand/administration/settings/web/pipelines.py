"""The pipelines and the stages of each."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from peyvand.administration.settings.actions import reorder
from peyvand.administration.settings.web import PIPELINES
from peyvand.administration.settings.web.listed import ids_of
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.operational.sales.public import PIPELINE, STAGE, Stage
from peyvand.platform.access.decisions import demand
from peyvand.platform.objects.queries import ListQuery, load_record
from peyvand.platform.objects.records import delete_records
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.objects.pages.answers import refused, with_events
from peyvand.web.objects.resolve import address
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings


@require_GET
def pipelines(request: HttpRequest, workspace: str) -> HttpResponse:
    """Every pipeline with its stages; with ``part`` only that, for it follows changes."""
    ctx = context_of(request)
    demand(ctx.actor, PIPELINES.operation)
    found = ListQuery(PIPELINE, ctx.actor, ()).rows().order_by("-is_default", "position", "id")
    stages: dict[int, list[dict[str, Any]]] = {}
    asked = STAGE.field("required")
    for stage in ListQuery(STAGE, ctx.actor, ()).rows().order_by("position", "id"):
        required = asked.show(stage.required, ctx.reader)
        stages.setdefault(stage.pipeline_id, []).append({"stage": stage, "required": required})
    context = {
        "pipelines": [_drawn(pipeline, stages.get(pipeline.id, [])) for pipeline in found],
        "pipeline_base": address(ctx, PIPELINE),
        "stage_base": address(ctx, STAGE),
    }
    if "part" in request.GET:
        return render(request, "settings/_pipelines.html", context)
    return render_settings(request, PIPELINES, "settings/pipelines.html", context)


def _drawn(pipeline: Any, stages: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = {each["stage"].kind for each in stages}
    return {
        "pipeline": pipeline,
        "open": [each for each in stages if each["stage"].kind == "open"],
        "ends": [each for each in stages if each["stage"].kind != "open"],
        "missing": [kind for kind in ("open", "won", "lost") if kind not in kinds],
    }


@require_POST
def order_pipelines(request: HttpRequest, workspace: str) -> HttpResponse:
    """POST ``order``: the pipelines' new order."""
    reorder(context_of(request), PIPELINE, ids_of(request))
    return HttpResponse(status=204)


@require_POST
def order_stages(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """POST ``order``: the new order of a pipeline's stages."""
    ctx = context_of(request)
    pipeline = load_record(PIPELINE, ctx.actor, id, lock=True)
    ids = ids_of(request)
    if Stage.objects.filter(id__in=ids).exclude(pipeline_id=pipeline.id).exists():
        raise RuleViolation(msg("This stage belongs to another pipeline."), "order")
    reorder(ctx, STAGE, ids)
    return HttpResponse(status=204)


@require_POST
def remove_stage(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Move a stage to the bin, if no deal lies in it."""
    return _remove(request, STAGE, id)


@require_POST
def remove_pipeline(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Move a pipeline to the bin, if no deal goes through it."""
    return _remove(request, PIPELINE, id)


def _remove(request: HttpRequest, spec: ObjectSpec, id: int) -> HttpResponse:
    ctx = context_of(request)
    record = load_record(spec, ctx.actor, id)
    try:
        with transaction.atomic():
            delete_records(ctx, spec, [record])
    except RuleViolation as rule:
        return refused(rule)
    undo = {
        "text": gettext("“%(name)s” was moved to the bin.") % {"name": record.name},
        "undo": f"{address(ctx, spec, id)}/restore",
    }
    return with_events(HttpResponse(), toast=undo, changed={"object": spec.key, "ids": [id]})
