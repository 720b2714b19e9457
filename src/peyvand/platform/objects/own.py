"""The objects that a workspace made for itself, as specs like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import spoken
from peyvand.platform.fields.types import Choice, Text, UserLink
from peyvand.platform.objects.areas import OWN
from peyvand.platform.objects.spec import Board, ObjectSpec, Section, make_own_by
from peyvand.platform.schema.models import CustomRecord
from peyvand.platform.schema.reading import ObjectDefinition, Schema

# Behind the objects that everybody has.
FIRST_PLACE: Final = 500


def own_specs(schema: Schema) -> dict[str, ObjectSpec]:
    """The specs of a schema's custom objects, by key."""
    return {one.key: _spec(one, schema) for one in schema.objects}


def _spec(one: ObjectDefinition, schema: Schema) -> ObjectSpec:
    custom = schema.fields.get(one.key, ())
    by = next((f for f in custom if f.key == one.board_by and isinstance(f, Choice)), None)
    shown = [f.key for f in custom if not f.secondary and f.widget != "textarea"]
    return ObjectSpec(
        key=one.key,
        plural=one.plural,
        model=CustomRecord,
        label=spoken(one.labels),
        label_plural=spoken(one.plural_labels),
        icon=one.icon,
        base=Q(kind_id=one.id),
        menu=FIRST_PLACE + one.position,
        area=OWN,
        fields=(
            Text(
                key="name",
                label=spoken(one.title_labels) if any(one.title_labels.values()) else _("Name"),
                required=True,
                search=True,
                max_length=300,
                sorted_by="name_sort",
            ),
            UserLink(key="owner", label=_("Owner"), headers=("مسئول",)),
        ),
        columns=("name", *shown[:6], "owner", "updated_at"),
        sections=(
            Section(_("Details"), ("name", *(f.key for f in custom if not f.defined.section), "owner")),
        ),
        board=Board(by.key) if by else None,
        prepare=_of_kind(one.id),
    )


def _of_kind(id: int) -> Callable[[Context, Sequence[Any], Sequence[Mapping[str, Any]]], None]:
    def prepare(ctx: Context, records: Sequence[Any], values: Sequence[Mapping[str, Any]]) -> None:
        for record in records:
            record.kind_id = id

    return prepare


make_own_by(own_specs)
