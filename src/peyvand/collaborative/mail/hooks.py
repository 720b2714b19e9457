"""What happens when mailboxes and templates are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import F

from peyvand.collaborative.filling import check_places
from peyvand.collaborative.mail.models import MailAccount, MailFolder, MailMessage, MailTemplate
from peyvand.collaborative.mail.presets import preset_for
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Refusals, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import ActorKind
from peyvand.platform.jobs.scoped import defer

Values = Mapping[str, Any]
# The right to open a mailbox to everybody.
OPEN_TO_ALL: Final = "mail_account.open_to_all"
_PASSWORDS: Final = ("password", "smtp_password")
_SERVERS: Final = ("imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port", "smtp_security")
_DOORS: Final = (*_SERVERS, *_PASSWORDS, "address", "username", "smtp_username", "since")
# What is another mailbox, or more of it.
_BEGINNINGS: Final = {"imap_host", "address", "username", "since"}
_WHOSE: Final = ("owner_id", "address", "username", "smtp_username")
# Whoever is sent a password must be who was meant when it was typed.
_WHITHER: Final = ("imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port", "smtp_security")


def prepare_accounts(ctx: Context, accounts: Sequence[MailAccount], values: Sequence[Values]) -> None:
    """Fill in what the provider says of itself; keep a password that nobody typed anew, unless it would go elsewhere or
    serve somebody else.

    Raises:
        NotAllowed: the actor may not open a mailbox to all. Invalid: there is another of that address; a password is missing.
    """
    before = {a.id: a for a in MailAccount.objects.filter(id__in=[a.id for a in accounts if a.id])}
    taken = {
        address.casefold(): id
        for id, address in MailAccount.objects.filter(deleted_at__isnull=True).values_list("id", "address")
    }
    refusals = Refusals()
    for account in accounts:
        old = before.get(account.id)
        if account.is_shared != (old.is_shared if old else False):
            demand(ctx.actor, OPEN_TO_ALL)
        with refusals.of(account.id):
            if taken.setdefault(account.address.casefold(), account.id) != account.id:
                raise Invalid.of(msg("There is an e-mail account of this address."), "address", "taken")
            account.name = account.name or account.address
            preset = preset_for(account.address)
            for name in _SERVERS:
                if not getattr(account, name):
                    setattr(account, name, getattr(preset, name))
            moved = old is not None and any(getattr(old, n) != getattr(account, n) for n in _WHITHER)
            # Whose it is says from which address it writes and by which names it is opened, or whoever has its password.
            taken_over = (
                old is not None
                and ctx.actor.user_id != old.owner_id
                and any(getattr(old, name) != getattr(account, name) for name in _WHOSE)
            )
            for name in _PASSWORDS if old is not None else ():
                kept = getattr(old, name)
                if getattr(account, name) not in ("", kept):
                    continue
                if moved and kept and name == "password":
                    raise Invalid.of(
                        msg("The servers are others now: type the password again."), name, "required"
                    )
                if taken_over and kept and name == "password" and ctx.actor.kind is not ActorKind.SYSTEM:
                    raise Invalid.of(
                        msg("The mailbox is another user's: type its password again."), name, "required"
                    )
                setattr(account, name, "" if moved or taken_over else kept)
            account.since = account.since or clock.today(ctx.reader.tz)
            account.failures = 0
            changed = {name for name in _DOORS if old and getattr(old, name) != getattr(account, name)}
            account.begins_anew = bool(changed & _BEGINNINGS)
            if changed:
                account.sending_checked_at = account.receiving_checked_at = None
                account.sending_problem = account.receiving_problem = ""
    refusals.settle()


def after_accounts(
    ctx: Context, accounts: Sequence[MailAccount], values: Sequence[Values], created: bool
) -> None:
    """Its mails are seen by whoever sees the mailbox, but for private ones, which stay with whose they were; folders of a
    server that is another now are read from their start. A new or changed one is tried at once."""
    for account in accounts:
        if account.sending_checked_at is None and account.is_active:
            defer("mail.check", account_id=account.id)
    if created:
        return
    for account, given in zip(accounts, values, strict=True):
        if given.keys() & {"is_shared", "owner"}:
            MailMessage.objects.filter(account_id=account.id, is_private=False).update(
                is_shared=account.is_shared, owner_id=account.owner_id, version=F("version") + 1
            )
        if account.begins_anew:
            MailFolder.objects.filter(account_id=account.id).delete()


def prepare_templates(ctx: Context, templates: Sequence[MailTemplate], values: Sequence[Values]) -> None:
    """Raises:
    Invalid: a place in the text names no field; advertising does not say what for."""
    refusals = Refusals()
    for template in templates:
        with refusals.of(template.id):
            check_places(template.subject, "subject")
            check_places(template.text, "text")
            if template.is_marketing and template.purpose_id is None:
                raise Invalid.of(msg("Say which purpose people must have agreed to."), "purpose", "required")
    refusals.settle()
