"""What happened to a record, newest first: GET /<plural>/<id>/timeline. Only of records that the caller may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from django.db import connection
from django.http import HttpResponse

from peyvand.api.endpoint import Call, answer, endpoint
from peyvand.api.parameters import limit, spec_at
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.access.decisions import demand, visible
from peyvand.platform.events.facts import rebuild
from peyvand.platform.fields.reader import said
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.queries import ListQuery, fetch_value
from peyvand.platform.objects.spec import find_object
from peyvand.platform.objects.telling import TELLS_MORE, told_to, untold, with_seen_titles

_LINES: Final = """
select e.id, e.wire, e.object, e.object_id, t.at, e.actor_kind, e.actor_id, u.name, e.data
from timeline_entry t
join event e on e.workspace_id = t.workspace_id and e.id = t.event_id
left join app_user u on u.workspace_id = e.workspace_id and u.id = e.actor_id
where t.workspace_id = %s and t.object = %s and t.object_id = %s and {more}{behind}
order by t.at desc, t.event_id desc limit %s
"""


def read_timeline(call: Call, plural: str, id: int) -> HttpResponse:
    spec, actor = spec_at(plural), call.ctx.actor
    demand(actor, spec.permission("view"))
    fetch_value(ListQuery(spec, actor, ()), ("id",), id)
    most = limit(call)
    place = _place(call.text("after"))
    with connection.cursor() as cursor:
        sql = _LINES.format(more=TELLS_MORE, behind=" and (t.at, t.event_id) < (%s, %s)" if place else "")
        cursor.execute(sql, [actor.workspace_id, spec.key, id, *place, most + 1])
        lines = cursor.fetchall()
    more, lines = len(lines) > most, lines[:most]
    items = _items(actor, _seen(actor, lines))
    after = f"{lines[-1][4].isoformat()}~{lines[-1][0]}" if more else None
    return answer({"items": items, "next": after})


def _seen(actor: Actor, lines: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Those lines whose own record the actor may see: one query for each kind of record."""
    ids: dict[str, set[int]] = defaultdict(set)
    for line in lines:
        ids[line[2]].add(line[3])
    seen: set[tuple[str, int]] = set()
    for key, asked in ids.items():
        if spec := find_object(key):
            rows = visible(actor, key, spec.rows.filter(id__in=asked))
            seen |= {(key, id) for id in rows.values_list("id", flat=True)}
    return [line for line in lines if (line[2], line[3]) in seen]


def _items(actor: Actor, lines: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    told = []
    for *line, data in lines:
        known = told_to(actor, line[2], line[1], orjson.loads(data) if isinstance(data, str) else data)
        if known is not None:
            told.append((line, untold(known)))
    said = with_seen_titles(actor, [(line[2], data) for line, data in told])
    return [_item(data, *line) for (line, _), data in zip(told, said, strict=True)]


def _item(
    told: dict[str, Any],
    id: int,
    wire: str,
    object: str,
    object_id: int,
    at: datetime,
    kind: str,
    actor_id: int | None,
    name: str | None,
) -> dict[str, Any]:
    fact = rebuild(wire, object, object_id, at, told)
    return {
        "id": id,
        "type": wire,
        "at": at,
        "record": {"object": object, "id": object_id, "title": told.get("title", "")},
        "actor": {"kind": kind, "id": actor_id, "title": name or ""},
        "sentence": said(fact.describe()) if fact else "",
        "data": {key: value for key, value in told.items() if key != "title"},
    }


def _place(text: str) -> tuple[datetime, int] | tuple[()]:
    if not text:
        return ()
    moment, _, id = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not whole_id(id):
        raise Invalid.of(msg("This place in the list is no longer known; start from its beginning."), "after")
    return at, whole_id(id)


timeline = endpoint(GET=read_timeline)
