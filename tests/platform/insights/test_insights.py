"""Insights kept for records: read with reasons on pages and by programs, hidden where roles hide them, gone when too old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from peyvand.kernel.errors import msg
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.events.models import EventRow
from peyvand.platform.fields.reader import Reader
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.insights.keeping import Scores, forget_expired, forget_others, keep, note_run
from peyvand.platform.insights.models import InsightRow
from peyvand.platform.insights.telling import read_reasons, reason
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.objects.insights import concluded, insights_of
from peyvand.platform.objects.records import create_records, delete_records
from peyvand.platform.objects.spec import object_named
from peyvand.platform.objects.telling import told_to
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

TODAY = date(2026, 11, 22)
WHY = [
    reason(
        msg(
            "Last order on %(day)s: %(place)s",
            day={"day": "2026-09-23"},
            place={"text": "above the middle of buyers"},
        ),
        1.0,
    )
]


def fields() -> list[Any]:
    return [f for f in insights_of(PERSON) if f.analysis == "rfm"]


def judge(cast: Any, ids: list[int], segment: str, count: int = 3) -> Any:
    """Say of these people that they are in a segment and ordered so often."""
    scores = Scores(
        "person", ids, {"rfm_segment": [segment] * len(ids), "order_count": [count] * len(ids)},
        {"rfm_segment": [{"reasons": WHY}] * len(ids)},
    )  # fmt: skip
    kept = keep(job_context(cast.arman), fields(), scores)
    note_run("rfm", version=1, as_of=TODAY, expires_on=TODAY + timedelta(days=14), card_id=1)
    return kept


@pytest.fixture
def people(cast: Any, acting: Any) -> Iterator[list[Any]]:
    with workspace_scope(cast.arman.id):
        yield create_records(acting(cast.sara), PERSON, [{"name": "لیلا بهشتی"}, {"name": "رضا کیانی"}])


def test_reasons_are_said_in_the_readers_language_digits_and_calendar() -> None:
    for language, want in (
        ("fa", "آخرین سفارش در ۱ مهر ۱۴۰۵: بالاتر از میانهٔ خریداران"),
        ("en", "Last order on 23 September 2026: above the middle of buyers"),
    ):
        with override(language):
            assert [r.text for r in read_reasons(WHY, Reader(language=language))] == [want]


def test_what_is_concluded_stands_on_the_page_and_in_the_api(
    cast: Any, people: list[Any], browse: Any
) -> None:
    sara = program_of(cast.sara, cast.arman)
    judge(cast, [people[0].id], "champions")
    page = browse(cast.sara).get(f"/w/arman/people/{people[0].id}/").content.decode()
    assert "قهرمانان" in page
    assert "بالاتر از میانهٔ خریداران" in page
    other = browse(cast.sara).get(f"/w/arman/people/{people[1].id}/").content.decode()
    assert "قهرمانان" not in other
    [segment, count] = sara.get(f"people/{people[0].id}/insights").json["items"]
    assert (segment["insight"], segment["value"], segment["as_of"], segment["version"]) == (
        "rfm_segment", "champions", "2026-11-22", 1,
    )  # fmt: skip
    assert (count["value"], count["expires_on"]) == (3, "2026-12-06")
    asked = '{"field": "rfm_segment", "op": "is", "value": "champions"}'
    [found] = sara.get("people", fields="name,rfm_segment", filter=asked).json["items"]
    assert (found["name"], found["rfm_segment"]) == (people[0].name, "champions")


def test_what_a_role_hides_is_told_nowhere(cast: Any, people: list[Any], acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        judge(cast, [people[0].id], "loyal")
        judge(cast, [people[0].id], "at_risk")
        event = EventRow.objects.get(wire="insights.level_changed.v1")
        assert (event.data["was"], event.data["now"]) == ("loyal", "at_risk")
        Role.objects.filter(key="viewer").update(fields={"person.rfm_segment": "hidden"})
        access_changed(cast.arman.id)
        ctx: Context = acting(cast.viewer)
        assert [i.field.key for one in concluded(ctx, PERSON, people[0].id) for i in one.insights] == [
            "order_count"
        ]
        assert told_to(ctx.actor, "person", event.wire, event.data) is None


def test_rows_go_with_their_record_and_their_time(cast: Any, people: list[Any], acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        one, two = people
        assert judge(cast, [one.id, two.id], "loyal").written == 2
        assert judge(cast, [one.id, two.id], "loyal").written == 0
        merge_records(ctx, PERSON, one.id, [two.id])
        assert list(InsightRow.objects.values_list("object_id", flat=True)) in ([one.id], [one.id, two.id])
        assert forget_others(job_context(cast.arman), "rfm", "person", {one.id}) <= 1
        assert list(InsightRow.objects.values_list("object_id", flat=True)) == [one.id]
        assert forget_expired(TODAY + timedelta(days=15)) == ["rfm"]
        assert not InsightRow.objects.exists()
        delete_records(ctx, PERSON, [one])


def test_what_another_model_says_is_taken_in_sets(cast: Any, people: list[Any], acting: Any) -> None:
    sara, viewer = program_of(cast.sara, cast.arman), program_of(cast.viewer, cast.arman)
    one, two = (p.id for p in people)
    body = {"as_of": "2026-11-20", "items": [
        {"id": one, "outside_score": 81, "outside_level": "high", "reasons": ["Three late payments"]},
        {"id": two, "outside_score": 12, "outside_level": "low"},
    ]}  # fmt: skip
    assert viewer.post("people/insights", body).status == 403
    assert sara.post("people/insights", body).json == {"written": 2}
    assert sara.post("people/insights", body).json == {"written": 0}
    [score, level] = sara.get(f"people/{one}/insights").json["items"]
    assert (score["value"], [r["text"] for r in score["reasons"]]) == (81, ["Three late payments"])
    assert (level["value"], level["version"], level["as_of"]) == ("high", 2, "2026-11-20")
    wrong = [
        {"id": 0},
        {"id": two, "outside_score": 101},
        {"id": two, "outside_level": "huge"},
        {"id": two, "reasons": "x"},
    ]
    refused = sara.post("people/insights", {"items": wrong})
    assert refused.status == 422
    assert [p["field"] for p in refused.json["errors"]] == [
        "items.0.id", "items.1.outside_score", "items.2.id", "items.2.outside_level", "items.3.id", "items.3.reasons",
    ]  # fmt: skip
    assert sara.post("tasks/insights", body).status == 422
    for items in (
        [{"id": []}],
        [{"id": {}}],
        [{"id": one}, {"id": one, "outside_score": 3}],
        [{"id": one, "reasons": ["a\x00b"]}],
    ):
        assert sara.post("people/insights", {"items": items}).status == 422
    for days in ({"as_of": "9999-12-31"}, {"expires_on": "2020-01-01"}):
        assert sara.post("people/insights", {**days, "items": [{"id": one}]}).status == 422
    nothing = {"id": two, "outside_score": 0, "outside_level": ""}
    assert sara.post("people/insights", {"items": [nothing]}).json == {"written": 1}
    assert [i["value"] for i in sara.get(f"people/{two}/insights").json["items"]] == [0]


def test_outside_scores_are_kept_apart_by_object_and_by_rights(
    cast: Any, people: list[Any], acting: Any
) -> None:
    """What companies are said to be worth neither renews nor ends what people are; who does not see a score writes none."""
    sara, viewer = program_of(cast.sara, cast.arman), program_of(cast.viewer, cast.arman)
    with workspace_scope(cast.arman.id):
        [company] = create_records(acting(cast.sara), object_named("company"), [{"name": "آوند"}])
    for plural, id, until in (
        ("people", people[0].id, "2900-01-01"),
        ("companies", company.id, "2800-01-01"),
    ):
        body = {"items": [{"id": id, "outside_score": 5}], "expires_on": until}
        assert sara.post(f"{plural}/insights", body).json == {"written": 1}
    assert sara.get(f"people/{people[0].id}/insights").json["items"][0]["expires_on"] == "2900-01-01"
    with workspace_scope(cast.arman.id):
        assert forget_expired(date(2850, 1, 1)) == ["outside:company"]
        assert list(InsightRow.objects.values_list("object", flat=True)) == ["person"]
        role = Role.objects.create(
            key="feeder", name="Feeder", grants={"person.view": "all", "insight.record": "all"},
            fields={"person.outside_level": "hidden"},
        )  # fmt: skip
        cast.viewer.role = role
        cast.viewer.save()
        access_changed(cast.arman.id)
    refused = viewer.post("people/insights", {"items": [{"id": people[0].id, "outside_score": 9}]})
    assert refused.status == 403
