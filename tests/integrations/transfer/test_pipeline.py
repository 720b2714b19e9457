"""A real B2B pipeline goes in whole: every figure of its files is the database's, and the same files change nothing."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
from django.db.models import Count, Sum

from peyvand.administration.members.actions import create_workspace
from peyvand.integrations import transfer
from peyvand.integrations.transfer.mapping import read_mapping
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.operational.catalog.models import Product
from peyvand.operational.contacts.models import Company
from peyvand.operational.sales.models import Deal, DealLine, Stage, StageMove
from peyvand.operational.sales.objects import DEAL
from peyvand.platform.actions.context import Context
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.identity.models import Team, User
from peyvand.platform.objects.lanes import Lanes, lane_sums
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.search.find import find
from peyvand.platform.workspaces.scope import workspace_scope

DATA = Path(__file__).parents[4] / "shared" / "data" / "pipeline"
FILES = ("sales_pipeline.csv", "accounts.csv", "products.csv", "sales_teams.csv")
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the public data set shared/data/pipeline is not beside the project"
)
PRODUCT = {"GTXPro": "GTX Pro"}


def read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def fresh(db):
    return create_workspace("fresh", "Fresh", language="en", currency="USD")


@pytest.fixture
def tenth(tmp_path):
    """The files with every tenth deal, for what holds of few rows as of many."""
    folder = tmp_path / "tenth"
    folder.mkdir()
    for name in FILES:
        head, *rows = (DATA / name).read_text(encoding="utf-8").splitlines()
        kept = rows[::10] if name == "sales_pipeline.csv" else rows
        (folder / name).write_text("\n".join([head, *kept]), encoding="utf-8")
    return folder


def bring_in(tenant, tmp_path, folder=DATA, **wish):
    return run_import(
        Context(system_actor(tenant), "cli"),
        [folder / name for name in FILES],
        Wish(refused=tmp_path, **wish),
    )


def value(row) -> int:
    return int(row["close_value"] or 0)


def test_the_pipeline_agrees_with_its_files_and_comes_in_once(fresh, tmp_path):
    report = bring_in(fresh, tmp_path)
    assert report.is_complete, [f.refused[:3] for f in report.files]
    assert list(tmp_path.iterdir()) == []
    with workspace_scope(fresh.id):
        companies_agree()
        teams_agree()
        deals_agree(fresh)
        before = counts()
    again = bring_in(fresh, tmp_path)
    assert (again.totals.created, again.totals.updated, again.totals.unchanged) == (0, 0, 8927)
    with workspace_scope(fresh.id):
        after = counts()
    # What stays of the second time is one line of audit.
    assert after.pop("audit") - before.pop("audit") == 1
    assert after == before


def counts() -> dict[str, object]:
    models = (Company, Product, User, Team, Deal, DealLine, StageMove, EventRow)
    versions = {
        m.__name__: m.objects.aggregate(n=Sum("version"))["n"] for m in (Company, Product, User, Team, Deal)
    }
    return {
        **{m._meta.db_table: m.objects.count() for m in models},
        **versions,
        "audit": AuditEntry.objects.count(),
    }


def companies_agree() -> None:
    rows = read("accounts.csv")
    kept = {c.name: c for c in Company.objects.select_related("parent")}
    assert len(kept) == len(rows) == 85
    for row in rows:
        company = kept[row["account"]]
        assert (company.parent.name if company.parent else "") == row["subsidiary_of"]
        assert company.industry == row["sector"]
        assert company.founded == int(row["year_established"])
        assert company.employees == int(row["employees"])
        assert company.country == row["office_location"]
        # As it is written, in the workspace's currency; the data set means millions, which only a mapping can tell.
        assert company.revenue == round(float(row["revenue"]) * 100)
    prices = dict(Product.objects.values_list("name", "price"))
    assert prices == {row["product"]: int(row["sales_price"]) * 100 for row in read("products.csv")}


def teams_agree() -> None:
    rows = read("sales_teams.csv")
    agents = {u.name: u for u in User.objects.select_related("manager", "team__parent", "team__lead", "role")}
    managers = {row["manager"] for row in rows}
    assert len(rows) == 35
    assert set(agents) == {row["sales_agent"] for row in rows} | managers
    for row in rows:
        agent = agents[row["sales_agent"]]
        assert (agent.manager.name, agent.team.name, agent.team.lead.name) == (row["manager"],) * 3
        assert agent.team.parent.name == row["regional_office"]
        assert (agent.role.key, agent.account_id) == ("member", None)
    assert {agents[name].role.key for name in managers} == {"manager"}
    assert all(agents[name].team == agents[name].team and agents[name].team.name == name for name in managers)


def deals_agree(tenant) -> None:
    rows = read("sales_pipeline.csv")
    manager_of = {row["sales_agent"]: row["manager"] for row in read("sales_teams.csv")}
    assert Deal.objects.count() == len(rows) == 8800
    stages = Counter(row["deal_stage"] for row in rows)
    assert dict(Deal.objects.values_list("stage__name").annotate(n=Count("id"))) == dict(stages)
    assert (Deal.objects.filter(status="won").count(), Deal.objects.filter(status="lost").count()) == (
        4238,
        2473,
    )
    won = [row for row in rows if row["deal_stage"] == "Won"]
    assert (
        Deal.objects.filter(status="won").aggregate(s=Sum("amount"))["s"]
        == sum(map(value, won)) * 100
        == 10_005_534_00
    )
    by_manager, by_product = defaultdict(int), defaultdict(int)
    for row in won:
        by_manager[manager_of[row["sales_agent"]]] += value(row) * 100
        by_product[PRODUCT.get(row["product"], row["product"])] += value(row) * 100
    assert (
        dict(Deal.objects.filter(status="won").values_list("owner__manager__name").annotate(s=Sum("amount")))
        == by_manager
    )
    lines = DealLine.objects.filter(deal__status="won").values_list("product__name")
    assert dict(lines.annotate(s=Sum("amount"))) == by_product
    products = Counter(PRODUCT.get(row["product"], row["product"]) for row in rows)
    assert dict(DealLine.objects.values_list("product__name").annotate(n=Count("id"))) == dict(products)
    kept = {d.external_id: d for d in Deal.objects.select_related("company", "owner")}
    for row in rows:
        deal = kept[row["opportunity_id"]]
        assert (deal.company.name if deal.company else "") == row["account"]
        assert deal.owner.name == row["sales_agent"]
        assert deal.engaged_on == (date.fromisoformat(row["engage_date"]) if row["engage_date"] else None)
        assert deal.closed_on == (date.fromisoformat(row["close_date"]) if row["close_date"] else None)
        assert deal.amount == (value(row) * 100 if row["close_value"] else None)
    # The sums that the screen draws come by another query than the ones above.
    ids = dict(Stage.objects.filter(pipeline__is_default=True).values_list("id", "name"))
    lanes = Lanes(ListQuery(DEAL, system_actor(tenant), ()), "stage_id")
    sums = lane_sums(lanes, tuple(ids), ("amount",))
    drawn = {ids[id]: (lane.count, lane.sums[0]) for id, lane in sums.items()}
    for stage, count in stages.items():
        worth = sum(value(row) * 100 for row in rows if row["deal_stage"] == stage)
        assert drawn[stage] == (count, worth)
    facts = dict(EventRow.objects.filter(object="deal").values_list("wire").annotate(n=Count("id")))
    assert facts == {"objects.record_created.v1": 8800, "sales.deal_won.v1": 4238, "sales.deal_lost.v1": 2473}
    assert EventRow.objects.filter(wire="sales.deal_won.v1").order_by("at").first().at.year == 2017


def test_a_dry_run_says_the_same_and_keeps_nothing(fresh, tmp_path, tenth):
    with workspace_scope(fresh.id):
        before = counts()
    report = bring_in(fresh, tmp_path, tenth, dry_run=True)
    assert report.totals.created == 1007
    assert report.is_complete
    with workspace_scope(fresh.id):
        assert counts() == before
    assert bring_in(fresh, tmp_path, tenth).totals == report.totals


def test_the_preset_mends_the_data_sets_blemishes(fresh, tmp_path, tenth):
    report = bring_in(
        fresh,
        tmp_path,
        tenth,
        mapping=read_mapping(Path(transfer.__file__).parent / "presets" / "b2b_pipeline.json"),
    )
    assert report.is_complete
    with workspace_scope(fresh.id):
        acme = Company.objects.get(name="Acme Corporation")
        assert (acme.industry, acme.revenue) == ("technology", 1_100_040_000_00)
        assert Deal.objects.count() == 880
        assert [hit.title for hit in find(system_actor(fresh), "acme corp", ["company"])] == [
            "Acme Corporation"
        ]
