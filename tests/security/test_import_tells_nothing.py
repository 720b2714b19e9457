"""A trial import answers guesses alike, right or wrong: it tells nothing of who or what is out of sight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from peyvand.integrations.transfer.mapping import MappingFile
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.operational.contacts.objects import COMPANY, PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope


def give(user: Any, grants: dict[str, str], fields: dict[str, str]) -> None:
    role = Role.objects.create(key="narrow", name="narrow", grants=grants, fields=fields)
    User.objects.filter(id=user.id).update(role=role)
    access_changed(user.workspace_id)


def came_to(ctx: Context, path: Path, text: str, **told: Any) -> tuple[str, int, int, int]:
    """What a trial of one file said: its problem, and how many rows would be made, changed and refused."""
    path.write_text(text)
    [file] = run_import(ctx, [path], Wish(MappingFile({"*": told}), dry_run=True)).files
    return str(file.problem), file.tally.created, file.tally.updated, file.tally.refused


@pytest.mark.parametrize(
    ("way", "columns", "there", "nobody"),
    [
        ("emails", "name,emails", "Neda,secret@example.ir", "Neda,nobody@example.ir"),
        ("phones", "name,phones", "Probe,09124382217", "Probe,09124382299"),
        ("phone+title", "name,phones", "Neda,09124382217", "Neda,09124382299"),
        ("city", "name,city", "Probe,Yazd", "Probe,Tabriz"),
        ("title", "name,city", "Neda,Qom", "Nedaa,Qom"),
        ("title+company", "name,company", "Neda,Alborz", "Nedaa,Alborz"),
    ],
)
def test_of_people_out_of_sight(
    cast: Any, acting: Any, tmp_path: Path, way: str, columns: str, there: str, nobody: str
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        company = create_record(ctx, COMPANY, {"name": "Alborz"})
        secret = {"emails": "secret@example.ir", "phones": "09124382217", "city": "Yazd"}
        create_record(ctx, PERSON, {"name": "Neda", "company": company.id, "owner": cast.sara.id, **secret})
        grants = {"person.*": "own", "company.view": "all", "import.run": "all"}
        give(cast.babak, grants, {})
        ctx = acting(cast.babak)
    told: dict[str, Any] = {"object": "person"} | ({} if way == "phone+title" else {"match": way})
    answers = {
        came_to(ctx, tmp_path / "people.csv", f"{columns}\n{row}\n", **told) for row in (there, nobody)
    }
    assert answers == {("None", 1, 0, 0)}


def test_of_what_is_in_sight_and_not_to_be_changed_it_still_says_so(
    cast: Any, acting: Any, tmp_path: Path
) -> None:
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), PERSON, {"name": "Neda", "emails": "neda@example.ir"})
        give(
            cast.babak,
            {"person.view": "all", "person.create": "all", "person.update": "own", "import.run": "all"},
            {},
        )
        ctx = acting(cast.babak)
    text = "name,emails\nNeda,neda@example.ir\n"
    assert came_to(ctx, tmp_path / "people.csv", text, object="person")[1:] == (0, 0, 1)


def test_owners_are_not_found_by_a_mail_that_is_hidden(cast: Any, acting: Any, tmp_path: Path) -> None:
    with workspace_scope(cast.arman.id):
        grants = {"person.*": "all", "user.view": "all", "import.run": "all"}
        give(cast.babak, grants, {"user.email": "hidden"})
        ctx = acting(cast.babak)
    answers = {
        came_to(ctx, tmp_path / "people.csv", f"name,owner\nProbe,{mail}\n", object="person")
        for mail in (cast.sara.email, "nobody@example.ir")
    }
    assert answers == {("None", 0, 0, 1)}
