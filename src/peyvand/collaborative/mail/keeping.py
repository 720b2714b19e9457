"""Mails that came are kept, in sets: of people who are known, or that answer what is known; others are left where they are.

Once for each account and Message-ID, however often they are read: what is known already is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from peyvand.collaborative.mail.composing import receivers_of
from peyvand.collaborative.mail.events import MessageBounced, MessageReceived, MessageSent
from peyvand.collaborative.mail.fields import written
from peyvand.collaborative.mail.models import MailAccount, MailMessage
from peyvand.collaborative.mail.objects import MAIL_MESSAGE
from peyvand.collaborative.mail.parsing import Bounce, Letter, key_of
from peyvand.collaborative.mail.people import Found, colleagues_among, people_at
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.operational.leads.public import Lead, capture_lead
from peyvand.operational.sales.public import DEAL
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.files.actions import hang_file
from peyvand.platform.objects.references import subjects_of

INBOX, SENT = "inbox", "sent"
# So much of a stranger's mail stands in the lead made of it.
_LEAD_TEXT: Final = 5000
# In a day of one account; the mails of whoever comes after are left in the mailbox.
MOST_LEADS: Final = 100


@dataclass
class _Taken:
    """A letter with whom and what it concerns."""

    letter: Letter
    people: list[Found]
    parent: MailMessage | None
    # The person who wrote it, where it came and they are known.
    writer: Found | None


def keep_letters(
    ctx: Context, account: MailAccount, folder: str, letters: Sequence[Letter], *, about: Ref | None = None
) -> int:
    """Keep those of the letters that concern somebody; return how many. In one transaction, by whoever fetches. ``about``:
    the record they are about, where they do not answer what says so."""
    kept = 0

    def write() -> None:
        nonlocal kept
        _settle_bounces(
            ctx, account, [letter.bounce for letter in letters if letter.bounce and folder == INBOX]
        )
        taken = _concerning(ctx, account, folder, _unknown(account, letters))
        _write(ctx, account, folder, taken, about)
        kept = len(taken)

    perform(ctx, MAIL_MESSAGE.permission("create"), (), write)
    return kept


def _unknown(account: MailAccount, letters: Iterable[Letter]) -> list[Letter]:
    """The letters that this account does not have yet, each once; reports of servers are no letters."""
    fresh = {key_of(letter.message_id): letter for letter in letters if letter.bounce is None}
    known = MailMessage.objects.filter(account_id=account.id, message_key__in=list(fresh))
    for key in known.values_list("message_key", flat=True):
        del fresh[key]
    return list(fresh.values())


def _concerning(ctx: Context, account: MailAccount, folder: str, letters: Sequence[Letter]) -> list[_Taken]:
    addresses = {a for one in letters for a in _addresses(one, folder)}
    people, parents = people_at(addresses), _parents(letters)
    colleagues = colleagues_among(letter.sender[1] for letter in letters) if folder == INBOX else set()
    taken = []
    for letter in letters:
        wrote = letter.sender[1].casefold()
        if folder == INBOX and wrote in colleagues:
            # A colleague's copy to us: what they sent is kept where it was sent.
            continue
        found = [people[a.casefold()] for a in _addresses(letter, folder) if a.casefold() in people]
        ids = [letter.in_reply_to, *reversed(letter.references)]
        parent = next((parents[key_of(id)] for id in ids if id and key_of(id) in parents), None)
        if not found and parent is None and folder == INBOX and account.makes_leads:
            found = _made_lead(ctx, account, letter)
            if found:
                people[wrote] = found[0]
        if found or parent is not None:
            writer = people.get(wrote) or people.get(letter.reply_to[1].casefold())
            taken.append(_Taken(letter, list(dict.fromkeys(found)), parent, writer))
    return taken


def _addresses(letter: Letter, folder: str) -> list[str]:
    """The addresses of those it concerns: of what came who wrote it first, of what was sent who it went to."""
    others = [address for _, address in (*letter.to, *letter.cc)]
    wrote = [letter.sender[1], letter.reply_to[1]]
    return [address for address in ([*wrote, *others] if folder == INBOX else others) if address]


def _parents(letters: Sequence[Letter]) -> dict[str, MailMessage]:
    """The mails we have that letters answer or go on from, by key; of one in several mailboxes the first."""
    ids = {id for one in letters for id in (one.in_reply_to, *one.references) if id}
    rows = MailMessage.objects.filter(message_key__in=[key_of(id) for id in ids], deleted_at__isnull=True)
    found: dict[str, MailMessage] = {}
    for row in rows.order_by("id"):
        found.setdefault(row.message_key, row)
    return found


def _made_lead(ctx: Context, account: MailAccount, letter: Letter) -> list[Found]:
    """The person of a lead made of a stranger's mail; nobody of what machines write."""
    name, address = letter.sender
    if not address or letter.is_automatic or "leads" in ctx.tenant.modules_off:
        return []
    made = Lead.objects.filter(external_id__startswith=f"mail:{account.id}:")
    if made.filter(created_at__gt=clock.now() - timedelta(days=1)).count() >= MOST_LEADS:
        return []
    try:
        lead = capture_lead(
            ctx, who=name or address.partition("@")[0], emails=({"value": address.casefold(), "label": "", "primary": True, "consent": "unknown"},),
            message="\n\n".join(filter(None, (letter.subject, letter.text)))[:_LEAD_TEXT], source=account.lead_source,
            owner=account.owner_id if not account.is_shared else None, external_id=f"mail:{account.id}:{key_of(letter.message_id)}",
        )  # fmt: skip
    except Invalid:
        # Nothing that a lead could be called by.
        return []
    return [Found(lead.person_id, lead.company_id)]


def _write(
    ctx: Context, account: MailAccount, folder: str, taken: Sequence[_Taken], about: Ref | None
) -> None:
    now = clock.now()
    messages = [_message(account, folder, one) for one in taken]
    for message in messages:
        message.about = message.about or about
    MailMessage.objects.bulk_create(messages)
    for message, one in zip(messages, taken, strict=True):
        message.thread_id = (one.parent.thread_id if one.parent else None) or message.id
        _hang(ctx, message, one.letter)
    MailMessage.objects.bulk_update(messages, ["thread_id", "pictures"])
    for message, one, subjects in zip(messages, taken, subjects_of(MAIL_MESSAGE, messages), strict=True):
        everyone = dict.fromkeys((*subjects, *(("person", person.id) for person in one.people)))
        said: dict[str, Any] = {
            "object": MAIL_MESSAGE.key, "object_id": message.id, "title": message.subject, "subjects": tuple(everyone),
            "at": min(message.sent_at or now, now), "person_id": message.person_id,
        }  # fmt: skip
        by = one.letter.sender[0] or one.letter.sender[1]
        if folder == SENT:
            ctx.record(MessageSent(**said, by=by))
        else:
            # Somebody else of the same house may answer for whom we wrote to.
            answered = one.parent.person_id if one.parent and message.answers_id else None
            said |= {"person_id": one.writer.id if one.writer else answered, "answers": message.answers_id}
            ctx.record(MessageReceived(**said, by=by, is_automatic=message.is_automatic))
        ctx.touch(MAIL_MESSAGE.key, message.id)
        for key, id in everyone:
            if key != MAIL_MESSAGE.key:
                ctx.touch(key, id)


def _message(account: MailAccount, folder: str, taken: _Taken) -> MailMessage:
    letter, parent = taken.letter, taken.parent
    person = taken.people[0] if taken.people else None
    message = MailMessage(
        account=account, owner_id=None if account.is_shared else account.owner_id, is_shared=account.is_shared,
        direction="in" if folder == INBOX else "out", state=MailMessage.RECEIVED if folder == INBOX else MailMessage.SENT,
        subject=letter.subject, sender=written(*letter.sender)[:400], to=_listed(letter.to), cc=_listed(letter.cc),
        text=letter.text, html=letter.html, problem=letter.problem, message_id=letter.message_id, message_key=key_of(letter.message_id),
        in_reply_to=letter.in_reply_to, references=" ".join(letter.references), is_automatic=letter.is_automatic,
        sent_at=letter.at or clock.now(), is_filed=True,
        person_id=person.id if person else parent.person_id if parent else None,
        company_id=person.company_id if person else parent.company_id if parent else None,
        is_private=bool(parent and parent.is_private and not account.is_shared),
        answers_id=parent.id if parent and parent.direction == "out" and folder == INBOX else None,
    )  # fmt: skip
    message.about = parent.about if parent and parent.about_object == DEAL.key else None
    return message


def _listed(addresses: Sequence[tuple[str, str]]) -> str:
    return ", ".join(written(*one) for one in addresses)


def _hang(ctx: Context, message: MailMessage, letter: Letter) -> None:
    """Keep its files; what is too large stays in the mailbox."""
    for file in letter.files:
        try:
            kept = hang_file(ctx, MAIL_MESSAGE.key, message.id, file.name, [file.content])
        except Invalid:
            continue
        if file.content_id and kept.media_type.startswith("image/"):
            message.pictures[file.content_id] = kept.id


def _settle_bounces(ctx: Context, account: MailAccount, bounces: Sequence[Bounce | None]) -> None:
    """Mark the account's mails that came back, each once. A report of another mailbox's mail, or of somebody whom it did not
    go to, is forged."""
    final = {key_of(one.message_id): one for one in bounces if one and one.is_final and one.message_id}
    rows = MailMessage.objects.filter(
        account_id=account.id, message_key__in=list(final), direction="out", state=MailMessage.SENT
    )
    messages = [
        message
        for message in rows.order_by("id").select_for_update(of=("self",))
        if final[message.message_key].address.casefold() in map(str.casefold, receivers_of(message))
    ]
    for message, subjects in zip(messages, subjects_of(MAIL_MESSAGE, messages), strict=True):
        bounce = final[message.message_key]
        message.state, message.problem = MailMessage.BOUNCED, f"{bounce.address}: {bounce.reason}".strip(": ")
        message.version += 1
        message.save(update_fields=["state", "problem", "version", "updated_at"])
        ctx.record(
            MessageBounced(
                object=MAIL_MESSAGE.key, object_id=message.id, title=message.subject, subjects=subjects,
                person_id=message.person_id, message_id=message.id, reason=message.problem,
            )
        )  # fmt: skip
        ctx.touch(MAIL_MESSAGE.key, message.id)
        for key, id in subjects:
            ctx.touch(key, id)
