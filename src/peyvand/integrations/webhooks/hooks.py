"""What happens when a webhook is written: its condition is read, it gets a secret and eyes, and a place to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from peyvand.integrations.webhooks.eyes import forget_messages, may_read
from peyvand.integrations.webhooks.models import Webhook
from peyvand.integrations.webhooks.signing import new_secret
from peyvand.kernel.conditions import Condition
from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.objects.conditions import condition_in
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import current_workspace_id

# In Workspace.settings: whether the event log is to be followed for webhooks at all.
FOLLOWED = "webhooks"
Values = Mapping[str, Any]


def prepare_webhooks(ctx: Context, webhooks: Sequence[Webhook], values: Sequence[Values]) -> None:
    """Whoever says what is told, and where, does so with their own rights."""
    for webhook, given in zip(webhooks, values, strict=True):
        condition_of(webhook)
        if not webhook.secret:
            webhook.secret = new_secret()
            webhook.since_id = _newest_event()
        if given.keys() - {"is_active", "name", "external_id"}:
            if ctx.actor.user_id is None:
                raise RuleViolation(msg("A webhook is set up by a user, whose rights it has."))
            if webhook.id is not None and not may_read(ctx.actor, webhook):
                forget_messages(webhook)
            webhook.seen_as_id = ctx.actor.user_id
        if webhook.is_active and webhook.disabled_at is not None:
            webhook.disabled_at = webhook.failing_since = webhook.retry_at = None
            webhook.failures = 0
            webhook.since_id = _newest_event()


def after_webhooks(
    ctx: Context, webhooks: Sequence[Webhook], values: Sequence[Values], created: bool
) -> None:
    """Say whether the event log is followed here; cached actors know it too."""
    follow_if_any()


def follow_if_any() -> None:
    id = current_workspace_id()
    # One that rests in the bin may come back.
    is_any = Webhook.objects.filter(is_active=True).exists()
    workspace = Workspace.objects.select_for_update().get(id=id)
    if workspace.settings.get(FOLLOWED, False) != is_any:
        workspace.settings[FOLLOWED] = is_any
        workspace.save(update_fields=["settings"])
        access_changed(id)


def condition_of(webhook: Webhook) -> tuple[ObjectSpec, Condition] | None:
    """The webhook's condition, and the object it is about; None where it has none.

    Raises:
        Invalid: it means nothing for the records that are chosen.
    """
    if not webhook.condition:
        return None
    spec = find_object(webhook.objects_told[0]) if len(webhook.objects_told) == 1 else None
    if spec is None:
        raise Invalid.of(msg("A condition needs exactly one kind of record."), "condition")
    condition = condition_in(webhook.condition, spec, is_personal=True)
    return (spec, condition) if condition else None


def _newest_event() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(max(id), 0) from event where workspace_id = %s", [current_workspace_id()]
        )
        return int(cursor.fetchone()[0])
