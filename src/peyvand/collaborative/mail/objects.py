"""What this slice declares: mailboxes, mails and templates."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.mail.fields import PURPOSE, Receivers
from peyvand.collaborative.mail.hooks import (
    OPEN_TO_ALL,
    after_accounts,
    prepare_accounts,
    prepare_templates,
)
from peyvand.collaborative.mail.models import MailAccount, MailMessage, MailTemplate
from peyvand.collaborative.mail.policies import ForAllToRead, MessageRows, SharedOrOwned
from peyvand.operational.contacts.public import SOURCES
from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import (
    Choice,
    Day,
    Email,
    Flag,
    Instant,
    Link,
    LongText,
    Number,
    Option,
    Secret,
    Text,
    UserLink,
)
from peyvand.platform.identity.operations import declare_verb
from peyvand.platform.objects.spec import ObjectSpec, Section, register

SECURITIES = (
    Option("tls", _("TLS")), Option("starttls", _("STARTTLS")), Option("none", _("None (own network only)")),
)  # fmt: skip
STATES = (
    Option(MailMessage.QUEUED, _("Waiting to be sent"), "acc"),
    Option(MailMessage.SENT, _("Sent")),
    Option(MailMessage.FAILED, _("Not sent"), "bad"),
    Option(MailMessage.BOUNCED, _("Came back"), "bad"),
    Option(MailMessage.CANCELLED, _("Called back")),
    Option(MailMessage.RECEIVED, _("Received")),
)
DIRECTIONS = (Option("in", _("Incoming"), "good", icon="ad"), Option("out", _("Outgoing"), icon="au"))
KINDS = (Option("ordinary", _("Letter")), Option("marketing", _("Advertising"), "warn"))
LANGUAGES = (Option("fa", _("Persian")), Option("en", _("English")))

declare_verb(OPEN_TO_ALL, admin=True)

MAIL_ACCOUNT = register(
    ObjectSpec(
        key="mail_account",
        plural="mail_accounts",
        model=MailAccount,
        label=_("E-mail account"),
        label_plural=_("E-mail accounts"),
        icon="mail",
        subtitle="address",
        policy=SharedOrOwned(),
        in_search=False,
        fields=(
            Email(key="address", label=_("E-mail address"), required=True, max_length=254),
            Text(key="name", label=_("Name that receivers read"), max_length=100, help=_("Left empty: the address itself.")),
            Secret(key="password", label=_("Password"), purpose=PURPOSE,
                   help=_("Many providers want a password made for programs, not the one of your account. Left empty, it stays.")),
            Text(key="username", label=_("User name"), max_length=254, secondary=True, help=_("Left empty: the address itself.")),
            Text(key="imap_host", label=_("Fetching: server"), max_length=253, secondary=True, help=_("Left empty, it follows from the address.")),
            Number(key="imap_port", label=_("Fetching: port"), min=1, max=65535, grouped=False, secondary=True),
            Choice(key="imap_security", label=_("Fetching: encryption"), options=SECURITIES, secondary=True),
            Text(key="smtp_host", label=_("Sending: server"), max_length=253, secondary=True, help=_("Left empty, it follows from the address.")),
            Number(key="smtp_port", label=_("Sending: port"), min=1, max=65535, grouped=False, secondary=True),
            Choice(key="smtp_security", label=_("Sending: encryption"), options=SECURITIES, secondary=True),
            Text(key="smtp_username", label=_("Sending: user name"), max_length=254, secondary=True, help=_("Only where it differs.")),
            Secret(key="smtp_password", label=_("Sending: password"), purpose=PURPOSE, secondary=True, help=_("Only where it differs.")),
            LongText(key="signature", label=_("Signature"), max_length=2000),
            Flag(key="makes_leads", label=_("Make leads of unknown senders"), default=False,
                 help=_("Otherwise e-mails from people who are not known here are ignored.")),
            Choice(key="lead_source", label=_("Source of these leads"), options=SOURCES),
            Day(key="since", label=_("E-mails since"), help=_("Left empty: from today on.")),
            Flag(key="is_shared", label=_("Open to all colleagues"), default=False),
            Flag(key="is_active", label=_("Active"), default=True),
            UserLink(key="owner", label=_("Owner")),
            LongText(key="sending_problem", label=_("Problem with sending"), readonly=True),
            LongText(key="receiving_problem", label=_("Problem with receiving"), readonly=True),
        ),
        columns=("address", "name", "owner", "is_shared", "is_active"),
        sections=(
            Section(_("Details"), ("address", "name", "password", "is_shared", "owner", "is_active")),
            Section(_("Servers"), ("imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port", "smtp_security",
                                   "username", "smtp_username", "smtp_password")),
            Section(_("Letters"), ("signature", "since", "makes_leads", "lead_source")),
        ),
        prepare=prepare_accounts,
        after=after_accounts,
    )
)  # fmt: skip

MAIL_TEMPLATE = register(
    ObjectSpec(
        key="mail_template",
        plural="mail_templates",
        model=MailTemplate,
        label=_("E-mail template"),
        label_plural=_("E-mail templates"),
        icon="note",
        policy=ForAllToRead(),
        fields=(
            Text(key="name", label=_("Name"), required=True, search=True, max_length=100),
            Choice(key="kind", label=_("Kind"), options=KINDS, default="ordinary",
                   help=_("Advertising goes only to those who agreed, and they can take it back by one click.")),
            Choice(key="language", label=_("Language"), options=LANGUAGES, default="fa"),
            Link(key="purpose", label=_("Purpose"), to="purpose", help=_("What people must have agreed to, for advertising.")),
            Text(key="subject", label=_("Subject"), required=True, max_length=300),
            LongText(key="text", label=_("Text"), required=True, max_length=20_000,
                     help=_("Write {{person.given_name|friend}} for what is known of the reader; after the bar, what to write otherwise.")),
            UserLink(key="owner", label=_("Owner")),
        ),
        columns=("name", "kind", "language", "subject", "owner"),
        sections=(Section(_("Details"), ("name", "kind", "purpose", "language", "owner")), Section(_("Letter"), ("subject", "text"))),
        prepare=prepare_templates,
    )
)  # fmt: skip

MAIL_MESSAGE = register(
    ObjectSpec(
        key="mail_message",
        plural="mail_messages",
        model=MailMessage,
        label=_("E-mail"),
        label_plural=_("E-mails"),
        icon="mail",
        title="subject",
        subtitle="sender",
        policy=MessageRows(),
        correspondent="person",
        creatable=False,
        menu=45,
        fields=(
            Text(key="subject", label=_("Subject"), readonly=True, search=True, max_length=500),
            Choice(key="direction", label=_("Direction"), options=DIRECTIONS, readonly=True),
            Choice(key="state", label=_("State"), options=STATES, readonly=True),
            Receivers(key="sender", label=_("Sender"), readonly=True, search=True, max_length=400),
            Receivers(key="to", label=_("Receivers"), readonly=True),
            Receivers(key="cc", label=_("Copy to"), readonly=True),
            Instant(key="sent_at", label=_("Sent at"), readonly=True),
            Instant(key="send_at", label=_("To be sent at"), readonly=True, secondary=True),
            LongText(key="text", label=_("Text"), readonly=True, search=True),
            About(key="about", label=_("About")),
            Link(key="person", label=_("Person"), to="person", timeline=True),
            Link(key="company", label=_("Company"), to="company", timeline=True),
            Link(key="account", label=_("E-mail account"), to="mail_account", title="address", readonly=True),
            Link(key="template", label=_("E-mail template"), to="mail_template", readonly=True, secondary=True),
            Flag(key="is_private", label=_("Private: only its owner sees it")),
            Flag(key="is_automatic", label=_("Written by a machine"), readonly=True, secondary=True),
            LongText(key="problem", label=_("Reason"), readonly=True, secondary=True),
            UserLink(key="owner", label=_("Owner"), readonly=True),
        ),
        columns=("subject", "direction", "sender", "to", "state", "sent_at", "about", "owner"),
        sections=(Section(_("Concerns"), ("about", "person", "company", "is_private")),),
    )
)  # fmt: skip
