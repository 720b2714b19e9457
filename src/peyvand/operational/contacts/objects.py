"""What contacts declare: people, companies, the relationships between them, and tags."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.persian.identifiers import company_id, economic_code, national_id
from peyvand.operational.contacts.fields import Addresses, Points
from peyvand.operational.contacts.hooks import prepare_companies, prepare_people, prepare_relationships
from peyvand.operational.contacts.models import Company, Person, Relationship, Tag
from peyvand.operational.contacts.tags import Tags
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.types import (
    Choice,
    Day,
    Email,
    Identifier,
    Link,
    LongText,
    Money,
    Number,
    Option,
    Phone,
    Text,
    Url,
    UserLink,
)
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import ObjectSpec, Related, Section, StandardView, register

SOURCES = (
    Option("website", _("Website")),
    Option("referral", _("Referral")),
    Option("exhibition", _("Exhibition")),
    Option("advertisement", _("Advertisement")),
    Option("phone", _("Phone call")),
    Option("social", _("Social network")),
    Option("import", _("Import")),
    Option("other", _("Other")),
)
COMPANY_KINDS = (
    Option("customer", _("Customer"), "good"),
    Option("prospect", _("Prospect"), "acc"),
    Option("supplier", _("Supplier"), "info"),
    Option("distributor", _("Distributor"), "info"),
    Option("partner", _("Partner"), "info"),
    Option("government", _("Government"), "warn"),
    Option("other", _("Other")),
)

COMPANY = register(
    ObjectSpec(
        key="company",
        plural="companies",
        model=Company,
        label=_("Company"),
        label_plural=_("Companies"),
        icon="building",
        area=areas.CONTACTS,
        menu=20,
        shortcut="o",
        subtitle="industry",
        views=(StandardView("customers", _("Customers"), {"field": "kind", "op": "is", "value": "customer"}),),
        fields=(
            Text(key="name", label=_("Name"), required=True, search=True, max_length=300, sorted_by="name_sort",
                 headers=("company", "company name", "account", "account name", "organization", "نام شرکت", "شرکت", "نام سازمان")),
            Choice(key="kind", label=_("Relation"), options=COMPANY_KINDS, default="prospect", headers=("type", "نوع")),
            Text(key="industry", label=_("Industry"), max_length=100, headers=("sector", "صنعت", "حوزه فعالیت")),
            Phone(key="phone", label=_("Phone"), readonly=True, reads=("phones",)),
            Text(key="city", label=_("City"), max_length=100, headers=("town", "شهر")),
            UserLink(key="owner", label=_("Owner"), headers=("account owner", "sales agent", "مسئول")),
            Email(key="email", label=_("E-mail"), readonly=True, reads=("emails",)),
            Points(key="phones", label=_("Phones"), of="company", kind="phone", headers=("phone", "phone number", "تلفن", "شماره تماس")),
            Points(key="emails", label=_("E-mails"), of="company", kind="email", headers=("email", "e-mail", "ایمیل", "رایانامه")),
            Addresses(key="addresses", label=_("Addresses"), of="company", headers=("address", "نشانی", "آدرس")),
            Url(key="website", label=_("Website"), search=True, max_length=300, headers=("web", "url", "domain", "وب‌سایت", "سایت")),
            Text(key="country", label=_("Country"), max_length=100, secondary=True, headers=("office location", "location", "کشور")),
            Link(key="parent", label=_("Parent company"), to="company", timeline=True, headers=("subsidiary of", "parent", "شرکت مادر")),
            Identifier(key="national_id", label=_("National company ID"), check=company_id, search=True, secondary=True,
                       headers=("شناسه ملی",)),
            Identifier(key="economic_code", label=_("Economic code"), check=economic_code, secondary=True, headers=("کد اقتصادی",)),
            Number(key="employees", label=_("Employees"), min=0, secondary=True, headers=("number of employees", "تعداد کارکنان")),
            Money(key="revenue", label=_("Annual revenue"), secondary=True, headers=("annual revenue", "گردش مالی سالانه")),
            Number(key="founded", label=_("Founded in"), min=1, max=3000, grouped=False, secondary=True,
                   headers=("year established", "سال تأسیس")),
            Choice(key="source", label=_("Source"), options=SOURCES, secondary=True, headers=("lead source", "منبع")),
            Tags(key="tags", label=_("Tags"), of="company", headers=("labels", "برچسب", "برچسب‌ها")),
            LongText(key="about", label=_("About"), secondary=True, headers=("description", "توضیحات")),
        ),
        columns=("name", "kind", "industry", "phone", "city", "owner", "created_at"),
        sections=(
            Section(_("Details"), ("name", "kind", "industry", "parent", "owner", "tags")),
            Section(_("Reach"), ("phones", "emails", "addresses", "website", "city", "country")),
            Section(_("Registration"), ("national_id", "economic_code", "founded", "employees", "revenue")),
            Section(_("More"), ("source", "about", "external_id")),
        ),
        related=(
            Related("person", "company"),
            Related("lead", "company"),
            Related("deal", "company"),
            Related("company", "parent", _("Subsidiaries")),
            Related("relationship", "company", _("Relationships")),
        ),
        prepare=prepare_companies,
    )
)  # fmt: skip

PERSON = register(
    ObjectSpec(
        key="person",
        plural="people",
        model=Person,
        label=_("Person"),
        label_plural=_("People"),
        icon="users",
        area=areas.CONTACTS,
        menu=10,
        shortcut="p",
        subtitle="company",
        fields=(
            Text(key="name", label=_("Name"), search=True, max_length=201, sorted_by="name_sort",
                 headers=("full name", "contact name", "customer name", "contact", "نام کامل", "نام و نام خانوادگی")),
            Choice(key="honorific", label=_("Title"), options=(
                Option("mr", _("Mr")), Option("ms", _("Ms")), Option("dr", _("Dr")), Option("eng", _("Eng.")),
            ), secondary=True, headers=("salutation", "عنوان")),
            Text(key="given_name", label=_("Given name"), max_length=100, headers=("first name", "نام")),
            Text(key="family_name", label=_("Family name"), max_length=100, headers=("last name", "surname", "نام خانوادگی")),
            Text(key="job_title", label=_("Job title"), headers=("title", "position", "سمت")),
            Link(key="company", label=_("Company"), to="company", search=True, timeline=True,
                 headers=("account", "account name", "company name", "شرکت", "سازمان")),
            Phone(key="phone", label=_("Phone"), readonly=True, reads=("phones",)),
            Email(key="email", label=_("E-mail"), readonly=True, reads=("emails",)),
            Points(key="phones", label=_("Phones"), of="person", kind="phone",
                   headers=("phone", "mobile", "mobile phone", "phone number", "تلفن", "تلفن همراه", "موبایل", "شماره تماس")),
            Points(key="emails", label=_("E-mails"), of="person", kind="email",
                   headers=("email", "e-mail", "email address", "ایمیل", "رایانامه")),
            Addresses(key="addresses", label=_("Addresses"), of="person", headers=("address", "نشانی", "آدرس")),
            Text(key="city", label=_("City"), max_length=100, headers=("town", "شهر")),
            UserLink(key="owner", label=_("Owner"), headers=("contact owner", "lead owner", "مسئول")),
            Identifier(key="national_id", label=_("National ID"), check=national_id, search=True, secondary=True, headers=("کد ملی",)),
            Day(key="birthday", label=_("Birthday"), secondary=True, headers=("date of birth", "تاریخ تولد")),
            Choice(key="source", label=_("Source"), options=SOURCES, secondary=True, headers=("lead source", "منبع")),
            Tags(key="tags", label=_("Tags"), of="person", headers=("labels", "برچسب", "برچسب‌ها")),
            LongText(key="about", label=_("About"), secondary=True, headers=("description", "notes", "توضیحات")),
        ),
        columns=("name", "company", "job_title", "phone", "email", "city", "owner", "created_at"),
        sections=(
            Section(_("Details"), ("honorific", "given_name", "family_name", "job_title", "company", "owner", "tags")),
            Section(_("Reach"), ("phones", "emails", "addresses", "city")),
            Section(_("More"), ("national_id", "birthday", "source", "about", "external_id")),
        ),
        related=(Related("lead", "person"), Related("deal", "person"), Related("relationship", "person", _("Relationships"))),
        prepare=prepare_people,
    )
)  # fmt: skip

RELATIONSHIP_ROLES = (
    Option("employee", _("Works at")),
    Option("decision_maker", _("Decision maker")),
    Option("influencer", _("Influencer")),
    Option("shareholder", _("Shareholder")),
    Option("partner", _("Partner")),
    Option("referrer", _("Referred by")),
    Option("family", _("Family")),
    Option("other", _("Other")),
)

RELATIONSHIP = register(
    ObjectSpec(
        key="relationship",
        plural="relationships",
        model=Relationship,
        label=_("Relationship"),
        label_plural=_("Relationships"),
        icon="merge",
        title="role",
        policy=SharedRows(),
        in_search=False,
        fields=(
            Choice(key="role", label=_("Role"), options=RELATIONSHIP_ROLES, required=True),
            Link(key="person", label=_("Person"), to="person", timeline=True),
            Link(key="company", label=_("Company"), to="company", timeline=True),
            Link(key="to_person", label=_("To person"), to="person", timeline=True),
            Link(key="to_company", label=_("To company"), to="company", timeline=True),
            Text(key="title", label=_("Position")),
            Day(key="started_on", label=_("Since")),
            Day(key="ended_on", label=_("Until")),
        ),
        prepare=prepare_relationships,
    )
)

TAG = register(
    ObjectSpec(
        key="tag",
        plural="tags",
        model=Tag,
        label=_("Tag"),
        label_plural=_("Tags"),
        icon="tag",
        policy=SharedRows(),
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=60),
            Choice(
                key="tone",
                label=_("Colour"),
                options=(
                    Option("acc", _("Turquoise"), "acc"),
                    Option("good", _("Green"), "good"),
                    Option("warn", _("Amber"), "warn"),
                    Option("bad", _("Red"), "bad"),
                    Option("info", _("Blue"), "info"),
                ),
            ),
        ),
        in_search=False,
    )
)
