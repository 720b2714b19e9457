"""Fields without a column in queries: the names they go by there, and what those names stand for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import BigIntegerField, OuterRef, Subquery, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Collate

from peyvand.platform.fields.aside import Aside
from peyvand.platform.fields.types import Link
from peyvand.platform.objects.spec import ObjectSpec, find_object


def expressions(spec: ObjectSpec, names: Iterable[str]) -> dict[str, Any]:
    """What those of ``names`` stand for that are no columns of the model but values or orders of fields that have no column."""
    known = spec.shape.by_column
    if not known:
        return {}
    return {
        name: (field.expression() if name == field.column else _order(field))
        for name in dict.fromkeys(names)
        if (field := known.get(name)) is not None
    }


def output_of(spec: ObjectSpec, name: str) -> models.Field[Any, Any]:
    """The type of what such a field's name stands for."""
    field = spec.shape.by_column[name]
    if name == field.column:
        return field.output
    return TextField(null=True) if isinstance(field, Link) else field.order_output


def _order(field: Aside) -> Any:
    """Links are sorted by the titles that they lead to, like those that have a column."""
    linked = find_object(field.to) if isinstance(field, Link) else None
    if linked is None:
        return field.order()
    id = Cast(KeyTextTransform(field.key, OuterRef("custom")), BigIntegerField())
    titles = linked.rows.filter(id=id).values(linked.title)[:1]
    sorted_titles = models.Func(Subquery(titles), function="peyvand_sort", output_field=TextField())
    return Collate(sorted_titles, "C")
