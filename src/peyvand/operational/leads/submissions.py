"""What strangers send by a form: read like any input, counted against floods, and taken in as a lead."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Q

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, PeyvandError, Problem, msg
from peyvand.operational.catalog.public import Product
from peyvand.operational.consents.public import ANY, CONSENT, GRANTED
from peyvand.operational.contacts.public import hold_points
from peyvand.operational.leads.capture import take_said
from peyvand.operational.leads.fields import ASKED, UTM
from peyvand.operational.leads.models import Lead, LeadForm, Submission
from peyvand.operational.leads.objects import LEAD
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field, LongText, Text, is_empty, whole_id
from peyvand.platform.identity.actor import Tenant, tenant_by
from peyvand.platform.objects.records import create_records

# So many from one address within so many seconds; then so many by one form, whoever sends.
SENDER_LIMITS: Final = ((60, 5), (3600, 30))
FORM_LIMIT: Final = (3600, 600)
MOST_BYTES: Final = 65_536
MOST_TEXT: Final = 5000
_WHENCE: Final = (*UTM, "referrer", "landing_page")


class Flood(PeyvandError):
    """Too many come from one address, or by one form; ``seconds`` says how long to wait."""

    status = 429
    code = "too_many"

    def __init__(self, seconds: int) -> None:
        super().__init__(msg("Too many messages came in a short time. Try again in a few minutes."))
        self.seconds = seconds


@dataclass(frozen=True)
class Sent:
    """One sending. ``sender`` is the address it came from, ``ticket`` what its page was told apart by."""

    values: Mapping[str, Any]
    sender: str
    ticket: str = ""
    consents: bool = False


def workspace_of(token: str) -> Tenant | None:
    """The workspace that a token names, if it takes leads; the form itself is asked for inside its scope."""
    number, _, secret = token.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 19 and 10 < len(secret) < 50):
        return None
    tenant = tenant_by(id=int(number))
    return tenant if tenant is not None and "leads" not in tenant.modules_off else None


def form_of(token: str) -> LeadForm | None:
    """The form of a token, in the open workspace; None where it is gone."""
    found: LeadForm | None = LeadForm.objects.filter(token=token, deleted_at__isnull=True).first()
    return found


def inputs_of(form: LeadForm) -> list[Field]:
    """What a form asks for, as fields, in order."""
    named = {option.key: option.label for option in ASKED}
    out: list[Field] = []
    for option in ASKED:
        if option.key not in form.asked:
            continue
        required = option.key in form.needed
        if option.key == "name":
            field: Field = Text(key="name", label=named["name"], max_length=200)
        elif option.key == "message":
            field = LongText(key="message", label=named["message"], max_length=MOST_TEXT)
        elif option.key == "product":
            field = Text(key="product", label=named["product"])
        else:
            field = replace(LEAD.field(option.key), label=option.label, help="", search=False)
        out.append(replace(field, required=required, secondary=False))
    return out


def products_of() -> list[tuple[str, str]]:
    """The products that a visitor can name."""
    rows = Product.objects.filter(deleted_at__isnull=True).order_by("name").values_list("id", "name")[:100]
    return [(str(id), name) for id, name in rows]


def read(form: LeadForm, raw: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    """The values that were sent, understood.

    Raises:
        Invalid: each that is wrong or missing.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in inputs_of(form):
        given = raw.get(field.key)
        try:
            value = field.parse(
                given if isinstance(given, str | int | float) and not isinstance(given, bool) else None,
                reader,
            )
        except Invalid as error:
            problems += error.at(field.key).problems
            continue
        if field.required and is_empty(value):
            problems.append(Problem(field.key, msg("This is required."), "required"))
        values[field.key] = value
    if not problems and not values.get("phone") and not values.get("email"):
        asked = "email" if "email" in form.asked else "phone"
        problems.append(
            Problem(asked, msg("Leave a phone or an e-mail, so that you can be answered."), "required")
        )
    if problems:
        raise Invalid(problems)
    if product := values.get("product"):
        known = Product.objects.filter(Q(id=whole_id(product)) | Q(name=product), deleted_at__isnull=True)
        values["product"] = known.values_list("id", flat=True).first()
    for key in _WHENCE:
        text = raw.get(key)
        if isinstance(text, str):
            values[key] = " ".join(text.replace("\x00", "").split())[
                : 500 if key in ("referrer", "landing_page") else 200
            ]
    return values


def take(tenant: Tenant, form: LeadForm, sent: Sent) -> Lead | None:
    """Take in what was sent, in the open scope: once for a ticket. None where that was taken already.

    Raises:
        Flood: too many came; nothing is written.
    """
    ctx, now = job_context(tenant), clock.now()
    sender = _keyed(sent.sender)
    # Of several at once from one address each sees those before it.
    hold_points(ctx, [f"form:{form.id}:{sender}", f"ticket:{sent.ticket}"])
    if sent.ticket and Submission.objects.filter(form=form, ticket=sent.ticket).exists():
        return None
    _demand_calm(form, sender)
    values = dict(sent.values)
    who, phone, email = (values.pop(key, "") for key in ("name", "phone", "email"))
    row = {
        **values, "who": who, "phones": _points(phone), "emails": _points(email),
        "form": form.id, "source": form.source, "campaign": form.campaign or values.get("utm_campaign", ""),
        "owner": form.gives_to_id,
    }  # fmt: skip
    agreed = form.consent_text if sent.consents else ""
    lead, is_new = perform(
        ctx, "lead.capture", (), lambda: take_said(ctx, row, form=form.name or "—", agreed=agreed)
    )
    if sent.consents and is_new:
        _record_consent(ctx, form, lead)
    Submission.objects.create(
        form=form, lead=lead, at=now, sender=sender, ticket=sent.ticket or None, is_taken=True
    )
    return lead


def hold_back(form: LeadForm, sender: str) -> None:
    """Count what only a machine would have sent."""
    if _wait(form, _keyed(sender)) is None:
        Submission.objects.create(form=form, at=clock.now(), sender=_keyed(sender), is_taken=False)


def counts(form_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What came by each form: in all, in the last 30 days, held for a machine's work, and the last one."""
    month = clock.now() - timedelta(days=30)
    rows = Submission.objects.filter(form_id__in=form_ids).values("form_id").annotate(
        taken=Count("id", filter=Q(is_taken=True)),
        lately=Count("id", filter=Q(is_taken=True, at__gte=month)),
        held=Count("id", filter=Q(is_taken=False)),
    )  # fmt: skip
    return {row["form_id"]: row for row in rows}


def _points(value: str) -> tuple[dict[str, Any], ...]:
    return ({"value": value},) if value else ()


def _keyed(address: str) -> str:
    """An address as it is kept: to be recognised for a day, not to be read."""
    return hmac.new(settings.SECRET_KEY.encode(), address.encode(), hashlib.sha256).hexdigest()[:32]


def _demand_calm(form: LeadForm, sender: str) -> None:
    if (seconds := _wait(form, sender)) is not None:
        raise Flood(seconds)


def _wait(form: LeadForm, sender: str) -> int | None:
    """How many seconds the sender has to wait; None where they need not."""
    now = clock.now()

    def since(seconds: int) -> Q:
        return Q(at__gt=now - timedelta(seconds=seconds))

    span, most = FORM_LIMIT
    rows = Submission.objects.filter(since(span), form=form)
    found = rows.aggregate(all=Count("id"), **{
        f"s{seconds}": Count("id", filter=since(seconds) & Q(sender=sender)) for seconds, _ in SENDER_LIMITS
    })  # fmt: skip
    waits = [seconds for seconds, limit in SENDER_LIMITS if found[f"s{seconds}"] >= limit]
    return max(waits) if waits else 60 if found["all"] >= most else None


def _record_consent(ctx: Context, form: LeadForm, lead: Lead) -> None:
    """A tick becomes an entry of the ledger; only of somebody whom nobody knew before, for nobody proved who ticked."""
    if form.purpose_id is None or "consents" in ctx.tenant.modules_off:
        return
    create_records(ctx, CONSENT, [{
        "person": lead.person_id, "state": GRANTED, "channel": ANY, "purpose": form.purpose_id, "given_at": clock.now(), "source": "web",
        "basis": "consent", "words": form.consent_text, "proof": form.name, "expires_at": None,
    }])  # fmt: skip
