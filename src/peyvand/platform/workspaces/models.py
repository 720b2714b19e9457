from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import BaseConstraint
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.scope import current_workspace_id


class Workspace(models.Model):
    """A tenant: one business and everything it keeps here. Not itself under row security, for it is what opens it."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=5, default="fa")
    timezone = models.CharField(max_length=50, default="Asia/Tehran")
    currency = models.CharField(max_length=3, default="IRR")
    money_unit = models.CharField(
        max_length=10, default="toman", help_text="toman or rial, where the currency is IRR"
    )
    modules_off = models.JSONField(default=list, help_text="keys of the modules switched off here")
    settings = models.JSONField(default=dict)
    # Raised whenever a role, a team or a user changes, so that cached actors are never stale.
    access_version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "workspace"
        verbose_name = _("Workspace")

    @property
    def hour_cost(self) -> int | None:
        """What an hour of a colleague's work costs, in minor units; None: nobody said it."""
        kept: int | None = self.settings.get("hour_cost")
        return kept

    @hour_cost.setter
    def hour_cost(self, value: int | None) -> None:
        self.settings = {**self.settings, "hour_cost": value}

    @property
    def present(self) -> date | None:
        """The day that counts as today wherever figures are made, for data of another time; None: today."""
        kept: str | None = self.settings.get("present")
        return date.fromisoformat(kept) if kept else None

    @present.setter
    def present(self, value: date | None) -> None:
        self.settings = {**self.settings, "present": value.isoformat() if value else None}

    def __str__(self) -> str:
        return self.name


class WorkspaceManager(models.Manager[Any]):
    """Starts every query inside the open scope, and raises where none is open.

    The explicit filter repeats what row security enforces, because the planner makes better plans with it.
    """

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(workspace_id=current_workspace_id())


class WorkspaceIdField(models.BigIntegerField):  # type: ignore[type-arg]  # no parameters when it runs
    """The tenant of a row: filled from the open scope, never by hand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> int:
        value = getattr(model_instance, self.attname)
        if value is None:
            value = current_workspace_id()
            setattr(model_instance, self.attname, value)
        return int(value)


class WorkspaceModel(models.Model):
    """A table whose rows belong to one workspace. Row security, keys and grants follow from subclassing it (security.py)."""

    workspace_id = WorkspaceIdField()

    objects: ClassVar[WorkspaceManager] = WorkspaceManager()
    everywhere: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "everywhere"


class WorkspaceForeignKey(models.ForeignKey[Any, Any]):
    """A reference that PostgreSQL holds inside one workspace, by a key over (workspace_id, id).

    Plain foreign keys are checked past row security, so one workspace could point at another's row.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False
        kwargs.setdefault("related_name", "+")
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for word in ("db_constraint", "db_index", "related_name"):
            kwargs.pop(word, None)
        return name, path, args, kwargs


def unique_here(*fields: str, name: str, condition: models.Q | None = None) -> BaseConstraint:
    """A unique constraint that begins with the workspace, as every one must."""
    return models.UniqueConstraint(fields=["workspace_id", *fields], name=name, condition=condition)


def index_here(
    *fields: str, name: str, condition: models.Q | None = None, include: tuple[str, ...] = ()
) -> models.Index:
    """An index that begins with the workspace, so that one tenant's reads touch one tenant's pages."""
    return models.Index(
        fields=["workspace_id", *fields], name=name, condition=condition, include=include or None
    )
