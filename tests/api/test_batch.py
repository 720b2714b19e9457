"""Many records by one request: changed by id, or created and changed by external id; some or all or nothing."""

from __future__ import annotations

from peyvand.platform.events.models import EventRow
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of


def test_a_thousand_are_changed_in_sets(sara, django_assert_max_num_queries):
    rows = [{"name": f"Company {n}"} for n in range(1000)]
    made = sara.post("companies/batch", {"create": rows}).json["items"]
    with django_assert_max_num_queries(40):
        answer = sara.post(
            "companies/batch", {"update": [{"id": i["id"], "version": 1, "city": "قم"} for i in made]}
        )
    assert (answer.status, answer.json["updated"], answer.json["refused"]) == (200, 1000, 0)
    assert {i["version"] for i in answer.json["items"]} == {2}
    assert (
        sara.get("companies", count="exact", filter='{"field":"city","op":"is","value":"قم"}').json["count"]
        == 1000
    )


def test_each_row_of_an_update_is_judged_by_itself(sara, cast):
    mine, binned = (sara.post("companies", {"name": name}).json for name in ("Mine", "Binned"))
    sara.delete(f"companies/{binned['id']}")
    rows = [
        {"id": mine["id"], "city": "قم"},
        {"id": mine["id"], "city": "ری"},
        {"id": binned["id"], "city": "قم"},
        {"id": "7", "city": "قم"},
        {"id": 10**15},
        {"id": mine["id"] + 10**6, "nosuch": 1},
        "no record",
    ]
    answer = sara.post("companies/batch", {"update": rows})
    assert [i["status"] for i in answer.json["items"]] == [200, 409, 404, 422, 404, 404, 422]
    assert sara.get(f"companies/{mine['id']}").json["city"] == "قم"
    stale = sara.post("companies/batch", {"update": [{"id": mine["id"], "version": 1, "city": "یزد"}]}).json
    assert (stale["items"][0]["status"], stale["items"][0]["code"]) == (409, "conflict")
    for version in (2.0, True, "2"):
        odd = sara.post("companies/batch", {"update": [{"id": mine["id"], "version": version}]}).json
        assert odd["items"][0]["status"] == 422
    viewer = program_of(cast.viewer, cast.arman)
    assert viewer.post("companies/batch", {"update": [{"id": mine["id"], "city": "x"}]}).status == 403
    babak = program_of(cast.babak, cast.arman)
    assert babak.post("companies/batch", {"update": [{"id": mine["id"], "city": "x"}]}).json["refused"] == 1


def test_a_rule_that_refuses_one_of_a_set_leaves_the_others(sara, cast):
    people = [sara.post("people", {"given_name": f"P{n}"}).json for n in range(5)]
    rows = [{"id": p["id"], "city": "قم"} for p in people]
    rows[3]["external_id"] = "taken"
    rows[4]["external_id"] = "taken"
    answer = sara.post("people/batch", {"update": rows}).json
    assert [i["status"] for i in answer["items"]] == [200, 200, 200, 200, 409]
    assert [sara.get(f"people/{p['id']}").json["city"] for p in people] == ["قم"] * 4 + [""]
    with workspace_scope(cast.arman.id):
        assert EventRow.objects.filter(wire="objects.record_updated.v1", object="person").count() == 4


def test_records_are_created_or_changed_by_external_id(sara, cast, django_assert_max_num_queries):
    first = sara.post(
        "companies/batch", {"upsert": [{"external_id": f"c{n}", "name": f"N{n}"} for n in range(500)]}
    )
    assert (first.json["created"], first.json["updated"]) == (500, 0)
    with django_assert_max_num_queries(60):
        second = sara.post(
            "companies/batch",
            {"upsert": [{"external_id": f"c{n}", "name": f"N{n}", "city": "ری"} for n in range(250, 1250)]},
        )
    assert (second.json["created"], second.json["updated"], second.json["refused"]) == (750, 250, 0)
    assert [second.json["items"][n]["status"] for n in (0, 249, 250)] == [200, 200, 201]
    assert second.json["items"][0]["id"] == first.json["items"][250]["id"]
    sara.delete(f"companies/{first.json['items'][0]['id']}")
    rows = [
        {"external_id": "c0", "name": "in the bin"},
        {"external_id": "", "name": "x"},
        {"name": "x"},
        {"external_id": "new", "name": "one"},
        {"external_id": "new", "name": "two"},
        {"external_id": "c1", "version": 7, "name": "x"},
    ]
    third = sara.post("companies/batch", {"upsert": rows}).json["items"]
    assert [(i["status"], i.get("code")) for i in third] == [
        (409, "in_bin"), (422, "required"), (422, "required"), (201, None), (409, "twice"), (409, "conflict"),
    ]  # fmt: skip
    babak = program_of(cast.babak, cast.arman)
    hidden = babak.post("companies/batch", {"upsert": [{"external_id": "c2", "name": "x"}]}).json["items"][0]
    assert (hidden["status"], hidden["code"]) == (409, "taken")


def test_all_or_nothing(sara, cast):
    rows = [{"name": "right"}, {"name": ""}, {"name": "right too"}]
    refused = sara.post("companies/batch", {"create": rows, "atomic": True})
    assert (refused.status, refused.json["code"]) == (422, "batch_refused")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert [i["status"] for i in refused.json["items"]] == [424, 422, 424]
    assert sara.get("companies").json["items"] == []
    with workspace_scope(cast.arman.id):
        assert EventRow.objects.filter(object="company").count() == 0
    assert sara.post("companies/batch", {"create": [rows[0], rows[2]], "atomic": True}).json["created"] == 2


def test_a_batch_says_one_thing(sara):
    for body in (
        {},
        {"create": [], "update": []},
        {"create": [{}] * 1001},
        {"delete": [1]},
        {"create": [{}], "atomic": "x"},
    ):
        assert sara.post("companies/batch", body).status == 422
    assert sara.post("users/batch", {"create": [{"name": "x"}]}).status == 405


def test_one_record_by_its_external_id(sara, cast):
    made = sara.send("PUT", "companies/external/erp:7", {"name": "Avand"})
    assert (made.status, made.json["external_id"]) == (201, "erp:7")
    changed = sara.send("PUT", "companies/external/erp:7", {"city": "قم", "external_id": "erp:7"})
    assert (changed.status, changed.json["id"], changed.json["name"]) == (200, made.json["id"], "Avand")
    assert sara.get("companies/external/erp:7").json == changed.json
    assert sara.get("companies/external/a/b").status == 404
    assert sara.send("PUT", "companies/external/erp:7", {"external_id": "other"}).status == 422
    assert sara.send("PUT", "companies/external/erp:7", {}, {"If_None_Match": "*"}).status == 412
    assert sara.send("PUT", "companies/external/erp:7", {"city": "ری"}, {"If_Match": '"1"'}).status == 412
    assert sara.send("PUT", "companies/external/erp:8", {"name": "x"}, {"If_Match": '"1"'}).status == 412
    assert sara.send("PUT", "companies/external/erp:8", {"city": "ری"}).status == 422
    viewer = program_of(cast.viewer, cast.arman)
    assert viewer.send("PUT", "companies/external/erp:7", {"city": "x"}).status == 403
    assert viewer.send("PUT", "companies/external/erp:9", {"name": "x"}).status == 403
    babak = program_of(cast.babak, cast.arman)
    assert babak.get("companies/external/erp:7").status == 404
    assert babak.send("PUT", "companies/external/erp:7", {"name": "x"}).json["code"] == "taken"
