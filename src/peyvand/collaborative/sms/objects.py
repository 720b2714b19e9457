"""What this slice declares: lines, templates and messages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.sms.fields import Hour, SmsText
from peyvand.collaborative.sms.gateways import EXAMPLE, GATEWAYS, GENERAL, PURPOSE
from peyvand.collaborative.sms.hooks import prepare_lines, prepare_templates
from peyvand.collaborative.sms.models import (
    DELIVERED,
    FAILED,
    IN,
    OUT,
    QUEUED,
    RECEIVED,
    SENDING,
    SENT,
    SmsLine,
    SmsMessage,
    SmsTemplate,
)
from peyvand.collaborative.sms.policies import MessageRows
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import (
    Choice,
    Flag,
    Instant,
    Link,
    LongText,
    Number,
    Option,
    Phone,
    Secret,
    Text,
    Url,
    UserLink,
)
from peyvand.platform.objects.spec import ObjectSpec, Section, register

KINDS = (*(Option(g.key, g.label) for g in GATEWAYS.values()), Option(GENERAL, _("Another gateway (HTTP)")))
STATES = (
    Option(QUEUED, _("Waiting"), "info"),
    Option(SENDING, _("Being sent"), "info"),
    Option(SENT, _("Sent"), "acc"),
    Option(DELIVERED, _("Delivered"), "good"),
    Option(FAILED, _("Not delivered"), "bad"),
    Option(RECEIVED, _("Received"), "good"),
)
DIRECTIONS = (Option(OUT, _("Outgoing"), icon="au"), Option(IN, _("Incoming"), icon="ad"))

LINE = register(
    ObjectSpec(
        key="sms_line",
        admin=True,
        plural="sms_lines",
        model=SmsLine,
        label=_("SMS line"),
        label_plural=_("SMS lines"),
        icon="sms",
        policy=SharedRows(),
        in_search=False,
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100),
            Choice(key="gateway", label=_("Gateway"), options=KINDS, required=True, default=GENERAL),
            Text(key="sender", label=_("Sender's number"), max_length=30),
            Text(key="username", label=_("User name"), max_length=100, help=_("Where the gateway asks for one.")),
            Secret(key="secret", label=_("Key or password"), purpose=PURPOSE,
                   help=_("Kept encrypted and never shown again. Left empty, it stays as it is.")),
            Flag(key="is_active", label=_("Active"), default=True),
            Number(key="daily_limit", label=_("At most a day"), min=1, max=1_000_000, default=500,
                   help=_("Parts that are charged. What is more waits for the next day.")),
            Hour(key="quiet_from", label=_("No advertising from"), default="21:00"),
            Hour(key="quiet_until", label=_("until"), default="09:00"),
            Url(key="url", label=_("Address"), max_length=1000, help=_("Only for another gateway: where it takes messages (POST).")),
            Text(key="header", label=_("Header"), max_length=200, help=_("For example “Authorization: Bearer {secret}”.")),
            LongText(key="body", label=_("What is sent"), max_length=4000, default=EXAMPLE,
                     help=_("A JSON object with the places {to}, {text}, {sender}, {username} and {secret}.")),
            Flag(key="is_form", label=_("As a form instead of JSON")),
            Text(key="id_path", label=_("Where the answer says the message's number"), max_length=100,
                 help=_("For example data.ids.0: reports of delivery name it.")),
        ),
        columns=("name", "gateway", "sender", "is_active", "daily_limit"),
        sections=(
            Section(_("SMS line"), ("name", "gateway", "sender", "username", "secret", "is_active")),
            Section(_("Limits"), ("daily_limit", "quiet_from", "quiet_until")),
            Section(_("Another gateway"), ("url", "header", "body", "is_form", "id_path")),
        ),
        prepare=prepare_lines,
    )
)  # fmt: skip

TEMPLATE = register(
    ObjectSpec(
        key="sms_template",
        plural="sms_templates",
        model=SmsTemplate,
        label=_("SMS template"),
        label_plural=_("SMS templates"),
        icon="sms",
        policy=SharedRows(),
        in_search=False,
        default_sort="name",
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100),
            SmsText(key="text", label=_("Text"), required=True,
                    help=_("Places are filled in: {{person.given_name|dear customer}}, {{company.name}}, {{deal.name}}, {{user.name}}.")),
            Link(key="purpose", label=_("Purpose"), to="purpose",
                 help=_("If the purpose needs consent, the message only goes to whoever gave it, and outside quiet hours.")),
        ),
        columns=("name", "text", "purpose"),
        prepare=prepare_templates,
    )
)  # fmt: skip

MESSAGE = register(
    ObjectSpec(
        key="sms_message",
        plural="sms_messages",
        policy=MessageRows(),
        model=SmsMessage,
        label=_("SMS"),
        label_plural=_("Text messages"),
        icon="sms",
        title="title",
        found_by_text=True,
        # They come about by being written to somebody (actions.py) or by coming in.
        creatable=False,
        changeable=False,
        has_bin=False,
        fields=(
            Text(key="title", label=_("Beginning"), readonly=True),
            LongText(key="text", label=_("Text"), readonly=True, search=True),
            Choice(key="direction", label=_("Direction"), options=DIRECTIONS, readonly=True, default=OUT),
            Choice(key="state", label=_("State"), options=STATES, readonly=True, default=QUEUED),
            Phone(key="phone", label=_("Phone"), readonly=True, search=True, gathers=("person.phones",)),
            Number(key="parts", label=_("Parts"), readonly=True),
            Text(key="reason", label=_("Why not"), readonly=True, max_length=1000),
            Instant(key="sent_at", label=_("Sent at"), readonly=True),
            Instant(key="delivered_at", label=_("Delivered at"), readonly=True),
            Link(key="line", label=_("SMS line"), to="sms_line", readonly=True, secondary=True),
            Link(key="purpose", label=_("Purpose"), to="purpose", readonly=True, secondary=True),
            Link(key="answers", label=_("Answers"), to="sms_message", title="title", readonly=True, secondary=True),
            UserLink(key="owner", label=_("Owner"), readonly=True),
            About(key="about", label=_("About"), readonly=True),
            Link(key="person", label=_("Person"), to="person", timeline=True, readonly=True),
            Link(key="company", label=_("Company"), to="company", timeline=True, readonly=True),
        ),
        columns=("title", "direction", "person", "phone", "state", "about", "owner", "created_at"),
        sections=(
            Section(_("Message"), ("text", "direction", "state", "reason", "phone", "parts", "sent_at", "delivered_at")),
            Section(_("Concerns"), ("about", "person", "company", "owner")),
        ),
    )
)  # fmt: skip
