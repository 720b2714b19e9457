from __future__ import annotations

from django.db import models

from peyvand.platform.workspaces.models import WorkspaceModel, index_here


class AuditEntry(WorkspaceModel):
    """One action that was carried out: who, what, by which way in. What it changed is in the events that name it."""

    action = models.CharField(max_length=100)
    object = models.CharField(max_length=40, blank=True)
    object_id = models.BigIntegerField(null=True)
    count = models.IntegerField(default=1, help_text="records touched")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200, blank=True)
    via = models.CharField(max_length=10, help_text="web, api, job, cli")
    request_id = models.CharField(max_length=40, blank=True)
    ip = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"
        base_manager_name = "everywhere"
        indexes = [
            index_here("object", "object_id", "id", name="audit_entry_object"),
            index_here("actor_id", "id", name="audit_entry_actor"),
            index_here("at", "id", name="audit_entry_at"),
            index_here("action", "id", name="audit_entry_action"),
            index_here("via", "id", name="audit_entry_via"),
            # What a lent role made possible (administration/operations asks for it): almost no line is.
            index_here("id", name="audit_entry_lent", condition=models.Q(detail__has_key="elevation")),
        ]
