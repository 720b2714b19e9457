"""Telco: the customers of a telephone company, with what they have and pay, since when, and who left in the last month."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.db.models import Sum

from peyvand.administration.demo.histories.laying import Figure, History, Told, another_file, create_in_sets
from peyvand.administration.schema.public import add_field
from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import shift
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.operational.orders.public import SUBSCRIPTION, Subscription
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.long import fresh
from peyvand.platform.workspaces.scope import workspace_scope

# The 19 attributes: what is counted, what is money, and what is one of a few words.
_NUMBERS: Final = ("tenure",)
_MONEY: Final = ("MonthlyCharges", "TotalCharges")
_WORDS: Final = (
    "gender", "SeniorCitizen", "Partner", "Dependents", "PhoneService", "MultipleLines", "InternetService", "OnlineSecurity",
    "OnlineBackup", "DeviceProtection", "TechSupport", "StreamingTV", "StreamingMovies", "Contract", "PaperlessBilling", "PaymentMethod",
)  # fmt: skip
_HEADS: Final = {"customerID", "Churn", *_NUMBERS, *_MONEY, *_WORDS}
Row = Mapping[str, str]


def _check(path: Path) -> None:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        if set(next(csv.reader(file), ())) != _HEADS:
            raise another_file(path)


def _lay(ctx: Context, path: Path, told: Told) -> Sequence[Figure]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys, options = _fields(ctx, rows)
    people = create_in_sets(ctx, PERSON, (
        {"given_name": "Customer", "family_name": row["customerID"], "name": f"Customer {row['customerID']}",
         "external_id": row["customerID"], **_values(row, keys, options)}
        for row in rows
    ), told)  # fmt: skip
    create_in_sets(ctx, SUBSCRIPTION, _subscriptions(ctx, rows, people), told)
    with workspace_scope(ctx.tenant.id):
        return (
            Figure("Customers", Person.objects.count(), 7_043),
            Figure("Subscriptions", Subscription.objects.count(), 7_043),
            Figure("of which ended", Subscription.objects.filter(state="ended").count(), 1_869),
            Figure(
                "Dollars a month",
                Subscription.objects.aggregate(sum=Sum("amount"))["sum"] or 0,
                45_611_660,
                2,
            ),
        )


def _fields(ctx: Context, rows: Sequence[Row]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Fields of their own on people for the attributes: their keys, and the keys of the words of each."""
    keys: dict[str, str] = {}
    options: dict[str, dict[str, str]] = {}
    with workspace_scope(ctx.tenant.id):
        acting = fresh(ctx)
        for name in (*_WORDS, *_NUMBERS, *_MONEY):
            kind = "money" if name in _MONEY else "number" if name in _NUMBERS else "choice"
            words = sorted({row[name] for row in rows}) if kind == "choice" else []
            more = {"options": [{"labels": {"en": word}, "tone": ""} for word in words]} if words else {}
            made = add_field(acting, "person", kind, labels={"en": _label(name)}, **more)
            keys[name] = made.key
            if words:
                given = [option["key"] for option in made.config["options"]]
                options[name] = dict(zip(words, given, strict=True))
    return keys, options


def _label(name: str) -> str:
    """A head of the file as people read it: "InternetService" is "Internet service", "StreamingTV" "Streaming TV"."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return " ".join(
        part if part.isupper() else part.capitalize() if n == 0 else part.lower()
        for n, part in enumerate(parts)
    )


def _values(row: Row, keys: Mapping[str, str], options: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    values: dict[str, Any] = {keys[name]: options[name][row[name]] for name in _WORDS}
    values |= {keys[name]: int(row[name]) for name in _NUMBERS}
    # Who has just come was not charged yet.
    return values | {keys[name]: int(Decimal(row[name]) * 100) for name in _MONEY if row[name].strip()}


def _subscriptions(ctx: Context, rows: Sequence[Row], people: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The file has no days, only how many months each stayed: counted back from the first day of this month."""
    until = clock.today(ctx.tenant.tz).replace(day=1)
    for row, person in zip(rows, people, strict=True):
        left = row["Churn"] == "Yes"
        yield {
            "name": row["Contract"], "external_id": row["customerID"], "person": person, "owner": None, "every": "month",
            "amount": int(Decimal(row["MonthlyCharges"]) * 100), "started_on": _months_before(until, int(row["tenure"])),
            "ended_on": until if left else None, "ended_reason": "Churn" if left else "",
        }  # fmt: skip


def _months_before(day: date, months: int) -> date:
    return shift(day, -months, "month", "gregorian") if months else day


HISTORY: Final = History(
    "telco", "churn/Telco-Customer-Churn.csv", "Telco", "USD", "America/Los_Angeles", _check, _lay
)
