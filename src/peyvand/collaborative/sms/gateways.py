"""How each gateway is asked to send, and where its answer says what became of it. Gateways are data; one function asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson
from cryptography.fernet import InvalidToken
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.sms.models import SmsLine
from peyvand.collaborative.sms.reasons import NO_SECRET, REFUSED, UNCLEAR
from peyvand.platform.outgoing.judging import Forbidden, NotReached
from peyvand.platform.outgoing.posting import post
from peyvand.platform.sealing import unseal

PURPOSE: Final = "sms"


@dataclass(frozen=True)
class Gateway:
    """What is posted where: {to} {text} {sender} {username} {secret} stand for what they say, {sender:int} for a number.

    ``taken``: the path in the answer that must have one of these values; empty: any answer of 2xx will do.
    """

    key: str
    label: str | Promise
    url: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    is_form: bool = False
    id_path: str = ""
    taken: tuple[str, tuple[str, ...]] = ("", ())
    reason_path: str = ""
    # Numbers are written 0912… rather than +98912….
    is_local: bool = False
    # States that its reports speak of by number.
    delivered: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


_KNOWN: Final = (
    Gateway("kavenegar", _("Kavenegar"), "https://api.kavenegar.com/v1/{secret}/sms/send.json",
            {"receptor": "{to}", "sender": "{sender}", "message": "{text}"}, is_form=True, is_local=True,
            id_path="entries.0.messageid", taken=("return.status", ("200",)), reason_path="return.message",
            delivered=("10",), failed=("6", "11", "13", "14")),
    Gateway("smsir", _("SMS.ir"), "https://api.sms.ir/v1/send/bulk",
            {"lineNumber": "{sender:int}", "messageText": "{text}", "mobiles": ["{to}"]}, {"X-API-KEY": "{secret}"}, is_local=True,
            id_path="data.messageIds.0", taken=("status", ("1",)), reason_path="message"),
    Gateway("melipayamak", _("Melipayamak"), "https://rest.payamak-panel.com/api/SendSMS/SendSMS",
            {"username": "{username}", "password": "{secret}", "to": "{to}", "from": "{sender}", "text": "{text}", "isFlash": False},
            is_local=True, id_path="Value", taken=("RetStatus", ("1",)), reason_path="StrRetStatus"),
    Gateway("ippanel", _("FarazSMS (IPPanel)"), "https://edge.ippanel.com/v1/api/send",
            {"sending_type": "webservice", "from_number": "{sender}", "message": "{text}", "params": {"recipients": ["{to}"]}},
            {"Authorization": "{secret}"}, id_path="data.message_outbox_ids.0", taken=("meta.status", ("True", "true")),
            reason_path="meta.message"),
)  # fmt: skip
GENERAL: Final = "general"
GATEWAYS: Final = {gateway.key: gateway for gateway in _KNOWN}
EXAMPLE: Final = '{"to": "{to}", "text": "{text}", "from": "{sender}"}'


class NotTaken(Exception):
    """The gateway did not take a message; the text says why. ``again``: it surely did not, and may be asked later."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.again = again


def gateway_of(line: SmsLine) -> Gateway:
    """The gateway that carries a line."""
    if known := GATEWAYS.get(line.gateway):
        return known
    name, _colon, value = line.header.partition(":")
    return Gateway(
        GENERAL, "", line.url, orjson.loads(line.body or EXAMPLE), {name.strip(): value.strip()} if value else {},
        line.is_form, line.id_path,
    )  # fmt: skip


def ask(line: SmsLine, phone: str, text: str) -> str:
    """Have a text sent to a number; return what the gateway calls the message.

    Raises:
        NotTaken: it was refused, or nobody can say whether it was taken.
    """
    gateway = gateway_of(line)
    try:
        secret = unseal(PURPOSE, line.secret) if line.secret else ""
    except InvalidToken as error:
        raise NotTaken(NO_SECRET) from error
    to = f"0{phone[3:]}" if gateway.is_local and phone.startswith("+98") else phone
    said = {"to": to, "text": text, "sender": line.sender, "username": line.username, "secret": secret}
    url = gateway.url.replace("{secret}", quote(secret, safe=""))
    body = _filled(gateway.body, said)
    raw = urlencode(body).encode() if gateway.is_form else orjson.dumps(body)
    headers = {
        "content-type": "application/x-www-form-urlencoded" if gateway.is_form else "application/json",
        "accept": "application/json", "user-agent": "Peyvand",
        **{name: _filled(value, said) for name, value in gateway.headers.items()},
    }  # fmt: skip
    try:
        reply = post(url, headers, raw)
    except Forbidden as error:
        raise NotTaken(str(error)) from error
    except NotReached as error:
        # Where not even a connection came about, nothing can have been taken.
        nobody = isinstance(error.__cause__, ConnectionRefusedError)
        raise NotTaken(str(error) if nobody else UNCLEAR % {"why": str(error)}, again=nobody) from error
    answer = _json(reply.body)
    path, values = gateway.taken
    if not reply.is_good or (path and str(at(answer, path)) not in values):
        why = str(at(answer, gateway.reason_path) or "")[:200] if gateway.reason_path else ""
        reason = REFUSED % {"status": reply.status, "why": why or "–"}
        raise NotTaken(reason, again=reply.status in (429, 503))
    return str(at(answer, gateway.id_path) or "")[:100] if gateway.id_path else ""


def at(answer: Any, path: str) -> Any:
    """What stands at a path like ``data.ids.0``; None where there is nothing."""
    for part in path.split("."):
        if isinstance(answer, Mapping):
            answer = answer.get(part)
        elif isinstance(answer, list) and part.isdecimal() and int(part) < len(answer):
            answer = answer[int(part)]
        else:
            return None
    return answer


def _filled(template: Any, said: Mapping[str, str]) -> Any:
    """A template with its places filled, each once: what a customer is called cannot become a place."""
    if isinstance(template, Mapping):
        return {key: _filled(value, said) for key, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, said) for value in template]
    if not isinstance(template, str):
        return template
    if template == "{sender:int}":
        return int(said["sender"]) if said["sender"].isdecimal() else said["sender"]
    parts = template.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        filled.append(f"{said[name]}{rest}" if brace and name in said else f"{{{part}")
    return "".join(filled)


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
