"""The ways to reach a person, and the words that entries of the ledger choose from."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from peyvand.platform.fields.types import Option

# The rights to write the ledger of a person: what they allowed, and what they refused.
GIVE: Final = "person.give_consent"
WITHDRAW: Final = "person.withdraw_consent"
GRANTED: Final = "granted"
REFUSED: Final = "refused"
# An entry about every channel.
ANY: Final = "any"

CHANNELS: Final = (
    Option("email", _("E-mail"), icon="mail"),
    Option("sms", _("SMS"), icon="sms"),
    Option("phone", _("Phone"), icon="phone"),
    Option("messenger", _("Messenger"), icon="chat"),
    Option("post", _("Post"), icon="pin"),
)
EVERY_CHANNEL: Final = Option(ANY, _("Every channel"), icon="globe")
STATES: Final = (Option(GRANTED, _("Granted"), "good"), Option(REFUSED, _("Refused"), "bad"))
SOURCES: Final = (
    Option("form", _("Paper form")),
    Option("web", _("Website")),
    Option("call", _("Call")),
    Option("visit", _("Visit")),
    Option("letter", _("Letter")),
    Option("import", _("Import")),
    Option("api", _("Program")),
)
BASES: Final = (
    Option("consent", _("Consent")),
    Option("contract", _("Contract")),
    Option("legal_duty", _("Legal duty")),
    Option("interest", _("Legitimate interest")),
)
# The fields of an entry that an answer rests on.
SAID: Final = ("state", "channel", "purpose", "given_at", "expires_at")
KEYS: Final = tuple(option.key for option in CHANNELS)
# Of which kind the contact points of a channel are; post goes to an address.
POINTS: Final = {"email": "email", "sms": "phone", "phone": "phone", "messenger": "phone"}
# Which field of a person holds what a channel goes to.
FIELDS: Final = {
    "email": "emails", "sms": "phones", "phone": "phones", "messenger": "phones", "post": "addresses",
}  # fmt: skip
