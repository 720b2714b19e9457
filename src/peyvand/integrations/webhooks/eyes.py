"""Who may read a webhook, and what it was told: its messages hold what the user it is seen as sees, and nobody smaller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.db.models.expressions import RawSQL

from peyvand.integrations.webhooks.models import Delivery, Webhook
from peyvand.kernel import clock
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.objects.filters import may_know
from peyvand.platform.objects.spec import all_objects

# A condition is about the one kind of record that is told of; "field" stands in each of its comparisons, however deep.
_ASKING: Final = """select w.id from webhook w, jsonb_path_query(nullif(w.condition, '')::jsonb, '$.**.field') asked(path)
    where w.workspace_id = %s and w.objects_told->>0 || '.' || (path #>> '{}') = any(%s)"""


@dataclass(frozen=True)
class ReadableRows:
    """Webhooks of the whole workspace, but for those whose condition asks for fields that the actor's role hides, or
    through a link for records it does not show all of: the constant in it tells of them, and whoever does not see a condition must not change it."""

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        if scope is Scope.NONE:
            return Q(pk__in=[])
        secret = _secret(actor)
        # By SQL alone: filters are kept for as long as the actor's rights are.
        return ~Q(pk__in=RawSQL(_ASKING, [actor.workspace_id, secret])) if secret else None  # noqa: S611 values are parameters

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        asked = self.rows(actor, scope, verb)
        return asked is None or Webhook.objects.filter(asked, pk=record.pk).exists()


def _secret(actor: Actor) -> list[str]:
    """What conditions may ask for and this actor may not know, "deal.amount"; nothing for whoever sees every field."""
    grants = actor.grants
    closed = {
        spec.key
        for spec in all_objects()
        if spec.key not in grants.objects_off and grants.scope(spec.permission("view")) is Scope.NONE
    }
    return [
        f"{spec.key}.{path}"
        for spec in all_objects()
        for path in spec.condition_schema
        if spec.key in closed or not may_know(actor, spec, path)
    ]


def may_read(actor: Actor, webhook: Webhook) -> bool:
    """Whether the actor is the one through whose eyes it is told, or sees every record and field themselves."""
    if actor.user_id is not None and actor.user_id == webhook.seen_as_id:
        return True
    grants = actor.grants
    return not grants.fields and all(
        reaches_all(actor, spec.permission("view"))
        for spec in all_objects()
        if spec.key not in grants.objects_off
    )


def forget_messages(webhook: Webhook) -> None:
    """Empty the messages made so far: whoever takes the webhook over neither reads them nor has them sent elsewhere."""
    mine = Delivery.objects.filter(webhook_id=webhook.id)
    mine.filter(state=Delivery.WAITING).update(state=Delivery.FAILED, ended_at=clock.now(), next_at=None)
    mine.update(body="", response_body="", by_hand=False)
