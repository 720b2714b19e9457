"""What tells without being a value: the kind of a fact, the condition of a webhook, a day to search by, an empty column."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest

from peyvand.integrations.webhooks.choosing import chosen
from peyvand.operational.consents.actions import withdraw_consent
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

# What differs from one answer to the next.
# Of a form: the one against forgery, and the one by which its effect comes once.
TOKEN = r'value="(\w{64}|[\w-]{22})"'
SEES_CONSENTS = {"person.*": "all", "consent.*": "all", "purpose.view": "all"}


def give(user: Any, grants: dict[str, str], fields: dict[str, str]) -> None:
    role = Role.objects.create(key="narrow", name="narrow", grants=grants, fields=fields)
    User.objects.filter(id=user.id).update(role=role)
    access_changed(user.workspace_id)


@pytest.mark.parametrize(
    ("fields", "told"),
    [({}, True), ({"consent.state": "hidden"}, False), ({"consent.state": "masked"}, False)],
)
def test_that_somebody_refused_is_not_told_by_the_kind_of_a_fact(
    cast: Any, acting: Any, fields: dict[str, str], told: bool
) -> None:
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.sara), PERSON, {"name": "Neda"})
        entry = withdraw_consent(acting(cast.sara), person, channel="email")
        give(cast.babak, SEES_CONSENTS, fields)
        event = SimpleNamespace(id=1, wire="consents.withdrawn.v1", object="consent", object_id=entry.id)
        hook = SimpleNamespace(since_id=0, events=[], objects_told=[], condition="")
        assert bool(chosen(hook, acting(cast.babak).actor, [event])) is told  # type: ignore[arg-type]
    lines = program_of(cast.babak, cast.arman).get(f"people/{person.id}/timeline").json["items"]
    assert ("consents.withdrawn.v1" in {line["type"] for line in lines}) is told


def test_that_a_deal_was_won_is_not_told_where_its_state_is_hidden(cast: Any, acting: Any) -> None:
    from peyvand.operational.sales.events import DealWon
    from peyvand.platform.objects.telling import told_to

    with workspace_scope(cast.arman.id):
        said = DealWon(object="deal", object_id=1, amount=5).data()
        assert told_to(acting(cast.sara).actor, "deal", DealWon.wire, said) == said
        give(cast.babak, {"deal.*": "all"}, {"deal.status": "hidden"})
        assert told_to(acting(cast.babak).actor, "deal", DealWon.wire, said) is None


def test_a_hidden_day_of_making_is_neither_told_by_search_nor_searched_by(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), PERSON, {"name": "Uniquename"})
        give(cast.babak, {"person.*": "all"}, {"person.created_at": "hidden"})
    for user, knows in ((cast.sara, True), (cast.babak, False)):
        program = program_of(user, cast.arman)
        plain, lately = (
            program.get("search", q="uniquename").json,
            program.get("search", q="uniquename", days="7"),
        )
        assert bool(plain["items"][0]["created_at"]) is knows
        assert bool(plain["facets"]["days"]["7"]) is knows
        assert bool(lately.json["items"]) is knows


@pytest.mark.parametrize(
    "condition",
    [
        {"field": "amount", "op": "gt", "value": 7654376543},
        {"and": [{"field": "name", "op": "contains", "value": "x"}, {"not": {"field": "amount", "op": "gt", "value": 7654376543}}]},
    ],
)  # fmt: skip
def test_a_webhook_that_asks_for_a_hidden_field_is_out_of_sight(
    cast: Any, acting: Any, browse: Any, condition: dict[str, Any]
) -> None:
    open_one = {"field": "name", "op": "contains", "value": "x"}
    with workspace_scope(cast.arman.id):
        give(cast.babak, {"deal.*": "all", "webhook.*": "all"}, {"deal.amount": "hidden"})
        hidden, shown, plain = (
            create_record(
                acting(cast.sara),
                object_named("webhook"),
                {"name": f"hook {n}", "url": "https://a.example/x", "objects": ["deal"], **said},
            )
            for n, said in enumerate(({"condition": condition}, {"condition": open_one}, {}))
        )
    for user, sees in ((cast.sara, True), (cast.babak, False)):
        page, program = browse(user), program_of(user, cast.arman)
        found = {item["id"] for item in program.get("webhooks").json["items"]}
        assert found >= {shown.id, plain.id}
        assert (hidden.id in found) is sees
        for at in (f"/w/arman/settings/webhooks/{hidden.id}", f"/w/arman/webhooks/{hidden.id}/edit"):
            answer = page.get(at)
            assert answer.status_code == (200 if sees else 404), at
            # In tomans and with marks between the digits, or as it is kept.
            figures = (
                answer.content.decode().replace("٬", "").translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))
            )
            assert ("765437654" in figures) is sees
        assert program.get(f"webhooks/{hidden.id}").status == (200 if sees else 404)
        assert program.get(f"webhooks/{shown.id}").status == 200
        assert page.get(f"/w/arman/settings/webhooks/{shown.id}").status_code == 200
        listed = page.get("/w/arman/settings/webhooks")
        assert ("hook 0" in listed.content.decode()) is sees


def test_the_card_does_not_tell_whether_there_is_a_hidden_number(
    cast: Any, acting: Any, browse: Any, still: Any
) -> None:
    with workspace_scope(cast.arman.id):
        has, has_none = (
            create_record(acting(cast.sara), PERSON, {"name": "Neda", "emails": f"n{n}@example.ir", **said})
            for n, said in enumerate(({"phones": "09121234567"}, {}))
        )
        purpose = object_named("purpose").rows.get(word="service").id
        give(cast.babak, SEES_CONSENTS, {"person.phones": "hidden"})

    def seen(user: Any, at: str) -> list[str]:
        pages = (browse(user).get(f"/w/arman/people/{p.id}/{at}") for p in (has, has_none))
        return [
            re.sub(TOKEN, "", page.content.decode()).replace(f"/{p.id}/", "/N/")
            for p, page in zip((has, has_none), pages, strict=True)
        ]

    for at in ("consents", f"consents/new?channel=sms&purpose={purpose}"):
        one, other = seen(cast.babak, at)
        assert one == other
        one, other = seen(cast.sara, at)
        assert one != other
    # What is not hidden is still told.
    assert "channel=email" in seen(cast.babak, "consents")[0]
    assert (
        program_of(cast.babak, cast.arman)
        .get("people", filter=json.dumps({"field": "reach", "op": "empty"}))
        .status
        == 422
    )
