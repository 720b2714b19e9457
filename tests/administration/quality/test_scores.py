"""What a field's own score says, and what is asked of a field that the workspace made."""

from __future__ import annotations

from typing import Any

from peyvand.administration.quality.measures import measure_of
from peyvand.administration.quality.scoring import Counted
from peyvand.administration.schema.public import add_field
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope


def test_the_score_of_a_field_follows_how_many_have_it_filled() -> None:
    assert Counted(406, 3, invalid=0).score == 7
    assert Counted(406, 243, invalid=0, shared=0).score == 598
    assert Counted(100, 50, invalid=25, shared=0).score == 250
    assert Counted(10, 0, invalid=0).score == 0
    assert Counted(100, 50, weight=0, invalid=5).score == 900
    assert Counted(10, 5, weight=0).score is None


def test_a_field_that_the_workspace_made_may_be_empty_unless_it_is_required(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        trial = add_field(ctx, "company", "text", labels={"fa": "رنگ محبوب"})
        needed = add_field(ctx, "company", "text", labels={"fa": "کد"}, is_required=True)
        weights = {a.key: a.weight for a in measure_of(object_named("company")).asked}
    assert weights[trial.key] == 0
    assert weights[needed.key] > 0
