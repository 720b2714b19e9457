"""Searching everything: found by words, texts and files, as far as one may see, and never by what is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from peyvand.kernel import clock
from peyvand.platform.files.actions import attach_file, remove_file
from peyvand.platform.files.reading import read_file
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.indexing import forget_words
from peyvand.platform.objects.policies import AboutRows
from peyvand.platform.objects.records import (
    create_record,
    create_records,
    delete_records,
    restore_records,
    update_record,
)
from peyvand.platform.objects.sharing import share_record
from peyvand.platform.objects.spec import all_objects, object_named
from peyvand.platform.search.everywhere import Narrowing, search
from peyvand.platform.search.find import candidates, find
from peyvand.platform.search.looking import SAMPLE
from peyvand.platform.search.marks import of_month
from peyvand.platform.search.models import SearchWord
from peyvand.platform.workspaces.scope import workspace_scope


def keys() -> list[str]:
    return [spec.key for spec in all_objects() if spec.in_search]


def found(actor, query, **narrowing):
    return [(f.object, f.id) for f in search(actor, query, keys(), Narrowing(**narrowing)).found]


@pytest.fixture
def sara(cast, acting):
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)


def make(ctx, key, **values):
    return create_record(ctx, object_named(key), values)


def test_a_note_is_found_by_any_word_of_its_text_in_any_writing(sara):
    note = make(sara, "note", text="جلسه‌ی اول\nدرباره‌ی كتاب‌هاي درسی و صورتحساب ۱۲۳/۴ با علی‌رضا")
    for query in ("کتاب", "كتابها درسي", "علیرضا", "علی رضا", "علی‌رضا", "123/4", "۱۲۳", "صورتح"):
        assert found(sara.actor, query) == [("note", note.id)], query
    assert found(sara.actor, "ریاضی") == []
    assert found(sara.actor, "کتاب ریاضی") == []


def test_long_fields_and_titles_are_found_and_titles_stand_first(sara):
    task = make(sara, "task", title="پیگیری", description="نمایشگاه کتاب تهران")
    company = make(sara, "company", name="نمایشگاه تهران")
    meeting = make(
        sara, "meeting", title="دیدار", starts_at="2026-01-01T10:00", outcome="قرار شد نمایشگاه برگزار شود"
    )
    hits = search(sara.actor, "نمایشگاه", keys()).found
    assert (hits[0].object, hits[0].id) == ("company", company.id)
    assert {(h.object, h.id, h.source) for h in hits[1:]} == {
        ("task", task.id, "description"),
        ("meeting", meeting.id, "outcome"),
    }


def test_the_index_follows_every_change_and_nothing_binned_is_found(sara):
    spec = object_named("note")
    note = make(sara, "note", text="ارغوان")
    update_record(sara, spec, note, {"text": "بنفشه"})
    assert found(sara.actor, "ارغوان") == []
    assert found(sara.actor, "بنفشه") == [("note", note.id)]
    delete_records(sara, spec, [note])
    assert found(sara.actor, "بنفشه") == []
    restore_records(sara, spec, [note])
    assert found(sara.actor, "بنفشه") == [("note", note.id)]


def test_a_mistyped_word_is_found_as_what_was_meant(sara):
    note = make(sara, "note", text="پیشنهاد بازرگانی برای اصفهان")
    results = search(sara.actor, "بازرگنی", keys())
    assert [(f.object, f.id) for f in results.found] == [("note", note.id)]
    assert results.meant == "بازرگانی"
    swapped = search(sara.actor, "اصفهان بازگرانی", keys())
    assert [(f.object, f.id) for f in swapped.found] == [("note", note.id)]


def test_no_suggestion_tells_of_what_one_may_not_see(cast, sara, acting):
    make(sara, "note", text="محرمانه‌ترین زعفران")
    assert search(sara.actor, "زعفرن", keys()).meant == "زعفران"
    babak = acting(cast.babak)
    results = search(babak.actor, "زعفرن", keys())
    assert (results.found, results.meant) == ([], "")
    # Nor where one finds something by another way.
    company = make(sara, "company", name="زعفرنی", owner=cast.babak.id)
    results = search(babak.actor, "زعفرن", keys())
    assert ([(f.object, f.id) for f in results.found], results.meant) == ([("company", company.id)], "")


def test_a_field_that_is_hidden_or_masked_finds_nothing(cast, sara, acting):
    company = make(sara, "company", name="زرین")
    deal = make(sara, "deal", name="فروش بزرگ", company=company.id)
    person = make(sara, "person", name="ندا کریمی", emails="neda@example.ir", phones="09121234567")
    note = make(sara, "note", text="ارغوان", about=f"person:{person.id}")
    role = Role.objects.create(
        key="guard", name="Guard", grants={"*.view": "all"},
        fields={"deal.company": "hidden", "person.emails": "masked", "person.phones": "hidden", "note.text": "hidden"},
    )  # fmt: skip
    User.objects.filter(id=cast.babak.id).update(role=role)
    access_changed(cast.arman.id)
    babak = acting(cast.babak).actor
    for query, hidden in (
        ("زرین", ("deal", deal.id)), ("neda@example.ir", ("person", person.id)), ("09121234567", ("person", person.id)),
        ("ارغوان", ("note", note.id)),
    ):  # fmt: skip
        assert hidden in found(sara.actor, query), query
        assert hidden not in found(babak, query), query
    assert found(babak, "بزرگ") == [("deal", deal.id)]
    assert found(babak, "کریمی") == [("person", person.id)]


def test_nobody_finds_another_workspace(cast, acting):
    with workspace_scope(cast.arman.id):
        make(acting(cast.sara), "note", text="شقایق")
    with workspace_scope(cast.rival.id):
        cyrus = acting(cast.cyrus)
        assert found(cyrus.actor, "شقایق") == []
        assert search(cyrus.actor, "شقایغ", keys()).meant == ""


def test_facets_count_and_narrow(cast, sara, acting):
    one = make(sara, "company", name="سرو آبی", tags=["مهم"])
    two = make(sara, "company", name="سرو سبز", owner=cast.babak.id)
    make(sara, "note", text="سرو بلند")
    results = search(sara.actor, "سرو", keys())
    assert results.facets.objects == {"company": 2, "note": 1}
    assert results.facets.owners == {cast.sara.id: 2, cast.babak.id: 1}
    assert results.facets.ages[7] == 3
    (tag,) = results.facets.tags
    assert found(sara.actor, "سرو", tag=tag) == [("company", one.id)]
    assert found(sara.actor, "سرو", owner=cast.babak.id) == [("company", two.id)]
    assert set(found(sara.actor, "سرو", object="company", days=7)) == {
        ("company", one.id),
        ("company", two.id),
    }


def test_files_are_found_by_their_text_while_they_hang_there(sara, settings, tmp_path, cast):
    settings.MEDIA_ROOT = tmp_path
    company = make(sara, "company", name="کاج")
    file = attach_file(sara, "company", company, "قرارداد.txt", ["متن قرارداد اجاره‌ی نیلوفر".encode()])
    assert found(sara.actor, "نیلوفر") == []
    read_file(cast.arman, file.id)
    hit = search(sara.actor, "نیلوفر", keys()).found[0]
    assert (hit.object, hit.id, hit.source, hit.source_id) == ("company", company.id, "file", file.id)
    remove_file(sara, company, file)
    assert found(sara.actor, "نیلوفر") == []


def test_words_of_a_whole_set_that_is_gone_are_forgotten_at_night(cast, acting):
    letters = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمن"
    text = " ".join(f"واژه{a}{b}" for a in letters for b in letters[:10])
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        notes = [make(ctx, "note", text=text), make(ctx, "note", text="ارغوان")]
        delete_records(ctx, object_named("note"), notes[1:])
        assert not SearchWord.objects.filter(word="ارغوان").exists()
        delete_records(ctx, object_named("note"), notes[:1])
        assert SearchWord.objects.filter(word__startswith="واژه").count() == 290
    forget_words(cast.arman)
    with workspace_scope(cast.arman.id):
        assert not SearchWord.objects.filter(word__startswith="واژه").exists()


def test_that_others_have_many_of_it_is_told_to_nobody(cast, acting):
    with workspace_scope(cast.arman.id):
        create_records(acting(cast.sara), object_named("note"), [{"text": f"ارغوان {n}"} for n in range(310)])
        theirs = search(acting(cast.sara).actor, "ارغوان", keys())
        assert theirs.found
        assert theirs.is_capped
        none = search(acting(cast.babak).actor, "ارغوان", keys())
        assert (none.found, none.is_capped) == ([], False)


@pytest.fixture(params=["enable_indexscan", "enable_sort"])
def either_way(request, sara):
    """PostgreSQL reads what has the terms month by month, or walks back in time: what is found is the same."""
    with connection.cursor() as cursor:
        cursor.execute(f"set local {request.param} = off")


def made_months_ago(note, months):
    """As if the note had been made so many months ago, for the index."""
    moment = clock.now() - timedelta(days=31 * months)
    with connection.cursor() as cursor:
        cursor.execute(
            "update search_text set made_at = %s, terms = ts_delete(terms, %s) || array_to_tsvector(array[%s]) "
            "where object = 'note' and object_id = %s",
            [moment, of_month(note.created_at), of_month(moment), note.id],
        )


def test_what_is_rare_is_found_however_old_it_is(sara, either_way):
    notes = {months: make(sara, "note", text=f"ارغوان {months}") for months in (0, 1, 2, 7, 30, 90)}
    for months, note in notes.items():
        made_months_ago(note, months)
    results = search(sara.actor, "ارغوان", keys())
    assert [one.id for one in results.found] == [note.id for note in notes.values()]
    assert not results.is_capped
    assert [one[1] for one in found(sara.actor, "ارغوان", days=40)] == [notes[0].id, notes[1].id]


def test_ones_own_old_note_is_found_behind_the_new_ones_of_others(cast, sara, acting, either_way):
    own = make(acting(cast.babak), "note", text="ارغوان")
    made_months_ago(own, 5)
    create_records(sara, object_named("note"), [{"text": f"ارغوان {n}"} for n in range(40)])
    assert found(acting(cast.babak).actor, "ارغوان") == [("note", own.id)]


def asked_for(actor, said):
    """Ids of notes that a search asks the notes themselves for, whether the actor may see them."""
    owners = [actor.user_id]
    asked: set[int] = set()

    def catch(execute, sql, params, many, context):
        if sql.startswith('SELECT "note"."id" AS "id" FROM') and params:
            asked.update(
                id for given in params if isinstance(given, list) and given != owners for id in given
            )
        return execute(sql, params, many, context)

    with connection.execute_wrapper(catch):
        said()
    return asked


def test_what_its_owner_decides_is_not_asked_of_the_records(cast, sara, acting, either_way):
    theirs = create_records(sara, object_named("note"), [{"text": f"ارغوان {n}"} for n in range(3)])
    own = create_records(
        acting(cast.babak), object_named("note"), [{"text": "ارغوان"}, {"text": "ارغوان سپید"}]
    )
    babak, results = acting(cast.babak).actor, list[tuple[str, int]]()
    asked = asked_for(babak, lambda: results.extend(found(babak, "ارغوان")))
    assert set(results) == {("note", note.id) for note in own}
    assert {note.id for note in theirs} <= asked
    assert not asked & {note.id for note in own}


def test_a_colleagues_note_on_ones_own_record_is_found_among_many_of_ones_own(cast, sara, acting, either_way):
    babak = acting(cast.babak)
    company = make(babak, "company", name="کاج")
    mine = create_records(babak, object_named("note"), [{"text": f"ارغوان {n}"} for n in range(130)])
    told = make(sara, "note", text="ارغوان سرخ", about=f"company:{company.id}")
    create_records(sara, object_named("note"), [{"text": f"ارغوان {n}"} for n in range(5)])
    results = found(babak.actor, "ارغوان")
    assert ("note", told.id) in results
    assert set(results) <= {("note", note.id) for note in [*mine, told]}


def test_a_list_looks_only_at_the_texts_of_those_whose_records_one_may_see(cast, sara, acting):
    theirs = make(sara, "person", name="رستم کاویان")
    own = make(acting(cast.babak), "person", name="رستم بهاری")
    babak = acting(cast.babak).actor

    def ids(actor):
        return {row["object_id"] for row in candidates(actor, "person", "رستم")}

    assert ids(babak) == {own.id}
    assert ids(sara.actor) == {own.id, theirs.id}
    share_record(sara, object_named("person"), theirs, user=cast.babak)
    assert theirs.id in ids(acting(cast.babak).actor)


def test_a_policy_says_itself_whether_owners_may_see_their_rows_for_certain():
    """What inherits from one that does may narrow it, as messages do; then search must ask each record."""
    inheriting = [policy for policy in AboutRows.__subclasses__() if "rows" in vars(policy)]
    assert inheriting
    assert all("opens_to_owners" in vars(policy) for policy in inheriting)
    assert not any(policy.opens_to_owners for policy in inheriting)


def test_more_is_said_to_be_there_only_if_it_is(sara, either_way):
    new = create_records(sara, object_named("note"), [{"text": f"ارغوان {n}"} for n in range(110)])
    results = search(sara.actor, "ارغوان", keys())
    assert (len(results.found), results.is_capped) == (110, False)
    old = make(sara, "note", text="ارغوان")
    made_months_ago(old, 5)
    results = search(sara.actor, "ارغوان", keys())
    assert {note.id for note in new} <= {one.id for one in results.found}
    assert results.is_capped or old.id in {one.id for one in results.found}


def test_a_part_of_a_word_finds_names_in_any_writing(sara):
    names = ("سارا رستمی", "علی رستمی‌نژاد", "رستم کاویان", "مینا کریمی")
    people = [make(sara, "person", name=name).id for name in names]
    assert {hit.id for hit in find(sara.actor, "ستم", ["person"])} == set(people[:3])
    assert {hit.id for hit in find(sara.actor, "رستمی", ["person"], limit=2)} == set(people[:2])
    assert [hit.id for hit in find(sara.actor, "رستمینژ", ["person"])] == [people[1]]
    assert find(sara.actor, "قققغغغ", ["person"]) == []


def test_a_word_that_hardly_any_text_has_is_not_looked_for_by_reading_all_of_them(sara):
    for n in range(5):
        make(sara, "note", text=f"نشست {n}")
    walked: list[str] = []

    def explain(execute, sql, params, many, context):
        if " from search_" in sql and "order by made_at" in sql and not sql.startswith("explain"):
            # As PostgreSQL has it where it takes the word for a frequent one.
            execute("set local enable_sort = off", None, False, context)
            execute("set local enable_bitmapscan = off", None, False, context)
            execute(f"explain (costs off) {sql}", params, many, context)
            plan = "\n".join(line for (line,) in context["cursor"].fetchall())
            if "Backward" in plan and f"limit {SAMPLE}" not in sql:
                walked.append(plan)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        assert found(sara.actor, "زعفران") == []
        assert len(found(sara.actor, "نشست")) == 5
    assert not walked
