"""The timeline of a record: what stands on it, for whom, and what it costs."""

from __future__ import annotations

import json
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from peyvand.kernel import clock
from peyvand.operational.contacts.objects import COMPANY, PERSON
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.objects.pages.timeline import fetch_timeline


def test_changes_are_shown_with_labels_values_and_linked_names(cast, acting, visiting):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        avand, kish = (create_record(ctx, COMPANY, {"name": name}) for name in ("Avand", "Kish"))
        person = create_record(
            ctx, PERSON, {"name": "Neda Karimi", "company": avand.id, "birthday": "1986-01-04"}
        )
        update_record(
            ctx,
            PERSON,
            person,
            {"company": kish.id, "birthday": "1986-01-05", "source": "referral", "tags": ["loyal"]},
        )
    html = visiting(cast.sara).get(f"/w/arman/people/{person.id}/timeline").content.decode()
    for text in (
        "Avand</a></del>",
        "Kish</a></ins>",
        "<ins>Referral</ins>",
        "4 January 1986",
        "5 January 1986",
        ">loyal</span></ins>",
    ):
        assert text in html, text


def test_activities_stand_with_their_present_content(cast, acting, visiting, still):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        person = create_record(ctx, PERSON, {"name": "Neda Karimi"})
        about = f"person:{person.id}"
        note = create_record(
            ctx,
            object_named("note"),
            {"text": f"Ask @[Sara Moini](user:{cast.sara.id}) <i>soon</i>", "about": about},
        )
        create_record(
            ctx,
            object_named("call"),
            {
                "about": about,
                "started_at": clock.now() - timedelta(days=2),
                "duration": 378,
                "notes": "liked it",
            },
        )
        update_record(
            ctx, object_named("note"), note, {"text": f"Told @[Sara Moini](user:{cast.sara.id}) <i>today</i>"}
        )
    sara = visiting(cast.sara)
    html = sara.get(f"/w/arman/people/{person.id}/timeline").content.decode()
    assert "Told <b>@Sara Moini</b> &lt;i&gt;today&lt;/i&gt;" in html
    assert "liked it" in html
    assert "6 min 18 s" in html
    assert html.count('class="day"') == 2
    only_calls = sara.get(f"/w/arman/people/{person.id}/timeline?kind=call").content.decode()
    assert "liked it" in only_calls
    assert "Told" not in only_calls


def test_what_an_actor_may_not_see_is_not_on_it(cast, acting, visiting):
    with workspace_scope(cast.arman.id):
        company = create_record(acting(cast.sara), COMPANY, {"name": "Avand", "owner": cast.babak.id})
        create_record(acting(cast.sara), PERSON, {"name": "Saras Secret", "company": company.id})
        create_record(
            acting(cast.sara), PERSON, {"name": "Babaks Own", "company": company.id, "owner": cast.babak.id}
        )
        update_record(acting(cast.sara), COMPANY, company, {"revenue": 5_000_000, "city": "Yazd"})
        Role.objects.filter(key="member").update(fields={"company.revenue": "hidden"})
        access_changed(cast.arman.id)
    url = f"/w/arman/companies/{company.id}/"
    seen = visiting(cast.babak).get(url).content.decode()
    assert "Babaks Own" in seen
    assert "Saras Secret" not in seen
    assert "Yazd" in seen
    assert "Annual revenue" not in seen
    assert "Saras Secret" in visiting(cast.sara).get(url).content.decode()
    assert visiting(cast.cyrus).get(url).status_code == 404


def test_names_and_texts_of_another_script_stand_by_themselves(cast, acting, visiting):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        company = create_record(ctx, COMPANY, {"name": "Peterson & Sons."})
        person = create_record(ctx, PERSON, {"name": "Henrik Farouk", "company": company.id})
        about = f"person:{person.id}"
        create_record(ctx, object_named("note"), {"text": "Your order was shipped today.", "about": about})
    sara = visiting(cast.sara, "fa")
    html = sara.get(f"/w/arman/people/{person.id}/timeline").content.decode()
    assert "<b><bdi>Sara Moini</bdi></b>" in html
    assert "«\u2068Henrik Farouk\u2069» را ایجاد کرد" in html
    assert '<div class="x" dir="auto">Your order was shipped today.</div>' in html
    assert (
        '<a dir="auto" class="link" href="/w/arman/companies/'
        in sara.get(f"/w/arman/people/{person.id}/").content.decode()
    )
    history = sara.get(f"/w/arman/people/{person.id}/history").content.decode()
    assert "<b><bdi>Sara Moini</bdi></b>" in history
    binned = sara.post(f"/w/arman/people/{person.id}/delete", headers={"HX-Request": "true"})
    assert "\u2068Henrik Farouk\u2069" in json.loads(binned["HX-Trigger"])["toast"]["text"]


def test_it_pages_by_key_without_gaps_or_repeats(cast, acting):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        person = create_record(ctx, PERSON, {"name": "Neda Karimi"})
        for n in range(12):
            update_record(ctx, PERSON, person, {"city": f"City {n}"})
        ids, after = [], ""
        while True:
            page = fetch_timeline(ctx, PERSON, person.id, after=after, limit=5)
            ids += [e.id for e in page.entries]
            after = page.next
            if not after:
                break
        assert len(ids) == 13
        assert ids == sorted(set(ids), reverse=True)


def test_a_page_costs_the_same_for_any_length(cast, acting, visiting):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        company = create_record(ctx, COMPANY, {"name": "Avand"})
        person = create_record(
            ctx,
            PERSON,
            {"name": "Neda Karimi", "company": company.id, "phones": "0912 438 2217", "tags": "a"},
        )

        def happen(n: int) -> None:
            about = f"person:{person.id}"
            create_record(ctx, object_named("note"), {"text": f"Note {n}", "about": about})
            create_record(ctx, object_named("task"), {"title": f"Task {n}", "about": about})
            create_record(ctx, object_named("deal"), {"name": f"Deal {n}", "person": person.id, "amount": n})
            other = create_record(ctx, COMPANY, {"name": f"Company {n}"})
            update_record(ctx, PERSON, person, {"company": other.id})

        happen(0)
    sara, url = visiting(cast.sara), f"/w/arman/people/{person.id}/"
    sara.get(url)
    with CaptureQueriesContext(connection) as first:
        sara.get(url)
    with workspace_scope(cast.arman.id):
        for n in range(1, 6):
            happen(n)
    with CaptureQueriesContext(connection) as later:
        sara.get(url)
    # One more at most: a related list that no longer fits is counted.
    assert len(later) <= len(first) + 1
    assert len(later) <= 34, len(later)


def test_what_is_written_in_the_composer_stands_on_top(cast, acting, visiting):
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.sara), PERSON, {"name": "Neda Karimi"})
    sara, url = visiting(cast.sara), f"/w/arman/people/{person.id}/compose"
    answer = sara.post(
        f"{url}/notes",
        {"text": "Call @Mina Sadeghi first", "mentions": str(cast.mina.id)},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert "Call <b>@Mina Sadeghi</b> first" in answer.content.decode()
    with workspace_scope(cast.arman.id):
        note = object_named("note").model.objects.get()
        assert note.text == f"Call @[Mina Sadeghi](user:{cast.mina.id}) first"
        assert (note.about_object, note.about_id) == ("person", person.id)
    kept = sara.post(
        f"{url}/tasks",
        {"title": "", "description": "typed <text>", "due_at": "never"},
        headers={"HX-Request": "true"},
    )
    assert kept.status_code == 422
    assert kept["HX-Retarget"] == "#c-task form"
    html = kept.content.decode()
    assert "typed &lt;text&gt;</textarea>" in html
    assert 'value="never"' in html
    assert html.count('class="err') == 2
    assert visiting(cast.viewer).post(f"{url}/notes", {"text": "x"}).status_code == 403


def test_a_call_made_long_ago_and_logged_now_is_one_line(cast, acting):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        person = create_record(ctx, PERSON, {"name": "Neda Karimi"})
        about = f"person:{person.id}"
        for title in ("a", "b", "c"):
            create_record(ctx, object_named("note"), {"text": title, "about": about})
        create_record(
            ctx, object_named("call"), {"about": about, "started_at": clock.now() - timedelta(days=30)}
        )
        create_record(ctx, object_named("meeting"), {
            "about": about, "title": "Talked", "starts_at": clock.now() - timedelta(days=9), "status": "held",
        })  # fmt: skip
        spec = object_named("person")
        # A page ends between the moment of the entry and that of the call itself.
        first = fetch_timeline(ctx, spec, person.id, limit=4)
        rest = fetch_timeline(ctx, spec, person.id, after=first.next)
        lines = [entry.spec.key for entry in [*first.entries, *rest.entries]]
    assert sorted(lines) == ["call", "meeting", "note", "note", "note", "person"]


def test_a_timeline_says_of_what_kind_that_is_which_was_made(cast, acting, browse):
    """A deal and its quote often have one name: of each it is said what it is."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        person = create_record(ctx, PERSON, {"name": "نگین سعیدی"})
        deal = create_record(ctx, object_named("deal"), {"name": "طراحی نقش", "person": person.id})
        quote = create_record(ctx, object_named("quote"), {"name": "طراحی نقش", "deal": deal.id})
        delete_records(ctx, object_named("quote"), [quote])
    html = browse(cast.sara).get(f"/w/arman/people/{person.id}/timeline").content.decode()
    for words in ("معاملهٔ «طراحی نقش» را ایجاد کرد", "پیش‌فاکتور «طراحی نقش» را ایجاد کرد", "شخص «نگین سعیدی» را ایجاد کرد",
                  "پیش‌فاکتور «طراحی نقش» را به سطل برد"):  # fmt: skip
        assert words in html, words
