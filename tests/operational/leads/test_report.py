"""The report counts what its figures open, of what the reader may see."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from peyvand.kernel import clock
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.leads.actions import convert_lead, qualify_lead
from peyvand.operational.leads.models import Lead
from peyvand.operational.leads.objects import LEAD
from peyvand.operational.leads.web.reports import lines_of
from peyvand.operational.sales.public import Deal, win_deal
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of


@pytest.fixture
def some(cast: Any, acting: Any) -> list[Lead]:
    """Three from the web, one of them a deal that was won, one qualified; one from a fair, a deal; the second of Babak."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        person = create_records(ctx, PERSON, [{"family_name": "Rad"}])[0]
        rows = [
            ("website", cast.sara),
            ("website", cast.babak),
            ("website", cast.sara),
            ("exhibition", cast.sara),
        ]
        with clock.freeze(clock.now() - timedelta(days=6)):
            leads: list[Lead] = create_records(ctx, LEAD, [
                {"person": person.id, "name": f"Lead {n}", "source": source, "owner": owner.id, "state": "new", "budget": 700}
                for n, (source, owner) in enumerate(rows)
            ])  # fmt: skip
        convert_lead(ctx, leads[0])
        win_deal(ctx, Deal.objects.get())
        qualify_lead(ctx, leads[1])
        convert_lead(ctx, leads[3])
        return leads


def test_figures_by_source(cast: Any, acting: Any, some: list[Lead]) -> None:
    with workspace_scope(cast.arman.id):
        lines, total = lines_of(acting(cast.sara), "source", "all")
    web, fair = lines
    assert (web.captured, web.qualified, web.converted, web.won, web.amount, web.days) == (3, 2, 1, 1, 700, 6)
    assert (fair.captured, fair.converted, fair.won, fair.amount) == (1, 1, 0, 0)
    assert (total.captured, total.converted, total.won, total.rate) == (4, 2, 1, 0.5)


@pytest.mark.parametrize("by", ["source", "campaign", "owner", "form"])
def test_each_figure_opens_its_rows(cast: Any, acting: Any, browse: Any, some: list[Lead], by: str) -> None:
    program = program_of(cast.sara, cast.arman)
    with workspace_scope(cast.arman.id):
        lines, total = lines_of(acting(cast.sara), by, "this_year")
    for line in (*lines, total):
        for figure, url in line.urls.items():
            [condition] = parse_qs(urlsplit(url).query)["filter"]
            found = program.get("leads", filter=json.dumps(json.loads(condition)), limit=200).json["items"]
            assert len(found) == getattr(line, figure), (by, line.name, figure)
            assert browse(cast.sara).get(url).status_code == 200
    for span in ("all", "this_year", "last_year"):
        assert browse(cast.sara).get(f"/w/arman/reports/leads?by={by}&range={span}").status_code == 200


def test_a_member_sees_the_figures_of_their_team_alone(cast: Any, acting: Any, some: list[Lead]) -> None:
    with workspace_scope(cast.arman.id):
        _, total = lines_of(acting(cast.babak), "source", "all")
    assert (total.captured, total.qualified, total.won) == (1, 1, 0)


def test_amounts_stand_in_full_beneath_a_head_that_names_their_unit(
    cast: Any, acting: Any, browse: Any, some: list[Lead]
) -> None:
    with workspace_scope(cast.arman.id):
        Deal.objects.filter(status="won").update(amount=12_345_678_900)
    page = browse(cast.sara).get("/w/arman/reports/leads?range=all").content.decode()
    # A unit in the cell would stand before the figure: figures are written from left to right.
    assert page.count('<td class="figs num"><bdi>۱٬۲۳۴٬۵۶۷٬۸۹۰</bdi></td>') == 2
    assert '<span class="cur">تومان</span></th>' in page
