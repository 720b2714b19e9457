"""Programs merge records, take them apart, find merged ones by their old address, and ask before they create."""

from __future__ import annotations

from typing import Any


def two(sara: Any) -> tuple[int, int]:
    one = sara.post("people", {"given_name": "ندا", "family_name": "کریمی", "phones": ["09121112233"]}).json[
        "id"
    ]
    other = sara.post("people", {"given_name": "ندا", "family_name": "كريمي", "city": "یزد"}).json["id"]
    return one, other


def test_a_merged_record_answers_with_its_new_address_until_it_is_taken_out(sara: Any) -> None:
    one, other = two(sara)
    done = sara.post(f"people/{one}/merge", {"losers": [other]})
    assert done.status == 200, done.json
    assert done.json["city"] == "یزد"
    assert [m["loser"] for m in done.json["merges"]] == [other]
    moved = sara.get(f"people/{other}")
    assert (moved.status, moved.json) == (301, {"id": other, "merged_into": one})
    assert moved.headers["Location"] == f"/api/v1/people/{one}"
    back = sara.post(f"people/{one}/unmerge", {"loser": other})
    assert (back.status, back.json["kept"], back.json["lost"]) == (200, [], 0)
    assert sara.get(f"people/{other}").json["city"] == "یزد"
    assert sara.get(f"people/{one}").json["city"] == ""
    assert sara.post(f"people/{one}/unmerge", {"loser": other}).status == 404


def test_choices_are_by_field(sara: Any) -> None:
    one, other = two(sara)
    sara.patch(f"people/{one}", {"city": "قم"})
    assert (
        sara.post(f"people/{one}/merge", {"losers": [other], "choices": {"city": other}}).json["city"]
        == "یزد"
    )


def test_what_cannot_be_merged_is_refused_and_leaves_everything_as_it_was(
    sara: Any, viewer: Any, cyrus: Any
) -> None:
    one, other = two(sara)
    for body, status in (
        ({}, 422), ({"losers": []}, 422), ({"losers": [one]}, 422), ({"losers": ["x"]}, 422), ({"losers": [10**9]}, 404),
        ({"losers": [other], "choices": {"nothing": one}}, 422), ({"losers": [other], "choices": {"city": "x"}}, 422),
    ):  # fmt: skip
        assert sara.post(f"people/{one}/merge", body).status == status, body
    assert viewer.post(f"people/{one}/merge", {"losers": [other]}).status == 403
    assert cyrus.post(f"people/{one}/merge", {"losers": [other]}).status == 404
    assert sara.post("users/1/merge", {"losers": [2]}).status == 404
    assert sara.get(f"people/{other}").status == 200


def test_a_program_may_ask_before_it_creates(sara: Any, viewer: Any) -> None:
    one, _ = two(sara)
    found = sara.post("people/similar", {"phones": "۰۹۱۲ ۱۱۱ ۲۲۳۳"})
    assert (found.status, [(i["id"], i["reasons"]) for i in found.json["items"]]) == (
        200,
        [(one, ["the same phone"])],
    )
    assert sara.post("deals/similar", {"name": "فروش"}).json == {"items": []}
    assert viewer.post("people/similar", {"phones": "09121112233"}).status == 403
