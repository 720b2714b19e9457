"""Verbs: write an SMS to a person, or to the person of a lead or a deal; try a line; send a failed one again."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.filling import check_places, fill_places
from peyvand.collaborative.sms.fields import SmsText
from peyvand.collaborative.sms.models import FAILED, OUT, QUEUED, SmsLine, SmsMessage, SmsTemplate
from peyvand.collaborative.sms.objects import MESSAGE, TEMPLATE
from peyvand.collaborative.sms.writing import Draft, queue, queue_to, send_soon
from peyvand.kernel import clock
from peyvand.kernel.errors import NotFound, RuleViolation, msg
from peyvand.operational.consents.public import Purpose
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field, Link, Phone, Ref
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.workspaces.modules import belongs

INPUTS: tuple[Field, ...] = (
    SmsText(key="text", label=_("Text"), help=_("Left empty, the template is sent. {{person.given_name}} and the like are filled in.")),
    Link(key="template", label=_("Template"), to="sms_template"),
    Link(key="purpose", label=_("Purpose"), to="purpose",
         help=_("For advertising: it only goes to whoever consented, outside quiet hours.")),
)  # fmt: skip


def _declare(spec: ObjectSpec) -> None:
    @action(
        spec.permission("write_sms"), label=_("Write an SMS"), icon="sms", inputs=INPUTS, offered=_has_phone
    )
    def write_sms(
        ctx: Context, record: Any, *, text: str = "", template: int | None = None, purpose: int | None = None
    ) -> SmsMessage:
        """Write a text message to the person; it is sent by the worker at once, or when quiet hours end.

        Raises:
            RuleViolation: they cannot or may not be written to. Invalid: the text names what there is not.
        """
        draft, wanted = drafted(ctx, spec, record, text, template, purpose)
        return queue(ctx, [draft], wanted)[0]

    belongs(spec.permission("write_sms"), "sms")


def receiver_of(ctx: Context, spec: ObjectSpec, record: Any) -> Person:
    """Whom a message about a record goes to.

    Raises:
        RuleViolation: there is nobody, or the actor does not see them: neither the name nor the number is theirs to learn.
    """
    person_id = record.id if spec is PERSON else record.person_id
    people = Person.objects.filter(id=person_id, deleted_at__isnull=True)
    person: Person | None = visible(ctx.actor, PERSON.key, people).first() if person_id else None
    if person is None:
        raise RuleViolation(msg("There is no person to write to."))
    return person


def drafted(
    ctx: Context,
    spec: ObjectSpec,
    record: Any,
    text: str = "",
    template: int | None = None,
    purpose: int | None = None,
) -> tuple[Draft, Purpose | None]:
    """The message that would be written, with what it is for.

    Raises:
        RuleViolation: there is nothing to send, or nobody to send it to. Invalid: a place in the text names no field.
    """
    if template is not None:
        templates = SmsTemplate.objects.filter(id=template, deleted_at__isnull=True)
        kept = visible(ctx.actor, TEMPLATE.key, templates).first()
        if kept is None:
            raise NotFound
        text, purpose = text or kept.text, purpose or kept.purpose_id
    if not text:
        raise RuleViolation(msg("Write a text or choose a template."), "text")
    person = receiver_of(ctx, spec, record)
    about = None if spec is PERSON else Ref(spec.key, record.id, "")
    given = {
        "person": person.id,
        "company": person.company_id,
        "user": ctx.actor.user_id,
        spec.key: record.id,
    }
    check_places(text, "text")
    filled = fill_places(ctx, text, given, ctx.tenant.language)
    wanted = Purpose.objects.filter(id=purpose, deleted_at__isnull=True).first() if purpose else None
    if purpose and wanted is None:
        raise NotFound
    return Draft(person, filled, about or Ref("person", person.id, "")), wanted


def _has_phone(record: Any) -> bool:
    return bool(record.phone) if isinstance(record, Person) else record.person_id is not None


for _key in ("person", "lead", "deal"):
    if (_spec := find_object(_key)) is not None:
        _declare(_spec)


@action(
    "sms_message.send_again", label=_("Send again"), icon="refresh",
    offered=lambda message: message.state == FAILED and message.direction == OUT,
)  # fmt: skip
def send_again(ctx: Context, message: SmsMessage) -> None:
    """Send a message that did not arrive once more.

    Raises:
        RuleViolation: it did not fail, or is sent again already.
    """
    failed = SmsMessage.objects.filter(id=message.id, state=FAILED, direction=OUT)
    if not failed.update(
        state=QUEUED, reason="", attempts=0, next_at=clock.now(), sent_at=None, gateway_id=""
    ):
        raise RuleViolation(msg("Only what did not arrive is sent again."))
    ctx.touch(MESSAGE.key, message.id)
    send_soon()


@action(
    "sms_line.test", label=_("Send a test"), icon="play",
    inputs=(Phone(key="phone", label=_("To the number"), required=True),),
)  # fmt: skip
def test_line(ctx: Context, line: SmsLine, *, phone: str) -> SmsMessage:
    """Send a short message by this line; whether the gateway took it stands on the message."""
    return queue_to(ctx, line, phone, gettext("A test message of Peyvand"))
