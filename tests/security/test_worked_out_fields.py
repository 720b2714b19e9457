"""What is worked out from a field that a role hides, or from records it shows none of, tells that role nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from peyvand.administration.members.actions import create_token
from peyvand.administration.schema.actions import add_field
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.sales.public import DEAL
from peyvand.operational.sales.web.today import numbers
from peyvand.platform.fields.custom import Definition
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.merging.unmerging import unmerge
from peyvand.platform.objects.derived import refuse_cycles
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program, program_of

FULL = {"person.*": "all", "deal.*": "all", "company.*": "all", "stage.view": "all", "pipeline.view": "all"}


def give(user: User, grants: dict[str, str], fields: dict[str, str] | None = None) -> None:
    role = Role.objects.create(key="guard", name="Guard", grants=grants, fields=fields or {})
    User.objects.filter(id=user.id).update(role=role)
    access_changed(user.workspace_id)


@pytest.mark.parametrize("access", ["hidden", "masked"])
def test_formulas_of_what_is_hidden(cast: Any, acting: Any, browse: Any, access: str) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        twice = add_field(
            ctx, "deal", "formula", labels={"en": "Twice"}, formula="amount * 2", result="number"
        ).key
        more = add_field(
            ctx, "deal", "formula", labels={"en": "More"}, formula=f"{twice} + 1", result="number"
        ).key
        deal = create_record(acting(cast.sara), DEAL, {"name": "Secret", "amount": 4310431043})
        give(cast.babak, FULL, {"deal.amount": access})
    assert program_of(cast.sara, cast.arman).get(f"deals/{deal.id}").json[more] == 8620862087
    babak = program_of(cast.babak, cast.arman)
    for path in (f"deals/{deal.id}", "deals"):
        told = babak.get(path)
        assert told.status == 200
        assert not [w for w in ("862086208", '"weighted"') if w in json.dumps(told.json)], path
    for key in (twice, more, "weighted"):
        asked = json.dumps({"field": key, "op": "gt", "value": 8_000_000_000})
        assert babak.get("deals", filter=asked).status == 422
        assert babak.get("deals", sort=key).status == 422
    pages = browse(cast.babak)
    for path in (
        f"deals/{deal.id}/",
        f"deals/?columns=name,{twice},{more},weighted",
        f"deals/{deal.id}/peek",
    ):
        text = pages.get(f"/w/arman/{path}").content.decode()
        assert "Secret" in text, path
        figures = "".join(c for c in text if c not in ",٬")
        assert not [w for w in ("862086208", "۸۶۲۰۸۶۲۰۸") if w in figures], path


@pytest.mark.parametrize(
    ("grants", "fields"),
    [
        ({"deal.view": "none"}, {}),
        # Of some deals only: the greatest of all may be another's.
        ({"deal.view": "team"}, {}),
        ({"deal.view": "all"}, {"deal.amount": "hidden"}),
    ],
)
def test_rollups_of_what_is_not_shown(
    cast: Any, acting: Any, grants: dict[str, str], fields: dict[str, str]
) -> None:
    with workspace_scope(cast.arman.id):
        most = add_field(
            acting(cast.sara), "company", "rollup", labels={"en": "Most"}, of="deal", via="company", how="max", field="amount"
        ).key  # fmt: skip
        company = create_record(acting(cast.sara), COMPANY, {"name": "Acme"})
        create_record(acting(cast.sara), DEAL, {"name": "Secret", "amount": 431, "company": company.id})
        give(cast.babak, {"company.*": "all", **grants}, fields)
    assert program_of(cast.sara, cast.arman).get(f"companies/{company.id}").json[most] is not None
    told = program_of(cast.babak, cast.arman).get(f"companies/{company.id}")
    assert told.status == 200
    assert most not in told.json


@pytest.mark.parametrize(
    ("grants", "fields", "is_told"),
    [
        ({"deal.view": "all"}, {}, False),
        ({"deal.view": "team"}, {}, True),
        ({"deal.view": "none"}, {}, False),
        ({"deal.view": "team"}, {"deal.amount": "hidden"}, False),
        ({"deal.view": "team"}, {"company.ROLLUP": "hidden"}, False),
    ],
)
def test_the_page_says_why_a_figure_is_not_there(
    cast: Any, acting: Any, browse: Any, grants: dict[str, str], fields: dict[str, str], is_told: bool
) -> None:
    with workspace_scope(cast.arman.id):
        most = add_field(
            acting(cast.sara), "company", "rollup", labels={"en": "Largest deal", "fa": "بزرگ‌ترین معامله"}, of="deal", via="company",
            how="max", field="amount",
        ).key  # fmt: skip
        company = create_record(acting(cast.sara), COMPANY, {"name": "Acme"})
        create_record(acting(cast.sara), DEAL, {"name": "Secret", "amount": 862086208, "company": company.id})
        give(
            cast.babak,
            {"company.*": "all", **grants},
            {path.replace("ROLLUP", most): access for path, access in fields.items()},
        )
    page = browse(cast.babak).get(f"/w/arman/companies/{company.id}/").content.decode()
    assert ("همهٔ آن‌ها را نمی‌بینید" in page) is is_told
    assert ("بزرگ‌ترین معامله" in page) is (is_told or grants["deal.view"] == "all")


def test_a_key_for_one_object_reads_no_rollups_of_another(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        rollup = {"of": "deal", "via": "company"}
        ctx = acting(cast.sara)
        deals = add_field(ctx, "company", "rollup", labels={"en": "Deals"}, how="count", **rollup).key
        twice = add_field(
            ctx, "company", "formula", labels={"en": "Twice"}, formula=f"{deals} * 2", result="number"
        ).key
        company = create_record(acting(cast.sara), COMPANY, {"name": "Acme"})
        create_record(acting(cast.sara), DEAL, {"name": "Secret", "company": company.id})
    for scopes, told in ((("company.view", "deal.view"), True), (("company.view",), False)):
        with workspace_scope(cast.arman.id):
            key = create_token(acting(cast.sara), cast.sara, scopes=scopes)
        found = Program(key).get(f"companies/{company.id}").json
        assert found["name"] == "Acme"
        assert ({deals, twice} <= found.keys()) is told, scopes


def test_today_adds_up_no_hidden_amounts(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        give(cast.babak, FULL, {"deal.amount": "hidden"})
        assert numbers(acting(cast.sara)) is not None
        assert numbers(acting(cast.babak)) is None


def test_likeness_confirms_no_guess(cast: Any, acting: Any) -> None:
    values = {
        "given_name": "Nasrin",
        "family_name": "Azad",
        "national_id": "0084575948",
        "phones": "09123456789",
    }
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), PERSON, values)
        give(cast.babak, {"person.*": "all"}, {"person.phones": "masked", "person.national_id": "masked"})
    sara, babak = program_of(cast.sara, cast.arman), program_of(cast.babak, cast.arman)
    for guess in ({"phones": [{"value": "09123456789"}]}, {"national_id": "0084575948"}):
        assert len(sara.post("people/similar", guess).json["items"]) == 1
        assert not babak.post("people/similar", guess).json["items"]
    assert babak.post("people/similar", {"given_name": "Nasrin", "family_name": "Azad"}).json["items"]


@pytest.mark.parametrize(
    "grants",
    [
        {"person.*": "own"},
        {"person.view": "all", "person.merge": "own"},
        {"person.view": "own", "person.merge": "all"},
    ],
)
def test_unmerge_needs_the_loser_too(cast: Any, acting: Any, grants: dict[str, str]) -> None:
    with workspace_scope(cast.arman.id):
        mine = {"family_name": "Winner", "owner": cast.babak.id}
        winner = create_record(acting(cast.sara), PERSON, mine)
        loser = create_record(acting(cast.sara), PERSON, {"family_name": "Loser", "owner": cast.sara.id})
        merge = merge_records(acting(cast.sara), PERSON, winner.id, [loser.id])[0]
        give(cast.babak, grants)
    with pytest.raises((NotAllowed, NotFound)), workspace_scope(cast.arman.id):
        unmerge(acting(cast.babak), merge.id)
    with workspace_scope(cast.arman.id):
        assert PERSON.rows.get(id=loser.id).deleted_at is not None
        unmerge(acting(cast.sara), merge.id)
        assert PERSON.rows.get(id=loser.id).deleted_at is None


@pytest.mark.parametrize("access", ["hidden", "masked", "read"])
def test_a_merge_takes_nothing_that_may_not_be_changed(cast: Any, acting: Any, access: str) -> None:
    with workspace_scope(cast.arman.id):
        deals = [create_record(acting(cast.sara), DEAL, {"name": name}) for name in ("One", "Two")]
        give(cast.babak, FULL, {"deal.external_id": access, "deal.probability": access})
    for key in ("external_id", "probability", "stage", "created_by"):
        with pytest.raises(Invalid), workspace_scope(cast.arman.id):
            merge_records(acting(cast.babak), DEAL, deals[0].id, [deals[1].id], {key: deals[1].id})
    with workspace_scope(cast.arman.id):
        assert DEAL.rows.filter(deleted_at=None).count() == 2


def test_looking_for_cycles_takes_each_field_once() -> None:
    def formula(id: int, key: str, text: str) -> Definition:
        return Definition(
            id=id, object="deal", key=key, kind="formula", labels={}, help={}, config={"formula": text, "result": "number"},
            is_required=False, is_unique=False, default=None, section="", position=0, visible_when=None,
        )  # fmt: skip

    made = [
        formula(2 * n + side, f"c_{name}{n}", f"c_a{n - 1} + c_b{n - 1}" if n else "amount")
        for n in range(60)
        for side, name in enumerate("ab")
    ]
    # By every way through the layers this would be 2^60 steps.
    refuse_cycles(made[-1], made)
    with pytest.raises(Invalid) as caught:
        refuse_cycles(formula(0, "c_a0", "c_b59"), made)
    assert "c_b59" in repr(caught.value.problems)
