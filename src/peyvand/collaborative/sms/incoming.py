"""What gateways tell: messages that came in, and how ours fared. Each is taken once, however often it is told."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from peyvand.collaborative.sms.events import MessageDelivered, MessageReceived
from peyvand.collaborative.sms.gateways import gateway_of
from peyvand.collaborative.sms.models import DELIVERED, IN, OUT, RECEIVED, SENDING, SENT, SmsLine, SmsMessage
from peyvand.collaborative.sms.objects import MESSAGE
from peyvand.collaborative.sms.parts import count_parts
from peyvand.collaborative.sms.reasons import NOT_DELIVERED
from peyvand.collaborative.sms.sending import RECORD, fail
from peyvand.collaborative.sms.writing import beginning
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, PeyvandError, msg
from peyvand.kernel.persian.text import fold
from peyvand.kernel.phone import phone as parse_phone
from peyvand.operational.consents.public import CONSENT, REFUSED
from peyvand.operational.contacts.public import ContactPoint, Person
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.database.locks import hold
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.actor import Tenant, tenant_by
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.references import subjects_of

# So many come in within a minute by one line; what is more is asked to be sent again.
MOST_A_MINUTE: Final = 300
ANSWERED_WITHIN: Final = timedelta(days=30)
_STOPS: Final = frozenset(
    fold(word) for word in ("لغو", "لغو11", "لغو 11", "11", "انصراف", "stop", "unsubscribe", "end")
)
# What gateways call the same things.
_FROM: Final = ("from", "sender", "mobile", "originator", "from_number", "fromnumber")
_TEXT: Final = ("message", "text", "body", "content", "messagetext")
_NUMBER: Final = ("messageid", "message_id", "id", "smsid", "message_outbox_id")
_STATUS: Final = ("status", "delivery", "state", "delivery_status", "deliverystate")
_DELIVERED: Final = frozenset(("delivered", "delivrd", "received"))
_FAILED: Final = frozenset(("failed", "undelivered", "undeliv", "rejected", "expired", "blocked"))


class Flood(PeyvandError):
    """Too many come in at once."""

    status = 429
    code = "too_many"

    def __init__(self) -> None:
        super().__init__(msg("Too many messages came in a short time. Try again in a few minutes."))


def workspace_of(token: str) -> Tenant | None:
    """The workspace that an address names, if it has messages at all; the line itself is asked for inside its scope."""
    number, _, secret = token.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 19 and 10 < len(secret) < 50):
        return None
    tenant = tenant_by(id=int(number))
    return tenant if tenant is not None and "sms" not in tenant.modules_off else None


def line_of(token: str) -> SmsLine | None:
    """The line of an address, in the open workspace; how long the search takes tells nothing of the tokens there are."""
    secret, found = token.partition("-")[2].encode(), None
    for line in SmsLine.objects.filter(is_active=True, deleted_at__isnull=True):
        if hmac.compare_digest(line.token.encode(), secret):
            found = line
    return found


def take(tenant: Tenant, line: SmsLine, said: Mapping[str, str]) -> str:
    """Take in what a gateway says: "message", "report", "nothing" where it says nothing that we know, "later" where it may
    speak of a message whose number we are just being told.

    Raises:
        Flood: too many came.
    """
    told = {key.lower(): value.replace("\x00", "").strip() for key, value in said.items()}
    sender, text, number, status = (_first(told, names) for names in (_FROM, _TEXT, _NUMBER, _STATUS))
    if sender and text:
        return _message(tenant, line, sender, text, number)
    if number and status:
        return _report(tenant, line, number, status)
    return "nothing"


def _message(tenant: Tenant, line: SmsLine, sender: str, text: str, number: str) -> str:
    try:
        phone = parse_phone(sender)
    except Invalid:
        # Short numbers and names of senders: kept as they are.
        phone = fold(sender)[:20]
    now, text = clock.now(), text[:2000]
    # Without a number of its own, the same words of the same sender within an hour are the same message.
    told = number or f"{phone}|{text}|{now:%Y%m%d%H}"
    key = f"in:{line.id}:{hashlib.sha256(told.encode()).hexdigest()[:40]}"
    hold(tenant.id, f"sms.line:{line.id}")
    if SmsMessage.objects.filter(key=key).exists():
        return "message"
    lately = SmsMessage.objects.filter(line=line, direction=IN, created_at__gt=now - timedelta(minutes=1))
    if lately.count() >= MOST_A_MINUTE:
        raise Flood
    ctx = job_context(tenant)
    perform(ctx, RECORD, (), lambda: _keep(ctx, line, phone, text, number, key))
    return "message"


def _keep(ctx: Context, line: SmsLine, phone: str, text: str, number: str, key: str) -> None:
    sent = (
        SmsMessage.objects.filter(phone=phone, direction=OUT, person_id__isnull=False)
        .filter(created_at__gt=clock.now() - ANSWERED_WITHIN)
        .order_by("-id")
        .first()
    )
    person = _person(sent, phone)
    about = sent.about if sent and person and sent.person_id == person.id else None
    is_stop = fold(text).strip(" .!؛،") in _STOPS
    message: SmsMessage = create_records(ctx, MESSAGE, [{
        "title": beginning(text), "text": text, "direction": IN, "state": RECEIVED, "phone": phone, "parts": count_parts(text)[0],
        "line": line.id, "answers": sent.id if sent else None, "person": person.id if person else None,
        "company": person.company_id if person else None, "owner": person.owner_id if person else None,
        "about": about or (Ref("person", person.id, "") if person else None),
    }])[0]  # fmt: skip
    message.key, message.gateway_id = key, number[:100]
    SmsMessage.objects.bulk_update([message], ["key", "gateway_id"])
    [subjects] = subjects_of(MESSAGE, [message])
    ctx.record(MessageReceived(
        object=MESSAGE.key, object_id=message.id, title=message.title, subjects=subjects,
        person_id=message.person_id, answers=message.answers_id, is_stop=is_stop,
    ))  # fmt: skip
    if is_stop:
        _withdraw(ctx, phone, message)


def _person(sent: SmsMessage | None, phone: str) -> Person | None:
    """Whom we wrote to at this number last, else who has it."""
    if sent is not None:
        known: Person | None = Person.objects.filter(id=sent.person_id, deleted_at__isnull=True).first()
        if known is not None:
            return known
    found: Person | None = (
        Person.objects.filter(id__in=_with(phone), deleted_at__isnull=True).order_by("id").first()
    )
    return found


def _with(phone: str) -> list[int]:
    return list(
        ContactPoint.objects.filter(object="person", value=phone).values_list("object_id", flat=True)[:50]
    )


def _withdraw(ctx: Context, phone: str, message: SmsMessage) -> None:
    """Whoever has this number wants no more: an entry of the ledger for each of them."""
    if "consents" in ctx.tenant.modules_off:
        return
    ids = {*_with(phone), *([message.person_id] if message.person_id else [])}
    people = Person.objects.filter(id__in=ids, deleted_at__isnull=True).order_by("id")
    create_records(ctx, CONSENT, [
        {"person": person.id, "state": REFUSED, "channel": "sms", "purpose": None, "given_at": clock.now(), "source": "",
         "basis": "consent", "words": message.text, "proof": f"SMS {message.id}", "expires_at": None}
        for person in people
    ])  # fmt: skip


def _report(tenant: Tenant, line: SmsLine, number: str, status: str) -> str:
    gateway, word, now = gateway_of(line), status.strip().lower(), clock.now()
    mine = SmsMessage.objects.filter(
        line=line, gateway_id=number[:100], direction=OUT, state__in=(SENT, SENDING)
    )
    found = list(mine.select_for_update())
    if not found:
        is_sending = SmsMessage.objects.filter(line=line, state=SENDING).exists()
        return "later" if is_sending else "nothing"
    ctx = job_context(tenant)
    if word in _DELIVERED or word in gateway.delivered:

        def write() -> None:
            mine.update(state=DELIVERED, delivered_at=now, reason="")
            # Told to whoever reacts, not on the customer's timeline: it says no more than the message itself.
            ctx.record(*(
                MessageDelivered(object=MESSAGE.key, object_id=m.id, title=m.title, subjects=((MESSAGE.key, m.id),), person_id=m.person_id)
                for m in found
            ))  # fmt: skip
            ctx.touch(MESSAGE.key, *(m.id for m in found))

        perform(ctx, RECORD, (), write)
    elif word in _FAILED or word in gateway.failed:
        fail(ctx, found, NOT_DELIVERED)
    return "report"


def _first(told: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((told[name] for name in names if told.get(name)), "")
