"""Exactly what each built-in role may do. Whoever declares a new operation decides here who has it.

``roles.txt`` has a line for every operation that was declared: its key, then the scope of each role. A line that is missing
or other is shown as it should be; add it only after thinking about who ought to have the verb.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from peyvand.platform.identity.grants import Grants, Scope
from peyvand.platform.identity.operations import declared_operations
from peyvand.platform.identity.roles import ADMIN, BUILTIN_ROLES, MANAGER, MEMBER, OWNER, VIEWER

TABLE = Path(__file__).with_name("roles.txt")
ROLES = (ADMIN, MANAGER, MEMBER, VIEWER)
RIGHTS = {key: Grants.from_json(operations, {}) for key, (_, operations) in BUILTIN_ROLES.items()}
INVENTED = (
    "webhook.create", "webhook.view", "custom_field.create", "person.erase", "person.anything", "oracle.view",
    "workspace.audit", "workspace.delete_everything", "user.elevate", "user.view_as", "territory.create", "role.view",
)  # fmt: skip


def test_every_role_may_do_what_the_table_says_and_nothing_else() -> None:
    declared = [
        " ".join((operation, *(RIGHTS[role].scope(operation).value for role in ROLES)))
        for operation in sorted(declared_operations())
    ]
    written = TABLE.read_text(encoding="utf-8").splitlines()[1:]
    assert written == declared


def test_an_owner_may_do_everything() -> None:
    assert {RIGHTS[OWNER].scope(operation) for operation in declared_operations()} == {Scope.ALL}


@pytest.mark.parametrize("role", [MANAGER, MEMBER, VIEWER])
@pytest.mark.parametrize("operation", INVENTED)
def test_no_wildcard_grants_what_runs_the_workspace_or_is_invented_later(role: str, operation: str) -> None:
    assert RIGHTS[role].scope(operation) is Scope.NONE


@pytest.mark.parametrize("role", ROLES)
def test_nobody_of_these_covers_the_next_higher(role: str) -> None:
    higher = (OWNER, *ROLES)[(OWNER, *ROLES).index(role) - 1]
    assert not RIGHTS[role].covers(RIGHTS[higher])
    if role != VIEWER:
        assert RIGHTS[higher].covers(RIGHTS[role])


def test_a_plain_wildcard_covers_no_named_administration() -> None:
    manager = RIGHTS[MANAGER]
    for more in ({"webhook.*": "own"}, {"user.elevate": "own"}, {"*.erase": "own"}, {"workspace.*": "own"}):
        assert not manager.covers(Grants.from_json(more, {}))
    condition = {"field": "amount", "op": "gt", "value": 1}
    narrow = Grants.from_json({"deal.view": "condition"}, {}, {"deal.view": condition})
    assert narrow.covers(narrow)
    assert manager.covers(narrow)
    assert not narrow.covers(
        Grants.from_json({"deal.view": "condition"}, {}, {"deal.view": {**condition, "value": 0}})
    )
    assert not narrow.covers(Grants.from_json({"deal.view": "own"}, {}))
    assert Grants.from_json({"*": "all"}, {}).covers(narrow)
