from __future__ import annotations

import json

from peyvand.administration.members.actions import revoke_token, token_hash
from peyvand.platform.actions.context import job_context
from peyvand.platform.actions.models import IdempotencyKey
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import ApiToken, Role
from peyvand.platform.workspaces.scope import workspace_scope


def test_a_record_goes_the_whole_way(sara):
    made = sara.post(
        "companies", {"name": "Avand", "kind": "customer", "phones": ["021-88776655"], "tags": ["VIP"]}
    )
    assert made.status == 201
    assert made.headers["Location"] == f"/api/v1/companies/{made.json['id']}"
    at = f"companies/{made.json['id']}"
    read = sara.get(at)
    assert read.json == made.json
    assert read.headers["ETag"].startswith('"1-')
    assert read.json["title"] == read.json["name"] == "Avand"
    assert read.json["phones"][0]["value"] == "+982188776655"
    assert read.json["owner"]["title"] == "Sara Moini"
    assert read.json["created_at"].endswith("Z")

    changed = sara.patch(at, {"city": "تهران", "version": 1})
    assert (changed.status, changed.json["city"], changed.json["version"]) == (200, "تهران", 2)
    assert sara.delete(at).status == 204
    assert sara.get(at).status == 404
    assert sara.get(at, deleted="true").status == 200
    assert sara.post(f"{at}/restore").json["city"] == "تهران"
    wires = [e["type"] for e in sara.get(f"{at}/timeline").json["items"]]
    assert wires == [f"objects.record_{verb}.v1" for verb in ("restored", "deleted", "updated", "created")]
    assert sara.get(f"{at}/timeline").json["items"][0]["sentence"] == "restored Avand"


def test_a_list_is_filtered_sorted_searched_and_paged(sara):
    for n, name in enumerate(("پروین", "آرش", "کاوه", "گلی", "ابراهیم")):
        assert sara.post("people", {"name": name, "city": "تهران" if n % 2 else "قم"}).status == 201
    first = sara.get("people", sort="name", limit=2).json
    second = sara.get("people", sort="name", limit=2, after=first["next"]).json
    third = sara.get("people", sort="name", limit=2, after=second["next"]).json
    assert [i["title"] for page in (first, second, third) for i in page["items"]] == [
        "آرش",
        "ابراهیم",
        "پروین",
        "کاوه",
        "گلی",
    ]
    assert third["next"] is None
    tehran = sara.get("people", filter=json.dumps({"field": "city", "op": "is", "value": "تهران"})).json
    assert [i["title"] for i in tehran["items"]] == ["گلی", "آرش"]
    assert [i["title"] for i in sara.get("people", q="كاو").json["items"]] == ["کاوه"]
    some = sara.get("people", fields="name,tags", limit=1).json["items"][0]
    assert set(some) == {"id", "version", "title", "name", "tags"}
    assert "tags" not in sara.get("people", limit=1).json["items"][0]


def test_links_are_written_by_id_and_read_with_their_title(sara):
    company = sara.post("companies", {"name": "Avand"}).json
    for link in (company["id"], {"id": company["id"]}, str(company["id"])):
        person = sara.post("people", {"name": "Neda", "company": link}).json
        assert person["company"] == {"id": company["id"], "title": "Avand"}
    refused = sara.post("people", {"name": "Neda", "company": 999_999_999})
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "company")


def test_what_is_wrong_is_told_by_field_in_the_callers_language(sara):
    body = {"name": "", "revenue": "x", "nosuch": 1}
    english = sara.post("companies", body)
    assert english.headers["Content-Type"] == "application/problem+json"
    assert {e["field"]: e["code"] for e in english.json["errors"]}.keys() == {"name", "revenue", "nosuch"}
    assert english.json["errors"][0]["message"] == "There is no field “nosuch”."
    persian = type(sara)(sara.token, "fa-IR,fa;q=0.9").post("companies", body)
    assert persian.json["status"] == 422
    assert any("\u0600" <= c <= "\u06ff" for c in persian.json["title"])


def test_a_value_that_follows_from_others_names_them(sara):
    refused = sara.post("people", {"family_name": "Karimi", "email": "a@b.example"})
    [problem] = refused.json["errors"]
    assert (refused.status, problem["field"], problem["code"]) == (422, "email", "readonly")
    assert "emails" in problem["message"]
    asked = sara.get("people", count="true")
    assert asked.status == 422
    assert "count" in asked.json["detail"]
    assert "exact" in asked.json["detail"]


def test_requests_that_cannot_be_read(sara):
    assert sara.send("POST", "companies", b'{"name":\n "x",\n oops}').status == 400
    assert "line 3" in sara.send("POST", "companies", b'{"name":\n "x",\n oops}').json["detail"]
    assert sara.send("POST", "companies", b"[1]").status == 400
    assert (
        sara.send(
            "POST", "companies", b"name=x", {"Content_Type": "application/x-www-form-urlencoded"}
        ).status
        == 415
    )
    assert sara.send("POST", "companies", b'{"about":"' + b"x" * 6_000_000 + b'"}').status == 413
    assert sara.send("PUT", "companies", {}).status == 405
    assert sara.post("users", {"name": "x"}).status == 405
    assert sara.get("nosuch").status == 404
    assert sara.get("companies/1/2/3").status == 404
    for query in (
        {"limit": 0},
        {"limit": 201},
        {"limit": "x"},
        {"sort": "phones"},
        {"fields": "x"},
        {"filter": "{"},
        {"after": "zz"},
    ):
        answer = sara.get("companies", **query)
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, next(iter(query)))


def test_versions_are_held(sara):
    company = sara.post("companies", {"name": "Avand"}).json
    at = f"companies/{company['id']}"
    assert sara.patch(at, {"city": "قم"}, If_Match='"1"').headers["ETag"].startswith('"2-')
    assert sara.patch(at, {"city": "ری"}, If_Match='"1"').status == 412
    assert sara.patch(at, {"city": "ری", "version": 1}).status == 409
    assert sara.delete(at, If_Match='"1"').status == 412
    assert sara.get(at).json["city"] == "قم"


def test_an_external_id_is_taken_once(sara):
    assert sara.post("companies", {"name": "A", "external_id": "x1"}).status == 201
    again = sara.post("companies", {"name": "B", "external_id": "x1"})
    assert (again.status, again.json["code"]) == (409, "taken")


def test_a_batch_takes_what_is_right_and_says_what_is_not(sara, django_assert_max_num_queries, cast):
    rows = [{"name": f"Company {n}", "external_id": str(n)} for n in range(200)]
    rows[3] = {"name": ""}
    rows[7] = {"name": "Twice", "external_id": "5"}
    rows[9] = "no record"
    answer = sara.post("companies/batch", {"create": rows})
    assert (answer.status, answer.json["created"], answer.json["refused"]) == (200, 197, 3)
    assert [n for n, item in enumerate(answer.json["items"]) if item["status"] != 201] == [3, 7, 9]
    assert answer.json["items"][7]["status"] == 409
    with workspace_scope(cast.arman.id):
        assert EventRow.objects.filter(wire="objects.record_created.v1", object="company").count() == 197
    with django_assert_max_num_queries(40):
        assert (
            sara.post("companies/batch", {"create": [{"name": f"More {n}"} for n in range(1000)]}).json[
                "created"
            ]
            == 1000
        )
    assert sara.post("companies/batch", {"create": []}).status == 422


def test_a_batch_isolates_what_a_rule_refuses(sara):
    company = sara.post("companies", {"name": "Parent"}).json
    rows = [
        {"given_name": "Neda", "company": company["id"]},
        {"job_title": "nameless"},
        {"given_name": "Omid"},
    ]
    answer = sara.post("people/batch", {"create": rows}).json
    assert [i["status"] for i in answer["items"]] == [201, 422, 201]
    assert answer["items"][1]["errors"][0]["code"] == "required"


def test_the_same_request_is_carried_out_once(sara, cast):
    first = sara.post("companies", {"name": "Avand"}, Idempotency_Key="k1")
    again = sara.post("companies", {"name": "Avand"}, Idempotency_Key="k1")
    assert (first.status, again.status) == (201, 201)
    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert sara.post("companies", {"name": "Other"}, Idempotency_Key="k1").status == 422
    assert len(sara.get("companies").json["items"]) == 1
    assert sara.post("companies", {"name": ""}, Idempotency_Key="k2").status == 422
    assert sara.post("companies", {"name": "Now right"}, Idempotency_Key="k2").status == 201
    with workspace_scope(cast.arman.id):
        assert IdempotencyKey.objects.count() == 2


def test_only_a_living_token_gets_in(sara, cast, client):
    assert client.get("/api/v1/companies").status_code == 401
    assert client.get("/api/v1/companies").headers["WWW-Authenticate"].startswith("Bearer")
    assert type(sara)("pv_wrong").get("companies").status == 401
    with workspace_scope(cast.arman.id):
        row = ApiToken.objects.get(token_hash=token_hash(sara.token))
        assert row.last_used_at is None
        sara.get("companies")
        row.refresh_from_db()
        noted = row.last_used_at
        sara.get("companies")
        row.refresh_from_db()
        assert row.last_used_at == noted is not None
        revoke_token(job_context(cast.arman), row.pk)
    assert sara.get("companies").status == 401


def test_an_expired_token_and_a_switched_off_user_stay_out(cast):
    from datetime import timedelta

    from peyvand.kernel import clock
    from peyvand.testing.programs import Program, program_of

    babak = program_of(cast.babak, cast.arman)
    assert babak.get("me").json["user"]["title"] == "Babak Naderi"
    ApiToken.objects.filter(token_hash=token_hash(babak.token)).update(
        expires_at=clock.now() - timedelta(seconds=1)
    )
    assert babak.get("me").status == 401
    mina: Program = program_of(cast.mina, cast.arman)
    with workspace_scope(cast.arman.id):
        type(cast.mina).objects.filter(id=cast.mina.id).update(is_active=False)
        access_changed(cast.arman.id)
    assert mina.get("me").status == 401


def test_hidden_fields_are_absent_and_cannot_be_asked_about(viewer, sara, cast):
    company = sara.post("companies", {"name": "Avand", "revenue": 5}).json
    with workspace_scope(cast.arman.id):
        Role.objects.filter(key="viewer").update(fields={"company.revenue": "hidden"})
        access_changed(cast.arman.id)
    assert "revenue" not in viewer.get(f"companies/{company['id']}").json
    assert "revenue" not in viewer.get("companies", fields="name,revenue").json["items"][0]
    assert viewer.get("companies", sort="revenue").status == 422
    assert viewer.get("companies", filter='{"field":"revenue","op":"gt","value":1}').status == 422
    assert viewer.get("people", filter='{"field":"company.revenue","op":"gt","value":1}').status == 422


def test_a_refusal_leaves_nothing(viewer, cast):
    assert viewer.post("companies", {"name": "x"}).status == 403
    with workspace_scope(cast.arman.id):
        assert AuditEntry.objects.filter(action="company.create").count() == 0


def test_an_instant_of_any_time_zone(sara):
    far = "2071-04-20T15:51:50-21:42"
    made = sara.post("meetings", {"title": "Far", "starts_at": far})
    assert (made.status, made.json["starts_at"]) == (201, "2071-04-21T13:33:50Z")
    one = made.json["id"]
    assert sara.patch(f"meetings/{one}", {"starts_at": far}).json["version"] == 1
    wanted = json.dumps({"field": "starts_at", "op": "before", "value": far.replace(":50-", ":51-")})
    assert [item["id"] for item in sara.get("meetings", filter=wanted).json["items"]] == [one]
    assert sara.get(f"meetings/{one}/timeline", after=f"{far}~1").status == 422
