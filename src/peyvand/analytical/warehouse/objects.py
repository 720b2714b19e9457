"""Outside sources as objects: made, changed, listed and reached by programs like any other."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.warehouse.fields import Host, TableName
from peyvand.analytical.warehouse.hooks import prepare_sources, read_anew, settled_of
from peyvand.analytical.warehouse.models import OutsideSource
from peyvand.analytical.warehouse.outside.postgres import PURPOSE
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.types import Choice, Instant, LongText, Number, Option, Secret, Text
from peyvand.platform.objects.spec import ObjectSpec, Section, register

KINDS: Final = (
    Option(OutsideSource.FILE, _("File")),
    Option(OutsideSource.POSTGRES, _("Another PostgreSQL")),
)
BY: Final = (
    Option("email", _("E-mail address")),
    Option("phone", _("Phone number")),
    Option("code", _("External ID or national ID")),
    Option("name", _("Name")),
)
SSL_MODES: Final = (
    Option("verify-full", _("TLS, certificate checked")),
    Option("require", _("TLS, any certificate")),
    Option("disable", _("None (own network only)")),
)

OUTSIDE = register(
    ObjectSpec(
        key="outside_source",
        admin=True,
        plural="outside_sources",
        model=OutsideSource,
        label=_("Outside source"),
        label_plural=_("Outside sources"),
        icon="db",
        policy=SharedRows(),
        title="title",
        subtitle="name",
        in_search=False,
        default_sort="name",
        fields=(
            TableName(key="name", label=_("Name in SQL"), required=True,
                      help=_("It is asked as outside.name. Small Latin letters, digits and underscores.")),
            Text(key="title", label=_("What it contains"), max_length=200, help=_("Left empty: its name.")),
            Choice(key="kind", label=_("Kind"), options=KINDS, readonly=True, default=OutsideSource.POSTGRES),
            Host(key="host", label=_("Server")),
            Number(key="port", label=_("Port"), min=1, max=65535, grouped=False, default=5432),
            Text(key="database", label=_("Database"), max_length=63),
            Text(key="username", label=_("User name"), max_length=63,
                 help=_("Preferably one that may only read.")),
            Secret(key="password", label=_("Password"), purpose=PURPOSE,
                   help=_("Kept encrypted and never shown again. Left empty, it stays as it is.")),
            Choice(key="sslmode", label=_("Encryption"), options=SSL_MODES, default="verify-full"),
            Text(key="relation", label=_("Table or view"), max_length=130, help=_("For example public.orders.")),
            LongText(key="query", label=_("or a SELECT"), max_length=20_000),
            Text(key="customer_column", label=_("Column that identifies the customer"), max_length=100,
                 help=_("Left empty, rows are not joined to customers.")),
            Choice(key="customer_by", label=_("It contains their"), options=BY),
            Instant(key="taken_at", label=_("As of"), readonly=True),
            Number(key="rows", label=_("Rows"), readonly=True),
            LongText(key="problem", label=_("Problem"), readonly=True),
        ),
        columns=("name", "title", "kind", "taken_at", "rows"),
        sections=(
            Section(_("Outside source"), ("name", "title")),
            Section(_("Another PostgreSQL"), ("host", "port", "database", "username", "password", "sslmode", "relation", "query")),
            Section(_("Customers"), ("customer_column", "customer_by")),
        ),
        prepare=prepare_sources,
        after=read_anew,
        settled=settled_of,
    )
)  # fmt: skip
