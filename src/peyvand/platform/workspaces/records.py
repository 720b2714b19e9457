"""The base of every table that people work with."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here


class Record(WorkspaceModel):
    """A row with an author, a version for optimistic concurrency, and a bin: deleted rows rest 30 days before they go.

    Newest first is by id, which the primary key already orders, so that every list has its default order for free.
    """

    external_id = models.CharField(_("External ID"), max_length=200, null=True, blank=True)
    created_at = models.DateTimeField(_("Created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("Changed"), auto_now=True)
    created_by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    # Values of the workspace's own fields, by key; platform/fields/custom says how each is written.
    custom = models.JSONField(default=dict, db_default={}, editable=False)
    version = models.IntegerField(default=1, editable=False)

    class Meta:
        abstract = True
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("external_id", name="%(class)s_external_here")]
        indexes: ClassVar[list[Any]] = []


class OwnedRecord(Record):
    """A record that somebody is responsible for; row scopes (own, team, all) are read from its owner."""

    owner = WorkspaceForeignKey(
        "identity.User", models.SET_NULL, null=True, blank=True, verbose_name=_("Owner")
    )

    class Meta(Record.Meta):
        abstract = True
        indexes: ClassVar[list[Any]] = [index_here("owner", "id", name="%(class)s_owner_here")]
