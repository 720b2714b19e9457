"""Beside a timeline nobody reads thousands of sequences: of very many, those that go on next are asked about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from peyvand.collaborative.sequences.models import ACTIVE, Enrolment
from peyvand.collaborative.sequences.web.record import ASKED, _going_of
from peyvand.kernel import clock
from peyvand.platform.workspaces.scope import workspace_scope


def test_of_very_many_sequences_those_that_go_on_next_are_asked_about(cast: Any, sequence: int) -> None:
    with workspace_scope(cast.arman.id):
        now, about = clock.now(), {"about_object": "deal", "about_id": 7, "sequence_id": sequence}
        Enrolment.objects.bulk_create(
            Enrolment(workspace_id=cast.arman.id, state=ACTIVE, next_at=now - timedelta(days=n), **about)
            for n in range(ASKED + 2)
        )
        soonest = Enrolment.objects.order_by("next_at").values_list("id", flat=True)[:ASKED]
        assert [id for (id,) in _going_of("deal", 7, None)] == list(soonest)
