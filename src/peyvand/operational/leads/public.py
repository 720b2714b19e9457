"""What other slices may use of leads."""

from peyvand.operational.leads.actions import (
    assign_leads,
    capture_lead,
    convert_lead,
    disqualify_lead,
    nurture_lead,
    qualify_lead,
)
from peyvand.operational.leads.models import Lead, LeadForm, LeadReason
from peyvand.operational.leads.objects import LEAD, LEAD_FORM, LEAD_REASON, SCORE_RULE
from peyvand.operational.leads.scoring.happenings import Happening, register_happening
from peyvand.operational.leads.scoring.reckoning import refresh

__all__ = [
    "LEAD",
    "LEAD_FORM",
    "LEAD_REASON",
    "SCORE_RULE",
    "Happening",
    "Lead",
    "LeadForm",
    "LeadReason",
    "assign_leads",
    "capture_lead",
    "convert_lead",
    "disqualify_lead",
    "nurture_lead",
    "qualify_lead",
    "refresh",
    "register_happening",
]  # fmt: skip
