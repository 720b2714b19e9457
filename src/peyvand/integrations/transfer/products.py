"""The heads that exports of other products carry, and what they mean here: data, and how a file is known by them.

A head that means nothing here stands for nothing; it still tells the product. Heads are compared by `plain`. Words that
anybody writes over a column (name, e-mail, city) tell no product: some of its own must be among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from peyvand.integrations.transfer.heads import plain

# A file is a product's when so many of its heads, and this share of them, are.
FEWEST: Final = 4
SHARE: Final = 0.6
# … and so many of them are its own.
FEWEST_OWN: Final = 2


@dataclass(frozen=True)
class Known:
    """A product's export of one of our objects: target by plain head; None where a head means nothing to us."""

    product: str
    object: str
    targets: Mapping[str, str | None]
    # Plain heads that nobody else would write.
    own: frozenset[str]


_ADDRESS: Final = {
    "street": "addresses.street", "city": "city", "state": "addresses.province", "postal code": "addresses.postal_code",
}  # fmt: skip


def _address(prefix: str, country: str | None, **names: str) -> dict[str, str | None]:
    """The parts of an address under a product's names: "BillingStreet", "billingAddressPostalCode", …"""
    found: dict[str, str | None] = {
        f"{prefix} {names.get(part.replace(' ', '_'), part)}": target for part, target in _ADDRESS.items()
    }
    return {**found, f"{prefix} country": country}


# product → object → head → target
HEADS: Final[dict[str, dict[str, dict[str, str | None]]]] = {
    "HubSpot": {
        "person": {
            "Record ID": "external_id", "First Name": "given_name", "Last Name": "family_name", "Email": "emails.work",
            "Phone Number": "phones.work", "Mobile Phone Number": "phones.mobile", "Job Title": "job_title", "Company Name": "company",
            "Associated Company": "company", "Contact owner": "owner", "Lead Status": None, "Lifecycle Stage": None, "Create Date": "created_at",
            "Last Activity Date": None, "Original Source": None, "Country/Region": "addresses.country", "City": "city",
            "State/Region": "addresses.province", "Postal Code": "addresses.postal_code", "Street Address": "addresses.street",
            "Associated Company IDs": None, "Date of birth": "birthday", "Associated Deal": None, "Associated Deal IDs": None,
        },
        "company": {
            "Record ID": "external_id", "Company name": "name", "Company Domain Name": "website", "Website URL": "website",
            "Company owner": "owner", "Industry": "industry", "Phone Number": "phones.work", "City": "city", "Country/Region": "country",
            "State/Region": "addresses.province", "Street Address": "addresses.street", "Create Date": "created_at", "Last Activity Date": None,
            "Description": "about", "Number of Employees": "employees", "Annual Revenue": "revenue", "Year Founded": "founded",
            "Parent Company": "parent", "Lifecycle Stage": None, "Associated Contact": None, "Associated Contact IDs": None,
        },
        "deal": {
            "Record ID": "external_id", "Deal Name": "name", "Deal Stage": "stage", "Amount": "amount", "Close Date": "closed_on",
            "Pipeline": "pipeline", "Deal owner": "owner", "Create Date": "engaged_on", "Last Activity Date": None,
            "Associated Company": "company", "Associated Contact": "person", "Associated Company IDs": None, "Associated Contact IDs": None,
            "Closed Lost Reason": "lost_note", "Deal Description": "description", "Deal probability": "probability", "Deal Type": None,
        },
    },
    "Salesforce": {
        "company": {
            "Id": "external_id", "IsDeleted": None, "MasterRecordId": None, "Name": "name", "Account Name": "name", "Type": None,
            "ParentId": "parent", "Phone": "phones.work", "Fax": "phones.fax", "AccountNumber": None, "Website": "website",
            "Industry": "industry", "AnnualRevenue": "revenue", "NumberOfEmployees": "employees", "Description": "about", "Rating": None,
            "Site": None, "OwnerId": "owner", "Account Owner": "owner", "CreatedDate": "created_at", "CreatedById": None, "LastModifiedDate": None,
            "LastModifiedById": None, "SystemModstamp": None, "LastActivityDate": None, "Ownership": None, "TickerSymbol": None,
            "PhotoUrl": None, "Sic": None, "SicDesc": None, "AccountSource": None, "BillingLatitude": None, "BillingLongitude": None,
            "YearStarted": "founded", **_address("Billing", "country"), **dict.fromkeys(_address("Shipping", None)),
        },
        "person": {
            "Id": "external_id", "IsDeleted": None, "MasterRecordId": None, "AccountId": "company", "Account Name": "company",
            "LastName": "family_name", "FirstName": "given_name", "Salutation": None, "Name": "name", "Title": "job_title",
            "Email": "emails.work", "Phone": "phones.work", "MobilePhone": "phones.mobile", "HomePhone": "phones.home",
            "Fax": "phones.fax", "OwnerId": "owner", "LeadSource": None, "HasOptedOutOfEmail": None, "Birthdate": "birthday",
            "Description": "about", "Department": None, "ReportsToId": None, "CreatedDate": "created_at", "CreatedById": None,
            "LastModifiedDate": None, "LastModifiedById": None, "SystemModstamp": None, "LastActivityDate": None,
            **_address("Mailing", "addresses.country"), **dict.fromkeys(_address("Other", None)),
        },
        "lead": {
            "Id": "external_id", "IsDeleted": None, "MasterRecordId": None, "LastName": "family_name", "FirstName": "given_name",
            "Salutation": None, "Name": None, "Title": "job_title", "Company": "company_name", "Street": None, "City": "city",
            "State": None, "PostalCode": None, "Country": None, "Phone": "phone", "MobilePhone": "phone", "Fax": None, "Email": "email",
            "Website": None, "Description": "message", "LeadSource": "utm_source", "Status": None, "Industry": None, "Rating": None,
            "AnnualRevenue": None, "NumberOfEmployees": None, "OwnerId": "owner", "IsConverted": None, "ConvertedDate": None,
            "ConvertedAccountId": None, "ConvertedContactId": None, "ConvertedOpportunityId": None, "IsUnreadByOwner": None,
            "CreatedDate": "created_at", "CreatedById": None, "LastModifiedDate": None, "LastModifiedById": None, "SystemModstamp": None,
            "LastActivityDate": None, "HasOptedOutOfEmail": None,
        },
        "deal": {
            "Id": "external_id", "IsDeleted": None, "AccountId": "company", "Account Name": "company", "Name": "name",
            "Opportunity Name": "name", "StageName": "stage", "Stage": "stage", "Amount": "amount", "Probability": "probability",
            "CloseDate": "closed_on", "Type": None, "NextStep": None, "LeadSource": None, "IsClosed": None, "IsWon": None,
            "ForecastCategory": None, "ForecastCategoryName": None, "CampaignId": None, "ContactId": "person",
            "HasOpportunityLineItem": None, "Fiscal": None, "FiscalQuarter": None, "FiscalYear": None, "OwnerId": "owner",
            "Opportunity Owner": "owner", "CreatedDate": "engaged_on", "CreatedById": None, "LastModifiedDate": None,
            "LastModifiedById": None, "LastActivityDate": None, "HasOpenActivity": None, "HasOverdueTask": None,
            "Description": "description",
        },
    },
    "Twenty": {
        "person": {
            "Id": "external_id", "Name / First Name": "given_name", "Name / Last Name": "family_name",
            "Emails / Primary Email": "emails.work", "Emails / Additional Emails": None, "Phones / Primary Phone Number": "phones.mobile",
            "Phones / Primary Phone Country Code": None, "Phones / Primary Phone Calling Code": None, "Phones / Additional Phones": None,
            "Job Title": "job_title", "Company Id": "company", "Linkedin / Link URL": None, "City": "city", "Creation Date": "created_at",
            "Last Update": None, "Created By": None,
        },
        "company": {
            "Id": "external_id", "Name": "name", "Domain / Domain URL": "website", "Domain / Domain Label": None,
            "Address / Address 1": "addresses.street", "Address / Address 2": None, "Address / City": "city",
            "Address / State": "addresses.province", "Address / Country": "country", "Address / Post Code": "addresses.postal_code",
            "Address / Latitude": None, "Address / Longitude": None, "Employees": "employees", "Annual Revenue / Amount": "revenue",
            "Annual Revenue / Currency": None, "Account Owner": "owner",
        },
        "deal": {
            "Id": "external_id", "Name": "name", "Amount / Amount": "amount", "Amount / Currency": None, "Close Date": "closed_on",
            "Stage": "stage", "Company Id": "company", "Point of Contact Id": "person",
        },
    },
    "EspoCRM": {
        "company": {
            "id": "external_id", "name": "name", "website": "website", "emailAddress": "emails.work", "phoneNumber": "phones.work",
            "type": None, "industry": "industry", "sicCode": None, "description": "about", "campaignName": None,
            "assignedUserName": "owner", "teamsNames": None, "createdAt": "created_at", "modifiedAt": None,
            **_address("billingAddress", "country"), **dict.fromkeys(_address("shippingAddress", None)),
        },
        "person": {
            "id": "external_id", "salutationName": None, "firstName": "given_name", "lastName": "family_name", "accountName": "company",
            "title": "job_title", "accountRole": "job_title", "emailAddress": "emails.work", "phoneNumber": "phones.mobile",
            "doNotCall": None, "description": "about", "assignedUserName": "owner", "teamsNames": None, "createdAt": "created_at",
            "modifiedAt": None, **_address("address", "addresses.country"),
        },
        "lead": {
            "id": "external_id", "salutationName": None, "firstName": "given_name", "lastName": "family_name", "title": "job_title",
            "status": None, "source": "utm_source", "industry": None, "opportunityAmount": "budget", "opportunityAmountCurrency": None,
            "website": None, "emailAddress": "email", "phoneNumber": "phone", "doNotCall": None, "accountName": "company_name",
            "campaignName": "campaign", "convertedAt": None, "createdAccountName": None, "createdContactName": None,
            "createdOpportunityName": None, "assignedUserName": "owner", "teamsNames": None, "description": "message", "createdAt": "created_at",
            "modifiedAt": None, "addressStreet": None, "addressCity": "city", "addressState": None, "addressCountry": None,
            "addressPostalCode": None,
        },
        "deal": {
            "id": "external_id", "name": "name", "amount": "amount", "amountCurrency": None, "accountName": "company",
            "contactsNames": None, "contactName": "person", "stage": "stage", "lastStage": None, "probability": "probability",
            "leadSource": None, "closeDate": "closed_on", "campaignName": None, "assignedUserName": "owner", "description": "description",
            "createdAt": "engaged_on", "modifiedAt": None,
        },
    },
    "Pipedrive": {
        "person": {
            "Person - ID": "external_id", "Person - Name": "name", "Person - First name": "given_name", "Person - Last name": "family_name",
            "Person - Email": "emails.work", "Person - Email - Work": "emails.work", "Person - Email (Work)": "emails.work",
            "Person - Email (Home)": "emails.home", "Person - Phone": "phones.work", "Person - Phone - Work": "phones.work",
            "Person - Phone - Mobile": "phones.mobile", "Person - Phone (Mobile)": "phones.mobile", "Person - Phone (Work)": "phones.work",
            "Person - Label": "tags", "Person - Labels": "tags", "Person - Owner": "owner", "Person - Organization": "company",
            "Person - Birthday": "birthday", "Person - Job title": "job_title", "Person - Notes": "about",
            "Person - Pipedrive System ID": "external_id", "Person - Person created": "created_at",
        },
        "company": {
            "Organization - ID": "external_id", "Organization - Name": "name", "Organization - Address": "addresses.street",
            "Organization - Label": "tags", "Organization - Labels": "tags", "Organization - Owner": "owner",
            "Organization - Industry": "industry", "Organization - Annual revenue": "revenue",
            "Organization - Number of employees": "employees", "Organization - Website": "website",
            "Organization - Pipedrive System ID": "external_id", "Organization - People": None, "Organization - Open deals": None,
            "Organization - Organization created": "created_at",
        },
        "deal": {
            "Deal - ID": "external_id", "Deal - Title": "name", "Deal - Value": "amount", "Deal - Currency of value": None,
            "Deal - Currency": None, "Deal - Pipeline": "pipeline", "Deal - Stage": "stage", "Deal - Status": None,
            "Deal - Expected close date": "expected_on", "Deal - Won time": "closed_on", "Deal - Lost time": None,
            "Deal - Lost reason": "lost_note", "Deal - Probability": "probability", "Deal - Label": None, "Deal - Owner": "owner",
            "Deal - Organization": "company", "Deal - Contact person": "person", "Deal - Pipedrive System ID": "external_id",
            "Deal - Deal created": "engaged_on",
        },
    },
    "Frappe CRM": {
        "lead": {
            "name": "external_id", "naming_series": None, "first_name": "given_name", "last_name": "family_name", "lead_name": None,
            "status": None, "email": "email", "mobile_no": "phone", "phone": "phone", "organization": "company_name",
            "job_title": "job_title", "source": "utm_source", "territory": None, "lead_owner": "owner", "sla": None, "sla_status": None,
            "communication_status": None, "salutation": None, "gender": None, "website": None, "industry": None, "annual_revenue": None,
            "no_of_employees": None,
        },
        "deal": {
            "name": "external_id", "naming_series": None, "organization": "company", "organization_name": "name", "status": "stage",
            "deal_value": "amount", "annual_revenue": None, "currency": None, "exchange_rate": None, "probability": "probability",
            "expected_closure_date": "expected_on", "closed_date": "closed_on", "lost_reason": None, "lost_notes": "lost_note",
            "deal_owner": "owner", "contact": "person", "source": None, "next_step": None, "sla": None, "sla_status": None,
        },
        "company": {
            "name": "external_id", "organization_name": "name", "no_of_employees": "employees", "currency": None, "annual_revenue": "revenue",
            "website": "website", "territory": None, "industry": "industry", "organization_logo": None, "exchange_rate": None,
        },
    },
    "پیام‌گستر": {
        "person": {
            "شماره مشتری": "external_id", "کد مشتری": "external_id", "نام": "given_name", "نام خانوادگی": "family_name", "موضوع": None,
            "جنسیت": None, "کد ملی": "national_id", "تلفن": "phones.work", "تلفن ثابت": "phones.work", "شماره تلفن": "phones.work",
            "موبایل": "phones.mobile", "تلفن همراه": "phones.mobile", "فکس": "phones.fax", "ایمیل": "emails.work",
            "پست الکترونیک": "emails.work", "استان": "addresses.province", "شهر": "city", "آدرس": "addresses.street",
            "نشانی": "addresses.street", "کد پستی": "addresses.postal_code", "سازمان": "company", "نام سازمان": "company", "سمت": "job_title",
            "تاریخ تولد": "birthday", "نحوه آشنایی": None, "کارشناس فروش": "owner", "مسئول": "owner", "دسته‌بندی": "tags",
            "توضیحات": "about", "پیشوند": None, "لقب": None, "عنوان": None, "شناسه": "external_id", "کشور": "addresses.country",
            "گروه هویت": "tags", "نوع هویت": None, "شناسه ملی": None, "کد اقتصادی": None, "تاریخ ایجاد": "created_at",
            "تاریخ ثبت": "created_at",
        },
        "company": {
            "شماره مشتری": "external_id", "کد مشتری": "external_id", "نام سازمان": "name", "نام شرکت": "name", "موضوع": None,
            "شناسه ملی": "national_id", "کد اقتصادی": "economic_code", "شماره ثبت": None, "تلفن": "phones.work",
            "تلفن ثابت": "phones.work", "شماره تلفن": "phones.work", "فکس": "phones.fax", "ایمیل": "emails.work",
            "پست الکترونیک": "emails.work", "وب سایت": "website", "استان": "addresses.province", "شهر": "city", "آدرس": "addresses.street",
            "نشانی": "addresses.street", "کد پستی": "addresses.postal_code", "زمینه فعالیت": "industry", "صنعت": "industry",
            "تعداد پرسنل": "employees", "نحوه آشنایی": None, "کارشناس فروش": "owner", "مسئول": "owner", "دسته‌بندی": "tags",
            "توضیحات": "about", "شناسه": "external_id", "کشور": "country", "گروه هویت": "tags", "نوع هویت": None,
            "تاریخ ایجاد": "created_at", "تاریخ ثبت": "created_at",
        },
        "deal": {
            "شماره فرصت": "external_id", "موضوع": "name", "عنوان فرصت": "name", "مشتری": "company", "نام مشتری": "company",
            "مرحله": "stage", "وضعیت": None, "مبلغ": "amount", "مبلغ تخمینی": "amount", "احتمال موفقیت": "probability",
            "تاریخ بستن": "closed_on", "تاریخ پیش‌بینی": "expected_on", "تاریخ ایجاد": "engaged_on", "کارشناس فروش": "owner",
            "مسئول": "owner", "دلیل شکست": "lost_note", "توضیحات": "description", "منبع": None,
        },
    },
}  # fmt: skip


# product → heads that are its own. Where all have its way of joining words, they are known by that (" / ", " - ").
OWN: Final[dict[str, tuple[str, ...]]] = {
    "HubSpot": (
        "Record ID", "Lifecycle Stage", "Original Source", "Contact owner", "Company owner", "Deal owner", "Company Domain Name",
        "Associated Company", "Associated Contact", "Associated Deal", "Associated Company IDs", "Associated Contact IDs",
        "Associated Deal IDs", "Mobile Phone Number", "Closed Lost Reason", "Deal probability", "Year Founded",
    ),
    "Salesforce": (
        "IsDeleted", "MasterRecordId", "ParentId", "AccountId", "AccountNumber", "OwnerId", "CreatedById", "LastModifiedById",
        "SystemModstamp", "NumberOfEmployees", "TickerSymbol", "PhotoUrl", "SicDesc", "AccountSource", "YearStarted", "StageName",
        "CloseDate", "IsClosed", "IsWon", "ForecastCategory", "CampaignId", "HasOptedOutOfEmail", "ReportsToId", "IsConverted",
        "ConvertedAccountId", "ConvertedContactId", "MailingStreet", "MailingCity", "BillingStreet", "BillingCity", "ShippingStreet",
        "Opportunity Name", "Opportunity Owner", "Account Owner",
    ),
    "Twenty": (" / ", "Point of Contact Id", "Creation Date", "Last Update"),
    "EspoCRM": (
        "emailAddress", "phoneNumber", "assignedUserName", "teamsNames", "createdAt", "modifiedAt", "campaignName", "salutationName",
        "accountRole", "doNotCall", "sicCode", "billingAddressStreet", "billingAddressCity", "shippingAddressStreet", "addressStreet",
        "amountCurrency", "contactsNames", "lastStage", "createdAccountName", "opportunityAmountCurrency",
    ),
    "Pipedrive": ("Person - ", "Organization - ", "Deal - "),
    "Frappe CRM": (
        "naming_series", "lead_name", "mobile_no", "lead_owner", "sla_status", "communication_status", "organization_name",
        "deal_value", "expected_closure_date", "lost_notes", "deal_owner", "no_of_employees", "organization_logo", "exchange_rate",
    ),
    "پیام‌گستر": (
        "شماره مشتری", "نحوه آشنایی", "گروه هویت", "نوع هویت", "لقب", "پیشوند",
        "شماره فرصت", "عنوان فرصت", "مبلغ تخمینی", "احتمال موفقیت", "دلیل شکست",
    ),
}  # fmt: skip


@cache
def _known() -> tuple[Known, ...]:
    return tuple(
        Known(product, key, {plain(head): target for head, target in heads.items()}, _own(product, heads))
        for product, objects in HEADS.items()
        for key, heads in objects.items()
    )


def _own(product: str, heads: Mapping[str, str | None]) -> frozenset[str]:
    return frozenset(
        plain(head)
        for head in heads
        if any(own in head if own != own.strip() else plain(own) == plain(head) for own in OWN[product])
    )


def product_of(headers: Sequence[str], object_key: str = "") -> Known | None:
    """The product, and the object of it, whose export has these heads; of one object where it is told."""
    heads = {plain(head) for head in headers if head}
    best: tuple[int, int, Known] | None = None
    for known in _known():
        if object_key and known.object != object_key:
            continue
        hits = heads & known.targets.keys()
        if len(hits) < FEWEST or len(hits) < SHARE * len(heads) or len(hits & known.own) < FEWEST_OWN:
            continue
        score = (len(hits), sum(known.targets[head] is not None for head in hits))
        if best is None or score > best[:2]:
            best = (*score, known)
    return best[2] if best else None
