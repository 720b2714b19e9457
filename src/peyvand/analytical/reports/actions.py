"""What people do with kept reports beyond changing them: have them sent by mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.reports.models import Delivery, Receiver, Report, Sending
from peyvand.analytical.reports.objects import REPORT
from peyvand.analytical.reports.question import of_json
from peyvand.analytical.reports.rights import demand_question
from peyvand.analytical.reports.sending.delivering import LEFT_OUT, NO_MORE, WAITING
from peyvand.analytical.reports.sending.plans import DAILY, MONTHLY, WEEKLY, plan_next, receivers_of, send_to
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.field import Field
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Flag, Number, Option, whole_id
from peyvand.platform.identity.models import User
from peyvand.platform.insights.telling import kept

EVERY: Final = (
    Option(DAILY, _("Every day")),
    Option(WEEKLY, _("Every week")),
    Option(MONTHLY, _("Every month")),
)
WEEKDAYS: Final = (
    Option("6", _("Saturday")), Option("7", _("Sunday")), Option("1", _("Monday")), Option("2", _("Tuesday")),
    Option("3", _("Wednesday")), Option("4", _("Thursday")), Option("5", _("Friday")),
)  # fmt: skip
MOST: Final = 100
_NO_FILE: Final = msg("Choose at least one kind of file.")


@dataclass(frozen=True, kw_only=True)
class Members(Field):
    """Ids of users, as a list."""

    widget: ClassVar[str] = "text"

    def empty(self) -> Any:
        return ()

    def understand(self, raw: Any, reader: Reader) -> tuple[int, ...]:
        items = raw.split(",") if isinstance(raw, str) else raw
        if not isinstance(items, Iterable) or isinstance(items, Mapping):
            raise Invalid.of(msg("Choose people from the list."))
        ids = tuple(dict.fromkeys(whole_id(item) for item in items))
        if not all(ids):
            raise Invalid.of(msg("Choose people from the list."))
        return ids

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "integer"}}


@action(
    "report.send_regularly",
    label=_("Send by e-mail"),
    icon="mail",
    button=False,
    inputs=(
        Choice(key="every", label=_("How often"), options=EVERY, required=True, default=WEEKLY),
        Choice(key="weekday", label=_("Day of the week"), options=WEEKDAYS, default="6"),
        Number(key="day", label=_("Day of the month"), min=1, max=31, default=1),
        Number(key="hour", label=_("Time of day"), min=0, max=23, default=8),
        Members(key="members", label=_("To whom")),
        Flag(key="as_pdf", label=_("PDF attached"), default=True),
        Flag(key="as_xlsx", label=_("XLSX attached"), default=False),
    ),
)
def send_regularly(
    ctx: Context, report: Report, *, every: str = WEEKLY, weekday: str | None = "6", day: int | None = 1, hour: int | None = 8,
    members: Sequence[int] | None = (), as_pdf: bool | None = True, as_xlsx: bool | None = False,
) -> Report:  # fmt: skip
    """Have the report sent from now on; each gets what their own rights let them know.

    Raises:
        NotAllowed: the actor may not know what it counts. Invalid: nobody gets it, or nothing; or all of them have left.
    """
    demand_question(ctx.actor, of_json(report.question))
    users = _members(members or ())
    if not users:
        raise Invalid.of(msg("Choose at least one person."), "members", "required")
    if not (as_pdf or as_xlsx):
        raise Invalid.of(_NO_FILE, "as_pdf", "required")
    left = Receiver.objects.filter(report=report, user_id__in=users, left_at__isnull=False)
    if left.count() == len(users):
        raise Invalid.of(msg("All of them have unsubscribed."), "members", "left")
    sending = Sending.objects.filter(report=report).first() or Sending(report=report)
    sending.every, sending.weekday, sending.day = every, int(weekday or "6"), day or 1
    sending.hour, sending.as_pdf, sending.as_xlsx = (
        hour if hour is not None else 8,
        bool(as_pdf),
        bool(as_xlsx),
    )
    sending.sender_id = ctx.actor.user_id
    plan_next(ctx.tenant, sending)
    sending.save()
    # Who left stays on the list of those who left: whoever sends cannot bring them back.
    Receiver.objects.filter(report=report, left_at__isnull=True).exclude(user_id__in=users).delete()
    known: set[int] = set()
    for one in Receiver.objects.filter(report=report):
        known.add(one.user_id)
        if one.is_chosen != (one.user_id in users):
            Receiver.objects.filter(id=one.id).update(is_chosen=not one.is_chosen)
    Receiver.objects.bulk_create(Receiver(report=report, user_id=user) for user in users if user not in known)
    ctx.touch(REPORT.key, report.pk)
    return report


@action("report.stop_sending", label=_("Stop sending"), icon="x", button=False)
def stop_sending(ctx: Context, report: Report) -> Report:
    """Send it no more, nor what is still to be tried again; what was sent stays listed."""
    Sending.objects.filter(report=report).delete()
    waiting = Delivery.objects.filter(report=report, state=WAITING)
    waiting.update(state=LEFT_OUT, why=kept(NO_MORE), ended_at=clock.now())
    Receiver.objects.filter(report=report, left_at__isnull=True).delete()
    Receiver.objects.filter(report=report).update(is_chosen=False)
    ctx.touch(REPORT.key, report.pk)
    return report


@action(
    "report.send_now",
    label=_("Send now"),
    icon="send",
    button=False,
    final=True,
    inputs=(
        Flag(key="only_me", label=_("Only to me"), default=False),
        Flag(key="as_pdf", label=_("PDF attached"), default=True),
        Flag(key="as_xlsx", label=_("XLSX attached"), default=False),
    ),
)
def send_now(
    ctx: Context, report: Report, *, only_me: bool | None = False, as_pdf: bool | None = True, as_xlsx: bool | None = False
) -> Report:  # fmt: skip
    """Send it to everybody who gets it, now, with the files that they get; or once to the actor, with these files.

    Raises:
        RuleViolation: nobody gets it. Invalid: the actor asks for no file.
    """
    demand_question(ctx.actor, of_json(report.question))
    if only_me:
        if not (as_pdf or as_xlsx):
            raise Invalid.of(_NO_FILE, "as_pdf", "required")
        send_to(report, [_own(ctx)], as_pdf=bool(as_pdf), as_xlsx=bool(as_xlsx), is_own=True)
        ctx.touch(REPORT.key, report.pk)
        return report
    sending = Sending.objects.filter(report=report).first()
    users = receivers_of(report)
    if sending is None or not users:
        raise RuleViolation(msg("First choose who receives it."))
    send_to(report, users, as_pdf=sending.as_pdf, as_xlsx=sending.as_xlsx)
    ctx.touch(REPORT.key, report.pk)
    return report


def _own(ctx: Context) -> int:
    """The actor's own user.

    Raises:
        RuleViolation: nobody in particular acts.
    """
    if ctx.actor.user_id is None:
        raise RuleViolation(msg("First choose who receives it."))
    return ctx.actor.user_id


def _members(ids: Sequence[int]) -> list[int]:
    """Those users, all of whom work here.

    Raises:
        Invalid: one does not, or they are too many.
    """
    asked = list(dict.fromkeys(ids))
    if len(asked) > MOST:
        raise Invalid.of(msg("At most %(most)s people can receive it.", most=MOST), "members")
    here = set(
        User.objects.filter(id__in=asked, is_active=True, deleted_at__isnull=True).values_list(
            "id", flat=True
        )
    )
    if set(asked) - here:
        raise Invalid.of(msg("One of these people no longer works here."), "members", "missing")
    return asked
