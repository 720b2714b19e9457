"""The way from a record to the next of its list is the list itself, in both directions."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.lists.filling import context, make

from peyvand.kernel.conditions import parse
from peyvand.kernel.errors import NotFound
from peyvand.platform.objects.neighbours import place_of
from peyvand.platform.objects.queries import ListQuery, fetch_page, parse_sort
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

DEAL = object_named("deal")


@pytest.mark.parametrize(
    "sort", ["", "name", "-name,amount", "amount", "-amount", "expected_on,-amount", "-source,name"]
)
def test_walking_by_neighbours_is_reading_the_list(cast: Any, sort: str) -> None:
    make(
        cast.sara,
        "deal",
        {"name": "A", "amount": 3, "expected_on": "2026-11-21"},
        {"name": "B", "amount": 3},
        {"name": "A"},
        {"name": "C", "expected_on": "2026-11-20", "source": "website"},
        {"name": "C", "amount": 1, "expected_on": "2026-11-21"},
        {"name": "D"},
    )
    with workspace_scope(cast.arman.id):
        query = ListQuery(DEAL, context(cast.sara).actor, ("name",), None, parse_sort(sort, DEAL))
        ids = [row.id for row in fetch_page(query).rows]
        places = [place_of(query, id) for id in ids]
        assert [place.number for place in places] == [1, 2, 3, 4, 5, 6]
        assert [place.after for place in places] == [*ids[1:], None]
        assert [place.before for place in places] == [None, *ids[:-1]]
        assert {(place.total, place.is_exact) for place in places} == {(6, True)}


def test_what_is_not_in_the_list_has_no_place(cast: Any) -> None:
    [inside, outside] = make(cast.sara, "deal", {"name": "A", "amount": 5}, {"name": "B", "amount": 1})
    with workspace_scope(cast.arman.id):
        asked = parse({"field": "amount", "op": "gt", "value": 2}, DEAL.condition_schema)
        query = ListQuery(DEAL, context(cast.sara).actor, ("name",), asked)
        assert place_of(query, inside).total == 1
        with pytest.raises(NotFound):
            place_of(query, outside)
    with workspace_scope(cast.rival.id), pytest.raises(NotFound):
        place_of(ListQuery(DEAL, context(cast.cyrus).actor, ("name",)), inside)
