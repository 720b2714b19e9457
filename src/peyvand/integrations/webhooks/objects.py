"""Webhooks as objects: made, changed, listed and reached by programs like any other."""

from django.utils.translation import gettext_lazy as _

from peyvand.integrations.webhooks.eyes import ReadableRows
from peyvand.integrations.webhooks.fields import EVENTS, OBJECTS, Address
from peyvand.integrations.webhooks.hooks import after_webhooks, prepare_webhooks
from peyvand.integrations.webhooks.models import Webhook
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.types import Choice, Flag, Instant, Option, Text, UserLink
from peyvand.platform.objects.conditions import ConditionText
from peyvand.platform.objects.spec import ObjectSpec, Section, register

PAYLOADS = (Option("full", _("The whole record")), Option("thin", _("Only which record")))

WEBHOOK = register(
    ObjectSpec(
        key="webhook",
        admin=True,
        plural="webhooks",
        model=Webhook,
        label=_("Webhook"),
        label_plural=_("Webhooks"),
        icon="link",
        policy=ReadableRows(),
        in_search=False,
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100),
            Address(key="url", label=_("Address"), required=True,
                    help=_("Messages are posted there, signed as Standard Webhooks has it.")),
            Choices(key="objects", options=OBJECTS, attr="objects_told", label=_("Records"), help=_("None chosen: all.")),
            Choices(key="events", options=EVENTS, label=_("Events"), help=_("None chosen: all.")),
            ConditionText(key="condition", label=_("Condition"), chosen_by="objects", is_personal=True,
                          help=_("Only records that meet it are told of.")),
            Choice(key="payload", label=_("Content"), options=PAYLOADS, required=True, default="full"),
            Flag(key="is_active", label=_("Active"), default=True),
            UserLink(key="seen_as", label=_("With the rights of"), readonly=True),
            Instant(key="failing_since", label=_("Failing since"), readonly=True),
            Instant(key="disabled_at", label=_("Switched off at"), readonly=True),
        ),
        columns=("name", "url", "is_active", "failing_since"),
        sections=(
            Section(_("Webhook"), ("name", "url", "is_active")),
            Section(_("What it tells"), ("objects", "events", "condition", "payload")),
        ),
        prepare=prepare_webhooks,
        after=after_webhooks,
    )
)  # fmt: skip
