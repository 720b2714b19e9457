"""The standing cards are drawn of the newest model cards, and say what they wait for where there are none."""

from __future__ import annotations

from datetime import date
from typing import Any

from peyvand.analytical.analyses.jobs import put_to_work
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.methods.segments import Segment
from peyvand.analytical.reports.provinces import MAP, province_of
from peyvand.kernel import clock
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.platform.insights.models import InsightRow
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

CARD = "/w/arman/insights/card"
DAY = date(2026, 11, 20)


def keep(analysis: str, more: dict[str, Any], number: int = 1, state: str = "ready") -> None:
    ModelCard.objects.create(
        analysis=analysis, number=number, state=state, as_of=DAY, started_at=clock.now(), more=more
    )


def test_without_model_cards_each_says_what_it_waits_for(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    for key in ("segments", "whale", "cohorts", "migration"):
        assert 'class="empty"' in client.get(f"{CARD}/{key}").content.decode()


def test_what_the_newest_cards_hold_is_drawn_with_its_rows(cast: Any, acting: Any, browse: Any) -> None:
    segments = list(Segment)
    counts = [[0] * 11 for _ in range(11)]
    counts[segments.index(Segment.LOYAL)][segments.index(Segment.CHAMPIONS)] = 1
    counts[10][segments.index(Segment.NEW)] = 2
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.sara), PERSON, {"name": "لیلا بهشتی"})
        of = {"object": "person", "object_id": person.id, "since": clock.now()}
        InsightRow.objects.create(
            analysis="rfm", text1="champions", number2=100, day2=date(2026, 10, 25), **of
        )
        company = create_record(acting(cast.sara), COMPANY, {"name": "کاشی کویر"})
        InsightRow.objects.create(
            analysis="rfm",
            text1="loyal",
            day2=date(2026, 10, 25),
            object="company",
            object_id=company.id,
            since=clock.now(),
        )
        InsightRow.objects.create(analysis="profit", text1="loss", number1=-100, **of)
        keep("profit", {"curve": [[0.0, 0.0], [25.0, 150.0], [100.0, 100.0]]})
        month = {"months": ["1405-08", "1405-09"], "customers": [[4, 1], [0, None]], "amounts": []}
        keep("cohorts", {"jalali": month, "gregorian": {**month, "months": ["2026-10", "2026-11"]}})
        keep("rfm", {"migration": {"since": "2026-10-21", "counts": counts}})
    client = browse(cast.sara)

    whale = client.get(f"{CARD}/whale").context
    assert (whale["best"], whale["peak"], whale["eaten"]) == (("۲۵٪", "۱۵۰٪"), ("۲۵٪", "۱۵۰٪"), "۵۰٪")
    assert [(level.tone, level.lists[0].said) for level in whale["levels"]] == [("bad", "۱ شخص")]

    cohorts = client.get(f"{CARD}/cohorts").context["rows"]
    assert [(row.name, row.count, row.cells) for row in cohorts] == [
        ("آبان ۱۴۰۵", 4, (("۱۰۰", 10, "۴ از ۴"), ("۲۵", 2, "۱ از ۴"))),
    ]  # fmt: skip
    page = client.get(f"{CARD}/cohorts").content.decode()
    # Total and parts are told apart, and a share of four is told as one of few.
    assert "<th>۴ (<a" in page
    assert '<td class="s-2 faint" title="۱ از ۴">۲۵</td>' in page
    assert "کمتر از ۲۰ خریدار" in page
    other = client.get(f"{CARD}/cohorts?calendar=gregorian").context["rows"]
    assert [row.name for row in other] == ["اکتبر ۲۰۲۶"]

    moves = client.get(f"{CARD}/migration").context["chart"]
    assert moves.names == ("وفادار", "بی‌خرید", "قهرمانان", "خریدار تازه")
    assert [(flow.origin, flow.target, flow.mark.value) for flow in moves.flows] == [(0, 2, 1), (1, 3, 2)]

    for url in (whale["levels"][0].lists[0].url, cohorts[0].lists[0].url, moves.series[0].marks[2].url):
        listed = client.get(url)
        assert listed.status_code == 200
        assert "لیلا بهشتی" in listed.content.decode()


def test_a_refusal_is_told_in_place_of_what_was_found_before(cast: Any, browse: Any) -> None:
    told = "The newest purchase is %(quiet)s days old in a history of %(known)s days; newer data are needed."
    old = [told, {"quiet": 5462, "known": 5835}]
    month = {"months": ["2026-10"], "customers": [[4]], "amounts": []}
    more = {
        "rfm": {"migration": {"since": "2026-10-21", "counts": []}},
        "profit": {"curve": [[0, 0], [100, 100]]},
    }
    with workspace_scope(cast.arman.id):
        for analysis in ("rfm", "profit", "cohorts"):
            keep(analysis, more.get(analysis, {"jalali": month, "gregorian": month}))
            keep(analysis, {}, number=2, state="refused")
        ModelCard.objects.filter(state="refused").update(refusal=old)
    client = browse(cast.sara)
    for key in ("segments", "whale", "cohorts", "migration"):
        page = client.get(f"{CARD}/{key}").content.decode()
        assert 'class="empty"' in page, key
        assert "۵٬۴۶۲" in page, key


def test_cohorts_are_those_in_which_somebody_came_however_long_ago(cast: Any, browse: Any) -> None:
    """Three months of buyers and twenty without new ones: the three stand there, not a word that there are none."""
    months = [f"{1404 + n // 12}-{n % 12 + 1:02}" for n in range(23)]
    customers = [[9, 3, *[1] * (21 - n)] if n < 3 else [0] * (23 - n) for n in range(23)]
    with workspace_scope(cast.arman.id):
        keep("cohorts", {"jalali": {"months": months, "customers": customers, "amounts": []}})
    told = browse(cast.sara).get(f"{CARD}/cohorts").context
    assert [(row.name, row.count, len(row.cells)) for row in told["rows"]] == [
        ("فروردین ۱۴۰۴", 9, 13), ("اردیبهشت ۱۴۰۴", 9, 13), ("خرداد ۱۴۰۴", 9, 13),
    ]  # fmt: skip
    # The running month lies beyond the grid.
    assert told["is_cut"]


def test_the_oldest_cohort_is_a_step_away_however_many_there_are(cast: Any, browse: Any) -> None:
    months = [f"{1403 + n // 12}-{n % 12 + 1:02}" for n in range(27)]
    with workspace_scope(cast.arman.id):
        keep(
            "cohorts",
            {
                "jalali": {
                    "months": months,
                    "customers": [[27 - n] * (27 - n) for n in range(27)],
                    "amounts": [],
                }
            },
        )
    client = browse(cast.sara)

    def counts(before: str) -> list[int]:
        return [row.count for row in client.get(f"{CARD}/cohorts?before={before}").context["rows"]]

    page = client.get(f"{CARD}/cohorts")
    # A year and the month that it began with.
    assert counts("") == list(range(13, 0, -1))
    assert "before=13" in page.content.decode()
    assert counts("13") == list(range(26, 13, -1))
    assert counts("26") == [27]
    assert "before=39" not in client.get(f"{CARD}/cohorts?before=26").content.decode()
    assert counts("x") == counts("")


def test_a_card_whose_analysis_waits_says_so_and_follows(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    cards = ("cohorts", "whale", "segments", "migration")
    for key in cards:
        before = client.get(f"{CARD}/{key}").content.decode()
        assert "در نوبت" not in before, key
        assert "every 5s" not in before, key
    with workspace_scope(cast.arman.id):
        put_to_work(cast.arman, "cohorts", "profit", "rfm")
    for key in cards:
        page = client.get(f"{CARD}/{key}").content.decode()
        assert "در نوبت محاسبه است" in page, key
        assert "every 5s" in page, key


def test_whoever_sees_only_some_customers_has_none_of_them(cast: Any, browse: Any) -> None:
    for key in ("segments", "whale", "cohorts", "migration"):
        assert browse(cast.babak).get(f"{CARD}/{key}").status_code == 404


def test_a_province_is_known_however_it_is_written() -> None:
    tiles = [province for row in MAP for province in row if province is not None]
    assert len(tiles) == len(set(tiles)) == 31
    assert {len(row) for row in MAP} == {7}
    for written in ("خراسان رضوی", "استان خراسان رضوي", "Razavi Khorasan", "razavi khorasan province"):
        assert province_of(written) is not None, written
    assert province_of("کهگیلویه و بویراحمد") == province_of("Kohgiluyeh and Boyer Ahmad")
    assert province_of("بغداد") is None
    assert province_of("") is None
