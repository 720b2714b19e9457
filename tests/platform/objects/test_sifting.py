"""Sets of which rules refuse some: the others go through, at a cost that does not multiply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from tests.web.lists.filling import context, people

from peyvand.kernel.errors import Refusals, RuleViolation, msg
from peyvand.platform.objects.sifting import Outcome, sift
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

PERSON = object_named("person")


def rule(wrong: set[int], attempts: list[int], *, names: bool) -> Any:
    """A change that refuses these records, naming them all or only the first it meets."""

    def change(ctx: Any, spec: Any, records: Sequence[Any]) -> None:
        attempts.append(len(records))
        refusals = Refusals()
        for record in records:
            with refusals.of(record.id if names else None):
                if record.id in wrong:
                    raise RuleViolation(msg("Not this one: %(id)s.", id=record.id))
        refusals.settle()

    return change


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("every", [1, 2, 7, 100])
def test_each_refusal_has_its_own_reason_and_the_others_go_through(
    cast: Any, every: int, names: bool
) -> None:
    ids = people(cast.sara, 40)
    wrong, attempts, outcome = set(ids[::every]), list[int](), Outcome()
    with workspace_scope(cast.arman.id):
        records = list(PERSON.rows.filter(id__in=ids).order_by("id"))
        sift(context(cast.sara), PERSON, records, rule(wrong, attempts, names=names), outcome)
    assert sorted(outcome.done) == sorted(set(ids) - wrong)
    assert {id: str(reason) for id, reason in outcome.refused} == {id: f"Not this one: {id}." for id in wrong}
    if names:
        assert len(attempts) <= 2, "a rule that names them all is asked once more at the most"
    else:
        assert len(attempts) <= 2 * len(ids)
