from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.platform.workspaces.models import WorkspaceModel, unique_here


class Letterhead(WorkspaceModel):
    """What stands on every paper of a workspace about itself."""

    name = models.CharField(max_length=300, blank=True)
    national_id = models.CharField(max_length=11, blank=True)
    economic_code = models.CharField(max_length=14, blank=True)
    registration_no = models.CharField(max_length=30, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    email = models.CharField(max_length=254, blank=True)
    address = models.TextField(blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    footer = models.CharField(max_length=300, blank=True)
    # What happens to an invoice that does not say what the law asks of its two sides: "warn" or "stop".
    incomplete = models.CharField(max_length=10, default="warn")
    # A PNG or JPEG in base64, for it goes with the row wherever that goes.
    logo = models.TextField(blank=True)

    class Meta:
        db_table = "letterhead"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here(name="letterhead_once")]
