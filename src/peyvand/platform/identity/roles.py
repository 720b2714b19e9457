"""The roles that every workspace has. They are the product's own: what they grant is read from here, never from the
workspace's row, so that a new release reaches every workspace; a workspace that wants it otherwise makes a copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from peyvand.platform.identity.grants import Grants

OWNER, ADMIN, MANAGER, MEMBER, VIEWER = "owner", "admin", "manager", "member", "viewer"

# What belongs to the whole workspace is seen by everybody, and changed by whoever runs it.
_SHARED_READ = {
    f"{key}.view": "all"
    for key in (
        "user",
        "team",
        "pipeline",
        "stage",
        "product",
        "tax",
        "tax_rate",
        "price_list",
        "price",
        "tag",
        "competitor",
        "lost_reason",
        "lead_reason",
        "lead_form",
        "purpose",
        "working_hours",
        "holiday",
        "playbook_item",
        "sms_template",
        "sequence",
        "sequence_step",
        "text_topic",
    )
}

BUILTIN_ROLES: dict[str, tuple[str | Promise, dict[str, str]]] = {
    OWNER: (pgettext_lazy("role", "Owner"), {"*": "all"}),
    ADMIN: (pgettext_lazy("role", "Admin"), {"*": "all", "workspace.delete": "none"}),
    MANAGER: (
        pgettext_lazy("role", "Manager"),
        {
            "*": "team",
            "*.view": "all",
            "*.create": "all",
            "*.merge": "all",
            "*.unmerge": "all",
            **_SHARED_READ,
            "product.*": "all",
            "product.purge": "all",
            "price_list.*": "all",
            "price.*": "all",
            "import.*": "all",
            "tag.*": "all",
            "tag.purge": "all",
            "view.*": "all",
            "token.*": "own",
            "invoice.approve_credit": "all",
            "company.set_credit_limit": "all",
            # What people earn concerns them and to whom they report, not those beside them; paying it is not a manager's.
            "commission_plan.view": "all",
            **{f"commission_line.{verb}": "below" for verb in ("view", "export", "dispute", "settle")},
            **{
                f"commission_statement.{verb}": "below"
                for verb in ("view", "export", "reckon", "submit", "send_back", "approve", "adjust")
            },
        },
    ),
    MEMBER: (
        pgettext_lazy("role", "Member"),
        {
            "*": "own",
            "*.view": "team",
            "*.create": "all",
            "*.bulk": "none",
            "*.export": "none",
            "*.merge": "none",
            "*.unmerge": "none",
            "import.*": "none",
            # Tags and competitors belong to everybody: whoever may change one could change them all.
            "tag.*": "none",
            "competitor.*": "none",
            # So do texts and sequences that all send by.
            **dict.fromkeys(
                (
                    f"{key}.{verb}"
                    for key in ("sms_template", "sequence", "sequence_step")
                    for verb in ("*", "create")
                ),
                "none",
            ),
            # A watch counts for all: whoever may pause one could pause them all.
            "watch.*": "none",
            "watch.create": "none",
            "watch.view": "team",
            # What one is to reach, others say.
            "quota.*": "none",
            "quota.view": "team",
            # Nobody decides about their own leave.
            "absence.approve": "none",
            "absence.refuse": "none",
            "commission_plan.view": "own",
            "commission_statement.view": "own",
            "commission_statement.submit": "own",
            "commission_line.view": "own",
            "commission_line.dispute": "own",
            **_SHARED_READ,
            "tag.create": "all",
            "competitor.create": "all",
            "view.*": "own",
            "token.*": "own",
        },
    ),
    VIEWER: (
        pgettext_lazy("role", "Viewer"),
        {"*.view": "all", "import.*": "none", "profile.*": "own", **_SHARED_READ},
    ),
}


def grants_of(
    key: str,
    is_builtin: bool,
    grants: Mapping[str, str],
    fields: Mapping[str, str],
    conditions: Mapping[str, Any],
) -> Grants:
    """What a role allows, from its row."""
    known = BUILTIN_ROLES.get(key) if is_builtin else None
    return Grants.from_json(known[1] if known else grants, fields, {} if known else conditions)
