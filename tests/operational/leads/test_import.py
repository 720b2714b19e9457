"""Lists of leads, and the exports of other products, come in as leads of people who are there or are made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from peyvand.integrations.transfer.products import product_of
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.operational.leads.models import Lead
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

SALESFORCE = (
    "Id,FirstName,LastName,Company,Title,Email,Phone,LeadSource,Status,OwnerId,IsConverted,ConvertedDate,ConvertedAccountId,Description\n"
    "00Q1,Reza,Karimi,Avand,Buyer,reza@example.com,0912 111 2233,Web,Open,,0,,,Ten routers\n"
    "00Q2,Mina,Rad,Parse,CEO,mina@example.com,,Fair,Open,,0,,,Prices please\n"
)
ESPO = (
    "id,firstName,lastName,title,status,source,opportunityAmount,emailAddress,phoneNumber,accountName,campaignName,assignedUserName\n"
    "a1,Reza,Karimi,Buyer,New,Web Site,500,reza@example.com,09121112233,Avand,Spring,\n"
)
FRAPPE = (
    "naming_series,first_name,last_name,status,email,mobile_no,organization,source,lead_owner\n"
    "L-1,Reza,Karimi,New,reza@example.com,09121112233,Avand,Site,\n"
)
PERSIAN = "نام,نام خانوادگی,تلفن همراه,رایانامه,شرکت,موضوع,کارزار\nپروین,احمدی,۰۹۱۲۳۴۵۶۷۸۹,,آوند,قیمت ده دستگاه,نوروز\n"


@pytest.fixture
def bring(cast: Any, acting: Any, tmp_path: Path) -> Any:
    def run(name: str, text: str) -> Any:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        with workspace_scope(cast.arman.id):
            return run_import(acting(cast.sara, "import"), [file], Wish())

    return run


@pytest.mark.parametrize(
    ("text", "product"), [(SALESFORCE, "Salesforce"), (ESPO, "EspoCRM"), (FRAPPE, "Frappe CRM")]
)
def test_an_export_of_another_product_is_known(
    cast: Any, acting: Any, bring: Any, text: str, product: str
) -> None:
    known = product_of(text.partition("\n")[0].split(","))
    assert known is not None
    assert (known.product, known.object) == (product, "lead")
    with workspace_scope(cast.arman.id):
        person = create_record(
            acting(cast.sara), PERSON, {"family_name": "K", "emails": ["reza@example.com"]}
        )
    report = bring("export.csv", text)
    assert report.totals.refused == 0
    with workspace_scope(cast.arman.id):
        lead = Lead.objects.order_by("id").first()
        assert lead is not None
        assert (lead.person_id, lead.company_name, lead.phone) == (person.id, "Avand", "+989121112233")
        assert lead.utm_source
        assert Person.objects.count() == Lead.objects.count()


def test_a_persian_list_comes_in_and_again_changes_nothing(cast: Any, bring: Any) -> None:
    assert bring("سرنخ‌ها.csv", PERSIAN).totals.created == 1
    with workspace_scope(cast.arman.id):
        lead = Lead.objects.get()
        assert (lead.name, lead.campaign, lead.company_name) == ("قیمت ده دستگاه", "نوروز", "آوند")
        assert Person.objects.get(id=lead.person_id).name == "پروین احمدی"
    again = bring("سرنخ‌ها.csv", PERSIAN)
    assert (again.totals.created, again.totals.refused) == (0, 0)


def test_a_list_of_people_is_one_of_people(cast: Any, bring: Any) -> None:
    bring(
        "contacts.csv",
        "First name,Last name,Email,Phone,Status\nReza,Karimi,reza@example.com,09121112233,New\n",
    )
    with workspace_scope(cast.arman.id):
        assert (Person.objects.count(), Lead.objects.count()) == (1, 0)
