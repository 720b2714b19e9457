"""One report to one person: asked anew as that person, written in their language, handed to the mail server, tried again
while that may help. No transaction waits for the server. A worker that dies after the server took it sends it once more."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any, Final

from django.utils import translation

from peyvand.analytical.reports.answering import answer
from peyvand.analytical.reports.events import ReportNotSent
from peyvand.analytical.reports.models import Delivery, Receiver
from peyvand.analytical.reports.objects import REPORT
from peyvand.analytical.reports.question import of_json
from peyvand.analytical.reports.sending.letters import Letter, with_answer, with_refusal
from peyvand.analytical.reports.sending.plans import DELIVER
from peyvand.kernel import clock
from peyvand.kernel.errors import Message, NotAllowed, PeyvandError, msg
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.fields.reader import said
from peyvand.platform.identity.actor import Tenant, actors_of
from peyvand.platform.identity.models import User
from peyvand.platform.identity.operations import declare_verb
from peyvand.platform.insights.telling import kept
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.workspaces.scope import workspace_scope

log = logging.getLogger(__name__)

WAITING, SENT, LEFT_OUT, FAILED = "waiting", "sent", "left_out", "failed"
# Seconds between attempts; after the last it is given up.
PAUSES: Final = (60, 600, 3600, 4 * 3600)
TELL: Final = "report.tell_failure"
declare_verb(TELL, admin=True)
_GONE: Final = msg("This person no longer works here.")
_HIDDEN: Final = msg("May not see everything it counts.")
_LEFT: Final = msg("This person has unsubscribed.")
NO_MORE: Final = msg("It is not sent to this person any more.")


def deliver(tenant: Tenant, delivery_id: int) -> None:
    """Send one delivery if it still waits. Outside any scope: it opens its own."""
    with workspace_scope(tenant.id):
        rows = Delivery.objects.filter(id=delivery_id, state=WAITING, report__deleted_at__isnull=True)
        delivery = rows.select_related("report").first()
    if delivery is None:
        return
    try:
        with workspace_scope(tenant.id):
            letter, why = _written(tenant, delivery)
        if letter is not None:
            letter.mail.send()
    except Exception as error:
        # A server that is away, a warehouse that is not filled yet, what nobody thought of: whoever sends hears of it at last.
        log.warning("report %s could not be sent", delivery.report_id, exc_info=True)
        with workspace_scope(tenant.id):
            _again(tenant, delivery, error)
        return
    with workspace_scope(tenant.id):
        _end(delivery, SENT if why is None else LEFT_OUT, why, rows=letter.rows if letter else None)


def _written(tenant: Tenant, delivery: Delivery) -> tuple[Letter | None, Message | None]:
    """The letter, and why its reader gets no report; no letter: they are not even told."""
    report, user = delivery.report, delivery.user_id
    actor = actors_of(tenant.id, {user}).get(user)
    address = User.objects.filter(id=user).values_list("email", flat=True).first()
    if actor is None or not address:
        return None, _GONE
    if not delivery.is_own:
        receiver = Receiver.objects.filter(report=report, user=user).first()
        if receiver is None or receiver.left_at is not None:
            return None, _LEFT if receiver else NO_MORE
    ctx = Context(actor, "job")
    with translation.override(actor.language):
        try:
            found = answer(ctx, of_json(report.question))
        except PeyvandError as refusal:
            if refusal.status >= 500:
                # Not yet: the warehouse is filled for the first time.
                raise
            # To whom it was refused it is said what they may not see; others are told no more than that.
            why = _HIDDEN if isinstance(refusal, NotAllowed) else refusal.message
            return _refused(ctx, delivery, address, refusal), why
        return with_answer(
            ctx, report, found, address, as_pdf=delivery.as_pdf, as_xlsx=delivery.as_xlsx
        ), None


def _refused(ctx: Context, delivery: Delivery, address: str, refusal: PeyvandError) -> Letter | None:
    """Whoever may not have it is told so once, not every morning."""
    before = Delivery.objects.filter(report=delivery.report_id, user=delivery.user_id, id__lt=delivery.pk)
    last = before.order_by("-id").values_list("state", flat=True).first()
    if not isinstance(refusal, NotAllowed) or last == LEFT_OUT:
        return None
    return with_refusal(ctx, delivery.report, address, said(refusal.message))


def _again(tenant: Tenant, delivery: Delivery, error: Exception) -> None:
    attempts = delivery.attempts + 1
    if attempts <= len(PAUSES):
        Delivery.objects.filter(id=delivery.pk).update(attempts=attempts)
        defer(DELIVER, delay=PAUSES[attempts - 1], delivery_id=delivery.pk)
        return
    answer = f"{type(error).__name__}: {error}"[:300]
    why = msg("The mail server did not take it: %(answer)s", answer=answer)
    if not isinstance(error, SMTPException | OSError):
        why = msg("It could not be written: %(answer)s", answer=answer)
    _end(delivery, FAILED, why, attempts=attempts)
    ctx, report = job_context(tenant), delivery.report
    name = User.objects.filter(id=delivery.user_id).values_list("name", flat=True).first() or ""
    fact = ReportNotSent(object=REPORT.key, object_id=report.pk, title=report.name, whom=name)
    perform(ctx, TELL, (), lambda: ctx.record(fact))


def _end(delivery: Delivery, state: str, why: Message | None, **values: Any) -> None:
    told = kept(why) if why else []
    Delivery.objects.filter(id=delivery.pk).update(state=state, why=told, ended_at=clock.now(), **values)
