from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.platform.workspaces.models import (
    WorkspaceForeignKey,
    WorkspaceModel,
    index_here,
    unique_here,
)
from peyvand.platform.workspaces.records import Record


class Webhook(Record):
    """A subscription: which events are told to which address, and through whose eyes."""

    name = models.CharField(_("Name"), max_length=100)
    url = models.TextField()
    # Wire names of events, and keys of objects; empty lists mean all.
    events = models.JSONField(default=list)
    objects_told = models.JSONField(default=list)
    # A condition of kernel.conditions on the record, as JSON text; empty for none.
    condition = models.TextField(blank=True)
    payload = models.CharField(max_length=10, default="full", help_text="full or thin")
    is_active = models.BooleanField(default=True)
    # The user whose rights decide what is told: whoever said last what is told and where.
    seen_as = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    # Encrypted; the old one signs too until its time is over, so that the receiver can change over.
    secret = models.TextField()
    old_secret = models.TextField(blank=True)
    old_secret_until = models.DateTimeField(null=True)
    since_id = models.BigIntegerField(default=0, help_text="events up to this one are not told")
    failures = models.IntegerField(default=0, help_text="in a row")
    failing_since = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True, help_text="until then nothing is tried")
    busy_until = models.DateTimeField(null=True, help_text="until then someone is sending its messages")
    disabled_at = models.DateTimeField(null=True, help_text="switched off for having failed too long")

    class Meta(Record.Meta):
        db_table = "webhook"

    def __str__(self) -> str:
        return self.name


class Delivery(WorkspaceModel):
    """One message to one webhook: what was sent, what came back, and when it is tried again."""

    WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"

    webhook = WorkspaceForeignKey(Webhook, models.CASCADE)
    message_id = models.CharField(max_length=40, help_text="the same for every attempt")
    event_id = models.BigIntegerField(null=True, help_text="empty for a test")
    wire = models.CharField(max_length=100)
    body = models.TextField()
    state = models.CharField(max_length=10, default=WAITING)
    # Asked for by a person: sent at once, whatever the webhook's state.
    by_hand = models.BooleanField(default=False)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    # Of the last attempt.
    tried_at = models.DateTimeField(null=True)
    took_ms = models.IntegerField(null=True)
    request_headers = models.JSONField(default=dict)
    response_status = models.IntegerField(null=True)
    response_headers = models.JSONField(default=dict)
    response_body = models.TextField(blank=True)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "webhook_delivery"
        base_manager_name = "everywhere"
        constraints = [unique_here("webhook", "event_id", name="webhook_delivery_once")]
        indexes: ClassVar[list[Any]] = [
            index_here("webhook", "-id", name="webhook_delivery_newest"),
            index_here(
                "webhook", "next_at", name="webhook_delivery_waiting", condition=models.Q(state="waiting")
            ),
        ]


class Place(WorkspaceModel):
    """How far a workspace's event log was read for its webhooks."""

    event_id = models.BigIntegerField()

    class Meta:
        db_table = "webhook_place"
        base_manager_name = "everywhere"
        constraints = [unique_here(name="webhook_place_once")]
