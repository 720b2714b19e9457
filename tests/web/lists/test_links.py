"""A link to the records that something tells of shows them all, and no others."""

from __future__ import annotations

from typing import Any

from peyvand.operational.contacts.public import PERSON
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.objects.lists.links import list_url


def test_it_shows_who_meets_all_that_is_asked(cast: Any, acting: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        for name, city in (("مهناز عطارزاده", "تبریز"), ("بهرام تبریزی", "تبریز"), ("مهناز گیلانی", "رشت")):
            create_record(ctx, PERSON, {"name": name, "city": city})
        there = {"field": "city", "op": "is", "value": "تبریز"}
        called = {"field": "name", "op": "contains", "value": "مهناز"}
        urls = [
            list_url(ctx, PERSON),
            list_url(ctx, PERSON, there),
            list_url(ctx, PERSON, there, called, sort="-name", columns=("name", "city")),
        ]
    client = browse(cast.sara)
    # Whoever is used to a view of their own is led past it.
    assert client.post("/w/arman/people/views/used?view=all").status_code == 204
    pages = [client.get(url).content.decode() for url in urls]
    names = ("مهناز عطارزاده", "بهرام تبریزی", "مهناز گیلانی")
    assert [[name in page for name in names] for page in pages] == [
        [True, True, True],
        [True, True, False],
        [True, False, False],
    ]
