"""Moving a company over: original days, who and which stage is meant, whole addresses, all that is made, files that are no use."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from peyvand.administration.members.actions import add_user
from peyvand.administration.schema.actions import add_field, add_object
from peyvand.integrations.transfer.actions import folder_of
from peyvand.integrations.transfer.jobs import undo, work
from peyvand.integrations.transfer.mapping import mapping_of
from peyvand.integrations.transfer.models import ImportRun
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.integrations.transfer.web.looking import look_at
from peyvand.kernel import clock
from peyvand.operational.contacts.models import Company, Person, PostalAddress, Tag
from peyvand.operational.sales.models import Deal, Stage
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.identity.actor import system_actor, user_actor
from peyvand.platform.identity.sessions import ACCOUNT
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
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
def client(cast):
    client = Client()
    session = client.session
    session[ACCOUNT] = cast.sara.account_id
    session.save()
    return client


def upload(client, name: str, content: str | bytes) -> str:
    content = content if isinstance(content, bytes) else content.encode()
    return client.post("/w/arman/import/", {"files": [SimpleUploadedFile(name, content)]}).url


def looked_at(cast, url: str):
    with workspace_scope(cast.arman.id):
        run = ImportRun.objects.get(id=int(url.rpartition("/")[2]))
        ctx = Context(user_actor(cast.arman.id, cast.sara.id), "web")
        return look_at(ctx, run, run.mapping)[0]


def worked_off(cast, client, url: str, **given):
    client.post(url, given)
    run_id = int(url.rpartition("/")[2])
    work(cast.arman, run_id)
    with workspace_scope(cast.arman.id):
        return ImportRun.objects.get(id=run_id)


@pytest.mark.parametrize("head", ["Create Date", "Created at", "تاریخ ایجاد"])
def test_a_new_record_keeps_the_day_on_which_it_was_made_elsewhere(cast, bring, head):
    text = f"external id,full name,{head}\n7,Ali Karimi,2019-05-04\n8,Sara Rad,\n"
    assert bring("people.csv", text).totals.created == 2
    with workspace_scope(cast.arman.id):
        kept = Person.objects.get(external_id="7").created_at
        assert kept.astimezone(ZoneInfo(cast.arman.timezone)).date() == date(2019, 5, 4)
        assert clock.now() - Person.objects.get(external_id="8").created_at < timedelta(hours=1)
    # It is said once: nobody's record becomes older by a second file.
    again = bring("people.csv", text.replace("2019", "2015"))
    assert (again.totals.updated, again.totals.unchanged) == (0, 2)
    with workspace_scope(cast.arman.id):
        assert Person.objects.get(external_id="7").created_at == kept


def test_nothing_was_made_in_the_future(cast, bring):
    report = bring("people.csv", "full name,created at\nAli Karimi,2120-05-04\n")
    assert [(r.column, r.code) for r in report.files[0].refused] == [("created at", "in_future")]


def test_hubspot_and_persian_heads_tell_the_day_of_making(cast, bring):
    hubspot = "Record ID,First Name,Last Name,Email,Contact owner,Lifecycle Stage,Create Date\n1,Maria,Oko,m@oko.example,,Customer,2024-03-02 10:11\n"
    assert bring("contacts.csv", hubspot).files[0].columns["Create Date"] == "created_at"
    with workspace_scope(cast.arman.id):
        assert Person.objects.get().created_at < datetime(2024, 3, 4, tzinfo=UTC)


PEOPLE = "first name,last name,email,company,tags\nAli,Karimi,a@x.example,Avand,gold\nSara,Rad,s@x.example,Avand,\nNeda,Pak,n@x.example,Bahar,\n"
MAKING = {"object": "person", "create_missing": ["company"]}


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_rows_name_and_is_made_is_counted_too(cast, bring, dry_run):
    report = bring("people.csv", PEOPLE, MAKING, dry_run=dry_run)
    assert report.totals.created == 3
    assert report.totals.also == {"company": 2, "tag": 1}
    assert report.totals.made == 6
    with workspace_scope(cast.arman.id):
        assert Company.objects.count() + Tag.objects.filter(name="gold").count() == (0 if dry_run else 3)


def test_the_page_the_history_and_the_undoing_tell_the_same_number(cast, client):
    url = upload(client, "people.csv", PEOPLE)
    run = worked_off(cast, client, url, **{"object-0": "person", "create-0-company": "1", "import": "1"})
    assert (run.state, run.created) == ("done", 6)
    page = client.get(url).content.decode()
    assert page.count("آنچه ردیف‌ها نام برده‌اند") + page.count("named by the rows") == 2
    client.post(f"{url}/undo")
    undo(cast.arman, run.id)
    with workspace_scope(cast.arman.id):
        assert ImportRun.objects.get(id=run.id).undoing["removed"] == 6
        assert not Person.objects.exists()
        assert not Company.objects.exists()


def words_of(look, header: str):
    (one,) = (m for m in look.maps if m.header == header)
    return {entry.word: (entry.meant, entry.is_known) for entry in one.entries}


def test_an_owner_is_known_by_the_mail_and_proposed_by_a_name_that_only_one_has(cast, client):
    url = upload(
        client,
        "people.csv",
        "full name,owner\nA B,sara@arman.example\nC D,babak\nE F,nobody@nowhere.example\nG H,Vida\n",
    )
    look = looked_at(cast, url)
    assert words_of(look, "owner") == {
        "sara@arman.example": ("", True), "babak": ("Babak Naderi", True), "Vida": ("Vida Viewer", True),
        "nobody@nowhere.example": ("", False),
    }  # fmt: skip
    # What is proposed is in the grid already: only the row of nobody is at fault.
    assert [line.number for line in look.lines if line.is_bad] == [4]


def test_a_name_that_two_users_share_is_proposed_to_nobody(cast, client):
    with workspace_scope(cast.arman.id):
        add_user(job_context(cast.arman), name="Babak Rad", email="rad@arman.example", role="member")
    look = looked_at(cast, upload(client, "people.csv", "full name,owner\nA B,Babak\n"))
    assert words_of(look, "owner") == {"Babak": ("", False)}


DEALS = (
    "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Deal owner\n"
    "1,Kitchen,Qualified To Buy,Sales Pipeline,100,2026-12-01,sara@arman.example\n"
    "2,Roof,Contract Sent,Sales Pipeline,100,2026-12-01,\n3,Door,Decision Maker Bought-In,Sales Pipeline,100,2026-12-01,\n"
)


def test_standard_stages_of_other_products_are_proposed_by_their_meaning(cast, client):
    url = upload(client, "deals.csv", DEALS)
    look = looked_at(cast, url)
    stages = {word: meant for word, (meant, _) in words_of(look, "Deal Stage").items()}
    with workspace_scope(cast.arman.id):
        names = dict(Stage.objects.values_list("probability", "name"))
    assert stages == {
        "Qualified To Buy": names[25], "Contract Sent": names[90], "Decision Maker Bought-In": names[70],
    }  # fmt: skip
    assert all(known for _, known in words_of(look, "Pipeline").values())
    # The form as the page draws it takes them over.
    form = {f"value-0-{n}-{m}": e.meant for n, one in enumerate(look.maps) for m, e in enumerate(one.entries)}
    run = worked_off(cast, client, url, **form, **{"import": "1"})
    assert (run.state, run.created, run.refused) == ("done", 3, 0)
    with workspace_scope(cast.arman.id):
        assert Deal.objects.get(name="Roof").stage.name == names[90]


def test_a_proposal_that_was_refused_does_not_come_again(cast, client):
    url = upload(client, "people.csv", "full name,owner\nA B,babak\n")
    client.post(url, {"value-0-0-0": "", "look": "1"})
    assert words_of(looked_at(cast, url), "owner") == {"babak": ("", False)}


@pytest.mark.parametrize(
    ("heads", "country"),
    [("استان,شهر,کد پستی,کشور,نشانی", "ایران"), ("State/Region,City,Zip code,Country,Street", "Iran")],
)
def test_an_address_is_taken_whole(cast, bring, heads, country):
    bring("people.csv", f"full name,{heads}\nAli Karimi,Fars,Shiraz,1969714713,{country},Valiasr 12\n")
    with workspace_scope(cast.arman.id):
        (one,) = PostalAddress.objects.values_list("province", "postal_code", "country", "street")
        assert one == ("Fars", "1969714713", country, "Valiasr 12")
        assert Person.objects.get().city == "Shiraz"


PAYAMGOSTAR = (
    "شماره مشتری,نام,نام خانوادگی,عنوان,موبایل,استان,کد پستی,گروه هویت,تاریخ ایجاد\n"
    "۴۴۰۱,گلناز,فرهمندپور,خانم,۰۹۳۵۱۱۱۲۲۳۳,تهران,۱۹۶۹۷۱۴۷۱۳,مشتریان,۱۴۰۴/۰۲/۱۵\n"
)


def test_payamgostars_heads_are_known(cast, client):
    look = looked_at(cast, upload(client, "p.csv", PAYAMGOSTAR))
    assert look.product == "پیام‌گستر"
    targets = {head.name: head.target for head in look.heads}
    assert (targets["استان"], targets["کد پستی"], targets["گروه هویت"], targets["تاریخ ایجاد"]) == (
        "addresses.province", "addresses.postal_code", "tags", "created_at",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"), [("empty.csv", b""), ("broken.xlsx", b"PK\x03\x04 no archive at all")]
)
def test_a_file_of_no_use_offers_nothing_but_to_put_it_away(cast, client, name, content):
    url = upload(client, name, content)
    page = client.get(url).content.decode()
    assert 'name="import"' not in page
    assert 'name="check"' not in page
    assert "EOCD" not in page
    assert f"{url}/put-away" in page
    folder = folder_of(cast.arman.id, int(url.rpartition("/")[2]))
    assert folder.is_dir()
    assert client.post(f"{url}/put-away").status_code == 302
    assert client.get(url).status_code == 404
    with workspace_scope(cast.arman.id):
        assert not ImportRun.objects.exists()


def test_an_import_of_which_records_came_is_not_put_away(cast, client):
    url = upload(client, "people.csv", PEOPLE)
    worked_off(cast, client, url, **{"object-0": "person", "create-0-company": "1", "import": "1"})
    assert client.post(f"{url}/put-away").status_code == 409
    with workspace_scope(cast.arman.id):
        assert ImportRun.objects.count() == 1


CARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Sara Rad\r\nORG:Avand;Sales\r\nADR;TYPE=WORK:;;Valiasr 12;Tehran;Tehran;1969714713;Iran\r\n"
    "END:VCARD\r\n"
)


def test_a_cards_parts_are_called_as_people_call_them(cast, client):
    url = upload(client, "a.vcf", CARD)
    look = looked_at(cast, url)
    there = {head.name: head for head in look.heads if not head.is_absent}
    assert set(there) == {
        "Full name",
        "Company",
        "Street",
        "City",
        "Department",
        "Province",
        "Postal code",
        "Country",
    }
    assert there["Postal code"].target == "addresses.postal_code"
    assert there["Country"].target == "addresses.country"
    page = client.get(url, headers={"accept-language": "fa"}).content.decode()
    assert "external_id</bdi>" not in page
    run = worked_off(cast, client, url, **{"import": "1"})
    assert run.created == 2
    with workspace_scope(cast.arman.id):
        assert PostalAddress.objects.get().country == "Iran"


def test_a_mark_of_utf_8_is_no_encoding_of_its_own(cast, client):
    url = upload(client, "a.csv", "\ufefffull name,city\nAli,Tehran\n")
    page = client.get(url).content.decode()
    assert ">utf-8-sig<" not in page
    assert '<option value="utf-8-sig" selected>UTF-8</option>' in page


def test_the_timeline_tells_by_which_import_a_record_came(cast, client):
    url = upload(client, "people.csv", PEOPLE)
    worked_off(cast, client, url, **{"object-0": "person", "create-0-company": "1", "import": "1"})
    with workspace_scope(cast.arman.id):
        company = Company.objects.get(name="Avand")
    page = client.get(f"/w/arman/companies/{company.id}/").content.decode()
    assert f'href="{url}">' in page
    assert "people.csv" in page


CONTRACTS = "شناسه,نام,طرف,ماه,مسئول,تاریخ ایجاد\nK1,نگهداری آوند,09123456789,12,sara@arman.example,1402/03/04\nK2,نگهداری بهار,,6,,\n"


@pytest.fixture
def contract(cast):
    """An object of the workspace's own, with a person and a number; its key."""
    with workspace_scope(cast.arman.id):
        ctx = Context(user_actor(cast.arman.id, cast.sara.id), "web")
        own = add_object(ctx, labels={"fa": "قرارداد"}, plural_labels={"fa": "قراردادها"})
        add_field(ctx, own.key, "link", labels={"fa": "طرف"}, to="person")
        add_field(ctx, own.key, "number", labels={"fa": "ماه"})
        create_record(ctx, object_named("person"), {"name": "علی کریمی", "phones": ["09123456789"]})
        return own.key


def test_an_object_of_ones_own_comes_and_goes_as_all_others(cast, client, contract):
    url = upload(client, "قراردادها.csv", CONTRACTS)
    look = looked_at(cast, url)
    assert contract in [spec.key for spec in look.objects]
    assert look.object == contract
    run = worked_off(cast, client, url, **{"import": "1"})
    assert (run.state, run.created, run.refused) == ("done", 2, 0), run.report
    with workspace_scope(cast.arman.id):
        spec = object_named(contract)
        first, second = spec.rows.order_by("id")
        link = next(f for f in spec.own_fields if str(f.label) == "طرف")
        assert (link.read(first), link.read(second)) == (Person.objects.get().id, None)
        assert first.owner_id == cast.sara.id
        assert first.created_at < datetime(2023, 6, 1, tzinfo=UTC) < second.created_at
    # The same file again changes nothing.
    again = upload(client, "قراردادها.csv", CONTRACTS)
    rerun = worked_off(cast, client, again, **{"import": "1"})
    assert (rerun.created, rerun.updated, rerun.unchanged, rerun.refused) == (0, 0, 2, 0)
    client.post(f"{url}/undo")
    undo(cast.arman, run.id)
    with workspace_scope(cast.arman.id):
        assert ImportRun.objects.get(id=run.id).undoing["removed"] == 2
        assert not object_named(contract).rows.exists()
        assert Person.objects.count() == 1


def test_a_file_of_people_is_not_taken_for_an_object_of_ones_own(cast, client, contract):
    assert looked_at(cast, upload(client, "people.csv", PEOPLE)).object == "person"
