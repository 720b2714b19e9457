"""A total is told to nobody from whom a field of it is hidden."""

from __future__ import annotations

import re
from typing import Any

import pytest

from peyvand.administration.quality.measures import measure_of
from peyvand.administration.quality.reckoning import reckon
from peyvand.administration.schema.actions import add_field
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

PERSON = object_named("person")
AT = "/w/arman/settings/quality"


def reader(cast: Any, fields: dict[str, str]) -> Any:
    """Mina, who sees all people and their figures, but for these fields."""
    grants = {"quality.view": "all", "person.view": "all"}
    role = Role.objects.create(key="checker", name="Checker", grants=grants, fields=fields)
    User.objects.filter(id=cast.mina.id).update(role=role)
    access_changed(cast.arman.id)
    return User.objects.get(id=cast.mina.id)


def said(client: Any) -> list[str]:
    """The words of both screens."""
    pages = [client.get(address).content.decode() for address in (AT, f"{AT}/person/")]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)) for page in pages]


@pytest.mark.parametrize("access", ["hidden", "masked"])
def test_totals_do_not_follow_a_hidden_field(
    cast: Any, acting: Any, browse: Any, access: str, still: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        for n in (1, 2, 3):
            create_record(ctx, PERSON, {"family_name": f"نفر {n}", "emails": f"u{n}@example.ir"})
        reckon(cast.arman, measure_of(PERSON))
        mina = reader(cast, {"person.emails": access})
    before, owners = said(browse(mina)), said(browse(cast.sara))
    with workspace_scope(cast.arman.id):
        for person in PERSON.rows.order_by("id")[:2]:
            update_record(acting(cast.sara), PERSON, person, {"emails": "same@example.ir"})
        reckon(cast.arman, measure_of(PERSON))
    assert said(browse(mina)) == before
    assert said(browse(cast.sara)) != owners
    for page in before:
        assert "مجموع" in page


def test_a_field_shown_only_where_a_hidden_one_says_so_has_no_figures(
    cast: Any, acting: Any, browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        options = [{"labels": {"fa": "الف"}}, {"labels": {"fa": "ب"}}]
        sort = add_field(ctx, "person", "choice", labels={"fa": "نوع‌پنهان"}, options=options)
        when = {"field": sort.key, "op": "is", "value": sort.config["options"][0]["key"]}
        add_field(ctx, "person", "number", labels={"fa": "مدت‌آشکار"}, visible_when=when)
        create_record(ctx, PERSON, {"family_name": "یک", sort.key: when["value"]})
        reckon(cast.arman, measure_of(PERSON))
        mina = reader(cast, {f"person.{sort.key}": "hidden"})
    assert "مدت‌آشکار" in said(browse(cast.sara))[1]
    assert "مدت‌آشکار" not in said(browse(mina))[1]
