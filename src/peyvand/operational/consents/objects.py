"""What this slice declares: purposes, the ledger of consents, and what a person may be reached for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.operational.consents.channels import (
    BASES,
    CHANNELS,
    EVERY_CHANNEL,
    FIELDS,
    SAID,
    SOURCES,
    STATES,
)
from peyvand.operational.consents.fields import Reach
from peyvand.operational.consents.hooks import (
    keep_used_purposes,
    prepare_consents,
    prepare_purposes,
    tell_consents,
)
from peyvand.operational.consents.models import Consent, Purpose
from peyvand.operational.consents.policies import PersonRows
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.types import Choice, Flag, Instant, Link, LongText, Number, Text
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import ObjectSpec, Section, extend, register

PURPOSE = register(
    ObjectSpec(
        key="purpose",
        admin=True,
        plural="purposes",
        keep=keep_used_purposes,
        model=Purpose,
        label=_("Purpose"),
        label_plural=_("Purposes"),
        icon="flag",
        policy=SharedRows(),
        in_search=False,
        default_sort="position",
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100, headers=("purpose", "هدف")),
            Text(key="word", label=_("Key word"), max_length=40,
                 help=_("One word by which programs and kept filters name it; made of the name if left empty.")),
            Flag(key="needs_consent", label=_("Needs consent"), default=True,
                 help=_("Without it, people may be reached for this until they refuse.")),
            Number(key="position", label=_("Order"), min=0, max=32000, default=0),
        ),
        columns=("name", "needs_consent"),
        prepare=prepare_purposes,
    )
)  # fmt: skip

CONSENT = register(
    ObjectSpec(
        key="consent",
        plural="consents",
        model=Consent,
        label=_("Consent"),
        label_plural=_("Consents"),
        icon="shield",
        area=areas.CONTACTS,
        title="state",
        policy=PersonRows(),
        changeable=False,
        has_bin=False,
        in_search=False,
        default_sort="-given_at",
        fields=(
            Choice(key="state", label=_("Answer"), options=STATES, required=True, headers=("consent", "رضایت")),
            Link(key="person", label=_("Person"), to="person", required=True,
                 headers=("contact", "email", "phone", "شخص", "مخاطب", "رایانامه", "تلفن")),
            Choice(key="channel", label=_("Channel"), options=(*CHANNELS, EVERY_CHANNEL), required=True, headers=("راه ارتباط", "کانال")),
            Link(key="purpose", label=_("Purpose"), to="purpose", headers=("هدف",),
                 help=_("Left empty: every purpose that needs consent.")),
            Instant(key="given_at", label=_("Since"), default=clock.now, headers=("date", "given at", "opt-in date", "تاریخ")),
            Instant(key="expires_at", label=_("Until"), secondary=True, headers=("expires", "تا")),
            Choice(key="source", label=_("On whose word"), options=SOURCES, headers=("source", "منبع"),
                   help=_("How they said it.")),
            Choice(key="basis", label=_("Lawful basis"), options=BASES, default="consent", secondary=True, headers=("مبنای قانونی",)),
            LongText(key="words", label=_("What was agreed to"), headers=("text", "wording", "متن"),
                     help=_("The sentence that stood on the form, or was read out.")),
            Text(key="proof", label=_("Proof"), max_length=300, headers=("evidence", "مدرک"),
                 help=_("Where the proof lies: the number of a letter, the address of a page. Files hang on the entry itself.")),
        ),
        columns=("state", "person", "channel", "purpose", "given_at", "expires_at", "source", "proof"),
        sections=(
            Section(_("Details"), ("person", "channel", "purpose", "state", "given_at", "expires_at")),
            Section(_("Proof"), ("source", "proof", "words", "basis", "external_id")),
        ),
        prepare=prepare_consents,
        after=tell_consents,
    )
)  # fmt: skip

extend(
    PERSON,
    Reach(
        key="reach",
        label=_("May be reached for"),
        readonly=True,
        secondary=True,
        gathers=(*(f"consent.{key}" for key in SAID), *(f"person.{key}" for key in dict.fromkeys(FIELDS.values()))),
    ),
)  # fmt: skip
