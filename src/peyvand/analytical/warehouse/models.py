from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from peyvand.platform.files.models import File
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import Record


class Change(WorkspaceModel):
    """That records of a kind changed by one statement and the warehouse does not know it yet. Written by triggers (watching.py)."""

    unit = models.CharField(max_length=40)
    ids = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "warehouse_change"
        base_manager_name = "everywhere"


class OutsideSource(Record):
    """A table that is kept elsewhere, in a file or in another PostgreSQL, and stands in the warehouse as ``outside.<name>``."""

    FILE, POSTGRES = "file", "postgres"

    name = models.CharField(max_length=40)
    title = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, default=POSTGRES)
    # Of a file: which, how its text is written, and what its columns are: [{"head": …, "name": …, "type": …}], empty until
    # somebody confirmed them.
    file = WorkspaceForeignKey(File, models.SET_NULL, null=True, blank=True)
    encoding = models.CharField(max_length=12, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    has_header = models.BooleanField(default=True)
    columns = models.JSONField(default=list)
    # Of a database.
    host = models.CharField(max_length=253, blank=True)
    port = models.IntegerField(default=5432)
    database = models.CharField(max_length=63, blank=True)
    username = models.CharField(max_length=63, blank=True)
    # Sealed: only reading opens it again.
    password = models.TextField(blank=True)
    sslmode = models.CharField(max_length=12, default="verify-full")
    relation = models.CharField(max_length=130, blank=True)
    query = models.TextField(blank=True)
    # The column that says whose a row is, and by what of a customer.
    customer_column = models.CharField(max_length=100, blank=True)
    customer_by = models.CharField(max_length=10, blank=True)
    # What is there: as of when, how much; and why it could not be read since.
    taken_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(null=True)
    problem = models.TextField(blank=True)

    class Meta(Record.Meta):
        db_table = "outside_source"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("name", name="outside_source_name_here", condition=Q(deleted_at__isnull=True)),
        ]

    @property
    def says(self) -> str:
        """What it holds, where somebody said more than its name."""
        return "" if self.title == self.name else self.title

    def __str__(self) -> str:
        return self.name


class OutsideTaking(WorkspaceModel):
    """That the rows of a source were read: when, because of whom, out of what, and what became of it."""

    WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"

    source = WorkspaceForeignKey(OutsideSource, models.CASCADE)
    state = models.CharField(max_length=10, default=WAITING)
    # Nobody: by the clock.
    user = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    # The file's name, or the server, database and table.
    origin = models.CharField(max_length=500, blank=True)
    checksum = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the bytes that were read")
    rows = models.BigIntegerField(default=0)
    columns = models.JSONField(default=list, help_text="name and type of each")
    # Lines that are no rows: [{"line": …, "column": …, "why": …}], the first of them, and how many there are.
    refused = models.JSONField(default=list)
    refused_count = models.BigIntegerField(default=0)
    problem = models.TextField(blank=True)

    class Meta:
        db_table = "outside_taking"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("source", "-id", name="outside_taking_newest")]
