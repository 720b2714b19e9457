"""Changing what a workspace defined for itself: its fields, objects and layouts.

These are rights on the workspace: no role that may work with records may also say what a record is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from peyvand.administration.schema.drafting import ICONS, clean_definition, labels_of
from peyvand.administration.schema.events import SchemaChanged
from peyvand.administration.schema.naming import fresh_key
from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid, NotFound, RuleViolation, msg
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import Definition
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.objects.derived import reads
from peyvand.platform.objects.spec import ObjectSpec, all_objects, declared_objects, find_object
from peyvand.platform.schema.models import CustomField, CustomObject, CustomValue, Layout
from peyvand.platform.schema.needs import needed_by
from peyvand.platform.schema.reading import open_schema

MOST_FIELDS = 200
MOST_OBJECTS = 50
# Of a page: names, and the keys of the fields beneath each.
Sections = Sequence[tuple[str, Sequence[str]]]
_MARK = """
update custom_value set unique_text = case when %s::boolean then
    coalesce(case when length(text) > 200 then md5(text) else text end, number::text, day::text, moment::text) end
where workspace_id = %s::bigint and field_id = %s::bigint
"""
_TWICE = """
select coalesce(text, number::text, day::text) from custom_value where workspace_id = %s::bigint and field_id = %s::bigint
group by 1 having count(*) > 1 limit 1
"""


@action("workspace.add_field", label=_("Add a field"), on="none", icon="plus", button=False)
def add_field(ctx: Context, /, object: str, kind: str, **raw: Any) -> CustomField:
    """Add a field to an object; ``raw`` is what clean_definition understands. Derived values are worked out by a job.

    Raises:
        NotFound: there is no such object. Invalid: the definition is not understood.
    """
    spec = _object(object)
    if CustomField.objects.filter(object=spec.key, archived_at__isnull=True).count() >= MOST_FIELDS:
        raise RuleViolation(msg("An object can have at most %(most)s fields of its own.", most=MOST_FIELDS))
    values = clean_definition(ctx, spec, kind, raw, None)
    taken = (
        set(CustomField.objects.filter(object=spec.key).values_list("key", flat=True))
        | spec.all_fields.keys()
    )
    last = CustomField.objects.filter(object=spec.key).aggregate(last=Max("position"))["last"]
    field = CustomField(
        object=spec.key, kind=kind, key=fresh_key(values["labels"], taken), position=(last or 0) + 1, **values
    )
    field.save(force_insert=True)
    _changed(ctx, f"{spec.key}.{field.key}", "added", {"kind": [None, kind]})
    if definition_of(field).is_derived:
        _work_out_later(field)
    return field


@action("workspace.change_field", label=_("Change the field"), on="none", icon="pencil", button=False)
def change_field(ctx: Context, /, field: CustomField, **raw: Any) -> CustomField:
    """Change what a field is called, offers or demands; its kind and key stay. Renaming rewrites no record.

    Raises:
        Invalid: a part is not understood. RuleViolation: records have values that it would no longer allow.
    """
    spec, old = _object(field.object), definition_of(field)
    values = clean_definition(ctx, spec, field.kind, raw, old)
    changes = {k: [getattr(field, k), v] for k, v in values.items() if getattr(field, k) != v}
    if "config" in changes:
        _keep_used_options(field, values["config"])
    if "is_unique" in changes:
        _be_unique(field, values["is_unique"])
    for key, value in values.items():
        setattr(field, key, value)
    field.save()
    if changes:
        _changed(ctx, f"{spec.key}.{field.key}", "changed", changes)
    if old.is_derived and "config" in changes:
        _work_out_later(field)
    return field


@action("workspace.arrange_fields", label=_("Order the fields"), on="none", icon="sort", button=False)
def arrange_fields(ctx: Context, /, object: str, ids: Sequence[int]) -> None:
    """Give an object's own fields the order of ``ids``; those not named keep their place."""
    found = {f.id: f for f in CustomField.objects.filter(object=object, id__in=list(ids))}
    if len(found) != len(set(ids)):
        raise NotFound
    for place, id in enumerate(ids, 1):
        found[id].position = place
    CustomField.objects.bulk_update(found.values(), ["position"])
    _changed(ctx, object, "arranged", {})


@action(
    "workspace.archive_field",
    label=_("Archive the field"),
    on="none",
    icon="box",
    tone="danger",
    button=False,
)
def archive_field(ctx: Context, /, field: CustomField) -> None:
    """Take a field out of use. Its values rest for 30 days, in which it can be restored, and then go.

    Raises:
        RuleViolation: another field is computed from it, or something asks about it.
    """
    if users := needed_by(field.object, field.key):
        raise RuleViolation(
            msg("“%(name)s” asks about this field; change that first.", name="”, “".join(users[:5]))
        )
    if leaning := leanings().get((field.object, field.key)):
        raise RuleViolation(
            msg(
                "“%(name)s” is computed from this field; change or archive that first.",
                name=", ".join(leaning),
            )
        )
    field.archived_at = clock.now()
    field.save(update_fields=["archived_at"])
    _changed(ctx, f"{field.object}.{field.key}", "archived", {})


@action("workspace.restore_field", label=_("Restore the field"), on="none", icon="undo", button=False)
def restore_field(ctx: Context, /, field: CustomField) -> None:
    """Take an archived field into use again, with all its values."""
    if find_object(field.object) is None:
        raise Conflict(msg("Restore the object of this field first."))
    field.archived_at = None
    field.save(update_fields=["archived_at"])
    _changed(ctx, f"{field.object}.{field.key}", "restored", {})
    if definition_of(field).is_derived:
        _work_out_later(field)


@action("workspace.add_object", label=_("Add an object"), on="none", icon="plus", button=False)
def add_object(ctx: Context, /, **raw: Any) -> CustomObject:
    """Make a new kind of record, with a list, pages, an API and permissions of its own.

    Raises:
        Invalid: it has no name.
    """
    if CustomObject.objects.filter(archived_at__isnull=True).count() >= MOST_OBJECTS:
        raise RuleViolation(
            msg("A workspace can have at most %(most)s objects of its own.", most=MOST_OBJECTS)
        )
    values = _object_values(raw, None)
    rows = list(CustomObject.objects.values_list("key", "plural", "position"))
    key = fresh_key(values["labels"], {row[0] for row in rows} | {spec.key for spec in declared_objects()})
    plurals = {row[1] for row in rows} | {spec.plural for spec in declared_objects()}
    plural = fresh_key(values["plural_labels"], plurals)
    position = max((row[2] for row in rows), default=0) + 1
    made = CustomObject(key=key, plural=plural, position=position, **values)
    made.save(force_insert=True)
    _changed(ctx, key, "added", {})
    return made


@action("workspace.change_object", label=_("Change the object"), on="none", icon="pencil", button=False)
def change_object(ctx: Context, /, own: CustomObject, **raw: Any) -> CustomObject:
    """Change what an object is called, its icon, its place or its board; its key and addresses stay."""
    values = _object_values(raw, own)
    changes = {k: [getattr(own, k), v] for k, v in values.items() if getattr(own, k) != v}
    for key, value in values.items():
        setattr(own, key, value)
    own.save()
    if changes:
        _changed(ctx, own.key, "changed", changes)
    return own


@action(
    "workspace.archive_object",
    label=_("Archive the object"),
    on="none",
    icon="box",
    tone="danger",
    button=False,
)
def archive_object(ctx: Context, /, own: CustomObject) -> None:
    """Take an object out of use. Its records rest for 30 days, in which it can be restored, and then go.

    Raises:
        RuleViolation: a field of another object links to it or is computed from it.
    """
    leaning = [
        f"{d.object}.{d.key}" for d in open_schema().definitions()
        if d.object != own.key and own.key in (d.config.get("to"), d.config.get("of"))
    ]  # fmt: skip
    if leaning:
        raise RuleViolation(
            msg("These fields need it: %(names)s. Archive them first.", names=", ".join(leaning))
        )
    own.archived_at = clock.now()
    own.save(update_fields=["archived_at"])
    _changed(ctx, own.key, "archived", {})


@action("workspace.restore_object", label=_("Restore the object"), on="none", icon="undo", button=False)
def restore_object(ctx: Context, /, own: CustomObject) -> None:
    """Take an archived object into use again, with all its records."""
    own.archived_at = None
    own.save(update_fields=["archived_at"])
    _changed(ctx, own.key, "restored", {})


@action("workspace.lay_out", label=_("Lay out the page"), on="none", icon="sliders", button=False)
def lay_out(ctx: Context, /, object: str, sections: Sections, role: str = "") -> None:
    """Say in which sections and order an object's fields stand, for one role or for all others; none: as declared.

    Raises:
        Invalid: a section has no name, or a field is there twice or not at all.
    """
    spec = _object(object)
    if sections:
        kept = _sections(spec, sections)
        Layout.objects.update_or_create(object=spec.key, role=role, defaults={"sections": kept})
    else:
        Layout.objects.filter(object=spec.key, role=role).delete()
    _changed(ctx, f"{spec.key} {role}".strip(), "arranged", {})


def definition_of(field: CustomField) -> Definition:
    """A stored definition as fields are made from it."""
    return Definition(
        field.id, field.object, field.key, field.kind, field.labels, field.help, field.config, field.is_required,
        field.is_unique, field.default, field.section, field.position, field.visible_when,
    )  # fmt: skip


def leanings() -> dict[tuple[str, str], list[str]]:
    """The derived fields that are computed from each field, by its object and key."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in open_schema().definitions():
        for node in reads(one) - {(one.object, one.key)}:
            found.setdefault(node, []).append(f"{one.object}.{one.key}")
    return found


def load_field(id: int, *, archived: bool = False) -> CustomField:
    """One field's definition.

    Raises:
        NotFound: there is none.
    """
    found = CustomField.objects.filter(id=id, archived_at__isnull=not archived).first()
    if not isinstance(found, CustomField):
        raise NotFound
    return found


def load_own(key: str, *, archived: bool = False) -> CustomObject:
    """One custom object's definition.

    Raises:
        NotFound: there is none.
    """
    found = CustomObject.objects.filter(key=key, archived_at__isnull=not archived).first()
    if not isinstance(found, CustomObject):
        raise NotFound
    return found


def definable() -> list[ObjectSpec]:
    """The objects that can have fields of a workspace's own: those that people make records of."""
    return [spec for spec in all_objects() if spec.menu is not None and spec.has_bin]


def _object(key: str) -> ObjectSpec:
    spec = find_object(key)
    if spec is None or spec not in definable():
        raise NotFound
    return spec


def _object_values(raw: Mapping[str, Any], old: CustomObject | None) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key in ("labels", "plural_labels"):
        if key in raw or old is None:
            out[key] = labels_of(raw.get(key), key)
    if "title_labels" in raw:
        out["title_labels"] = labels_of(raw["title_labels"], "title_labels", required=False)
    if "icon" in raw:
        icon = str(raw["icon"] or "box")
        if icon not in ICONS:
            raise Invalid.of(msg("Choose one from the list."), "icon")
        out["icon"] = icon
    if "position" in raw:
        out["position"] = int(raw["position"])
    if "board_by" in raw:
        by = str(raw["board_by"] or "")
        if by and (
            old is None
            or not CustomField.objects.filter(
                object=old.key, key=by, kind="choice", archived_at=None
            ).exists()
        ):
            raise Invalid.of(msg("Choose a field with one choice."), "board_by")
        out["board_by"] = by
    return out


def _sections(spec: ObjectSpec, sections: Sections) -> list[tuple[str, list[str]]]:
    seen: set[str] = set()
    kept: list[tuple[str, list[str]]] = []
    now = [str(section.label) for section in spec.declared.form_sections]
    with translation.override("en"):
        declared = dict(
            zip(now, (str(section.label) for section in spec.declared.form_sections), strict=True)
        )
    for name, keys in sections:
        label = name.strip()[:80]
        if not label:
            raise Invalid.of(msg("Give each section a name."), "sections", "required")
        for key in keys:
            if key not in spec.all_fields:
                raise Invalid.of(msg("There is no field “%(name)s”.", name=key), "sections", "unknown")
            if key in seen:
                raise Invalid.of(msg("“%(name)s” is there twice.", name=key), "sections")
            seen.add(key)
        if keys:
            kept.append((declared.get(label, label), list(keys)))
    if not kept:
        raise Invalid.of(msg("A page needs at least one section with a field."), "sections")
    return kept


def _be_unique(field: CustomField, unique: bool) -> None:
    place = [field.workspace_id, field.id]
    with connection.cursor() as cursor:
        if unique:
            cursor.execute(_TWICE, place)
            if row := cursor.fetchone():
                raise RuleViolation(
                    msg("“%(value)s” is there more than once already.", value=row[0]), "is_unique"
                )
        cursor.execute(_MARK, [unique, *place])


def _keep_used_options(field: CustomField, config: Mapping[str, Any]) -> None:
    """Raises:
    RuleViolation: an option that records have would go.
    """
    kept = {o["key"] for o in config.get("options", ())}
    for gone in (o for o in field.config.get("options", ()) if o["key"] not in kept):
        count = CustomValue.objects.filter(field_id=field.id, text=gone["key"]).count()
        if count:
            label = next(iter(gone["labels"].values()), gone["key"])
            raise RuleViolation(
                msg(
                    "%(count)s records have the option “%(name)s”; change them first.",
                    count=count,
                    name=label,
                ),
                "options",
            )


def _work_out_later(field: CustomField) -> None:
    defer("schema.work_out", lock=f"schema:{field.workspace_id}", field_id=field.id)


def _changed(ctx: Context, what: str, verb: str, changes: dict[str, Any]) -> None:
    access_changed(ctx.tenant.id)
    ctx.record(
        SchemaChanged(
            object="workspace",
            object_id=ctx.tenant.id,
            title=ctx.tenant.name,
            what=what,
            verb=verb,
            changes=changes,
        )
    )
    ctx.touch("workspace", ctx.tenant.id)
