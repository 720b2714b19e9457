from __future__ import annotations

import pytest

from peyvand.kernel.conditions import parse
from peyvand.kernel.errors import Invalid, NotAllowed
from peyvand.operational.contacts.objects import COMPANY, PERSON
from peyvand.platform.events.models import EventRow
from peyvand.platform.objects.queries import ListQuery, fetch_page, fetch_row, parse_sort
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.search.find import find
from peyvand.platform.workspaces.scope import workspace_scope


def test_a_person_is_created_found_and_listed(cast, acting):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.babak)
        company = create_record(ctx, COMPANY, {"name": "بهداشتی آوند طب", "phones": "021-88776655"})
        person = create_record(ctx, PERSON, {
            "given_name": "علي‌رضا", "family_name": "كريمي", "company": company.id,
            "phones": [{"value": "۰۹۱۲ ۴۳۸ ۲۲۱۷", "label": "mobile"}], "tags": ["عمده‌فروشی"],
        })  # fmt: skip
        row = fetch_row(PERSON, ctx.actor, person.id)

        assert row.title == "علی‌رضا کریمی"
        assert row.values["phone"] == "+989124382217"
        assert row.values["company"].title == "بهداشتی آوند طب"
        assert [t["name"] for t in row.values["tags"]] == ["عمده‌فروشی"]
        for typed in ("علیرضا", "علي رضا", "كريمی", "4382217", "۰۹۱۲۴۳۸", "آوند", "علیرظا کریمی"):
            assert person.id in [h.id for h in find(ctx.actor, typed, ["person"])], typed
        assert [e.wire for e in EventRow.objects.order_by("id")][-2:] == ["objects.record_created.v1"] * 2


def test_lists_filter_sort_and_page_by_key(cast, acting):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.babak)
        for name in ("پروین", "آرش", "کاوه", "گلی", "ابراهیم", "Zoe"):
            create_record(ctx, PERSON, {"name": name})
        query = ListQuery(PERSON, ctx.actor, ("name",), sort=parse_sort("name", PERSON))
        first = fetch_page(query, limit=4)
        second = fetch_page(query, after=first.next, limit=4)

        assert [r.title for r in first.rows + second.rows] == [
            "آرش",
            "ابراهیم",
            "پروین",
            "کاوه",
            "گلی",
            "Zoe",
        ]
        assert second.next is None
        condition = parse({"field": "name", "op": "contains", "value": "كاو"}, PERSON.condition_schema)
        assert [r.title for r in fetch_page(ListQuery(PERSON, ctx.actor, ("name",), condition)).rows] == [
            "کاوه"
        ]


def test_bad_values_are_refused_by_field(cast, acting):
    with workspace_scope(cast.arman.id):
        with pytest.raises(Invalid) as caught:
            create_record(
                acting(cast.babak),
                PERSON,
                {"family_name": "x", "national_id": "123", "phones": "12", "nosuch": 1},
            )
        assert {p.field for p in caught.value.problems} == {"national_id", "phones.0", "nosuch"}


def test_a_viewer_changes_nothing_and_a_member_only_their_own(cast, acting):
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.sara), PERSON, {"name": "Neda"})
        with pytest.raises(NotAllowed):
            update_record(acting(cast.viewer), PERSON, person, {"city": "Tehran"})
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.babak), PERSON, {"name": "Neda"})
        update_record(acting(cast.babak), PERSON, person, {"city": "Tehran", "phones": ["0912 438 2217"]})
        event = EventRow.objects.order_by("-id").first()
        assert event.data["changes"]["city"] == ["", "Tehran"]
        delete_records(acting(cast.babak), PERSON, [person])
        assert find(acting(cast.babak).actor, "Neda", ["person"]) == []
