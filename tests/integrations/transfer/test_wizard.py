"""What the import asks and takes: several objects in a row, rules, matches, words, corrections, cards, kept mappings."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from peyvand.integrations.transfer.actions import folder_of
from peyvand.integrations.transfer.jobs import undo, work
from peyvand.integrations.transfer.mapping import mapping_of, shape_of, shapes_of
from peyvand.integrations.transfer.models import ImportMapping, ImportRun
from peyvand.integrations.transfer.products import HEADS, product_of
from peyvand.integrations.transfer.reading import open_tables
from peyvand.integrations.transfer.running import Stopped, Wish, run_import
from peyvand.integrations.transfer.vcards import card_rows
from peyvand.kernel.errors import Invalid
from peyvand.operational.contacts.models import Company, ContactPoint, Person
from peyvand.operational.contacts.objects import COMPANY, PERSON
from peyvand.operational.sales.models import Deal
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import find_object
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture
def bring(cast, tmp_path):
    def run(name: str, text: str, told=None, **wish):
        path = tmp_path / name
        path.write_bytes(text.encode())
        ctx = Context(system_actor(cast.arman).speaking("en"), "cli")
        return run_import(
            ctx, [path], Wish(mapping_of({"files": {name: told}} if told else {}), refused=tmp_path, **wish)
        )

    return run


@pytest.fixture
def made(cast):
    """``made(spec, **values)``: a record that is there before."""

    def create(spec, **values):
        with workspace_scope(cast.arman.id):
            return create_record(Context(system_actor(cast.arman), "cli"), spec, values)

    return create


ROWS = (
    "Deal,Org,Org city,Contact,Contact mail,Worth\n"
    "Roof,Avand,Tehran,Ali Karimi,ali@example.ir,100\n"
    "Wall,Avand,Tehran,Sara,sara@example.ir,200\n"
    "Door,Bahar,,Ali Karimi,ali@example.ir,300\n"
    "Gate,,,,,400\n"
    "Well,Mehr,,Nobody,not a mail,500\n"
)
SEVERAL = {
    "object": "deal", "columns": {"Deal": "name", "Worth": "amount"},
    "also": {
        "company": {"columns": {"Org": "name", "Org city": "city"}},
        "person": {"columns": {"Contact": "name", "Contact mail": "emails"}},
    },
}  # fmt: skip


def test_a_row_may_speak_of_several_objects_which_are_linked(cast, bring):
    report = bring("all.csv", ROWS, SEVERAL)
    with workspace_scope(cast.arman.id):
        assert list(Company.objects.order_by("id").values_list("name", "city")) == [
            ("Avand", "Tehran"),
            ("Bahar", ""),
            ("Mehr", ""),
        ]
        assert set(Person.objects.values_list("name", "company__name")) == {
            ("Ali Karimi", "Avand"),
            ("Sara", "Avand"),
        }
        assert list(Deal.objects.order_by("id").values_list("name", "company__name", "person__name")) == [
            ("Roof", "Avand", "Ali Karimi"), ("Wall", "Avand", "Sara"), ("Door", "Bahar", "Ali Karimi"), ("Gate", None, None),
        ]  # fmt: skip
    # The row whose person cannot be taken is refused whole, once, with that reason.
    assert [(r.line, r.column) for f in report.files if not f.is_aside for r in f.refused] == [
        (6, "Contact mail")
    ]
    assert (report.totals.rows, report.totals.refused) == (5, 1)
    again = bring("all.csv", ROWS.replace("400", "401"), {**SEVERAL, "match": ["title"]})
    assert (again.totals.created, again.totals.updated) == (0, 1)


def test_columns_overwrite_fill_or_leave_what_is_there(cast, bring, made):
    made(COMPANY, name="Avand", external_id="1", city="Qom", industry="", country="")
    told = {"object": "company", "columns": {
        "city": {"field": "city", "rule": "blank"}, "industry": {"field": "industry", "rule": "blank"},
        "country": {"field": "country", "rule": "never"}, "name": "name",
    }}  # fmt: skip
    text = "company id,name,city,industry,country\n1,Avand Teb,Tehran,Medicine,Iran\n2,New,Yazd,Tiles,Iran\n"
    assert bring("a.csv", text, told).totals.updated == 1
    with workspace_scope(cast.arman.id):
        assert list(Company.objects.order_by("id").values_list("name", "city", "industry", "country")) == [
            ("Avand Teb", "Qom", "Medicine", ""), ("New", "Yazd", "Tiles", "Iran"),
        ]  # fmt: skip


@pytest.mark.parametrize(("match", "created", "updated"), [
    (["phones"], 2, 1), (["national_id"], 2, 1), (["title+company"], 2, 1), (["national_id", "phones"], 1, 2), (["new"], 3, 0),
])  # fmt: skip
def test_rows_find_their_records_as_is_asked(cast, bring, made, match, created, updated):
    company = made(COMPANY, name="Avand")
    made(PERSON, name="Ali", phones=["09124382217"])
    made(PERSON, name="Neda", national_id="0012345679", company=company.id)
    text = "name,mobile,national id,company,city\nAliye,09124382217,,,Tehran\nNeda,,0012345679,Avand,Qom\nNeda,,,,Yazd\n"
    told = {"object": "person", "columns": {"national id": "national_id"}, "match": match}
    totals = bring("p.csv", text, told).totals
    if match == ["title+company"] or match == ["phones"] or "national_id" in match:
        # What the rule says nothing of has no key, and is told so.
        assert (totals.created + totals.refused, totals.updated) == (created, updated)
    else:
        assert (totals.created, totals.updated) == (created, updated)


def test_rules_stay_silent_unless_asked(cast, bring, monkeypatch):
    from peyvand.platform.events import reactions

    called = []

    def listen(cause, facts):
        called.append(facts)

    name = f"{listen.__module__.removeprefix('peyvand.')}.{listen.__name__}"
    monkeypatch.setitem(
        reactions._by_wire,
        "objects.record_created.v1",
        [name, *reactions._by_wire["objects.record_created.v1"]],
    )
    monkeypatch.setitem(reactions._functions, name, listen)
    queued = []
    monkeypatch.setattr(
        reactions, "defer_many", lambda job, batches, lock: queued.extend(b["reaction_name"] for b in batches)
    )
    bring("a.csv", "company id,name\n1,A\n")
    assert name not in queued
    bring("b.csv", "company id,name\n2,B\n", loud=True)
    assert name in queued
    with workspace_scope(cast.arman.id):
        assert {e.data["source"] for e in EventRow.objects.filter(object="company")} == {"import"}


def test_an_import_can_be_stopped_and_says_so(cast, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("company id,name,parent\n" + "".join(f"{n},C{n},\n" for n in range(12_000)))

    def stop(file, rows):
        raise Stopped

    report = run_import(Context(system_actor(cast.arman), "cli"), [path], Wish(refused=tmp_path), stop)
    assert (report.is_stopped, report.is_complete, report.totals.created) == (True, False, 5000)


CARDS = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u-1\r\nN:Karimi;Ali;;;\r\nFN:Ali Karimi\r\nORG:Avand\\; Teb;Sales\r\n"
    "TITLE:مدیر\r\n فروش\r\nitem1.TEL;TYPE=CELL:0912 438 2217\r\nTEL;TYPE=WORK,VOICE:021-88776655\r\n"
    "EMAIL;TYPE=INTERNET:ali@example.ir\r\nADR;TYPE=WORK:;;Azadi 5;Tehran;;;Iran\r\nBDAY:19800321\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D9=86=D8=AF=D8=A7;;;;\n"
    "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D9=86=\n=D8=AF=D8=A7\nTEL;CELL:+989121112233\nEND:VCARD\n"
    "BEGIN:VCARD\nVERSION:4.0\nFN:Sara\nTEL;VALUE=uri:tel:+442079460958\nBDAY:--0412\nCATEGORIES:vip,old\nEND:VCARD\n"
)


def test_cards_of_all_three_versions_become_people(cast, bring):
    report = bring(
        "cards.vcf", CARDS, {"object": "person", "also": {"company": {"columns": {"Company": "name"}}}}
    )
    assert [(r.line, str(r.message)) for f in report.files for r in f.refused] == []
    with workspace_scope(cast.arman.id):
        ali, neda, sara = Person.objects.order_by("id")
        assert (ali.name, ali.company.name, ali.job_title, ali.city, str(ali.birthday)) == (
            "Ali Karimi", "Avand; Teb", "مدیرفروش", "Tehran", "1980-03-21",
        )  # fmt: skip
        points = ContactPoint.objects.filter(object_id=ali.id, kind="phone").values_list("value", "label")
        assert set(points) == {("+989124382217", "mobile"), ("+982188776655", "work")}
        assert (neda.name, neda.phone, sara.phone, sara.birthday) == (
            "ندا",
            "+989121112233",
            "+442079460958",
            None,
        )
    # The same cards again change nothing.
    told = {"object": "person", "also": {"company": {"columns": {"Company": "name"}}}}
    assert bring("cards.vcf", CARDS, told).totals.updated == 0


def test_a_broken_file_of_cards_is_said_to_be_none(tmp_path):
    path = tmp_path / "a.vcf"
    path.write_text("BEGIN:VCARD\nFN:Half")
    assert list(card_rows(path)) == []
    with pytest.raises(Invalid):
        open_tables(path)


@pytest.mark.parametrize(("product", "key"), [(p, key) for p, objects in HEADS.items() for key in objects])
def test_exports_of_other_products_are_known_by_their_heads(db, tmp_path, product, key):
    heads = [head for head in HEADS[product][key] if "," not in head]
    known = product_of(heads)
    assert known is not None
    assert (known.product, known.object) == (product, key)
    path = tmp_path / "export.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heads, ["x"] * len(heads)])
    shape = shape_of(open_tables(path)[0], {})
    assert shape.spec.key == key
    wanted = {target for target in known.targets.values() if target}
    assert {column.target for column in shape.columns} >= {
        t for t in wanted if t.partition(".")[0] in find_object(key).all_fields
    }


def test_a_mapping_of_several_objects_must_make_sense(db, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Deal,Org\nA,B\n")
    table = open_tables(path)[0]
    for also in ({"deal": {"columns": {"Org": "name"}}}, {"company": {"columns": {"Org": "city"}}}):
        with pytest.raises(Invalid):
            shapes_of(table, {"object": "deal", "columns": {"Deal": "name"}, "also": also})


def test_refused_cells_do_not_run_in_a_spreadsheet_and_come_back_as_they_were(cast, bring, tmp_path):
    report = bring(
        "a.csv", 'company id,name,employees\n1,"=HYPERLINK(""x"")",many\n2,-cmd,few\n3,\'quoted,much\n'
    )
    path = report.files[0].refused_file
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ['\'=HYPERLINK("x")', "'-cmd", "''quoted"]
    fixed = path.read_text(encoding="utf-8-sig")
    for word in ("many", "few", "much"):
        fixed = fixed.replace(f",{word},", ",7,")
    Path(tmp_path / "a.refused.csv").write_text(fixed, encoding="utf-8")
    again = bring("a.refused.csv", fixed)
    assert again.totals.created == 3
    with workspace_scope(cast.arman.id):
        assert set(Company.objects.values_list("name", flat=True)) == {'=HYPERLINK("x")', "-cmd", "'quoted"}


# The pages


def upload(client, name: str, content: bytes):
    sent = client.post("/w/arman/import/", {"files": [SimpleUploadedFile(name, content)]})
    assert sent.status_code == 302, sent.content.decode()
    return sent.url


def worked(cast) -> ImportRun:
    with workspace_scope(cast.arman.id):
        run = ImportRun.objects.latest("id")
    work(cast.arman, run.id)
    with workspace_scope(cast.arman.id):
        return ImportRun.objects.get(id=run.id)


def test_faulty_cells_are_shown_and_corrected_in_the_grid(cast, browse):
    client = browse(cast.sara)
    here = upload(client, "c.csv", b"company,employees\nAvand,12\nBahar,many\n")
    page = client.get(here).content.decode()
    assert 'name="fix-0-3-1"' in page
    assert "bad-cell" in page
    form = {
        "object-0": "company",
        "column-0-0": "name",
        "column-0-1": "employees",
        "was-0-3-1": "many",
        "fix-0-3-1": "30",
    }
    # Digits that are no number, and a number that no file has lines for, are no cells.
    odd = {"fix-0-3-²": "x", "fix-0-²-1": "x", f"fix-0-{'9' * 5000}-1": "x", f"fix-0-3-{'9' * 5000}": "x"}
    sent, kind = urlencode({**form, **odd, "look": "1"}), "application/x-www-form-urlencoded"
    assert client.post(here, sent, content_type=kind).status_code == 302
    assert "bad-cell" not in client.get(here).content.decode()
    client.post(here, {"object-0": "company", "column-0-0": "name", "column-0-1": "employees", "import": "1"})
    assert (worked(cast).created, worked(cast).refused) == (2, 0)
    with workspace_scope(cast.arman.id):
        assert Company.objects.get(name="Bahar").employees == 30


def test_words_of_a_column_are_mapped_to_options_and_people(cast, browse):
    client = browse(cast.sara)
    here = upload(client, "c.csv", b"company,kind,owner\nAvand,Client,Bobby\nBahar,Client,Nobody\n")
    page = client.get(here).content.decode()
    assert "Bobby" in page
    base = {"object-0": "company", "column-0-0": "name", "column-0-1": "kind", "column-0-2": "owner"}
    client.post(here, {**base, "look": "1"})
    mapped = {"value-0-0-0": "customer", "value-0-1-0": "Babak Naderi", "value-0-1-1": "-"}
    client.post(here, {**base, **mapped, "import": "1"})
    assert worked(cast).refused == 0
    with workspace_scope(cast.arman.id):
        assert list(Company.objects.order_by("name").values_list("name", "kind", "owner__name")) == [
            ("Avand", "customer", "Babak Naderi"), ("Bahar", "customer", "Sara Moini"),
        ]  # fmt: skip


def test_a_mapping_is_kept_and_proposed_for_the_same_heads(cast, browse):
    client = browse(cast.sara)
    text = b"x1,x2\nAvand,Tehran\n"
    here = upload(client, "c.csv", text)
    assert client.get(here).content.decode().count('<option value="company" selected>') == 0
    client.post(here, {"object-0": "company", "look": "1"})
    form = {
        "object-0": "company",
        "column-0-0": "name",
        "column-0-1": "city",
        "name-0": "Weekly list",
        "keep": "0",
    }
    assert client.post(here, form).status_code == 302
    with workspace_scope(cast.arman.id):
        assert ImportMapping.objects.get().name == "Weekly list"
    again = client.get(upload(client, "other.csv", b"X2,X1\nQom,Bahar\n")).content.decode()
    assert '<option value="company" selected>' in again
    assert '<option value="city" selected>' in again


def test_the_encoding_and_the_delimiter_can_be_said(cast, browse):
    client = browse(cast.sara)
    here = upload(client, "c.csv", "شرکت|شهر\nآوند|تهران\n".encode("cp1256"))
    page = client.get(here).content.decode()
    assert '<option value="cp1256" selected>' in page
    assert "آوند" in page
    client.post(here, {"object-0": "company", "delimiter-0": ";", "encoding-0": "cp1256", "look": "1"})
    assert "شرکت|شهر" in client.get(here).content.decode()


def test_one_sees_ones_own_imports_and_admins_all(cast, browse):
    from peyvand.platform.identity.actor import access_changed
    from peyvand.platform.identity.models import Role, User

    with workspace_scope(cast.arman.id):
        role = Role.objects.create(key="importer", name="Importer", grants={"*": "own", "import.run": "own"})
        User.objects.filter(id=cast.babak.id).update(role=role)
        access_changed(cast.arman.id)
    theirs = upload(browse(cast.babak), "secret.csv", b"company\nA\n")
    mine = upload(browse(cast.sara), "mine.csv", b"company\nB\n")
    assert browse(cast.babak).get(mine).status_code == 404
    assert "mine.csv" not in browse(cast.babak).get("/w/arman/import/").content.decode()
    assert browse(cast.sara).get(theirs).status_code == 200


def test_an_import_is_undone_from_its_page(cast, browse):
    client = browse(cast.sara)
    here = upload(client, "c.csv", b"company,city\nAvand,Tehran\n")
    client.post(here, {"object-0": "company", "column-0-0": "name", "column-0-1": "city", "import": "1"})
    run = worked(cast)
    assert f"{here}/undo" in client.get(here).content.decode()
    assert client.post(f"{here}/undo").status_code == 302
    undo(cast.arman, run.id)
    page = client.get(here).content.decode()
    assert f"{here}/undo" not in page
    with workspace_scope(cast.arman.id):
        assert ImportRun.objects.get(id=run.id).state == "undone"
        assert not Company.objects.exists()
    assert client.post(f"{here}/undo").status_code == 409


def test_an_import_whose_files_were_removed_says_so(cast, browse):
    page = browse(cast.sara)
    laid = page.post("/w/arman/import/", {"files": SimpleUploadedFile("a.csv", b"name\nAvand\n")})
    assert "a.csv" in page.get(laid["Location"]).content.decode()
    shutil.rmtree(folder_of(cast.arman.id, int(laid["Location"].rsplit("/", 1)[1])))
    assert "دیگر اینجا نیست" in page.get(laid["Location"]).content.decode()


def test_a_meaning_of_another_object_says_whose_it_is_and_a_cell_its_column(cast, browse):
    client = browse(cast.sara)
    here = upload(client, "p.csv", "نام,شرکت,رایانامه\nعلی,آوند,بد\n".encode())
    client.post(here, {"object-0": "person", "look": "1"})
    page = client.get(here).content.decode()
    group = page.split('<optgroup label="شرکت">')[1].partition("</optgroup>")[0]
    options = group.split("<option ")[1:]
    assert options
    assert all(">شرکت: " in option for option in options)
    assert 'data-head="رایانامه" class="bad-cell"' in page
