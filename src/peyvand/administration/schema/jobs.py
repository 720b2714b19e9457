"""Work behind definitions: derived values of all records, in sets; and the end of what was archived."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection

from peyvand.kernel import clock
from peyvand.platform.actions.context import job_context
from peyvand.platform.fields.custom import ROLLUP
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import defer, job
from peyvand.platform.objects.models import SavedView
from peyvand.platform.objects.own import own_specs
from peyvand.platform.objects.purge import purge_records
from peyvand.platform.objects.rollups import begin_again, keep_derived
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.schema.models import CustomField, CustomObject, CustomValue, Layout, RollupSource
from peyvand.platform.schema.reading import ObjectDefinition, Schema, open_schema
from peyvand.platform.search import index
from peyvand.platform.workspaces.models import WorkspaceModel

REST_DAYS = 30
SET = 1000


@job("schema.work_out")
def work_out(tenant: Tenant, field_id: int, after_id: int = 0) -> None:
    """Work out a derived field for one set of records, and leave the next to a job of its own."""
    own = (field for fields in open_schema().fields.values() for field in fields)
    field = next((field for field in own if field.defined.id == field_id), None)
    spec = find_object(field.defined.object) if field is not None else None
    if field is None or spec is None:
        return
    ids = list(spec.rows.filter(id__gt=after_id).order_by("id").values_list("id", flat=True)[:SET])
    if not ids:
        return
    ctx = job_context(tenant)
    if field.defined.kind == ROLLUP:
        begin_again(ctx, field, ids)
    else:
        keep_derived(ctx, spec.key, ids)
    if len(ids) == SET:
        defer("schema.work_out", lock=f"schema:{tenant.id}", field_id=field_id, after_id=ids[-1])


@in_every_workspace("20 23 * * *", "schema.forget_archived")
def forget_archived(tenant: Tenant) -> None:
    """Begin to remove the fields and objects that rested for a month."""
    before = clock.now() - timedelta(days=REST_DAYS)
    for id in CustomField.objects.filter(archived_at__lt=before).values_list("id", flat=True):
        defer("schema.forget_field", once=f"schema.forget_field:{id}", field_id=id)
    for id in CustomObject.objects.filter(archived_at__lt=before).values_list("id", flat=True):
        defer("schema.forget_object", once=f"schema.forget_object:{id}", object_id=id)


@job("schema.forget_field")
def forget_field(tenant: Tenant, field_id: int) -> None:
    """Remove one set of an archived field's values; at the end, its definition."""
    field = CustomField.objects.filter(id=field_id, archived_at__isnull=False).first()
    if field is None:
        return
    spec = find_object(field.object)
    left = 0
    if spec is not None:
        table = spec.model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f'update "{table}" set custom = custom - %s::text where workspace_id = %s and id in '  # noqa: S608 a model's name
                f'(select id from "{table}" where workspace_id = %s and jsonb_exists(custom, %s) limit {SET})',
                [field.key, tenant.id, tenant.id, field.key],
            )
            left = cursor.rowcount
    _some(CustomValue, field_id=field_id)
    _some(RollupSource, field_id=field_id)
    if left == SET or CustomValue.objects.filter(field_id=field_id).exists():
        defer("schema.forget_field", field_id=field_id)
    else:
        field.delete()


@job("schema.forget_object")
def forget_object(tenant: Tenant, object_id: int) -> None:
    """Remove one set of an archived object's records with all that hung on them; at the end, what defined it."""
    own = CustomObject.objects.filter(id=object_id, archived_at__isnull=False).first()
    if own is None:
        return
    spec = _as_it_was(own)
    ids = list(spec.rows.order_by("id").values_list("id", flat=True)[:SET])
    if ids:
        spec.rows.filter(id__in=ids, deleted_at=None).update(deleted_at=own.archived_at)
        gone = purge_records(job_context(tenant), spec, list(spec.rows.filter(id__in=ids)))
        # The search renews itself for objects in use only.
        index.remove(own.key, set(ids))
        if gone:
            defer("schema.forget_object", object_id=object_id)
        return
    for model in (Layout, SavedView, CustomField):
        model.objects.filter(object=own.key).delete()
    own.delete()


def _as_it_was(own: CustomObject) -> ObjectSpec:
    """The spec of an archived object: whoever asks for the workspace's objects does not get it any more."""
    defined = ObjectDefinition(
        own.id, own.key, own.plural, own.labels, own.plural_labels, own.title_labels, own.icon, own.position, own.board_by
    )  # fmt: skip
    return own_specs(Schema(objects=(defined,)))[own.key]


def _some(model: type[WorkspaceModel], **which: Any) -> None:
    rows = model.objects.filter(**which)
    rows.filter(id__in=list(rows.values_list("id", flat=True)[: 10 * SET])).delete()
