"""Creating, editing, deleting and restoring through the browser's requests."""

from __future__ import annotations

import pytest
from tests.web.pages.sending import form_of

from peyvand.operational.contacts.objects import COMPANY, PERSON
from peyvand.platform.events.models import EventRow
from peyvand.platform.objects.queries import fetch_row
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.workspaces.scope import workspace_scope

HTMX = {"HX-Request": "true"}


def test_a_person_with_phones_is_created_and_shown(cast, acting, visiting):
    sara = visiting(cast.sara, "fa")
    form = sara.get("/w/arman/people/new", headers=HTMX)
    assert form.status_code == 200
    assert 'name="phones-count"' in form.content.decode()
    assert f'value="{cast.sara.id}" data-label="Sara Moini"' in form.content.decode()

    answer = sara.post("/w/arman/people/new", {
        "given_name": "نگار", "family_name": "رستگار", "job_title": "مدیر خرید", "birthday": "1364/10/14",
        "phones-count": "2", "phones-0-value": "۰۹۱۲ ۴۳۸ ۲۲۱۷", "phones-0-label": "mobile", "phones-0-consent": "granted",
        "phones-1-value": "031 3628 1400", "phones-1-label": "work", "phones-primary": "1",
        "tags": ["", "عمده‌فروشی", "وفادار"], "owner": str(cast.sara.id),
    })  # fmt: skip
    assert answer.status_code == 302
    page = sara.get(answer["Location"]).content.decode()
    for text in ("نگار رستگار", "۰۹۱۲ ۴۳۸ ۲۲۱۷", "۱۴ دی ۱۳۶۴", "عمده‌فروشی", "مدیر خرید"):
        assert text in page
    with workspace_scope(cast.arman.id):
        row = fetch_row(PERSON, acting(cast.sara).actor, int(answer["Location"].split("/")[-2]))
        assert [(p["value"], p["label"], p["primary"], p["consent"]) for p in row.values["phones"]] == [
            ("+989124382217", "mobile", False, "granted"), ("+983136281400", "work", True, "unknown"),
        ]  # fmt: skip
        assert row.values["phone"] == "+983136281400"


def test_problems_stand_at_their_fields_and_nothing_typed_is_lost(cast, visiting):
    answer = visiting(cast.sara).post("/w/arman/people/new", {
        "family_name": "Karimi", "national_id": "1234567890", "phones-count": "2", "phones-0-value": "0912 438 2217",
        "phones-1-value": "12", "phones-1-label": "home", "birthday": "not a day", "about": "kept",
    }, headers=HTMX)  # fmt: skip
    html = answer.content.decode()
    assert answer.status_code == 422
    for kept in (
        'value="Karimi"',
        'value="1234567890"',
        'value="0912 438 2217"',
        'name="phones-1-value" value="12"',
        'value="not a day"',
        ">\nkept</textarea>",
    ):
        assert kept in html, kept
    assert html.count('class="err"') == 3
    assert 'id="f-national_id-e"' in html
    assert 'aria-describedby="f-national_id-e"' in html
    with workspace_scope(cast.arman.id):
        assert PERSON.model.objects.count() == 0


def saved_over(cast, acting, sara, mine, **theirs):
    """A person of Mina's whose form Sara opens; Mina's changes are saved first. The address, and the answer to Sara."""
    with workspace_scope(cast.arman.id):
        person = create_record(
            acting(cast.mina), PERSON, {"name": "Neda Karimi", "city": "Yazd", "tags": ["old"]}
        )
    url = f"/w/arman/people/{person.id}/edit"
    form = form_of(sara.get(url))
    with workspace_scope(cast.arman.id):
        update_record(acting(cast.mina), PERSON, PERSON.model.objects.get(id=person.id), theirs)
    return url, sara.post(url, form | mine)


def values_of(cast, acting, url, *keys):
    with workspace_scope(cast.arman.id):
        row = fetch_row(PERSON, acting(cast.sara).actor, int(url.split("/")[-2]))
    return tuple(row.values[key] for key in keys)


def test_a_form_saves_only_what_was_changed_in_it(cast, acting, visiting):
    sara = visiting(cast.sara)
    url, answer = saved_over(cast, acting, sara, {"job_title": "Buyer"}, city="Shiraz")
    assert answer.status_code == 302, "two people changed two fields: there is nothing to ask"
    assert values_of(cast, acting, url, "city", "job_title") == ("Shiraz", "Buyer")


def test_a_form_asks_where_a_colleague_changed_the_same_field(cast, acting, visiting):
    sara = visiting(cast.sara)
    url, refused = saved_over(cast, acting, sara, {"city": "Tabriz"}, city="Shiraz", job_title="Buyer")
    html = refused.content.decode()
    assert refused.status_code == 422
    assert html.count('class="asking"') == 1, "what nobody else changed is not asked about"
    assert "changed this" in html
    assert "<bdi>Shiraz</bdi>" in html
    assert 'name="choice-city" value="mine" autofocus' in html
    assert html.count(" autofocus") == 1
    form = form_of(refused)
    assert (form["city"], form["job_title"]) == ("Tabriz", "Buyer"), "mine is kept, theirs stands"
    assert sara.post(url, form).status_code == 422, "saving again does not decide"
    assert values_of(cast, acting, url, "city", "job_title") == ("Shiraz", "Buyer")
    assert sara.post(url, form | {"choice-city": "mine"}).status_code == 302
    assert values_of(cast, acting, url, "city", "job_title") == ("Tabriz", "Buyer")


def test_theirs_may_stay_and_lists_may_be_joined(cast, acting, visiting):
    sara = visiting(cast.sara)
    mine = {"city": "Tabriz", "tags": ["", "old", "mine"], "about": "Kept"}
    url, refused = saved_over(cast, acting, sara, mine, city="Shiraz", tags=["old", "theirs"])
    form = form_of(refused)
    answer = sara.post(url, form | {"choice-city": "theirs", "choice-tags": "both"})
    assert answer.status_code == 302
    city, about, tags = values_of(cast, acting, url, "city", "about", "tags")
    assert (city, about) == ("Shiraz", "Kept")
    assert {tag["name"] for tag in tags} == {"old", "mine", "theirs"}


def test_a_choice_holds_only_against_the_value_that_was_shown(cast, acting, visiting):
    sara = visiting(cast.sara)
    url, refused = saved_over(cast, acting, sara, {"city": "Tabriz"}, city="Shiraz")
    with workspace_scope(cast.arman.id):
        person = PERSON.model.objects.get(id=int(url.split("/")[-2]))
        update_record(acting(cast.mina), PERSON, person, {"city": "Qom"})
    again = sara.post(url, form_of(refused) | {"choice-city": "mine"})
    assert again.status_code == 422
    assert "<bdi>Qom</bdi>" in again.content.decode()


def test_who_may_not_change_a_record_gets_no_form_of_it(cast, acting, visiting):
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.sara), PERSON, {"name": "Neda Karimi"})
    assert (
        visiting(cast.mina).post(f"/w/arman/people/{person.id}/edit", {"city": "Shiraz"}).status_code == 403
    )


def test_one_field_is_edited_in_its_place(cast, acting, visiting):
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.sara), PERSON, {"name": "Neda Karimi", "city": "Yazd"})
    sara, url = visiting(cast.sara), f"/w/arman/people/{person.id}/field"
    editor = sara.get(f"{url}/city").content.decode()
    assert 'value="Yazd"' in editor
    assert 'name="was" value="&quot;Yazd&quot;"' in editor
    saved = sara.post(f"{url}/city", {"was": '"Yazd"', "city": "<b>Kish</b>"})
    assert saved.status_code == 200
    assert "&lt;b&gt;Kish&lt;/b&gt;" in saved.content.decode()
    stale = sara.post(f"{url}/city", {"was": '"Yazd"', "city": "Qom"})
    assert stale.status_code == 422
    assert 'value="Qom"' in stale.content.decode()
    assert 'class="clash"' in stale.content.decode()
    wrong = sara.post(f"{url}/national_id", {"national_id": "111"})
    assert wrong.status_code == 422
    assert 'value="111"' in wrong.content.decode()
    assert visiting(cast.viewer).get(f"{url}/city").status_code == 403
    assert sara.get(f"{url}/created_at").status_code == 403
    assert sara.get(f"{url}/nosuch").status_code == 404


def test_deleting_rests_in_the_bin_until_restored(cast, acting, visiting):
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.sara), PERSON, {"name": "Neda Karimi"})
    sara, url = visiting(cast.sara), f"/w/arman/people/{person.id}/"
    answer = sara.post(f"{url}delete", headers=HTMX | {"HX-Current-URL": f"http://testserver{url}"})
    assert f'"undo": "{url}restore"' in answer["HX-Trigger"]
    assert "page-changed" in answer["HX-Trigger"]
    assert f'action="{url}restore"' in sara.get(url).content.decode()
    assert sara.get(f"{url}edit").status_code == 403
    assert sara.post(f"{url}delete").status_code == 404
    assert sara.post(f"{url}restore").status_code == 302
    assert f'action="{url}delete"' in sara.get(url).content.decode()
    with workspace_scope(cast.arman.id):
        wires = list(EventRow.objects.filter(object="person").order_by("id").values_list("wire", flat=True))
        assert wires == [f"objects.record_{verb}.v1" for verb in ("created", "deleted", "restored")]


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "/sign-out", "javascript:alert(1)", "/w/\\evil"]
)
def test_next_leads_only_into_a_workspace(cast, visiting, where):
    answer = visiting(cast.sara).post(f"/w/arman/people/new?next={where}", {"family_name": "Karimi"})
    assert answer["Location"].startswith("/w/arman/people/")


def test_the_address_fills_in_the_form(cast, acting, visiting):
    with workspace_scope(cast.arman.id):
        company = create_record(acting(cast.sara), COMPANY, {"name": "Avand"})
    html = visiting(cast.sara).get(f"/w/arman/people/new?company={company.id}&city=Qom").content.decode()
    assert f'value="{company.id}" data-label="Avand"' in html
    assert 'value="Qom"' in html
