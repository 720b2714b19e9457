"""Verbs of people that write the ledger: giving, withdrawing, and recording for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid
from peyvand.operational.consents.channels import GIVE, GRANTED, REFUSED, WITHDRAW
from peyvand.operational.consents.models import Consent
from peyvand.operational.consents.objects import CONSENT
from peyvand.operational.contacts.public import Person
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field
from peyvand.platform.files.actions import hang_file
from peyvand.platform.objects.cleaning import missing_links
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.modules import belongs

# A file's name and its content, piece by piece.
Proof = tuple[str, Iterable[bytes]]


def _inputs(*keys: str) -> tuple[Field, ...]:
    return tuple(replace(CONSENT.field(key), default=None) for key in keys)


_SAID = _inputs("channel", "purpose", "given_at", "source", "proof", "words")
_GIVEN = (*_SAID, *_inputs("expires_at", "basis"))
RECORD = "person.record_consent"
for _verb in (GIVE, WITHDRAW, RECORD):
    belongs(_verb, "consents")


@action(GIVE, label=_("Grant"), icon="check", tone="good", inputs=_GIVEN, button=False)
def give_consent(
    ctx: Context, /, person: Person, *, channel: str, files: Iterable[Proof] = (), **values: Any
) -> Consent:
    """Record that a person may be reached by a channel ("any": every one) for a purpose (none: every one).

    ``files`` are hung on the entry as its proof, each by name and content.
    """
    return _proven(ctx, person, {**values, "channel": channel, "state": GRANTED}, files)


@action(WITHDRAW, label=_("Withdraw"), icon="xc", tone="danger", inputs=_SAID, button=False)
def withdraw_consent(
    ctx: Context, /, person: Person, *, channel: str, files: Iterable[Proof] = (), **values: Any
) -> Consent:
    """Record that a person may not be reached, whether they refused or took an earlier word back."""
    return _proven(ctx, person, {**values, "channel": channel, "state": REFUSED}, files)


# For many at once a purpose is named: one forgotten field must not speak for every purpose there is.
_FOR_MANY = tuple(replace(f, required=f.required or f.key == "purpose") for f in (*_inputs("state"), *_GIVEN))


@action(RECORD, label=_("Record consent"), on="many", icon="shield", inputs=_FOR_MANY)
def record_consents(
    ctx: Context, /, people: Sequence[Person], *, state: str, channel: str, purpose: int, **values: Any
) -> None:
    """Record the same answer of several people, with the same proof."""
    _recorded(ctx, people, {**values, "channel": channel, "purpose": purpose, "state": state})


def _proven(ctx: Context, person: Person, values: dict[str, Any], files: Iterable[Proof]) -> Consent:
    [consent] = _recorded(ctx, [person], values)
    for name, chunks in files:
        hang_file(ctx, CONSENT.key, consent.id, name, chunks)
    return consent


def _recorded(ctx: Context, people: Sequence[Person], values: dict[str, Any]) -> list[Consent]:
    given = {key: value for key, value in values.items() if value not in (None, "")}
    if problems := missing_links(ctx, CONSENT, [given])[0]:
        raise Invalid(problems)
    consents: list[Consent] = create_records(
        ctx, CONSENT, [{**_USUAL, **given, "person": p.id} for p in people]
    )
    return consents


_USUAL = {"basis": CONSENT.field("basis").default}
