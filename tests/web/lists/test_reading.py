"""Lists as they are read: filters, order and columns in the address, pages by key, figures, access, cost."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.web.lists.filling import make, people

HOME = "/w/arman/people/"


def at(**query: Any) -> str:
    return f"{HOME}?{urlencode({k: json.dumps(v) if isinstance(v, dict) else v for k, v in query.items()})}"


def ids_in(response: Any) -> list[int]:
    return [int(i) for i in re.findall(r'<tr data-id="(\d+)"', response.content.decode())]


def next_in(response: Any) -> str:
    found = re.search(r'class="whole"[^>]*hx-get="([^"]+)"', response.content.decode())
    return found[1].replace("&amp;", "&") if found else ""


def test_filter_in_the_address(cast: Any, browse: Any) -> None:
    tehran, yazd = make(
        cast.sara, "person", {"given_name": "Ali", "city": "Tehran"}, {"given_name": "Mina", "city": "Yazd"}
    )
    page = browse(cast.sara).get(at(filter={"field": "city", "op": "is", "value": "Yazd"}))
    assert ids_in(page) == [yazd]
    assert "Yazd</b>" in page.content.decode()
    assert tehran not in ids_in(page)


def test_linked_fields_filter_too(cast: Any, browse: Any) -> None:
    near, far = make(cast.sara, "company", {"name": "Near", "city": "Qom"}, {"name": "Far", "city": "Ahvaz"})
    wanted, _ = make(
        cast.sara, "person", {"given_name": "Ali", "company": near}, {"given_name": "Mina", "company": far}
    )
    client = browse(cast.sara)
    assert ids_in(client.get(at(filter={"field": "company.city", "op": "is", "value": "Qom"}))) == [wanted]
    page = client.get(at(filter={"field": "company", "op": "is", "value": str(near)}))
    assert ids_in(page) == [wanted]
    assert "Near</b>" in page.content.decode(), "a chip names the record, not its id"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"field":"nope","op":"is","value":"x"}', "field"),
        (
            '{"and":[{"field":"city","op":"is","value":"x"},{"field":"city","op":"gt","value":"x"}]}',
            "and[1].op",
        ),
        ("{not json", ""),
        ('{"field":"created_at","op":"before","value":"yesterday-ish"}', "value"),
    ],
)
def test_a_wrong_filter_says_where_and_is_kept(cast: Any, browse: Any, text: str, place: str) -> None:
    people(cast.sara, 3)
    page = browse(cast.sara).get(at(filter=text))
    body = page.content.decode()
    assert page.status_code == 422
    assert ids_in(page) == [], "a wrong filter must not show everything"
    assert f'<code class="ltr">{place}</code>' in body if place else "JSON" in body
    assert (
        urlencode({"filter": text}).replace("&", "&amp;") in body
        or urlencode({"filter": json.dumps(json.loads(text), separators=(",", ":"))}) in body
    )


def test_hidden_fields_cannot_be_asked_about(cast: Any, browse: Any) -> None:
    from peyvand.platform.identity.actor import access_changed
    from peyvand.platform.identity.models import Role
    from peyvand.platform.workspaces.scope import workspace_scope

    people(cast.sara, 2, about="secret")
    with workspace_scope(cast.arman.id):
        Role.objects.filter(key="viewer").update(fields={"person.city": "hidden"})
        access_changed(cast.arman.id)
    client = browse(cast.viewer)
    assert "Tehran" not in client.get(HOME).content.decode()
    assert client.get(at(filter={"field": "city", "op": "is", "value": "Tehran"})).status_code == 422
    assert client.get(at(sort="city")).status_code == 422


def test_sort_by_several_keys(cast: Any, browse: Any) -> None:
    a, b, c = make(
        cast.sara,
        "person",
        {"given_name": "Ali", "city": "B"},
        {"given_name": "Mina", "city": "A"},
        {"given_name": "Zari", "city": "A"},
    )
    client = browse(cast.sara)
    assert ids_in(client.get(at(sort="city,-name"))) == [c, b, a]
    assert ids_in(client.get(at(sort="-city,name"))) == [a, b, c]
    assert 'aria-sort="descending"' in client.get(at(sort="-city,name")).content.decode()
    assert client.get(at(sort="tags")).status_code == 422


def test_columns_of_the_address_and_hands(cast: Any, browse: Any) -> None:
    people(cast.sara, 1)
    client = browse(cast.sara)
    body = client.get(at(columns="owner:200,city,name,nonsense")).content.decode()
    assert re.findall(r'<col data-col="(\w+)"', body) == ["name", "owner", "city"], (
        "the title comes first, unknown keys are passed over"
    )
    assert 'data-w="200"' in body
    answer = client.post(
        f"{HOME}columns?columns=name,owner,city", {"order": "name,city,owner", "widths": "city:150"}
    )
    assert answer.status_code == 204
    assert answer["HX-Replace-Url"] == f"{HOME}?columns=name%2Ccity%3A150%2Cowner"
    assert "list-changed" in answer["HX-Trigger"]


def test_search_within(cast: Any, browse: Any) -> None:
    wanted, _ = make(
        cast.sara, "person", {"given_name": "علی‌رضا", "family_name": "کریمی"}, {"given_name": "مینا"}
    )
    assert ids_in(browse(cast.sara).get(at(q="عليرضا كريمي"))) == [wanted]


def test_the_builder_speaks_tomans_and_the_address_rials(cast: Any, browse: Any) -> None:
    rich, _ = make(
        cast.sara,
        "company",
        {"name": "Rich", "revenue": "۵۰۰٬۰۰۰٬۰۰۰ تومان"},
        {"name": "Poor", "revenue": 10},
    )
    client = browse(cast.sara)
    built = client.get(
        "/w/arman/companies/",
        {"build": '{"and":[{"field":"revenue","op":"gte","value":400000000}]}', "sort": "name"},
    )
    assert built.status_code == 302
    assert "4000000000" in built["Location"]
    assert "sort=name" in built["Location"]
    assert ids_in(client.get(built["Location"])) == [rich]
    dialog = client.get(built["Location"].replace("companies/", "companies/filter"))
    assert "400000000}" in dialog.content.decode().replace("&quot;", '"')
    rolling = client.get(HOME, {"build": '{"field":"created_at","op":"within","value":"last:12:month"}'})
    assert ids_in(client.get(rolling["Location"])) == []
    people(cast.sara, 1)
    assert len(ids_in(client.get(rolling["Location"]))) == 1


def test_pages_by_key_are_complete_and_without_repeats(cast: Any, browse: Any) -> None:
    made = people(cast.sara, 120)
    client = browse(cast.sara)
    seen: list[int] = []
    url = at(sort="city,-name")
    while url:
        page = client.get(url)
        seen += ids_in(page)
        assert len(ids_in(page)) <= 50
        assert url.startswith(at(sort="city,-name"))
        assert "after" not in url or "<html" not in page.content.decode()
        url = next_in(page)
    assert sorted(seen) == sorted(made)
    assert len(set(seen)) == len(seen) == 120


@settings(max_examples=15)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["", "A", "ب", "ي"]), st.one_of(st.none(), st.integers(0, 3))), max_size=12
    ),
    sort=st.sampled_from(["city", "-city", "employees", "-employees,name", "city,-employees", "name", ""]),
    size=st.integers(1, 5),
)
def test_any_order_is_paged_whole(cast: Any, rows: Any, sort: str, size: int) -> None:
    from django.db import transaction
    from tests.web.lists.filling import context

    from peyvand.platform.objects.queries import ListQuery, fetch_page, parse_sort
    from peyvand.platform.objects.spec import object_named
    from peyvand.platform.workspaces.scope import workspace_scope

    spec = object_named("company")
    with transaction.atomic():
        made = make(
            cast.sara,
            "company",
            *({"name": f"C{n % 3}", "city": c, "employees": e} for n, (c, e) in enumerate(rows)),
        )
        with workspace_scope(cast.arman.id):
            query = ListQuery(spec, context(cast.sara).actor, ("name",), sort=parse_sort(sort, spec))
            seen, after = [], None
            for _ in range(len(made) + 1):
                page = fetch_page(query, after, size)
                seen += [r.id for r in page.rows]
                if (after := page.next) is None:
                    break
        transaction.set_rollback(True)
    assert sorted(seen) == sorted(made)


def test_figures_come_after_the_page(cast: Any, browse: Any) -> None:
    make(
        cast.sara,
        "company",
        {"name": "A", "revenue": 20_000_000_000},
        {"name": "B", "revenue": 16_100_000_000},
    )
    body = browse(cast.sara).get("/w/arman/companies/count?columns=name,revenue").content.decode()
    assert 'data-total="2"' in body
    assert "۳٫۶۱ میلیارد" in body or "3.61B" in body
    assert 'id="tab-n-all"' in body


def test_a_row_scope_bounds_the_list(cast: Any, browse: Any) -> None:
    mine, other = [*people(cast.babak, 1), *people(cast.sara, 1)]
    assert ids_in(browse(cast.babak).get(HOME)) == [mine]
    assert sorted(ids_in(browse(cast.sara).get(HOME))) == sorted([mine, other])


def test_another_workspace_sees_nothing(cast: Any, browse: Any) -> None:
    (id,) = people(cast.sara, 1)
    client = browse(cast.cyrus)
    for path in ("", f"{id}/peek", f"{id}/cell/city", "count", "filter", "views/save"):
        assert client.get(f"{HOME}{path}").status_code == 404
    assert ids_in(client.get(f"/w/rival/people/?ids={id}")) == []
    assert client.get(f"/w/rival/people/{id}/peek").status_code == 404
    assert client.get(f"/w/rival/people/{id}/cell/city").status_code == 404
    assert client.post("/w/rival/people/bulk/delete", {"ids": id}).status_code == 200
    assert ids_in(browse(cast.sara).get(HOME)) == [id]


def test_cost_does_not_grow_with_rows(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    people(cast.sara, 2, phones=["09120000001"], tags="a,b")
    client.get(HOME)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            response = client.get(HOME)
        assert response.status_code == 200
        return len(captured)

    few = queries()
    people(cast.sara, 60, phones=["09120000001"], tags="a,b")
    assert queries() == few <= 12
    with CaptureQueriesContext(connection) as captured:
        rows = client.get(at(after=next_in(client.get(HOME)).partition("after=")[2]))
    assert ids_in(rows)
    assert len(captured) <= few + 8


def test_a_page_of_fifty_is_light(cast: Any, browse: Any) -> None:
    people(cast.sara, 50, phones=["09120000001"], job_title="Buyer")
    body = browse(cast.sara).get(HOME).content
    assert len(gzip.compress(body)) < 30_000


def test_markup_of_strangers_is_text(cast: Any, browse: Any) -> None:
    evil = '"><script>alert(1)</script>'
    make(cast.sara, "person", {"given_name": evil, "city": evil, "tags": evil, "job_title": evil})
    client = browse(cast.sara)
    columns = "name,city,tags,job_title"
    for url in (
        at(columns=columns),
        at(columns=columns, q=evil),
        at(filter={"field": "city", "op": "is", "value": evil}),
    ):
        assert "<script>alert" not in client.get(url).content.decode()


def test_empty_states(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    assert "/w/arman/people/new" in client.get(HOME).content.decode()
    people(cast.sara, 1)
    nothing = client.get(at(q="zzqqxx")).content.decode()
    assert "page-empty" in nothing
    assert f'href="{HOME}?view=all"' in nothing


def test_every_object_has_a_list(cast: Any, browse: Any) -> None:
    from peyvand.platform.objects.spec import all_objects

    client = browse(cast.sara)
    for spec in all_objects():
        for path in ("?view=all", "count", "filter", "menu/sort", "menu/columns", "menu/group", "?bin=1"):
            assert client.get(f"/w/arman/{spec.plural}/{path}").status_code == 200, (spec.key, path)


def test_the_bar_of_many_is_drawn_for_those_who_have_it_alone(cast: Any, browse: Any) -> None:
    for user in (cast.sara, cast.babak):
        client = browse(user)
        page = client.get("/w/arman/companies/").content.decode()
        figures = client.get("/w/arman/companies/count").content.decode()
        assert ('id="bulk-match"' in page) == ('id="bulk-match"' in figures), user.name
