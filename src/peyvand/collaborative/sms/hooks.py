"""What happens when lines and templates are written: what a line lacks is asked for, it gets an address of its own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from peyvand.collaborative.filling import check_places
from peyvand.collaborative.sms.gateways import GENERAL
from peyvand.collaborative.sms.models import SmsLine, SmsTemplate
from peyvand.kernel.errors import Invalid, Problem, Refusals, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.outgoing.judging import own_networks

Values = Mapping[str, Any]
_REQUIRED = msg("This is required.")
# Whoever is sent a key must be who was meant when it was typed.
_WHITHER = ("gateway", "url", "header", "body")


def prepare_lines(ctx: Context, lines: Sequence[SmsLine], values: Sequence[Values]) -> None:
    """Give a line its address; a key that nobody typed anew is kept, unless it would go elsewhere.

    Raises:
        Invalid: what the line lacks, or cannot be read.
    """
    before = {line.id: line for line in SmsLine.objects.filter(id__in=[line.id for line in lines if line.id])}
    refusals = Refusals()
    for line in lines:
        if not line.token:
            line.token = secrets.token_urlsafe(18)
        with refusals.of(line.id):
            if problems := [*_missing(line), *_unreadable(line), *_astray(before.get(line.id), line)]:
                raise Invalid(problems)
    refusals.settle()


def prepare_templates(ctx: Context, templates: Sequence[SmsTemplate], values: Sequence[Values]) -> None:
    refusals = Refusals()
    for template in templates:
        with refusals.of(template.id):
            check_places(template.text, "text")
    refusals.settle()


def _missing(line: SmsLine) -> list[Problem]:
    if line.gateway == GENERAL:
        return [] if line.url else [Problem("url", _REQUIRED, "required")]
    wanted = [("sender", line.sender), ("secret", line.secret)]
    if line.gateway == "melipayamak":
        wanted.append(("username", line.username))
    return [Problem(key, _REQUIRED, "required") for key, value in wanted if not value]


def _astray(old: SmsLine | None, line: SmsLine) -> list[Problem]:
    if old is None or not old.secret or old.secret != line.secret:
        return []
    if all(getattr(old, name) == getattr(line, name) for name in _WHITHER):
        return []
    return [
        Problem("secret", msg("What is sent, or where to, has changed: enter the key again."), "required")
    ]


def _unreadable(line: SmsLine) -> list[Problem]:
    problems = []
    if line.url:
        parts = urlsplit(line.url)
        if not parts.hostname or parts.scheme not in ("https", *(("http",) if own_networks() else ())):
            problems.append(Problem("url", msg("Messages are sent to https addresses only.")))
    if line.body:
        try:
            body = orjson.loads(line.body)
        except orjson.JSONDecodeError:
            body = None
        if not isinstance(body, Mapping):
            problems.append(Problem("body", msg("Send a JSON object.")))
        elif line.is_form and any(isinstance(value, Mapping | list) for value in body.values()):
            problems.append(Problem("body", msg("A form has no values within values.")))
        elif "{to}" not in line.body or "{text}" not in line.body:
            problems.append(Problem("body", msg("It needs the places {to} and {text}.")))
    if line.header and not (
        line.header.partition(":")[1] and line.header.isascii() and line.header.isprintable()
    ):
        problems.append(Problem("header", msg("Write a header like “Authorization: {secret}”.")))
    return problems
