from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program, program_of
from peyvand.testing.values import Body, Maker

# What an object's own rules ask for beyond what its fields say.
RULES: dict[str, Callable[[Maker], Body]] = {
    # A refusal has no end.
    "consent": lambda m: {"state": "granted"},
    "relationship": lambda m: {
        "person": m.linked("person"), "to_company": m.linked("company"), "company": None, "to_person": None,
        "started_on": "2025-01-01", "ended_on": "2026-01-01",
    },
    "person": lambda m: {"given_name": "علی‌رضا", "family_name": f"کریمی {next(m._count)}"},
    "meeting": lambda m: {"starts_at": "2026-11-21T08:00:00Z", "ends_at": "2026-11-21T09:00:00Z", "participants": None},
    # The default pipeline cannot be deleted, and there is one already.
    "pipeline": lambda m: {"is_default": False},
    "stage": lambda m: {"pipeline": m.linked("pipeline"), "kind": "open"},
    "webhook": lambda m: {"condition": None},
    "deal": lambda m: {"lines": None, "stage": None, "pipeline": None, "closed_on": None, "lost_reason": None, "competitor": None,
                       "lost_note": None},
}  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One workspace with its owner's program, and a maker of records in it."""

    tenant: Any
    owner: Any
    program: Program
    maker: Maker

    def make(self, spec: ObjectSpec) -> int:
        return self.maker.make(spec)


def side(tenant: Any, owner: Any, acting: Callable[..., Any]) -> Side:
    def create(spec: ObjectSpec, body: Body) -> int:
        with workspace_scope(tenant.id):
            record: Any = create_record(acting(owner), spec, body)
            return int(record.id)

    return Side(tenant, owner, program_of(owner, tenant), Maker(create, owner.id, RULES))


@pytest.fixture
def arman(cast: Any, acting: Any) -> Side:
    return side(cast.arman, cast.sara, acting)


@pytest.fixture
def rival(cast: Any, acting: Any) -> Side:
    return side(cast.rival, cast.cyrus, acting)


@pytest.fixture
def viewer(cast: Any) -> Program:
    return program_of(cast.viewer, cast.arman)
