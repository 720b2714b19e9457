"""A refusal names the role as its holder knows it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import gettext, override

from peyvand.administration.members.roles import create_role, give_role
from peyvand.platform.access.decisions import decide
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.mark.parametrize(("language", "name"), [("en", "Viewer"), ("fa", "بیننده")])
def test_a_built_in_role_is_named_in_the_language_of_the_reader(
    cast: Any, acting: Any, language: str, name: str
) -> None:
    with workspace_scope(cast.arman.id), override(language):
        said = decide(acting(cast.viewer).actor, "deal.create").reason.render(gettext)
    assert name in said
    assert "viewer" not in said


def test_a_role_of_the_workspaces_own_goes_by_its_name(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        role = create_role(ctx, name="Auditor", copy_of="viewer")
        give_role(ctx, cast.viewer, role=role.key)
        said = str(decide(acting(cast.viewer).actor, "deal.create").reason)
    assert said == "Your role (Auditor) does not allow this."
