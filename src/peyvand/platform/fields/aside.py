"""Fields whose value is no column of their record's table: a workspace's own fields, and insights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import TextField

from peyvand.platform.fields.field import Field

# A Field to whoever reads the types; no base when it runs, for it comes before a type's own defaults.
if TYPE_CHECKING:
    _Mixed = Field
else:
    _Mixed = object


class Aside(_Mixed):
    """Where such a value lies: an expression for queries to show and sort by, and typed rows to find it in."""

    # Which column of the typed rows it is found in.
    cell: ClassVar[str] = "text"

    @property
    def column(self) -> str:
        """Not a column of the model but the name that ``expression`` goes by in a query."""
        return self.key

    @property
    def sort_column(self) -> str:
        return f"{self.key}_order"

    def asked(self, value: Any) -> Any:
        """A value that a condition names, as the typed rows have it."""
        return value

    def expression(self, prefix: str = "") -> Any:
        """The typed value in a query; NULL where it is empty."""
        raise NotImplementedError

    def order(self, prefix: str = "") -> Any:
        """What lists sort by."""
        return self.expression(prefix)

    @property
    def output(self) -> models.Field[Any, Any]:
        """The type of ``expression``."""
        return TextField(null=True)

    @property
    def order_output(self) -> models.Field[Any, Any]:
        """The type of ``order``."""
        return self.output
