"""What happens when forms, rules and reasons are written."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from peyvand.kernel.errors import Invalid, Refusals, msg
from peyvand.operational.leads.models import LeadForm, ScoreRule
from peyvand.operational.leads.scoring.rules import check_rule
from peyvand.platform.actions.context import Context

Values = Mapping[str, Any]


def prepare_forms(ctx: Context, forms: Sequence[LeadForm], values: Sequence[Values]) -> None:
    """A form asks for a way to answer, needs only what it asks for, and says what a tick means.

    Raises:
        Invalid: it does not.
    """
    refusals = Refusals()
    for form in forms:
        with refusals.of(form.id):
            form.asked = list(form.asked or ("name", "phone", "email", "message"))
            if not {"phone", "email"} & set(form.asked):
                raise Invalid.of(
                    msg("Ask for a phone or an e-mail: otherwise nobody can be answered."), "asked"
                )
            form.needed = [key for key in form.needed or () if key in form.asked]
            if form.consent_text and form.purpose_id is None:
                raise Invalid.of(msg("Say what the consent is for."), "purpose", "required")
            if not form.token:
                form.token = f"{ctx.tenant.id}-{secrets.token_urlsafe(18)}"
    refusals.settle()


def prepare_rules(ctx: Context, rules: Sequence[ScoreRule], values: Sequence[Values]) -> None:
    """A rule asks one thing, and what it asks is there.

    Raises:
        Invalid: it does not.
    """
    refusals = Refusals()
    for rule in rules:
        with refusals.of(rule.id):
            check_rule(rule)
    refusals.settle()
