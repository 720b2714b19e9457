"""A workspace that defined all it could: a field of every kind on deals, and an object of its own with the same."""

from __future__ import annotations

from typing import Any

from peyvand.administration.schema.actions import add_field, add_object, change_object
from peyvand.platform.actions.context import Context

OPTIONS = [
    {"labels": {"en": "Gold", "fa": "طلایی"}, "tone": "warn"},
    {"labels": {"en": "Silver", "fa": "نقره‌ای"}},
    {"labels": {"en": "Bronze", "fa": "برنزی"}, "tone": "bad"},
]
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("text", {"search": True}),
    ("long_text", {}),
    ("number", {"decimals": 2}),
    ("percent", {}),
    ("money", {}),
    ("date", {}),
    ("instant", {}),
    ("choice", {"options": OPTIONS}),
    ("choices", {"options": OPTIONS}),
    ("flag", {}),
    ("link", {"to": "company"}),
    ("user", {}),
    ("phone", {"search": True}),
    ("email", {"search": True}),
    ("url", {}),
    ("file", {}),
)


def define_fields(ctx: Context, object_key: str) -> dict[str, str]:
    """Add a field of every kind to an object, and a formula; their keys by kind."""
    keys = {
        kind: add_field(ctx, object_key, kind, labels={"en": f"Own {kind.replace('_', ' ')}"}, **config).key
        for kind, config in KINDS
    }
    formula = f"{keys['number']} * 2 + coalesce({keys['percent']}, 0)"
    keys["formula"] = add_field(
        ctx, object_key, "formula", labels={"en": "Own formula"}, formula=formula, result="number", decimals=2
    ).key
    return keys


def define_object(ctx: Context) -> str:
    """Make an object of the workspace's own with a field of every kind and a board; its key."""
    own = add_object(
        ctx,
        labels={"en": "Contract", "fa": "قرارداد"},
        plural_labels={"en": "Contracts", "fa": "قراردادها"},
        icon="file",
    )
    keys = define_fields(ctx, own.key)
    change_object(ctx, own, board_by=keys["choice"])
    return own.key
