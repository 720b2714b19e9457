from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from peyvand.operational.contacts.public import Person
from peyvand.platform.workspaces.models import WorkspaceForeignKey, index_here, unique_here
from peyvand.platform.workspaces.records import Record


class Purpose(Record):
    """What people are reached for. ``word`` names it to programs and in kept filters."""

    name = models.CharField(max_length=100)
    word = models.CharField(max_length=40, blank=True)
    needs_consent = models.BooleanField(default=True)
    position = models.SmallIntegerField(default=0)

    class Meta(Record.Meta):
        db_table = "purpose"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("name", name="purpose_name_here", condition=Q(deleted_at__isnull=True)),
            unique_here("word", name="purpose_word_here", condition=Q(deleted_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name


class Consent(Record):
    """One entry of the ledger: what a person said of being reached, when, and what proves it. Never changed once made.

    The newest entry for a channel and purpose holds; ``channel`` "any" is every channel, no purpose is every purpose that
    needs consent.
    """

    person = WorkspaceForeignKey(Person, models.CASCADE)
    channel = models.CharField(max_length=10)
    purpose = WorkspaceForeignKey(Purpose, models.PROTECT, null=True, blank=True)
    state = models.CharField(max_length=10, help_text="granted or refused")
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=10, blank=True)
    basis = models.CharField(max_length=20, blank=True)
    words = models.TextField(blank=True)
    proof = models.CharField(max_length=300, blank=True)

    class Meta(Record.Meta):
        db_table = "consent"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            models.CheckConstraint(name="consent_state", condition=Q(state__in=("granted", "refused"))),
            models.CheckConstraint(
                name="consent_dates", condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("given_at"))
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            # What holds for one person: the newest first.
            index_here("person", "-given_at", "-id", name="consent_of_person"),
            # Whoever said yes, from where a list of those who may be reached begins.
            index_here("purpose", "channel", "person", name="consent_granted", condition=Q(state="granted")),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.channel}"
