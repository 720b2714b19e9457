"""What a program may ask of a read: linked records in full, a count, and only what changed."""

from __future__ import annotations

import pytest

from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of


def test_links_are_expanded_in_lists_and_reads(sara):
    company = sara.post("companies", {"name": "Avand", "city": "تهران"}).json
    person = sara.post("people", {"name": "Neda", "company": company["id"]}).json
    loner = sara.post("people", {"name": "Omid"}).json
    items = sara.get("people", expand="company,owner", sort="id").json["items"]
    assert [i["id"] for i in items] == [person["id"], loner["id"]]
    assert items[0]["company"]["city"] == "تهران"
    assert items[0]["company"]["version"] == 1
    assert items[0]["owner"]["email"] == "sara@arman.example"
    assert items[1]["company"] is None
    read = sara.get(f"people/{person['id']}", fields="name", expand="company").json
    assert set(read) == {"id", "version", "title", "name", "company"}
    assert read["company"]["name"] == "Avand"
    task = sara.post("tasks", {"title": "Call", "about": f"company:{company['id']}"}).json
    about = sara.get(f"tasks/{task['id']}", expand="about").json["about"]
    assert (about["object"], about["city"]) == ("company", "تهران")


def test_an_expanded_link_costs_one_query_however_many_rows(sara, django_assert_num_queries):
    for n in range(30):
        company = sara.post("companies", {"name": f"Company {n}"}).json
        sara.post("people", {"name": f"Person {n}", "company": company["id"]})
    for _ in range(2):
        sara.get("people", limit=5, expand="company")
    with django_assert_num_queries(5):  # the transaction's two, the token, the page, the companies
        few = sara.get("people", limit=5, expand="company").json["items"]
    sara.get("people", limit=30, expand="company")
    with django_assert_num_queries(5):
        many = sara.get("people", limit=30, expand="company").json["items"]
    assert len({i["company"]["name"] for i in few}) == 5
    assert len({i["company"]["name"] for i in many}) == 30


def test_what_may_not_be_seen_is_not_expanded(sara, cast):
    theirs = sara.post("companies", {"name": "Secret", "city": "قم", "revenue": 7}).json
    babak = program_of(cast.babak, cast.arman)
    person = sara.post("people", {"name": "Neda", "company": theirs["id"], "owner": cast.babak.id}).json
    link = babak.get(f"people/{person['id']}", expand="company").json["company"]
    assert set(link) == {"id", "title"}
    with workspace_scope(cast.arman.id):
        Role.objects.filter(key="viewer").update(
            fields={"company.revenue": "hidden", "person.owner": "hidden"}
        )
        access_changed(cast.arman.id)
    viewer = program_of(cast.viewer, cast.arman)
    seen = viewer.get(f"people/{person['id']}", expand="company,owner").json
    assert seen["company"]["city"] == "قم"
    assert "revenue" not in seen["company"]
    assert "owner" not in seen


@pytest.mark.parametrize("names", ["city", "nosuch", "company,phones"])
def test_only_links_can_be_expanded(sara, names):
    refused = sara.get("people", expand=names)
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "expand")


def test_a_list_is_counted_only_when_asked(sara, cast):
    for n in range(7):
        sara.post("people", {"name": f"Person {n}", "city": "قم" if n < 3 else "ری"})
    assert "count" not in sara.get("people", limit=2).json
    assert "count" not in sara.get("people", limit=2, count="none").json
    assert sara.get("people", limit=2, count="exact").json["count"] == 7
    counted = sara.get("people", count="exact", filter='{"field":"city","op":"is","value":"قم"}').json
    assert counted["count"] == 3
    assert program_of(cast.babak, cast.arman).get("people", count="exact").json["count"] == 0
    assert sara.get("people", count="yes").status == 422


def test_what_is_known_already_is_not_sent_again(sara):
    company = sara.post("companies", {"name": "Avand"}).json
    person = sara.post("people", {"name": "Neda", "company": company["id"]}).json
    at = f"people/{person['id']}"
    tag = sara.get(at).headers["ETag"]
    known = sara.send("GET", at, headers={"If_None_Match": tag})
    assert (known.status, known.json, known.headers["ETag"]) == (304, None, tag)
    assert sara.send("GET", at, headers={"If_None_Match": f'"0-00", W/{tag}'}).status == 304
    # The linked record's title is shown here too: its change makes this another answer of the same version.
    sara.patch(f"companies/{company['id']}", {"name": "Barsam"})
    again = sara.send("GET", at, headers={"If_None_Match": tag})
    assert (again.status, again.json["company"]["title"], again.json["version"]) == (200, "Barsam", 1)
    assert sara.patch(at, {"city": "ری"}, If_Match=tag).status == 200
    assert sara.patch(at, {"city": "قم"}, If_Match=tag).status == 412
    assert sara.patch(at, {"city": "قم"}, If_Match='"2"').status == 200
