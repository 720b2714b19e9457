"""Rules of pipelines and stages."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.kernel.errors import RuleViolation
from peyvand.operational.sales.models import Pipeline, Stage
from peyvand.operational.sales.objects import DEAL, PIPELINE, STAGE
from peyvand.platform.objects.records import create_record, delete_records
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
