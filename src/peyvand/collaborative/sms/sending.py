"""From the queue to the gateway: a set of messages is claimed in one transaction, each sent outside any, written down in another.

A message whose sending was broken off is never sent a second time: the gateway may have taken it. Those of its set that nobody
was asked about yet go with the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

from django.db.models import Sum
from django.utils.translation import gettext

from peyvand.collaborative.sms.events import MessageFailed
from peyvand.collaborative.sms.gateways import NotTaken, ask
from peyvand.collaborative.sms.models import FAILED, OUT, QUEUED, SENDING, SENT, SmsLine, SmsMessage
from peyvand.collaborative.sms.objects import MESSAGE
from peyvand.collaborative.sms.parts import count_parts
from peyvand.collaborative.sms.reasons import BROKEN_OFF, GONE, LIMIT, NO_CONSENT, NO_LINE, QUIET, TOO_LONG
from peyvand.collaborative.sms.writing import line_here
from peyvand.kernel import clock
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.operational.consents.public import Purpose, Why, standings
from peyvand.operational.contacts.public import Person
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.identity.operations import declare_verb
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.workspaces.scope import workspace_scope

SET: Final = 50
MOST_ATTEMPTS: Final = 5
# For so long whoever claimed a set has it to themselves: longer than a gateway that hardly answers takes for all of it.
HELD: Final = timedelta(minutes=15)
# The gateway was asked longer ago than any answer takes: whoever asked is dead.
BROKEN_AFTER: Final = timedelta(minutes=5)
# What the product itself writes about messages: how they fared, and those that came in.
RECORD: Final = "sms_message.record"
declare_verb(RECORD, admin=True)


def send_due(tenant: Tenant) -> None:
    """Send whatever is due, set by set."""
    while (claimed := _claim(tenant)) is not None:
        for line, message in claimed:
            with workspace_scope(tenant.id):
                if not _begin(message):
                    continue
            reason, number, again = "", "", False
            try:
                number = ask(line, message.phone, message.text)
            except NotTaken as error:
                reason, again = str(error), error.again and message.attempts < MOST_ATTEMPTS
            with workspace_scope(tenant.id):
                _note(tenant, message, number, reason, again)


def send_at_once(tenant: Tenant, phone: str, text: str, user_id: int) -> None:
    """Have the gateway send what is one colleague's alone, outside any scope: that a message went and what it cost is written
    down, its words are not.

    Raises:
        RuleViolation: there is no line, its limit of today is reached, or the gateway did not take it.
    """
    with workspace_scope(tenant.id):
        ctx, line, parts = job_context(tenant), line_here(), count_parts(text)[0]
        if parts > left_today(line, tenant):
            raise RuleViolation(msg("Today's limit of the line is reached."), code="limit")

        def note() -> SmsMessage:
            title = gettext("A message that only its reader knows")
            message: SmsMessage = create_records(ctx, MESSAGE, [{
                "title": title, "text": title, "direction": OUT, "state": SENDING, "phone": phone, "parts": parts, "line": line.id,
                "owner": user_id,
            }])[0]  # fmt: skip
            message.tried_at, message.is_notice = clock.now(), True
            SmsMessage.objects.bulk_update([message], ["tried_at", "is_notice"])
            return message

        message = perform(ctx, RECORD, (), note)
    reason, number = "", ""
    try:
        number = ask(line, phone, text)
    except NotTaken as error:
        reason = str(error)
    with workspace_scope(tenant.id):
        _note(tenant, message, number, reason, again=False)
    if reason:
        raise RuleViolation(msg("The gateway did not take the message."), code="not_taken")


def _begin(message: SmsMessage) -> bool:
    """Mark a message as being sent; False where it is no longer ours, because others had to take it over."""
    message.attempts += 1
    mine = SmsMessage.objects.filter(id=message.id, state=QUEUED, next_at=message.next_at)
    return bool(mine.update(state=SENDING, tried_at=clock.now(), next_at=None, attempts=message.attempts))


def settle_broken(tenant: Tenant) -> None:
    """Give up, in the open scope, what was being sent when its process died."""
    rows = SmsMessage.objects.filter(state=SENDING, tried_at__lt=clock.now() - BROKEN_AFTER)
    fail(job_context(tenant), list(rows.select_for_update(skip_locked=True)[:SET]), BROKEN_OFF)


def fail(ctx: Context, messages: Sequence[SmsMessage], reason: str) -> None:
    """Write down that messages did not arrive, and why."""
    if not messages:
        return

    def write() -> None:
        SmsMessage.objects.filter(id__in=[m.id for m in messages]).update(
            state=FAILED, reason=reason, next_at=None
        )
        ctx.record(*(
            MessageFailed(object=MESSAGE.key, object_id=m.id, title=m.title, subjects=subjects, person_id=m.person_id, reason=reason)
            for m, subjects in zip(messages, subjects_of(MESSAGE, messages), strict=True)
        ))  # fmt: skip
        ctx.touch(MESSAGE.key, *(m.id for m in messages))

    perform(ctx, RECORD, (), write)


def quiet_end(line: SmsLine, at: datetime, tenant: Tenant) -> datetime | None:
    """When the quiet hours of a line end that ``at`` lies in; None where it lies in none."""
    begin, end = (time.fromisoformat(text) for text in (line.quiet_from, line.quiet_until))
    return clock.quiet_end(at, begin, end, tenant.tz)


def left_today(line: SmsLine, tenant: Tenant) -> int:
    """How many parts the line may still send on this day of the workspace's."""
    sent = SmsMessage.objects.filter(line=line, direction=OUT, tried_at__gte=_midnight(tenant, 0))
    return int(line.daily_limit - (sent.aggregate(sum=Sum("parts"))["sum"] or 0))


def _midnight(tenant: Tenant, days: int) -> datetime:
    day = clock.today(tenant.tz) + timedelta(days=days)
    return datetime.combine(day, time(), tenant.tz).astimezone(UTC)


def _claim(tenant: Tenant) -> list[tuple[SmsLine, SmsMessage]] | None:
    """The next messages that may be sent now, held for us; those that must wait or may not go are settled.

    None where nothing is due.
    """
    with workspace_scope(tenant.id):
        now, ctx = clock.now(), job_context(tenant)
        due = SmsMessage.objects.filter(state=QUEUED, next_at__lte=now).order_by("next_at", "id")
        messages: list[SmsMessage] = list(due.select_for_update(skip_locked=True)[:SET])
        if not messages:
            return None
        # Whoever claims by the same line waits, so that its limit holds.
        wanted = {m.line_id for m in messages}
        lines = {
            line.id: line
            for line in SmsLine.objects.filter(id__in=wanted, is_active=True, deleted_at__isnull=True)
            .order_by("id")
            .select_for_update()
        }
        refused = _refused(tenant, messages, lines)
        for reason, some in refused.items():
            fail(ctx, some, reason)
        gone = {m.id for some in refused.values() for m in some}
        advertising = set(Purpose.objects.filter(needs_consent=True).values_list("id", flat=True))
        left = {id: left_today(line, tenant) for id, line in lines.items()}
        going: list[SmsMessage] = []
        waiting: list[SmsMessage] = []
        for message in messages:
            if message.id in gone:
                continue
            line = lines[message.line_id]
            until = quiet_end(line, now, tenant) if message.purpose_id in advertising else None
            if until is None and message.parts > left[line.id]:
                until, message.reason = _midnight(tenant, 1), LIMIT
            elif until is not None:
                message.reason = QUIET
            if until is not None:
                message.next_at = until
                waiting.append(message)
                continue
            left[line.id] -= message.parts
            # Tried from now on, so that it counts for the limit of the day.
            message.tried_at, message.next_at, message.reason = now, now + HELD, ""
            going.append(message)
        SmsMessage.objects.bulk_update([*going, *waiting], ["tried_at", "next_at", "reason"])
        return [(lines[m.line_id], m) for m in going]


def _refused(
    tenant: Tenant, messages: Sequence[SmsMessage], lines: dict[int, SmsLine]
) -> dict[str, list[SmsMessage]]:
    """Messages that may not go any more, by the reason: asked again, for what was true when they were queued may have changed."""
    found: dict[str, list[SmsMessage]] = defaultdict(list)
    there = set(
        Person.objects.filter(
            id__in={m.person_id for m in messages if m.person_id}, deleted_at__isnull=True
        ).values_list("id", flat=True)
    )
    asked: dict[int, list[SmsMessage]] = defaultdict(list)
    for message in messages:
        if message.line_id not in lines:
            found[NO_LINE].append(message)
        elif message.parts > lines[message.line_id].daily_limit:
            found[TOO_LONG].append(message)
        elif message.person_id and message.person_id not in there:
            found[GONE].append(message)
        elif message.purpose_id and message.person_id and "consents" not in tenant.modules_off:
            asked[message.purpose_id].append(message)
    words = dict(Purpose.objects.filter(id__in=asked).values_list("id", "word"))
    for purpose_id, some in asked.items():
        if purpose_id not in words:
            continue
        said = standings([m.person_id or 0 for m in some], "sms", words[purpose_id])
        found[NO_CONSENT] += [
            m for m in some if not (s := said.get(m.person_id or 0)) or not (s.may or s.why is Why.NO_ADDRESS)
        ]
    return {reason: some for reason, some in found.items() if some}


def _note(tenant: Tenant, message: SmsMessage, number: str, reason: str, again: bool) -> None:
    ctx = job_context(tenant)
    if reason and not again:
        fail(ctx, [message], reason)
        return
    now = clock.now()
    mine = SmsMessage.objects.filter(id=message.id, state=SENDING)
    if again:
        mine.update(state=QUEUED, reason=reason, next_at=now + timedelta(minutes=2**message.attempts))
        return

    def write() -> None:
        mine.update(state=SENT, sent_at=now, gateway_id=number, reason="")
        ctx.touch(MESSAGE.key, message.id)

    perform(ctx, RECORD, (), write)
