from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Func, Q

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord

LEAD = 100


class CustomObject(WorkspaceModel):
    """A kind of record that a workspace made for itself. Its key never changes, whatever it is called later."""

    key = models.CharField(max_length=40)
    plural = models.CharField(max_length=40, help_text="what its addresses carry")
    labels = models.JSONField(default=dict, help_text='by language: {"fa": "قرارداد"}')
    plural_labels = models.JSONField(default=dict)
    title_labels = models.JSONField(default=dict, help_text="what the field that names a record is called")
    icon = models.CharField(max_length=30, default="box")
    position = models.IntegerField(default=0, help_text="place among the workspace's own in the sidebar")
    board_by = models.CharField(
        max_length=40, blank=True, help_text="key of the choice whose values are columns"
    )
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "custom_object"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("key", name="custom_object_key_here"),
            unique_here("plural", name="custom_object_plural_here"),
        ]

    def __str__(self) -> str:
        return self.key


class CustomField(WorkspaceModel):
    """A field that a workspace added to an object. Its key never changes and is never given again while this row is there."""

    object = models.CharField(max_length=40)
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    labels = models.JSONField(default=dict, help_text='by language: {"fa": "کد اشتراک"}')
    help = models.JSONField(default=dict, help_text="by language")
    # What the kind needs: options, bounds, decimals, the linked object, a formula, a roll-up.
    config = models.JSONField(default=dict)
    is_required = models.BooleanField(default=False)
    is_unique = models.BooleanField(default=False)
    default = models.JSONField(null=True)
    section = models.CharField(max_length=80, blank=True)
    position = models.IntegerField(default=0)
    # The JSON form of kernel.conditions over the record's own fields; null: always shown.
    visible_when = models.JSONField(null=True)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "custom_field"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("object", "key", name="custom_field_key_here")]

    def __str__(self) -> str:
        return f"{self.object}.{self.key}"


class Layout(WorkspaceModel):
    """In which sections and order an object's fields stand on its page and form, for one role or for all others."""

    object = models.CharField(max_length=40)
    role = models.CharField(
        max_length=100, blank=True, help_text="key of the role; empty: every role without its own"
    )
    # [[label, [field key, …]], …]; fields named nowhere stand at the end.
    sections = models.JSONField(default=list)

    class Meta:
        db_table = "layout"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("object", "role", name="layout_here")]


class CustomValue(WorkspaceModel):
    """A value of a custom field once more, typed, so that filters have an index and unique values are held unique.

    The value itself lies in its record's ``custom``; these rows are replaced with it, in the same transaction.
    """

    field = WorkspaceForeignKey(CustomField, models.CASCADE)
    object_id = models.BigIntegerField()
    # Folded; ``lead`` is its beginning, short enough for an index.
    text = models.TextField(null=True, db_collation="C")
    lead = models.CharField(max_length=LEAD, null=True, db_collation="C")
    number = models.BigIntegerField(null=True)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    # The value as text where the field is unique, else null.
    unique_text = models.CharField(max_length=200, null=True, db_collation="C")

    class Meta:
        db_table = "custom_value"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here(
                "field",
                "unique_text",
                name="custom_value_unique_here",
                condition=Q(unique_text__isnull=False),
            )
        ]
        indexes: ClassVar[list[Any]] = [
            index_here("field", "object_id", name="custom_value_of"),
            *(
                index_here("field", column, "object_id", name=f"custom_value_{column}", condition=Q(**{f"{column}__isnull": False}))
                for column in ("lead", "number", "day", "moment")
            ),
        ]  # fmt: skip


class RollupSource(WorkspaceModel):
    """Which record a source counted for in a roll-up when it was last worked out: what it left is worked out anew too."""

    field = WorkspaceForeignKey(CustomField, models.CASCADE)
    source_id = models.BigIntegerField()
    target_id = models.BigIntegerField()

    class Meta:
        db_table = "rollup_source"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("field", "source_id", name="rollup_source_here")]


class CustomRecord(OwnedRecord):
    """A record of a custom object. All that is its own lies in ``custom``; ``kind`` says which object's it is."""

    kind = WorkspaceForeignKey(CustomObject, models.CASCADE)
    name = models.CharField(max_length=300)
    name_sort = models.GeneratedField(
        expression=Func(F("name"), function="peyvand_sort"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    class Meta(OwnedRecord.Meta):
        db_table = "custom_record"
        constraints: ClassVar[list[Any]] = [
            unique_here("kind", "external_id", name="custom_record_external_of_kind")
        ]
        indexes: ClassVar[list[Any]] = [
            index_here("kind", "id", name="custom_record_newest"),
            index_here("kind", "owner", "id", name="custom_record_of_owner"),
            index_here("kind", "name_sort", "id", name="custom_record_by_name"),
        ]

    def __str__(self) -> str:
        return self.name
