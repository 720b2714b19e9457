"""What a workspace set itself about duplicates."""

from __future__ import annotations

from peyvand.operational.duplicates.models import Rules


def rules_of(object_key: str) -> Rules:
    """The open workspace's rules for an object, or those that hold where it has set none."""
    return Rules.objects.filter(object=object_key).first() or Rules(object=object_key)
