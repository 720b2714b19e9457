"""What the log says of records that are gone for good: that something happened stays, what it said does not."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection

from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import Field
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.workspaces.scope import current_workspace_id


def forget_events(spec: ObjectSpec, ids: Sequence[int]) -> None:
    """Empty the events of these records, and take their names out of the events of others that stand on their timelines."""
    here = current_workspace_id()
    with connection.cursor() as cursor:
        cursor.execute(
            "select e.id, e.object, e.data from event e where e.workspace_id = %s and e.id in (select t.event_id from timeline_entry t "
            "where t.workspace_id = %s and t.object = %s and t.object_id = any(%s)) and not (e.object = %s and e.object_id = any(%s))",
            [here, here, spec.key, list(ids), spec.key, list(ids)],
        )
        others = [
            (id, key, json.loads(data) if isinstance(data, str) else data)
            for id, key, data in cursor.fetchall()
        ]
        changed = [
            (id, new)
            for id, key, data in others
            if (new := _without_names(key, data, spec, set(ids))) != data
        ]
        if changed:
            cursor.execute(
                "update event e set data = v.data::jsonb from unnest(%s::bigint[], %s::text[]) v(id, data) "
                "where e.workspace_id = %s and e.id = v.id",
                [
                    [id for id, _ in changed],
                    [json.dumps(data, ensure_ascii=False) for _, data in changed],
                    here,
                ],
            )
        cursor.execute(
            "update event set data = '{}' where workspace_id = %s and object = %s and object_id = any(%s)",
            [here, spec.key, list(ids)],
        )


def _without_names(
    object_key: str, data: Mapping[str, Any], gone: ObjectSpec, ids: Collection[int]
) -> dict[str, Any]:
    out = dict(data)
    owner = find_object(object_key)
    for key in data:
        # A fact names a record by its id under one key and by its title under another: loser_id and loser.
        if key.endswith("_id") and data[key] in ids and key.removesuffix("_id") in data:
            out[key.removesuffix("_id")] = ""
    if owner is not None and "changes" in data:
        out["changes"] = {
            key: [_blank(side, gone, ids, owner.all_fields.get(key)) for side in pair]
            for key, pair in data["changes"].items()
        }
    return out


def _blank(value: Any, gone: ObjectSpec, ids: Collection[int], field: Field | None) -> Any:
    """A value of a change whose names of records that are gone are empty, in lists of records too."""
    if isinstance(value, list):
        return [_blank(item, gone, ids, field) for item in value]
    if not isinstance(value, Mapping) or value.get("id") not in ids:
        return value
    to = value.get("object") if isinstance(field, About) else getattr(field, "to", gone.key)
    return {k: "" if k in ("title", "name") else v for k, v in value.items()} if to == gone.key else value
