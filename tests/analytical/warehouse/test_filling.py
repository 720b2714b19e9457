"""Whatever people do, a warehouse that took in the changes is the one that would be filled anew."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from hypothesis import example, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from peyvand.administration.governance.actions import erase_person
from peyvand.analytical.warehouse import store
from peyvand.analytical.warehouse.filling import refresh
from peyvand.analytical.warehouse.models import Change
from peyvand.analytical.warehouse.public import reading
from peyvand.analytical.warehouse.sources import SOURCES
from peyvand.kernel import clock
from peyvand.kernel.errors import PeyvandError
from peyvand.operational.billing.public import cancel_invoice, issue_invoice
from peyvand.platform.actions.context import Context
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.merging.models import Merge
from peyvand.platform.merging.unmerging import unmerge
from peyvand.platform.objects.purge import purge_records
from peyvand.platform.objects.records import create_record, delete_records, restore_records, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.processes.automations.models import AutomationRun

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KINDS = (
    "company", "person", "product", "order", "invoice", "payment", "deal", "call", "meeting", "note", "task", "lead",
    "subscription", "contract", "stage", "team", "holiday", "automation",
)  # fmt: skip


class World:
    """What may happen in a workspace, one thing after another; what is refused does not happen."""

    def __init__(self, ctx: Context, user: int) -> None:
        self.ctx, self.user = ctx, user
        for number, kind in enumerate((*KINDS[:-1], *KINDS)):
            self.make(kind, number, number // 3)
        for number, invoice in enumerate(self.all("invoice")):
            issue_invoice(ctx, invoice)
            self.make("order", 4 * number, number)

    def all(self, kind: str, *, gone: bool = False) -> list[Any]:
        rows = object_named(kind).model.objects.order_by("id")
        return list(rows.filter(deleted_at__isnull=not gone))

    def one(self, kind: str, number: int, **also: Any) -> Any:
        found = self.all(kind, **also)
        return found[number % len(found)] if found else None

    def id(self, kind: str, number: int) -> int | None:
        found = self.one(kind, number)
        return found.id if found else None

    def invoiced(self) -> dict[str, Any]:
        """An invoice that no order became, with its customer."""
        taken = {order.invoice_id for order in (*self.all("order"), *self.all("order", gone=True))}
        free = [invoice for invoice in self.all("invoice") if invoice.id not in taken]
        return (
            {"invoice": free[0].id, "company": free[0].company_id, "person": free[0].person_id}
            if free
            else {}
        )

    def make(self, kind: str, one: int, two: int) -> None:
        day = f"2026-{1 + one % 12:02}-{1 + two % 28:02}"
        whose = {"company": self.id("company", one)} if two % 3 else {"person": self.id("person", one)}
        of = f"deal:{deal}" if (deal := self.id("deal", two)) else None
        lines = [
            {
                "product": self.id("product", two),
                "quantity": 1 + one % 4,
                "price": 1000 + two,
                "discount": two % 20,
            }
        ]
        made = create_record(self.ctx, object_named(kind), {
            "company": {"name": f"C{one}", "kind": "customer", "city": "یزد", "addresses": [{"city": "قم", "province": "قم"}] if two % 2 else []},
            "person": {"given_name": f"P{one}", "family_name": "نام", "company": self.id("company", two)},
            "product": {"name": f"G{one}", "price": 900 + one, "cost": 500 if two % 2 else None},
            "order": {**whose, "status": ("placed", "draft", "fulfilled")[one % 3], "ordered_at": f"{day}T12:00", "lines": lines,
                      **(self.invoiced() if one % 4 == 0 else {})},
            "invoice": {**whose, "lines": lines},
            "payment": {**whose, "amount": 500 + one, "paid_on": day},
            "deal": {**whose, "name": f"D{one}", "amount": one},
            "call": {"title": "c", "started_at": f"{day}T10:00", "duration": one, "about": of, **whose},
            "meeting": {"title": "m", "starts_at": f"{day}T10:00", "ends_at": f"{day}T11:30", "status": "held", "about": of, **whose},
            "note": {"text": "n", **whose},
            "task": {"title": "t", "status": "done", **whose},
            "lead": {"given_name": f"L{one}", "family_name": "نام", "phone": f"0912111{one % 10}{two % 10}11", "source": "website"},
            "subscription": {**whose, "name": "S", "amount": 1200, "every": "year", "started_on": day},
            "contract": {**whose, "title": "K", "amount": 1200, "starts_on": day},
            "stage": {"pipeline": self.id("pipeline", 0), "name": f"T{one}{two}"},
            "team": {"name": f"M{one}"},
            "holiday": {"name": "H", "day": day},
            "automation": {"name": f"A{one}", "event": "objects.record_created.v1", "object": "person", "held_out": 50,
                           "outcome_event": "sales.deal_won.v1"},
        }[kind])  # fmt: skip
        if kind == "automation":
            self.draw(made, one)

    def draw(self, automation: Any, one: int) -> None:
        """An automation came to some people, and left others alone."""
        at = clock.now() - timedelta(days=60)
        AutomationRun.objects.bulk_create(
            AutomationRun(
                automation=automation, title=automation.name, about_object="person", about_id=person.id, person_id=person.id,
                company_id=person.company_id, group=("treated", "held_out")[n % 2], at=at, until=at + timedelta(days=30),
                came=(True, False, None)[(n + one) % 3], created_at=at, updated_at=at,
            )
            for n, person in enumerate(self.all("person"))
        )  # fmt: skip

    def change(self, kind: str, one: int, two: int) -> None:
        # Of a stage, one in which a deal is.
        record = self.one("deal", one).stage if kind == "stage" and self.all("deal") else self.one(kind, one)
        if record is None:
            return
        values: dict[str, Any] = {
            "company": {"kind": ("partner", "customer")[two % 2], "city": f"شهر {two}", "owner": self.user if two % 3 else None},
            "person": {"company": self.id("company", two), "city": f"شهر {two}", "addresses": [{"city": f"شهر {two}"}]},
            "product": {"price": two, "name": f"G{two}"},
            "order": {"status": ("cancelled", "fulfilled")[two % 2], "person": self.id("person", two)},
            "invoice": {"owner": self.user}, "payment": {"owner": self.user},
            "deal": {"stage": self.id("stage", two), "company": self.id("company", two)},
            "call": {"duration": two}, "meeting": {"status": "cancelled"}, "note": {"person": self.id("person", two)},
            "task": {"status": "open"}, "lead": {"source": "referral"}, "subscription": {"ended_on": "2026-12-01"},
            "contract": {"ends_on": "2027-12-01"}, "stage": {"name": f"مرحله {clock.now():%d %H:%M}"}, "team": {"name": f"تیم {two}"},
            "holiday": {"is_working": True}, "automation": {"name": f"B{two}", "held_out": two},
        }[kind]  # fmt: skip
        update_record(self.ctx, object_named(kind), record, values)

    def remove(self, kind: str, one: int, two: int) -> None:
        if record := self.one(kind, one):
            delete_records(self.ctx, object_named(kind), [record])

    def restore(self, kind: str, one: int, two: int) -> None:
        if record := self.one(kind, one, gone=True):
            restore_records(self.ctx, object_named(kind), [record])

    def purge(self, kind: str, one: int, two: int) -> None:
        if record := self.one(kind, one, gone=True):
            purge_records(self.ctx, object_named(kind), [record])

    def merge(self, kind: str, one: int, two: int) -> None:
        kind = ("company", "person", "product", "deal")[two % 4]
        if (winner := self.id(kind, one)) and (loser := self.id(kind, one + 1)):
            merge_records(self.ctx, object_named(kind), winner, [loser])

    def part(self, kind: str, one: int, two: int) -> None:
        if merge := Merge.objects.filter(undone_at=None).order_by("-id").first():
            unmerge(self.ctx, merge.id)

    def erase(self, kind: str, one: int, two: int) -> None:
        if person := self.one("person", one):
            erase_person(self.ctx, person)

    def issue(self, kind: str, one: int, two: int) -> None:
        if invoice := self.one("invoice", one):
            if invoice.status == "draft":
                issue_invoice(self.ctx, invoice)
            else:
                cancel_invoice(self.ctx, invoice, reason="اشتباه")


VERBS = (
    "make",
    "make",
    "make",
    "change",
    "change",
    "change",
    "remove",
    "restore",
    "purge",
    "merge",
    "part",
    "erase",
    "issue",
)
NUMBER = st.integers(0, 30)
STEP = st.tuples(st.sampled_from(VERBS), st.sampled_from(KINDS), NUMBER, NUMBER)


def test_what_took_in_the_changes_is_what_would_be_filled_anew(
    cast: Any, acting: Callable[..., Context], rows: Callable[[Any], Any], apart: Path
) -> None:
    happened: set[str] = set()
    with workspace_scope(cast.arman.id), clock.freeze(NOON):
        world = World(acting(cast.sara), cast.babak.id)
        refresh(cast.arman)
        assert all(rows(cast.arman).values()), "something of everything"
    beginning = shutil.copytree(apart, apart.with_name("beginning"), symlinks=True)

    @trying(max_examples=6)
    @example(
        turns=[
            # Alone, for what changes with them would be looked at again because of itself.
            *([("change", kind, 0, 2)] for kind in ("stage", "team", "product", "holiday", "automation")),
            *([(verb, kind, 0, 2) for kind in KINDS] for verb in ("change", "remove", "restore")),
        ]
    )
    @given(turns=st.lists(st.lists(STEP, min_size=4, max_size=20), min_size=1, max_size=2))
    def holds(turns: list[list[tuple[str, str, int, int]]]) -> None:
        shutil.rmtree(apart)
        shutil.copytree(beginning, apart, symlinks=True)
        with workspace_scope(cast.arman.id), contextlib.suppress(_Back), transaction.atomic():
            for number, turn in enumerate(turns):
                for minute, (verb, kind, one, two) in enumerate(turn, 1):
                    moment = NOON + timedelta(hours=number, minutes=minute)
                    with clock.freeze(moment), contextlib.suppress(PeyvandError), transaction.atomic():
                        getattr(world, verb)(kind, one, two)
                        happened.add(verb)
                with clock.freeze(NOON + timedelta(hours=number, minutes=30)):
                    refresh(cast.arman)
                    assert not Change.objects.exists()
                    taken_in, version = rows(cast.arman), store.published(cast.arman.id)
                    refresh(cast.arman, whole=True)
                    assert rows(cast.arman) == taken_in
                    assert store.published(cast.arman.id) != version
            raise _Back

    holds()
    assert happened == set(VERBS)


class _Back(Exception):
    """Takes back what an example wrote."""


def test_every_part_of_a_table_finds_its_rows_by_one_column() -> None:
    for table in {source.table for source in SOURCES}:
        assert len({source.column for source in SOURCES if source.table == table}) == 1


def test_another_engine_is_given_the_same_tables(
    cast: Any, acting: Callable[..., Context], settings: Any, tmp_path: Path
) -> None:
    settings.ANALYTICS = f"duckdb://{tmp_path / 'engine.db'}"
    for tenant, user, names in ((cast.arman, cast.sara, ["الف", "ب"]), (cast.rival, cast.cyrus, ["پ"])):
        with workspace_scope(tenant.id):
            create_record(acting(user), object_named("company"), {"name": names[0]})
            refresh(tenant)
            for name in names[1:]:
                create_record(acting(user), object_named("company"), {"name": name})
            refresh(tenant)
            with reading() as tables:
                assert sorted(tables.fetch(tables["customer"].name).to_pylist()) == names
