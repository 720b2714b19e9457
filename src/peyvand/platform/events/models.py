from __future__ import annotations

from django.db import models
from django.db.models.expressions import RawSQL

from peyvand.platform.workspaces.models import WorkspaceModel, index_here, unique_here


class EventRow(WorkspaceModel):
    """One line of the event log: what happened, to what, by whom, because of what. Never changed, only added to."""

    wire = models.CharField(max_length=100)
    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    audit_id = models.BigIntegerField(null=True, help_text="the action that recorded it")
    cause_id = models.BigIntegerField(null=True, help_text="the event that led to it")
    depth = models.SmallIntegerField(default=0)
    at = models.DateTimeField(help_text="when it happened")
    recorded_at = models.DateTimeField()
    data = models.JSONField(default=dict)
    # The writing transaction: a reader by position stops before transactions that may still commit (log.py).
    tx = models.BigIntegerField(db_default=RawSQL("pg_current_xact_id()::text::bigint", []), editable=False)

    class Meta:
        db_table = "event"
        base_manager_name = "everywhere"
        indexes = [index_here("object", "object_id", "id", name="event_object")]


class TimelineEntry(WorkspaceModel):
    """An event on the timeline of one record: an event belongs to its own record and to those it touches."""

    pk = models.CompositePrimaryKey("workspace_id", "object", "object_id", "at", "event_id")
    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    at = models.DateTimeField()
    event_id = models.BigIntegerField()

    class Meta:
        db_table = "timeline_entry"
        base_manager_name = "everywhere"


class ReactionRun(WorkspaceModel):
    """That a reaction has run for an event, written in the reaction's own transaction: this makes it happen once."""

    event_id = models.BigIntegerField()
    reaction = models.CharField(max_length=100)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "reaction_run"
        base_manager_name = "everywhere"
        constraints = [unique_here("event_id", "reaction", name="reaction_run_once")]
