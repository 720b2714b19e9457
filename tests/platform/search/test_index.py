"""What the search knows of records: the same whether they are written one by one or in a set."""

from __future__ import annotations

from peyvand.platform.search import index
from peyvand.platform.search.models import SearchEntry
from peyvand.platform.workspaces.scope import workspace_scope


def documents(count):
    return [
        index.Document(n, f"علی‌رضا رستمی {n}", "", ("شرکت‌های كتاب", f"a.{n}@example.ir", "+989121234567 09121234567"), None)
        for n in range(1, count + 1)
    ]  # fmt: skip


def entry(id):
    return SearchEntry.objects.values_list("lead", "text", "terms").get(object="person", object_id=id)


def test_a_set_is_kept_as_each_of_its_records_alone(cast):
    some = documents(40)
    with workspace_scope(cast.arman.id):
        index.put("person", some)
        together = [entry(d.object_id) for d in some]
        index.remove("person", [d.object_id for d in some])
        for document in some:
            index.put("person", [document])
        assert [entry(d.object_id) for d in some] == together


def test_a_text_is_kept_by_its_folded_words_and_their_terms(cast):
    with workspace_scope(cast.arman.id):
        index.put("person", documents(1))
        lead, text, terms = entry(1)
    assert lead == "علی رضا رستمی 1"
    assert text == (
        "علی رضا رستمی 1 علیرضارستمی1 شرکت های کتاب شرکتهایکتاب a.1@example.ir +989121234567 09121234567"
    )
    assert {term.strip("'") for term in terms.split()} == {
        "علی", "رضا", "علیرضا", "رستمی", "1", "شرکت", "کتاب", "a", "example", "ir", "a.1@example.ir",
        "989121234567", "09121234567", "@k:person",
    }  # fmt: skip
