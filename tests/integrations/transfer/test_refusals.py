"""What cannot be taken is refused by line and reason, goes into a file of its own, and goes in once it is corrected."""

from __future__ import annotations

import csv

import pytest

from peyvand.integrations.transfer.mapping import MappingFile, mapping_of
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.kernel.errors import Invalid, NotAllowed
from peyvand.operational.contacts.models import Company, Person
from peyvand.operational.contacts.objects import COMPANY
from peyvand.operational.sales.models import Deal, Stage
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import access_changed, system_actor, user_actor
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture
def bring(cast, tmp_path):
    def bring(*files, tenant=None, ctx=None, **wish):
        paths = []
        for name, content in files:
            path = tmp_path / name
            if content is not None:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths.append(path)
        return run_import(
            ctx or Context(system_actor(tenant or cast.arman).speaking("en"), "cli"), paths, Wish(**wish)
        )

    return bring


DEALS = (
    "deal id,name,stage,close date,amount,company,owner\n"
    "D1,Good,Won,2026-01-05,1200,,Babak Naderi\n"
    ",No key,Won,2026-01-05,1,,\n"
    "D3,No such stage,Dreaming,2026-01-05,1,,\n"
    "D4,No such day,Won,2026-02-31,1,,\n"
    "D5,Short\n"
    "D6,Long,Won,2026-01-05,1,,,surplus\n"
    "D7,No such company,Won,2026-01-05,1,Nowhere Ltd,\n"
    "D1,Twice,Won,2026-01-05,1,,\n"
    "D9,No amount,Won,2026-01-05,much,,\n"
    "D10,Bad byte \xff,Won,2026-01-05,1,,\n"
    "D11,Never closed,Won,,1,,\n"
    "D12,Backwards,Won,2026-01-05,7,,Babak Naderi\n"
).encode("latin-1")


def test_bad_rows_are_refused_by_line_and_the_rest_goes_in(cast, bring, tmp_path):
    report = bring(("deals.csv", DEALS))
    file = report.files[0]
    assert {r.line: (r.column, r.code) for r in file.refused} == {
        3: ("deal id", "missing_key"), 4: ("stage", "unknown_stage"), 5: ("close date", "invalid"), 6: ("", "unreadable"),
        7: ("", "unreadable"), 8: ("company", "missing"), 9: ("", "duplicate_key"), 10: ("amount", "invalid"),
        11: ("", "unreadable"), 12: ("close date", "required"),
    }  # fmt: skip
    assert (file.tally.created, file.tally.refused, file.tally.rows) == (2, 10, 12)
    with workspace_scope(cast.arman.id):
        assert set(Deal.objects.values_list("external_id", "amount")) == {("D1", 12000), ("D12", 70)}


def test_the_file_of_refused_rows_is_corrected_and_comes_in(cast, bring, tmp_path):
    report = bring(("deals.csv", DEALS))
    refused = report.files[0].refused_file
    assert refused == tmp_path / "deals.refused.csv"
    assert refused.read_bytes().startswith(b"\xef\xbb\xbf")
    with refused.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, restkey="rest"))
    assert [int(r["peyvand_line"]) for r in rows if r["name"] != "Long"] == [3, 4, 5, 6, 8, 9, 10, 11, 12]
    day = next(r for r in rows if r["name"] == "No such day")
    assert day["peyvand_reason"] == "close date: February 2026 has 28 days."
    day["close date"] = "2026-02-28"
    with refused.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerow(day)
    again = bring(("deals.refused.csv", None))
    assert (again.totals.created, again.totals.refused) == (1, 0)
    assert again.files[0].unused == ()


def test_a_rule_of_the_object_refuses_its_row_alone(cast, bring):
    rows = "".join(f"C{n},Company {n},Company {n - 1}\n" for n in range(1, 40))
    bring(("companies.csv", f"company id,name,parent\nC0,Company 0,\n{rows}"))
    report = bring(
        ("companies.csv", "company id,name,parent\nC0,Company 0,Company 39\nC5,Company five,Company 4\n")
    )
    assert [(r.line, str(r.message)) for r in report.files[0].refused] == [
        (2, "A company cannot be its own parent, even through others.")
    ]
    assert report.totals.updated == 1
    with workspace_scope(cast.arman.id):
        assert Company.objects.get(external_id="C5").name == "Company five"
        assert Company.objects.get(external_id="C0").parent_id is None
        updates = EventRow.objects.filter(wire="objects.record_updated.v1")
        assert [e.data["changes"] for e in updates] == [{"name": ["Company 5", "Company five"]}]


def test_parents_may_come_later_in_the_file_and_must_come(cast, bring):
    report = bring(
        ("companies.csv", "company,parent\nChild,Mother\nOrphan,Nobody\nMother,Grandmother\nGrandmother,\n")
    )
    assert [(r.line, r.column, r.code) for r in report.files[0].refused] == [(3, "parent", "missing")]
    with workspace_scope(cast.arman.id):
        assert Company.objects.get(name="Child").parent.parent.name == "Grandmother"


def test_links_are_blind_to_spaces_and_letters_and_refuse_to_guess(cast, bring):
    with workspace_scope(cast.arman.id):
        ctx = Context(system_actor(cast.arman), "cli")
        for name in ("بهداشتی آوند‌طب", "Two", "TWO"):
            create_record(ctx, COMPANY, {"name": name})
    report = bring(
        (
            "people.csv",
            "نام و نام خانوادگی;شرکت;موبایل\nعلی کریمی;بهداشتي آوند طب;۰۹۱۲۴۳۸۲۲۱۷\nNeda;tWo;\nSara;TWO;\n",
        )
    )
    assert [(r.line, r.code) for r in report.files[0].refused] == [(3, "several")]
    with workspace_scope(cast.arman.id):
        ali = Person.objects.get(name="علی کریمی")
        assert (ali.company.name, ali.phone) == ("بهداشتی آوند‌طب", "+989124382217")
        assert Person.objects.get(name="Sara").company.name == "TWO"


def test_stages_of_the_business_are_made_and_slips_are_not(cast, bring):
    rows = "".join(f"D{n},Deal {n},Engaging,\n" for n in range(20)) + "D99,Slip,Engagin,\n"
    report = bring(("deals.csv", f"deal id,name,stage,close date\n{rows}"), tenant=cast.rival)
    assert [(r.line, r.code) for r in report.files[0].refused] == [(22, "unknown_stage")]
    with workspace_scope(cast.rival.id):
        assert Stage.objects.get(name="Engaging").kind == "open"
    # Once there are deals, the pipeline is what it is, unless its owner says otherwise.
    more = rows.replace("Engaging", "Tasting").replace("D", "E")
    assert (
        bring(("deals.csv", f"deal id,name,stage,close date\n{more}"), tenant=cast.rival).totals.created == 0
    )
    asked = bring(
        ("deals.csv", f"deal id,name,stage,close date\n{more}"),
        tenant=cast.rival,
        create=frozenset({"stage"}),
    )
    assert asked.totals.refused == 0


def test_what_is_missing_is_created_where_it_is_asked_for(cast, bring):
    text = "deal id,name,stage,close date,company,product,amount\nD1,One,Won,2026-01-05,New Co,Widget,10\nD2,Two,Won,2026-01-06,New Co,Widget,20\n"
    assert bring(("deals.csv", text)).totals.refused == 2
    assert bring(("deals.csv", text), create=frozenset({"company", "product"})).totals.created == 2
    with workspace_scope(cast.arman.id):
        assert list(Company.objects.values_list("name", flat=True)) == ["New Co"]


def test_nothing_is_imported_without_the_right(cast, acting, bring):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.babak)
    with pytest.raises(NotAllowed):
        bring(("companies.csv", "company,city\nA,Tehran\n"), ctx=ctx)
    with workspace_scope(cast.arman.id):
        assert not Company.objects.exists()


def test_a_file_that_nobody_understands_stops_no_other(cast, bring):
    report = bring(
        ("x.csv", "Table,Field\na,b\n"), ("companies.csv", "company,city\nA,Tehran\n"), ("empty.csv", "")
    )
    assert [bool(f.problem) for f in report.files] == [True, True, False]
    assert report.totals.created == 1
    assert not report.is_complete


@pytest.mark.parametrize("told", [
    [], {"files": []}, {"files": {"a.csv": {"colums": {}}}}, {"files": {"a.csv": {"columns": []}}},
])  # fmt: skip
def test_a_mapping_that_says_nothing_sensible_is_refused(told):
    with pytest.raises(Invalid):
        mapping_of(told)


def test_the_mapping_tells_what_heads_do_not(cast, bring):
    mapping = mapping_of({"files": {"*.csv": {
        "object": "companies", "key": "nr", "columns": {"wer": "name", "wo": "city", "was": None},
        "values": {"wo": {"thr": "Tehran"}}, "defaults": {"kind": "supplier", "owner": "Babak Naderi"},
    }}})  # fmt: skip
    text = "nr|wer|wo|was\n7|Avand|THR|secret\n"
    assert bring(("export.csv", text), mapping=mapping).totals.created == 1
    assert bring(("export.csv", text.replace("Avand", "Avand Teb")), mapping=mapping).totals.updated == 1
    with workspace_scope(cast.arman.id):
        company = Company.objects.get()
        assert (company.external_id, company.name, company.city, company.kind, company.owner.name, company.about) == (
            "7", "Avand Teb", "Tehran", "supplier", "Babak Naderi", "",
        )  # fmt: skip


def test_what_a_role_may_not_write_it_may_not_import(cast, bring):
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(
            key="clerk", name="Clerk", grants={"company.*": "all", "import.run": "all"}, fields={"company.city": "read"}
        )  # fmt: skip
        User.objects.filter(id=cast.babak.id).update(role=role)
        access_changed(cast.arman.id)
        clerk = Context(user_actor(cast.arman.id, cast.babak.id), "web")
    constant = mapping_of({"files": {"*.csv": {"object": "companies", "defaults": {"city": "Tehran"}}}})
    for text, mapping in (("name,city\nAvand,Tehran\n", MappingFile()), ("name\nAvand\n", constant)):
        [file] = bring(("companies.csv", text), ctx=clerk, mapping=mapping).files
        assert file.problem is not None
        with workspace_scope(cast.arman.id):
            assert not Company.objects.exists()
    assert bring(("companies.csv", "name\nAvand\n"), ctx=clerk).totals.created == 1


def test_phones_are_added_and_blank_cells_erase_nothing(cast, bring):
    first = "person id,name,mobile,email,city\n1,Ali,09124382217,ali@example.ir,Tehran\n"
    bring(("people.csv", first))
    report = bring(("people.csv", first.replace("09124382217", "09121112233").replace("Tehran", "")))
    assert report.totals.updated == 1
    with workspace_scope(cast.arman.id):
        person = Person.objects.get()
        assert (person.phone, person.city) == ("+989124382217", "Tehran")
    assert bring(("people.csv", first)).totals.unchanged == 1


def test_people_without_ids_are_known_by_mail_then_phone_then_name(cast, bring):
    text = "name,email,mobile\nAli,ali@example.ir,\nNeda,,09124382217\nReza,,09124382217\nSara,,\n"
    assert bring(("people.csv", text)).totals.created == 4
    assert bring(("people.csv", text)).totals.unchanged == 4
    assert bring(("people.csv", text.replace("Ali,", "Ali Karimi,"))).totals.updated == 1


def test_records_in_the_bin_are_not_written_over(cast, bring):
    bring(("companies.csv", "company id,name\n1,A\n"))
    with workspace_scope(cast.arman.id):
        Company.objects.update(deleted_at="2026-01-01T00:00Z")
    report = bring(("companies.csv", "company id,name\n1,B\n"))
    assert [r.code for r in report.files[0].refused] == ["in_bin"]


def test_a_fraction_of_a_rial_costs_no_row(cast, bring):
    report = bring(
        ("accounts.csv", f"account,revenue\nZarrin,1100.04\nSimin,12.5\nMesin,250.05\nTalayi,{'9' * 40}.5\n")
    )
    assert [(r.line, r.column) for r in report.files[0].refused] == [(5, "revenue")]
    with workspace_scope(cast.arman.id):
        assert dict(Company.objects.filter(name__in=("Zarrin", "Simin", "Mesin")).values_list("name", "revenue")) == {
            "Zarrin": 11_000, "Simin": 125, "Mesin": 2_501,
        }  # fmt: skip


def test_a_row_of_a_number_alone_makes_nobody(cast, bring):
    """Where the file knows names; what is there already keeps its own."""
    people = "Record ID,First Name,Last Name,Email,Phone Number\n"
    first = bring(
        ("people.csv", f"{people}90001,Mina,,,\n90002,,,mina@example.com,\n90003,,,,\n90004,,,,02188001122\n")
    )
    assert [(r.line, r.code) for r in first.files[0].refused] == [(4, "required")]
    assert first.files[0].tally.created == 3
    again = bring(("people.csv", f"{people}90001,,,,\n"))
    assert not again.files[0].refused
    with workspace_scope(cast.arman.id):
        assert Person.objects.get(external_id="90001").given_name == "Mina"
        assert Person.objects.get(external_id="90002").name == "mina@example.com"
        assert not Person.objects.filter(external_id="90003").exists()


def test_a_default_day_of_making_is_not_in_the_future(cast, bring):
    told = MappingFile({"*": {"object": "person", "defaults": {"created_at": "2999-01-01"}}})
    file = bring(("people.csv", "name\nAhead\n"), mapping=told).files[0]
    assert file.problem is not None
    with workspace_scope(cast.arman.id):
        assert not Person.objects.exists()
