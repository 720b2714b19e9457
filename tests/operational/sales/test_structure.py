"""Rules of pipelines and stages."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.operational.sales.models import Pipeline, Stage
from peyvand.operational.sales.objects import DEAL, PIPELINE, STAGE
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.workspaces.scope import workspace_scope


def test_a_stage_and_a_pipeline_in_use_stay_whoever_asks(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        stage = Stage.objects.filter(kind="open").order_by("position").first()
        create_record(acting(cast.sara), DEAL, {"name": "Tiles", "stage": stage.id})
        default = stage.pipeline
    with workspace_scope(cast.arman.id), pytest.raises(RuleViolation, match="move them elsewhere"):
        delete_records(acting(cast.sara), STAGE, [stage])
    with workspace_scope(cast.arman.id), pytest.raises(RuleViolation):
        delete_records(acting(cast.sara), PIPELINE, [default])
    with workspace_scope(cast.rival.id):
        spare = create_record(acting(cast.cyrus), PIPELINE, {"name": "Spare"})
        delete_records(acting(cast.cyrus), PIPELINE, [spare])
    with workspace_scope(cast.rival.id), pytest.raises(RuleViolation, match="default"):
        delete_records(acting(cast.cyrus), PIPELINE, [Pipeline.objects.get(is_default=True)])


def test_a_stage_of_a_taken_name_is_refused_at_its_field(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        one, other = Stage.objects.filter(kind="open", pipeline__is_default=True).order_by("position")[:2]
        for write in (
            lambda: create_record(acting(cast.sara), STAGE, {"name": one.name, "pipeline": one.pipeline_id}),
            lambda: update_record(acting(cast.sara), STAGE, other, {"name": one.name}),
        ):
            with pytest.raises(Invalid) as refusal, transaction.atomic():
                write()
            assert [(problem.field, problem.code) for problem in refusal.value.problems] == [
                ("name", "taken")
            ]
        # Its own name, and the same in another pipeline, are free.
        update_record(acting(cast.sara), STAGE, Stage.objects.get(id=one.id), {"name": one.name})
        spare = create_record(acting(cast.sara), PIPELINE, {"name": "Spare"})
        create_record(acting(cast.sara), STAGE, {"name": one.name, "pipeline": spare.id})
