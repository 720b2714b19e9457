from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.operational.contacts.public import sorted_copy
from peyvand.platform.workspaces.models import index_here
from peyvand.platform.workspaces.records import Record


class Product(Record):
    """Something we sell. Money is in minor units of the workspace's currency."""

    name = models.CharField(max_length=300)
    name_sort = sorted_copy("name")
    code = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20, default="goods")
    series = models.CharField(max_length=100, blank=True)
    unit = models.CharField(max_length=30, blank=True)
    price = models.BigIntegerField(null=True, blank=True)
    cost = models.BigIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    description = models.TextField(blank=True)

    class Meta(Record.Meta):
        db_table = "product"
        indexes: ClassVar[list[Any]] = [index_here("name_sort", "id", name="product_by_name")]

    def __str__(self) -> str:
        return self.name
