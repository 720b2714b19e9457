"""The workspace's letterhead: who writes the papers."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.kernel.persian.identifiers import company_id, economic_code, postal_code
from peyvand.operational.documents.models import Letterhead
from peyvand.operational.documents.paper import Paper, Party
from peyvand.operational.documents.printing import pdf, picture_kind
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Email, Identifier, LongText, Option, Text
from peyvand.platform.identity.actor import Tenant

SET: Final = "letterhead.set"
MOST_BYTES: Final = 300_000
WARN: Final = "warn"
STOP: Final = "stop"
FIELDS: Final = (
    Text(key="name", label=_("Name on papers"), max_length=300, help=_("Empty: the workspace's name.")),
    Identifier(key="national_id", label=_("National company ID"), check=company_id, max_length=11),
    Identifier(key="economic_code", label=_("Economic code"), check=economic_code, max_length=14),
    Text(key="registration_no", label=_("Registration number"), max_length=30),
    Text(key="phone", label=_("Phone"), max_length=60),
    Email(key="email", label=_("E-mail")),
    Identifier(key="postal_code", label=_("Postal code"), check=postal_code, max_length=10),
    LongText(key="address", label=_("Address")),
    Text(key="footer", label=_("Line at the foot"), max_length=300),
    Choice(
        key="incomplete", label=_("Invoices without the identity of seller or buyer"), required=True, default=WARN,
        options=(Option(WARN, _("Warn before they are issued")), Option(STOP, _("Do not let them be issued"))),
        help=_("For invoices in rial: national ID or economic code, postal code, address."),
    ),
)  # fmt: skip


def letterhead() -> Letterhead:
    """The workspace's, or an empty one."""
    return Letterhead.objects.first() or Letterhead()


def seller(tenant: Tenant) -> tuple[Party, str, bytes | None]:
    """The workspace as a side of its papers; the line at their foot; its picture."""
    own = letterhead()
    keys = ("national_id", "economic_code", "registration_no", "phone", "email", "address", "postal_code")
    party = Party(name=own.name or tenant.name, **{key: getattr(own, key) for key in keys})
    return party, own.footer, base64.b64decode(own.logo) if own.logo else None


@action(SET, label=_("Change the letterhead"), on="none", admin=True, inputs=FIELDS, button=False)
def set_letterhead(
    ctx: Context, /, *, logo: bytes | None = None, drop_logo: bool = False, **values: Any
) -> None:
    """Say what stands on papers about the workspace. ``logo`` replaces the picture, ``drop_logo`` takes it away.

    Raises:
        Invalid: the picture cannot be shown.
    """
    own = Letterhead.objects.select_for_update().first() or Letterhead()
    for field in FIELDS:
        if field.key in values:
            setattr(own, field.key, values[field.key] or "")
    if logo is not None:
        own.logo = base64.b64encode(_shown(logo)).decode()
    elif drop_logo:
        own.logo = ""
    own.save()


def _shown(logo: bytes) -> bytes:
    """The picture, once a sheet was set with it."""
    if len(logo) > MOST_BYTES:
        raise Invalid.of(msg("This picture is too large: at most %(n)s kB.", n=MOST_BYTES // 1000), "logo")
    if not picture_kind(logo):
        raise Invalid.of(msg("Choose a PNG or JPEG picture."), "logo")
    sheet = Paper(
        title="", number="", day=date(2026, 1, 1), language="en", currency="IRR", money_unit="rial", buyer=Party(),
        lines=(), gross=0, discount=0, net=0, tax=0, total=0, logo=logo,
    )  # fmt: skip
    try:
        pdf(sheet)
    except RuleViolation:
        raise Invalid.of(msg("This picture cannot be read."), "logo") from None
    return logo
