"""The pages of channels and campaigns in a real browser: nothing for axe to find, nothing wider than a phone."""

from __future__ import annotations

from typing import Any

import pytest
from tests.analytical.campaigns.test_pages import DAY, FOUND, TRIAL
from tests.web.browsing import faults, overflows

from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.analyses.seeds import ensure_choices
from peyvand.kernel import clock
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow
OTHER = TRIAL | {
    "key": "automation:9", "name": "نامهٔ پاییز", "verdict": "open", "difference": [1.0, -2.0, 4.0], "ranking": None, "fields": [],
    "code": "no_signal", "refusal": ["No field is left to learn from.", {}],
}  # fmt: skip


@pytest.mark.parametrize(("language", "width", "theme"), [("fa", 1440, "light"), ("en", 360, "dark")])
def test_nothing_for_axe_to_find(
    committed: Any, signed_in: Any, language: str, width: int, theme: str
) -> None:
    kept = {"state": "ready", "as_of": DAY, "started_at": clock.now(), "number": 1}
    with workspace_scope(committed.arman.id):
        ensure_choices()
        ModelCard.objects.create(analysis="attribution", more=FOUND, **kept)
        ModelCard.objects.create(analysis="uplift", more={"trials": [TRIAL, OTHER], "scored_by": ""}, **kept)
    page = signed_in(committed.sara, language, width, theme)
    for path in ("attribution?by=shapley&in=value", "uplift", "uplift?trial=automation:9"):
        page.goto(f"/w/arman/insights/{path}")
        assert faults(page) == [], path
        assert not overflows(page), path
