"""Ready automations to begin with: drafts that somebody looks through before they are switched on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from orjson import dumps

from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import fact_named
from peyvand.platform.fields.choices import LazyOptions
from peyvand.platform.fields.types import Option
from peyvand.platform.insights.events import InsightLevelChanged
from peyvand.platform.insights.fields import InsightLevel
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import find_object
from peyvand.processes.automations import models as m
from peyvand.processes.automations.models import Automation
from peyvand.processes.automations.objects import AUTOMATION, STEP

OVERDUE: Final = "billing.invoice_overdue.v1"
# The insight that says how likely a customer is to buy no more.
_RISK: Final = "churn_level"
# What tells that a customer bought again: the first that is there.
_AGAIN: Final = ("orders.order_placed.v1", "sales.deal_won.v1")
# What is a big deal until somebody says otherwise, in minor units.
_BIG: Final = {"IRR": 1_000_000_000}


@dataclass(frozen=True)
class Ready:
    """What somebody can begin with: its name, what it is good for, its values and its steps."""

    label: str | Promise
    about: str | Promise
    icon: str
    values: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]


def _has_risk(object_key: str) -> bool:
    spec = find_object(object_key)
    return spec is not None and any(isinstance(f, InsightLevel) and f.key == _RISK for f in spec.fields)


def _retention(object_key: str, label: str | Promise, title: str | Promise) -> Ready:
    return Ready(
        label,
        _("When a customer's risk of leaving rises, whoever looks after them gets a task with the reason and what to offer."),
        "shield",
        {
            "event": InsightLevelChanged.wire, "object": object_key, "insight": f"{object_key}.{_RISK}", "direction": "up", "quiet_days": 60,
            "held_out": 20, "outcome_event": next(filter(fact_named, _AGAIN), ""), "outcome_days": 60,
        },
        ({
            "kind": m.TASK, "title": title, "priority": "high", "whom": m.OWNER, "days": 2,
            "text": _("Why: {{reason}}\nWhat to offer: {{offer|nothing yet}}"),
        },),
    )  # fmt: skip


def _stalled(currency: str) -> Ready:
    condition = {
        "and": [
            {"field": "status", "op": "is", "value": "open"},
            {"field": "amount", "op": "gte", "value": _BIG.get(currency, 5_000_000)},
            {"field": "updated_at", "op": "older_than", "value": {"n": 14, "unit": "day"}},
        ]
    }
    return Ready(
        _("Tell the manager of a big deal that is stalled"),
        _("Once an hour, the owner's manager is told of every big deal that nobody touched for two weeks."),
        "deals",
        {"event": m.HOURLY, "object": "deal", "condition": dumps(condition).decode(), "quiet_days": 14},
        ({"kind": m.NOTIFY, "whom": m.MANAGER, "text": _("Nothing has happened on the deal {{deal.name}} of {{deal.owner}} for two weeks.")},),
    )  # fmt: skip


def _owed() -> Ready:
    return Ready(
        _("Chase an overdue invoice"),
        _("When an invoice is overdue, whoever is responsible for it gets a task to ask for the money."),
        "money",
        {"event": OVERDUE, "object": "invoice", "quiet_days": 7},
        ({
            "kind": m.TASK, "title": _("Ask for payment of invoice {{invoice.number}}"), "priority": "high", "whom": m.OWNER, "days": 1,
            "text": _("Still owed: {{invoice.balance}}, due on {{invoice.due_on}}."),
        },),
    )  # fmt: skip


def ready_ones(currency: str = "") -> dict[str, Ready]:
    """Those that can work here, by key: what they wait for is there."""
    found = {}
    if _has_risk("company"):
        found["retention"] = _retention("company", _("Keep a company whose risk rose"), _("Win {{company.name}} back"))  # fmt: skip
    if _has_risk("person"):
        found["person"] = _retention(
            "person", _("Keep a person whose risk rose"), _("Win {{person.name}} back")
        )
    if find_object("deal"):
        found["stalled"] = _stalled(currency)
    if find_object("invoice") and fact_named(OVERDUE):
        found["owed"] = _owed()
    return found


def make(ctx: Context, key: str) -> Automation:
    """A draft of this one, in the workspace's language."""
    one = ready_ones(ctx.tenant.currency)[key]
    with override(ctx.tenant.language):
        automation: Automation = create_record(ctx, AUTOMATION, {"name": str(one.label), **one.values})
        for step in one.steps:
            said = {name: str(value) if isinstance(value, Promise) else value for name, value in step.items()}
            create_record(ctx, STEP, {"automation": automation.id, **said})
    return automation


READY: Any = LazyOptions(lambda: [Option(key, one.label, icon=one.icon) for key, one in ready_ones().items()])
