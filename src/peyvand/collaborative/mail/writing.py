"""Putting a mail on its way: who may send by which mailbox, to whom, with whose consent. The sending itself is a job's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Any, Final

from peyvand.collaborative.filling import filler
from peyvand.collaborative.mail.fields import read_addresses, written
from peyvand.collaborative.mail.models import PRESENT, MailAccount, MailMessage, MailTemplate
from peyvand.collaborative.mail.objects import MAIL_ACCOUNT, MAIL_MESSAGE
from peyvand.collaborative.mail.parsing import key_of
from peyvand.collaborative.mail.people import people_at
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, msg
from peyvand.operational.consents.public import Purpose, Standing, say, standings
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import next_ids
from peyvand.platform.fields.types import Ref
from peyvand.platform.files.actions import hang_file
from peyvand.platform.files.models import File
from peyvand.platform.identity.actor import ActorKind
from peyvand.platform.jobs.scoped import defer, defer_many
from peyvand.platform.workspaces.addresses import full_address

# For so long a mail can be called back before it goes.
UNDO_SECONDS: Final = 10
LATEST: Final = timedelta(days=365)
MOST_BYTES: Final = 20 * 1024 * 1024
# A file's name and its content, piece by piece.
Sent = tuple[str, Iterable[bytes]]


@dataclass(frozen=True)
class Draft:
    """A mail that somebody wrote. ``answers``: the one it answers; ``enclosed``: files of another mail that go with it."""

    to: str
    subject: str = ""
    text: str = ""
    cc: str = ""
    about: Ref | None = None
    person_id: int | None = None
    company_id: int | None = None
    template: MailTemplate | None = None
    # Of a letter without a template that needs its reader's consent.
    purpose: Purpose | None = None
    send_at: datetime | None = None
    is_private: bool = False
    answers: MailMessage | None = None
    files: Iterable[Sent] = ()
    enclosed: Sequence[File] = ()
    wait_seconds: int = 0


def accounts_of(ctx: Context) -> list[MailAccount]:
    """The mailboxes that the actor may send by: their own first, then those open to all."""
    rows = MailAccount.objects.filter(PRESENT, is_active=True)
    if ctx.actor.kind is ActorKind.SYSTEM:
        return list(rows.order_by("id"))
    mine = [
        a
        for a in visible(ctx.actor, MAIL_ACCOUNT.key, rows).order_by("id")
        if a.is_shared or a.owner_id == ctx.actor.user_id
    ]
    return sorted(
        mine, key=lambda account: (account.owner_id != ctx.actor.user_id, account.is_shared, account.id)
    )


def account_of(ctx: Context, id: int | None) -> MailAccount:
    """The mailbox with this id, or the first that the actor may send by.

    Raises:
        Invalid: there is no such.
    """
    accounts = accounts_of(ctx)
    if id is None and accounts:
        return accounts[0]
    found = next((account for account in accounts if account.id == id), None)
    if found is None:
        words = (
            msg("Choose an e-mail account of yours.")
            if accounts
            else msg("Set up an e-mail account first, in the settings.")
        )
        raise Invalid.of(words, "account", "required")
    return found


def address_of(ctx: Context, person: Person) -> str:
    """The address that a person is written to.

    Raises:
        Invalid: they have none, or the actor may not know it: the mail would tell it.
    """
    if {"email", "emails"} & ctx.actor.grants.hides(PERSON.key):
        raise Invalid.of(
            msg("Your role does not show this person's address: type where it goes."), "to", "hidden"
        )
    if not person.email:
        raise Invalid.of(msg("%(name)s has no e-mail address.", name=person.name), "to", "no_address")
    return person.email


def fill_template(
    ctx: Context, template: MailTemplate, person: Person | None, about: Ref | None, user_id: int | None = None
) -> tuple[str, str]:
    """Subject and text for a reader, with what the actor may know of them; ``user_id``: who writes, if not the actor."""
    records: dict[str, int | None] = {
        "person": person.id if person else None,
        "company": person.company_id if person else None,
        "user": user_id or ctx.actor.user_id,
    }
    if about is not None:
        records[about.object] = about.id
    put = filler(ctx, records, template.language, template.subject, template.text)
    return put(template.subject), put(template.text)


def queue(ctx: Context, account: MailAccount, draft: Draft) -> MailMessage:
    """Keep a mail as waiting and have it sent, within an action that was allowed to.

    Raises:
        Invalid: it goes to nobody, says nothing, is too large, or its reader did not agree to it.
    """
    [made] = queue_many(ctx, [(account, draft)])
    if isinstance(made, Invalid):
        raise made
    return made


def queue_many(ctx: Context, wanted: Sequence[tuple[MailAccount, Draft]]) -> list[MailMessage | Invalid]:
    """As ``queue`` for each by its mailbox, in order: the mail, or why there is none. A few statements however many they are.

    Raises:
        Invalid: the files of one are too large.
    """
    now = clock.now()
    out: list[_Read | Invalid] = [_read(draft, now) for _, draft in wanted]
    _find_people(out)
    _ask_consents(ctx, out)
    good = [(account, one) for (account, _), one in zip(wanted, out, strict=True) if isinstance(one, _Read)]
    ids = iter(next_ids(MailMessage, len(good)) if good else [])
    made = [_message(ctx, next(ids), account, one, now) for account, one in good]
    MailMessage.objects.bulk_create(made)
    for message, (_, one) in zip(made, good, strict=True):
        if one.draft.files or one.draft.enclosed:
            _enclose(ctx, message, one.draft)
    ctx.touch(MAIL_MESSAGE.key, *(message.id for message in made))
    _put_all_on_their_way(made)
    rest = iter(made)
    return [one if isinstance(one, Invalid) else next(rest) for one in out]


@dataclass
class _Read:
    """A draft that was understood: its receivers, whom it goes to, and what for where they are asked."""

    draft: Draft
    subject: str
    to: list[tuple[str, str]]
    cc: list[tuple[str, str]]
    purpose: Purpose | None
    person_id: int | None
    company_id: int | None

    @property
    def receivers(self) -> list[tuple[str, str]]:
        return [*self.to, *self.cc]


def _read(draft: Draft, now: datetime) -> _Read | Invalid:
    try:
        to, cc = read_addresses(draft.to), read_addresses(draft.cc)
    except Invalid as error:
        return error
    if not to:
        return Invalid.of(msg("Say whom it goes to."), "to", "required")
    subject = " ".join(draft.subject.split())[:500]
    if not subject and not draft.text.strip():
        return Invalid.of(msg("Write something."), "text", "required")
    if draft.send_at is not None and not now - timedelta(minutes=5) < draft.send_at < now + LATEST:
        return Invalid.of(msg("It can be sent within the coming year."), "send_at")
    purpose = draft.template.purpose if draft.template and draft.template.is_marketing else draft.purpose
    return _Read(draft, subject, to, cc, purpose, draft.person_id, draft.company_id)


def _find_people(some: Sequence[_Read | Invalid]) -> None:
    """Of those that name nobody, whoever is known by their first address."""
    unknown = [one for one in some if isinstance(one, _Read) and one.person_id is None]
    found = people_at(address for one in unknown for _, address in one.receivers)
    for one in unknown:
        known = (found[a.casefold()] for _, a in one.receivers if a.casefold() in found)
        if first := next(known, None):
            one.person_id, one.company_id = first.id, one.company_id or first.company_id


def _message(ctx: Context, id: int, account: MailAccount, one: _Read, now: datetime) -> MailMessage:
    """The mail itself, unsaved."""
    draft, answers = one.draft, one.draft.answers
    key = make_msgid(domain=account.address.rpartition("@")[2]).strip("<>")
    message = MailMessage(
        id=id, account=account, owner_id=None if account.is_shared else account.owner_id, is_shared=account.is_shared,
        is_private=draft.is_private and not account.is_shared, created_by_id=ctx.actor.user_id, direction="out",
        state=MailMessage.QUEUED, subject=one.subject, sender=written(account.name, account.address),
        to=", ".join(written(*each) for each in one.to), cc=", ".join(written(*each) for each in one.cc),
        text=_signed(draft.text, account), person_id=one.person_id, company_id=one.company_id, template=draft.template,
        purpose=one.purpose, message_id=key, message_key=key_of(key), in_reply_to=answers.message_id if answers else "",
        references=" ".join([*answers.references.split()[-20:], answers.message_id]) if answers else "",
        send_at=max(draft.send_at or now, now + timedelta(seconds=draft.wait_seconds)),
        thread_id=answers.thread_id if answers else id,
    )  # fmt: skip
    message.about = draft.about
    return message


def put_on_its_way(message: MailMessage, seconds: int | None = None) -> None:
    """Have a waiting mail sent at its time. Without a lock: whatever waits for one waits for all that were put before it,
    and one mail for next week would hold up today's."""
    defer("mail.send", delay=_seconds_to(message) if seconds is None else seconds, message_id=message.id)


def _put_all_on_their_way(messages: Sequence[MailMessage]) -> None:
    at: dict[int, list[int]] = defaultdict(list)
    for message in messages:
        at[_seconds_to(message)].append(message.id)
    for seconds, ids in at.items():
        defer_many("mail.send", [{"message_id": id} for id in ids], delay=seconds)


def _seconds_to(message: MailMessage) -> int:
    """The whole seconds until its time, rounded up: who comes too early goes away again."""
    left = ((message.send_at or clock.now()) - clock.now()).total_seconds()
    return max(0, int(left + 0.999))


def _signed(text: str, account: MailAccount) -> str:
    words, signature = text.replace("\r\n", "\n").replace("\x00", "").strip(), account.signature.strip()
    return f"{words}\n\n-- \n{signature}" if signature and signature not in words else words


def _enclose(ctx: Context, message: MailMessage, draft: Draft) -> None:
    for name, chunks in draft.files:
        hang_file(ctx, MAIL_MESSAGE.key, message.id, name, chunks)
    for file in draft.enclosed:
        File.objects.create(
            object=MAIL_MESSAGE.key, object_id=message.id, name=file.name, size=file.size, media_type=file.media_type,
            sha256=file.sha256, uploaded_by_id=ctx.actor.user_id, uploaded_at=clock.now(),
        )  # fmt: skip
    kept = File.objects.filter(object=MAIL_MESSAGE.key, object_id=message.id)
    if sum(kept.values_list("size", flat=True)) > MOST_BYTES:
        raise Invalid.of(
            msg("The files of an e-mail have at most %(most)s MB together.", most=MOST_BYTES // 2**20),
            "files",
            "too_large",
        )


def _ask_consents(ctx: Context, some: list[_Read | Invalid]) -> None:
    """Put the reason in the place of those whose reader did not agree, is not known, or could not take it back."""
    asked: dict[int, list[int]] = defaultdict(list)
    for n, one in enumerate(some):
        if isinstance(one, _Read) and one.purpose is not None:
            asked[one.purpose.id].append(n)
    for places in asked.values():
        ones = [one for n in places if isinstance(one := some[n], _Read)]
        people = [one.person_id for one in ones if one.person_id is not None]
        purpose = ones[0].purpose
        assert purpose is not None
        said = standings(people, "email", purpose.word) if people else {}
        for n, one in zip(places, ones, strict=True):
            if (why := _unwanted(ctx, one, purpose, said)) is not None:
                some[n] = why


def _unwanted(ctx: Context, one: _Read, purpose: Purpose, said: Mapping[int, Standing]) -> Invalid | None:
    if one.person_id is None or len(one.receivers) != 1:
        return Invalid.of(msg("Advertising goes to one person who is known here."), "to", "consent")
    standing = said.get(one.person_id)
    if standing is None or not standing.may:
        why = say(standing, ctx.reader) if standing else ""
        return Invalid.of(
            msg("There is no consent to “%(purpose)s” by e-mail: %(why)s.", purpose=purpose.name, why=why),
            "to",
            "consent",
        )
    if full_address("/") is None:
        return Invalid.of(
            msg("Advertising needs an address at which people take their consent back: set PEYVAND_URL."),
            "template",
            "no_address",
        )
    return None


def standing_of(person_id: int, purpose: Purpose) -> Standing | None:
    """What a person said to a purpose by e-mail."""
    found: Standing | None = standings([person_id], "email", purpose.word).get(person_id)
    return found


def person_of(ctx: Context, id: int | None) -> Person | None:
    """A person that the actor may see."""
    rows: Any = visible(ctx.actor, PERSON.key, Person.objects.filter(id=id, deleted_at__isnull=True))
    return rows.first() if id is not None else None


def whom(ctx: Context, object_key: str, record: Any) -> tuple[Person | None, Ref | None]:
    """Whom one writes to from a record's page, and what about: a deal's person, about the deal."""
    if object_key == PERSON.key:
        return record, None
    return person_of(ctx, getattr(record, "person_id", None)), Ref(object_key, record.id, "")
