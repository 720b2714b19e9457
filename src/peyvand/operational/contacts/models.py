from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Func, Q

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord, Record


def sorted_copy(column: str) -> models.GeneratedField:
    """A stored copy of a name in which code points are in the order of the Persian alphabet: lists sort by its index."""
    return models.GeneratedField(
        expression=Func(F(column), function="peyvand_sort"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )


class Company(OwnedRecord):
    """An organisation in any kind of relation with us: customer, prospect, supplier, distributor, partner, government."""

    name = models.CharField(max_length=300)
    name_sort = sorted_copy("name")
    kind = models.CharField(max_length=20, default="prospect")
    industry = models.CharField(max_length=100, blank=True)
    parent = WorkspaceForeignKey("self", models.SET_NULL, null=True, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)
    website = models.CharField(max_length=300, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=100, blank=True)
    national_id = models.CharField(max_length=11, blank=True)
    economic_code = models.CharField(max_length=14, blank=True)
    employees = models.IntegerField(null=True, blank=True)
    revenue = models.BigIntegerField(null=True, blank=True)
    founded = models.IntegerField(null=True, blank=True)
    source = models.CharField(max_length=20, blank=True)
    about = models.TextField(blank=True)

    class Meta(OwnedRecord.Meta):
        db_table = "company"
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("name_sort", "id", name="company_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Person(OwnedRecord):
    """A human being we deal with, whatever companies they belong to."""

    honorific = models.CharField(max_length=20, blank=True)
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    # Both names together, kept by the actions: what lists show, sort and link by.
    name = models.CharField(max_length=201)
    name_sort = sorted_copy("name")
    job_title = models.CharField(max_length=200, blank=True)
    company = WorkspaceForeignKey(Company, models.SET_NULL, null=True, blank=True)
    # The primary phone and mail, copied from contact points so that a list needs no join.
    phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)
    city = models.CharField(max_length=100, blank=True)
    national_id = models.CharField(max_length=10, blank=True)
    birthday = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=20, blank=True)
    about = models.TextField(blank=True)

    class Meta(OwnedRecord.Meta):
        db_table = "person"
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("name_sort", "id", name="person_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ContactPoint(WorkspaceModel):
    """One phone or mail address of a person or a company, with its label and what its holder allowed."""

    object = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, help_text="phone or email")
    value = models.CharField(max_length=254)
    label = models.CharField(max_length=20, blank=True)
    is_primary = models.BooleanField(default=False)
    consent = models.CharField(max_length=10, default="unknown", help_text="unknown, granted, refused")
    consent_at = models.DateTimeField(null=True)
    position = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "contact_point"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            index_here("object", "object_id", name="contact_point_of"),
            index_here("value", name="contact_point_value"),
        ]


class PostalAddress(WorkspaceModel):
    object = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    label = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=100, blank=True)
    province = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=100, blank=True)
    street = models.CharField(max_length=500, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    is_primary = models.BooleanField(default=False)
    position = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "postal_address"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("object", "object_id", name="postal_address_of")]


class Tag(Record):
    name = models.CharField(max_length=60)
    tone = models.CharField(max_length=10, blank=True)

    class Meta(Record.Meta):
        db_table = "tag"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("name", name="tag_name_here", condition=Q(deleted_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name


class TagLink(WorkspaceModel):
    """That a record carries a tag."""

    object = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    tag = WorkspaceForeignKey(Tag, models.CASCADE)

    class Meta:
        db_table = "tag_link"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("object", "object_id", "tag", name="tag_link_once")]
        indexes: ClassVar[list[Any]] = [index_here("tag", "object", "object_id", name="tag_link_by_tag")]


class Relationship(Record):
    """How a person stands to a company, or two of a kind to each other, from when until when."""

    person = WorkspaceForeignKey(Person, models.CASCADE, null=True, blank=True)
    company = WorkspaceForeignKey(Company, models.CASCADE, null=True, blank=True)
    to_person = WorkspaceForeignKey(Person, models.CASCADE, null=True, blank=True)
    to_company = WorkspaceForeignKey(Company, models.CASCADE, null=True, blank=True)
    role = models.CharField(max_length=30)
    title = models.CharField(max_length=200, blank=True)
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        db_table = "relationship"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="relationship_one_from",
                condition=Q(person__isnull=True, company__isnull=False)
                | Q(person__isnull=False, company__isnull=True),
            ),
            models.CheckConstraint(
                name="relationship_one_to",
                condition=Q(to_person__isnull=True, to_company__isnull=False)
                | Q(to_person__isnull=False, to_company__isnull=True),
            ),
            models.CheckConstraint(
                name="relationship_dates",
                condition=Q(started_on__isnull=True)
                | Q(ended_on__isnull=True)
                | Q(ended_on__gte=F("started_on")),
            ),
        ]
