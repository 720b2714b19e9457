"""What is exported comes back as it was, to the byte; what is not whole comes not at all."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peyvand.integrations.archive.actions import start_archive
from peyvand.integrations.archive.jobs import forget_old, write
from peyvand.integrations.archive.models import ArchiveRun
from peyvand.integrations.archive.reading import read_archive
from peyvand.integrations.archive.tables import LEFT_OUT, tables
from peyvand.integrations.archive.writing import archive_path, write_archive
from peyvand.kernel.errors import Conflict, Invalid, NotAllowed
from peyvand.operational.consents.actions import give_consent, withdraw_consent
from peyvand.operational.consents.models import Consent, Purpose
from peyvand.operational.consents.public import Why, standings
from peyvand.operational.contacts.models import Person
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.files.actions import attach_file
from peyvand.platform.files.models import File
from peyvand.platform.files.storage import path_of
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.identity.models import Account, Membership, User
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.objects.indexing import rebuild
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.search.models import SearchEntry
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.platform.workspaces.security import workspace_tables
from peyvand.testing.queue import drain
from peyvand.testing.schema import define_fields, define_object

PERSON, COMPANY, DEAL, NOTE = map(object_named, ("person", "company", "deal", "note"))
WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=40)


@pytest.fixture
def filled(cast: Any, acting: Any, settings: Any, tmp_path: Path) -> Any:
    """Arman with something of everything: own fields and objects, links in circles, the bin, a merge, a file."""
    settings.MEDIA_ROOT = tmp_path / "media"
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        keys = define_fields(ctx, "deal")
        define_object(ctx)
        ctx = acting(cast.sara)
        # The parent has the higher number: it is not there yet when its part is read.
        part = create_record(ctx, COMPANY, {"name": "بخش «یک»"})
        whole = create_record(ctx, COMPANY, {"name": 'شرکت\u200cبزرگ "\\"\nخط'})
        update_record(ctx, COMPANY, part, {"parent": whole.id})
        people = [
            create_record(ctx, PERSON, {"given_name": name, "family_name": "رضایی", "company": part.id})
            for name in ("علی", "علي", "مریم")
        ]
        merge_records(ctx, PERSON, people[0].id, [people[1].id])
        delete_records(ctx, PERSON, [people[2]])
        deal = create_record(
            ctx, DEAL, {"name": "فروش", "amount": 999_999_999_999_999, keys["number"]: "2.50"}
        )
        create_record(ctx, NOTE, {"text": "یک\tدو\u2028سه", "about": f"deal:{deal.id}"})
        attach_file(ctx, "deal", deal, "قرارداد.txt", [b"some ", b"words"])
    return cast.arman


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as zip:
        return {name: zip.read(name) for name in zip.namelist()}


def same(first: Path, second: Path) -> None:
    """Equal but for the moment and the short name."""
    one, other = contents(first), contents(second)
    assert one.keys() == other.keys()
    about = {"workspace.json", "manifest.json"}
    assert [name for name in one if name not in about and one[name] != other[name]] == []
    told = [json.loads(each["workspace.json"]) | {"slug": ""} for each in (one, other)]
    assert told[0] == told[1]


@pytest.mark.django_db
def test_there_and_back_is_the_identity(filled: Any, tmp_path: Path) -> None:
    rows = write_archive(filled.id, tmp_path / "one.zip")
    read = read_archive(tmp_path / "one.zip", "again")
    assert write_archive(read.tenant.id, tmp_path / "two.zip") == rows == read.rows
    same(tmp_path / "one.zip", tmp_path / "two.zip")
    assert read.files == 1
    with workspace_scope(read.tenant.id):
        file = File.objects.get()
        assert path_of(read.tenant.id, file.sha256).read_bytes() == b"some words"


@pytest.mark.django_db
def test_the_ledger_of_consents_comes_back_and_is_kept_there_too(
    filled: Any, acting: Any, cast: Any, tmp_path: Path
) -> None:
    with workspace_scope(filled.id):
        ctx, person = acting(cast.sara), Person.objects.filter(deleted_at=None).first()
        purpose = Purpose.objects.get(word="newsletter")
        letter = [("نامه.txt", [b"I agree"])]
        give_consent(
            ctx, person, channel="email", purpose=purpose.id, words="می‌پذیرم", proof="فرم ۷", files=letter
        )
        withdraw_consent(ctx, person, channel="any")
        before = _told(person.id)
    assert len(before) == 2
    write_archive(filled.id, tmp_path / "one.zip")
    copy = read_archive(tmp_path / "one.zip", "again").tenant
    write_archive(copy.id, tmp_path / "two.zip")
    same(tmp_path / "one.zip", tmp_path / "two.zip")
    with workspace_scope(copy.id):
        assert _told(person.id) == before
        assert standings([person.id], "email", "newsletter")[person.id].why is Why.REFUSED
        [proof] = File.objects.filter(object="consent")
        assert path_of(copy.id, proof.sha256).read_bytes() == b"I agree"
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.filter(person_id=person.id).update(state="granted")


def _told(person_id: int) -> list[dict[str, Any]]:
    """The entries of one person as they stand in their table."""
    rows = Consent.objects.filter(person_id=person_id).order_by("id").values()
    return [{name: value for name, value in row.items() if name != "workspace_id"} for row in rows]


@pytest.mark.django_db
def test_the_copy_lives(filled: Any, acting: Any, tmp_path: Path) -> None:
    write_archive(filled.id, tmp_path / "one.zip")
    copy = read_archive(tmp_path / "one.zip", "again").tenant
    rebuild(copy, lambda key, done, of: None)
    with workspace_scope(copy.id):
        sara = User.objects.get(email="sara@arman.example")
        assert Membership.objects.get(workspace_id=copy.id, user_id=sara.id).account_id == sara.account_id
        found = SearchEntry.objects.filter(object="person").values_list("object_id", flat=True)
        assert set(found) == set(Person.objects.filter(deleted_at=None).values_list("id", flat=True))
        made = create_record(acting(sara), PERSON, {"family_name": "Newcomer"})
        assert made.id > max(Person.objects.exclude(id=made.id).values_list("id", flat=True))


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_people_write_comes_back(
    filled: Any, acting: Any, tmp_path: Path, data: st.DataObject
) -> None:
    with workspace_scope(filled.id):
        ctx = job_context(filled)
        for words in data.draw(st.lists(WORDS, min_size=1, max_size=5)):
            Person.objects.create(
                family_name=words, name=words, about=words, custom={"any": [words, None, 1.5, {}]}
            )
        ctx.touch("person")
    paths = [tmp_path / f"{n}-{hashlib.sha256(repr(data).encode()).hexdigest()[:8]}.zip" for n in range(2)]
    for path in paths:
        path.unlink(missing_ok=True)
    Workspace.objects.filter(slug="again").update(slug=f"old-{Workspace.objects.count()}")
    write_archive(filled.id, paths[0])
    write_archive(read_archive(paths[0], "again").tenant.id, paths[1])
    same(*paths)


@pytest.mark.django_db
def test_nothing_is_left_out_unsaid(filled: Any, tmp_path: Path) -> None:
    write_archive(filled.id, tmp_path / "one.zip")
    inside = contents(tmp_path / "one.zip")
    for model in workspace_tables():
        table = model._meta.db_table
        with workspace_scope(filled.id):
            count = model.objects.count()
        assert (f"tables/{table}.jsonl" in inside) != (table in LEFT_OUT)
        if table not in LEFT_OUT:
            assert inside[f"tables/{table}.jsonl"].count(b"\n") == count
    told = json.loads(inside["manifest.json"])
    assert {e["path"]: e["sha256"] for e in told["entries"]} == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in inside.items()
        if name != "manifest.json"
    }
    whole = b"".join(inside.values())
    passwords = Account.objects.exclude(password="").values_list("password", flat=True)
    assert len(passwords) >= 5
    assert [kept for kept in passwords if kept.encode() in whole] == []


@pytest.mark.django_db
def test_only_the_workspaces_own_rows_go(filled: Any, cast: Any, tmp_path: Path) -> None:
    with workspace_scope(cast.rival.id):
        create_record(job_context(cast.rival), PERSON, {"family_name": "Zzsecret"})
    write_archive(filled.id, tmp_path / "one.zip")
    assert b"Zzsecret" not in b"".join(contents(tmp_path / "one.zip").values())


def altered(path: Path, name: str, change: Any, honest: bool = True) -> Path:
    """A copy of an archive with one entry changed; if ``honest``, its manifest says the new checksum."""
    inside = contents(path)
    inside[name] = change(inside[name])
    told = json.loads(inside["manifest.json"])
    if honest:
        for entry in told["entries"]:
            entry["sha256"] = hashlib.sha256(inside[entry["path"]]).hexdigest()
        inside["manifest.json"] = json.dumps(told).encode()
    out = path.with_name("altered.zip")
    with zipfile.ZipFile(out, "w") as zip:
        for each, content in inside.items():
            zip.writestr(each, content)
    return out


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "change", "honest"),
    [
        ("tables/person.jsonl", lambda b: b.replace(b"a", b"b", 1), False),
        ("tables/person.jsonl", lambda b: b[:-1], True),
        ("tables/person.jsonl", lambda b: b"nonsense\n", True),
        ("tables/person.jsonl", lambda b: b.replace(b'"company_id":', b'"company_id":99999', 1), True),
        ("tables/company.jsonl", lambda b: b.replace(b'{"id":', b'{"id":7777777777777777', 1), True),
        ("schema.json", lambda b: b.replace(b'"given_name"', b'"shoe_size"', 1), True),
        ("schema.json", lambda b: b.replace(b'"table": "person"', b'"table": "account"', 1), True),
        ("manifest.json", lambda b: b.replace(b'"version": 1', b'"version": 9', 1), False),
        ("manifest.json", lambda b: b"{}", False),
        ("workspace.json", lambda b: b"[]", True),
    ],
)
def test_what_is_damaged_comes_not_at_all(
    filled: Any, tmp_path: Path, name: str, change: Any, honest: bool
) -> None:
    write_archive(filled.id, tmp_path / "one.zip")
    before = Workspace.objects.count(), Account.objects.count(), sorted((tmp_path / "media").iterdir())
    with pytest.raises(Invalid):
        read_archive(altered(tmp_path / "one.zip", name, change, honest), "again")
    assert (
        Workspace.objects.count(),
        Account.objects.count(),
        sorted((tmp_path / "media").iterdir()),
    ) == before


@pytest.mark.django_db
def test_a_taken_name_and_a_file_that_is_none(filled: Any, tmp_path: Path) -> None:
    write_archive(filled.id, tmp_path / "one.zip")
    with pytest.raises(Conflict):
        read_archive(tmp_path / "one.zip")
    (tmp_path / "none.zip").write_bytes(b"PK no")
    with pytest.raises(Invalid):
        read_archive(tmp_path / "none.zip", "again")


@pytest.mark.django_db
def test_accounts_come_without_passwords(filled: Any, tmp_path: Path) -> None:
    write_archive(filled.id, tmp_path / "one.zip")
    Account.objects.filter(email="mina@arman.example").update(email="elsewhere@arman.example")
    read = read_archive(tmp_path / "one.zip", "again")
    assert read.new_accounts == ("mina@arman.example",)
    assert not Account.objects.get(email="mina@arman.example").has_usable_password()


@pytest.mark.django_db
def test_numbers_move_on(filled: Any, tmp_path: Path) -> None:
    write_archive(filled.id, tmp_path / "one.zip")
    raised = altered(
        tmp_path / "one.zip",
        "tables/lost_reason.jsonl",
        lambda b: re.sub(rb'^\{"id":(\d+)', lambda id: b'{"id":%d' % (int(id[1]) + 9000), b),
    )
    tenant = read_archive(raised, "again").tenant
    with workspace_scope(tenant.id), connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence('lost_reason', 'id')), max(id) from lost_reason"
        )
        following, highest = cursor.fetchone()
    assert following > highest > 9000


def test_every_table_has_its_place() -> None:
    placed: set[str] = set()
    for table in tables():
        for field in table.fields:
            if field.is_relation and field.column not in table.later:
                assert field.related_model._meta.db_table in placed
        placed.add(table.name)
    assert placed | set(LEFT_OUT) == {model._meta.db_table for model in workspace_tables()}


def test_a_job_writes_it(committed: Any, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    arman = committed.arman

    def acting(user: User) -> Context:
        return Context(user_actor(arman.id, user.id), "web")

    with workspace_scope(arman.id), pytest.raises(NotAllowed):
        start_archive(acting(committed.mina))
    with workspace_scope(arman.id):
        run = start_archive(acting(committed.sara))
    with workspace_scope(arman.id), pytest.raises(Conflict):
        start_archive(acting(committed.sara))
    drain()
    with workspace_scope(arman.id):
        run.refresh_from_db()
        assert (run.state, run.rows) == ("done", run.total)
        assert run.rows > 0
    path = archive_path(arman.id, run.id)
    assert path.stat().st_size == run.size
    assert path.stat().st_mode & 0o777 == 0o600
    with workspace_scope(arman.id):
        ArchiveRun.objects.update(started_at="2020-01-01T00:00:00Z")
        forget_old(arman)
    assert not path.exists()


def test_one_that_failed_is_written_by_the_next_attempt(
    committed: Any, settings: Any, tmp_path: Path
) -> None:
    arman = committed.arman
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.write_text("where a folder should be")
    with workspace_scope(arman.id):
        run = start_archive(Context(user_actor(arman.id, committed.sara.id), "web"))
    with pytest.raises(NotADirectoryError):
        write(arman, run.id)
    with workspace_scope(arman.id):
        run.refresh_from_db()
        assert run.state == "failed"
    settings.MEDIA_ROOT.unlink()
    write(arman, run.id)
    with workspace_scope(arman.id):
        run.refresh_from_db()
        assert run.state == "done"
    assert archive_path(arman.id, run.id).stat().st_size == run.size
