"""What the token's user was told: GET /notifications, and POST /notifications/read."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from peyvand.api.endpoint import Call, answer, endpoint
from peyvand.api.parameters import limit
from peyvand.kernel.errors import Invalid, NotAllowed, msg
from peyvand.kernel.persian.text import together
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.actor import Actor
from peyvand.platform.notifications.reading import Said, mark_read, page

MOST = 1000


def read_notifications(call: Call) -> HttpResponse:
    """One's own, newest first; ``unread=true`` those that are not read yet."""
    _demand(call.ctx.actor, "view")
    unread = call.text("unread")
    if unread not in ("", "true", "false"):
        raise Invalid.of(msg("This must be yes or no."), "unread")
    place = call.text("after")
    if place and not whole_id(place):
        raise Invalid.of(msg("This place in the list is no longer known; start from its beginning."), "after")
    found, further = page(
        call.ctx.actor, unread=unread == "true", after=whole_id(place) or 0 if place else 0, limit=limit(call)
    )
    return answer({"items": [_item(line) for line in found], "next": str(further) if further else None})


def mark(call: Call) -> HttpResponse:
    """Mark as read, or with ``read`` false as unread: those that ``ids`` names, or all of them."""
    _demand(call.ctx.actor, "update")
    body = call.body()
    if unknown := body.keys() - {"ids", "read"}:
        name = min(unknown)
        raise Invalid.of(msg("There is no field “%(name)s”.", name=name), name, "unknown")
    ids, read = body.get("ids"), body.get("read", True)
    if ids is not None and (
        not isinstance(ids, list) or not all(type(id) is int and whole_id(str(id)) for id in ids)
    ):
        raise Invalid.of(msg("This must be a list."), "ids")
    if ids is not None and len(ids) > MOST:
        raise Invalid.of(msg("Ask for 1 to %(most)s records.", most=MOST), "ids")
    if not isinstance(read, bool):
        raise Invalid.of(msg("This must be yes or no."), "read")
    return answer({"changed": mark_read(call.ctx.actor, ids, read=read)})


def _item(line: Said) -> dict[str, Any]:
    return {
        "id": line.id,
        "type": line.wire,
        "at": line.at,
        "record": {"object": line.object, "id": line.object_id, "title": line.title},
        "sentence": together(line.text),
        "is_read": line.is_read,
    }


def _demand(actor: Actor, verb: str) -> None:
    """A user's notifications are theirs whatever their role; a key narrowed to some operations needs this one among them."""
    if not actor.grants.reaches(f"notification.{verb}"):
        raise NotAllowed


notifications = endpoint(GET=read_notifications)
marking = endpoint(POST=mark)
