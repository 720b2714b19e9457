"""What other slices may use of consents."""

from peyvand.operational.consents.channels import (
    ANY,
    CHANNELS,
    EVERY_CHANNEL,
    GIVE,
    GRANTED,
    REFUSED,
    STATES,
    WITHDRAW,
)
from peyvand.operational.consents.models import Consent, Purpose
from peyvand.operational.consents.objects import CONSENT, PURPOSE
from peyvand.operational.consents.standing import Standing, Why, say, standings, standings_of

__all__ = [
    "ANY",
    "CHANNELS",
    "CONSENT",
    "EVERY_CHANNEL",
    "GIVE",
    "GRANTED",
    "PURPOSE",
    "REFUSED",
    "STATES",
    "WITHDRAW",
    "Consent",
    "Purpose",
    "Standing",
    "Why",
    "say",
    "standings",
    "standings_of",
]
