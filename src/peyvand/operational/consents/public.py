"""What other slices may use of consents."""

from peyvand.operational.consents.channels import ANY, CHANNELS, GRANTED, REFUSED
from peyvand.operational.consents.models import Consent, Purpose
from peyvand.operational.consents.objects import CONSENT, PURPOSE
from peyvand.operational.consents.standing import Standing, Why, say, standings, standings_of

__all__ = [
    "ANY",
    "CHANNELS",
    "CONSENT",
    "GRANTED",
    "PURPOSE",
    "REFUSED",
    "Consent",
    "Purpose",
    "Standing",
    "Why",
    "say",
    "standings",
    "standings_of",
]
