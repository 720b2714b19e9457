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
    "relationship": lambda m: {
        "person": m.linked("person"), "to_company": m.linked("company"), "company": None, "to_person": None,
        "started_on": "2025-01-01", "ended_on": "2026-01-01",
    },
    "person": lambda m: {"given_name": "علی‌رضا", "family_name": f"کریمی {next(m._count)}"},
    "meeting": lambda m: {"starts_at": "2026-11-21T08:00:00Z", "ends_at": "2026-11-21T09:00:00Z", "participants": None},
    # The default pipeline cannot be deleted, and there is one already.
    "pipeline": lambda m: {"is_default": False},
    "stage": lambda m: {"pipeline": m.linked("pipeline"), "kind": "open"},
    # A lead is somebody's, is converted by its verb alone, and rests until a day ahead.
    "lead": lambda m: {"person": m.linked("person"), "state": "working", "nurture_until": None, "reason": None,
                       "reason_note": None},
    # A rule asks for one thing: what a lead is, or what somebody did.
    "score_rule": lambda m: {"condition": {"field": "city", "op": "is", "value": "تهران"}, "event": None, "half_life": None,
                             "points": 1 + next(m._count) % 50},
    "lead_form": lambda m: {"asked": ["name", "phone", "email"], "needed": ["name"], "sites": "shop.example.com"},
    # A refusal has no end.
    "consent": lambda m: {"state": "granted"},
    "webhook": lambda m: {"condition": None},
    "assignment_rule": lambda m: {"object": "deal", "condition": {"field": "amount", "op": "gte", "value": 1}, "skill_from": "deal.tags"},
    # A seat is one user's or one team's.
    "assignment_seat": lambda m: {"rule": m.linked("assignment_rule"), "user": m.user_id, "team": None},
    # A quota is a person's or a team's, for a period in which there is none yet, from its first day.
    "quota": lambda m: {"owner": m.user_id, "team": None, "product": None, "pipeline": None, "measure": "won_amount", "number": None,
                        "amount": 1_000_000, "unit": "month", "calendar": "gregorian",
                        "starts_on": (lambda n: f"{1900 + n // 12}-{n % 12 + 1:02}-01")(next(m._count))},
    # Hours are hours, and nobody stands in for themselves.
    "working_hours": lambda m: {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    | dict.fromkeys(("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-12:00"),
    "absence": lambda m: {"starts_on": "2026-01-01", "ends_on": "2026-01-03", "hours": "08:00-12:00", "deputy": None},
    "invoice": lambda m: {"kind": "invoice", "lines": None, "quote": None, "discount": None, "discount_amount": None, "issued_on": "2026-01-05",
                          "due_on": "2026-02-05"},
    # Money that was recorded does not change: the same again changes nothing of it.
    "payment": lambda m: {"kind": "receipt", "invoice": None, "paid_on": "2026-01-05", "company": m.linked("company"), "person": None,
                          "amount": 1_000_000, "method": "cash"},
    "cheque": lambda m: {"invoice": None, "received_on": "2026-01-05", "company": m.linked("company"), "person": None,
                         "amount": 1_000_000},
    "contract": lambda m: {"starts_on": "2026-01-05", "ends_on": "2027-01-04", "renewal": "ask"},
    "deal": lambda m: {"lines": None, "stage": None, "pipeline": None, "closed_on": None, "lost_reason": None, "competitor": None,
                       "lost_note": None, "forecast": None},
    # Days in order; a plan by quota is of amounts, and an advance needs an amount.
    "commission_plan": lambda m: {"starts_on": "2026-01-01", "ends_on": "2026-12-31", "basis": "won", "condition": None, "most": None,
                                  "least": 1_000_000, "is_draw": True},
    # A password is not read again.
    "mail_account": lambda m: {"password": None, "smtp_password": None},
    "sms_line": lambda m: {"gateway": "general", "url": "https://sms.example.com/send", "body": '{"to": "{to}", "text": "{text}"}',
                           "header": "Authorization: Bearer {secret}", "secret": None, "quiet_from": "21:00", "quiet_until": "09:00"},
    # A sequence is begun once it has steps.
    "sequence": lambda m: {"is_active": False},
    "sequence_step": lambda m: {"kind": "call", "sequence": m.linked("sequence")},
    # What it waits for and asks are of the same records; what is looked for by the hour asks for some of them.
    "automation": lambda m: {"object": "deal", "event": "sales.deal_won.v1", "changed": None, "insight": None, "direction": None,
                             "condition": {"field": "amount", "op": "gte", "value": 1}, "outcome": None},
    "automation_step": lambda m: {"automation": m.linked("automation"), "kind": "task", "title": "Thank {{deal.name}}", "field": None,
                                  "value": None, "whom": "owner"},
    # A mark of money, counted since always.
    "watch": lambda m: {"measure": "revenue", "whose": "company", "amount": 1_000_000, "number": None, "within": "ever", "days": None,
                        "since": None, "product": None, "condition": None},
    # A name of SQL, one place, and a password that is not read again.
    "outside_source": lambda m: {"name": f"source_{next(m._count)}", "host": "db.example.com", "port": 5432, "database": "shop",
                                 "username": "reader", "password": None, "relation": "public.orders", "query": None},
    # What became an invoice stays, and another currency asks for its rate.
    "order": lambda m: {"invoice": None, "currency": "IRR", "rate": None, "status": "draft"},
    "subscription": lambda m: {"started_on": "2026-01-05", "ended_on": "2026-03-05"},
    # Of a product a list says one price for so many.
    "price": lambda m: {"minimum": next(m._count)},
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
