from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.operational.activities.public import Activity
from peyvand.operational.consents.public import Purpose
from peyvand.operational.contacts.public import Person
from peyvand.platform.workspaces.models import WorkspaceForeignKey, index_here, unique_here
from peyvand.platform.workspaces.records import Record

QUEUED, SENDING, SENT, DELIVERED, FAILED, RECEIVED = (
    "queued", "sending", "sent", "delivered", "failed", "received",
)  # fmt: skip
OUT, IN = "out", "in"


class SmsLine(Record):
    """A number that we send from and receive at, by the gateway that carries it."""

    name = models.CharField(max_length=100)
    gateway = models.CharField(max_length=20, default="general")
    sender = models.CharField(max_length=30, blank=True)
    username = models.CharField(max_length=100, blank=True)
    # Sealed: only sending reads it again.
    secret = models.TextField(blank=True)
    # Of a general gateway alone: where to, how it is told who asks, what is sent, and where the answer says what.
    url = models.TextField(blank=True)
    header = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    is_form = models.BooleanField(default=False)
    id_path = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(default=True)
    daily_limit = models.IntegerField(default=500)
    quiet_from = models.CharField(max_length=5, default="21:00")
    quiet_until = models.CharField(max_length=5, default="09:00")
    # What the gateway's calls are recognised by: the end of /s/<workspace>-<token>.
    token = models.CharField(max_length=40)

    class Meta(Record.Meta):
        db_table = "sms_line"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("token", name="sms_line_token"),
        ]

    def __str__(self) -> str:
        return self.name


class SmsTemplate(Record):
    """A text that is sent again and again, with places for what is known of whom it goes to."""

    name = models.CharField(max_length=100)
    text = models.TextField()
    purpose = WorkspaceForeignKey(Purpose, models.SET_NULL, null=True, blank=True)

    class Meta(Record.Meta):
        db_table = "sms_template"

    def __str__(self) -> str:
        return self.name


class SmsMessage(Activity):
    """One text message to a number or from it."""

    # It goes with whom it was written to.
    person = WorkspaceForeignKey(Person, models.CASCADE, null=True, blank=True)
    # The beginning of the text: what lists show.
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    direction = models.CharField(max_length=3, default=OUT)
    phone = models.CharField(max_length=20)
    parts = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=10, default=QUEUED)
    # In English, for programs read it too; ``reasons.py`` says it to people.
    reason = models.TextField(blank=True)
    line = WorkspaceForeignKey(SmsLine, models.SET_NULL, null=True)
    # What it is sent for; empty: written by somebody to this one person.
    purpose = WorkspaceForeignKey(Purpose, models.SET_NULL, null=True)
    answers = WorkspaceForeignKey("self", models.SET_NULL, null=True)
    gateway_id = models.CharField(max_length=100, blank=True)
    # What the product tells a colleague: no word to a customer, and nobody else's to read.
    is_notice = models.BooleanField(default=False)
    # Whoever queues twice under one key queued once.
    key = models.CharField(max_length=100, null=True)
    attempts = models.SmallIntegerField(default=0)
    # Not sent before; empty once it is on its way.
    next_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta(Activity.Meta):
        db_table = "sms_message"
        constraints: ClassVar[list[Any]] = [
            *Activity.Meta.constraints,
            unique_here("key", name="sms_message_key"),
        ]
        indexes: ClassVar[list[Any]] = [
            *Activity.Meta.indexes,
            index_here("next_at", "id", name="sms_message_due", condition=Q(state=QUEUED)),
            index_here("tried_at", name="sms_message_tried"),
            index_here("phone", "-id", name="sms_message_phone"),
            index_here("line", "gateway_id", name="sms_message_gateway", condition=~Q(gateway_id="")),
        ]

    def __str__(self) -> str:
        return self.title
