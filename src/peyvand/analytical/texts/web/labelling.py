"""Saying on its card how a text sounds and what it is about; the toast takes it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from peyvand.analytical.texts.models import TextLabel
from peyvand.analytical.texts.objects import MOODS
from peyvand.analytical.texts.sources import source_of
from peyvand.kernel.errors import Invalid, NotFound, msg
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.objects.queries import load_record
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

_SAID = frozenset(option.key for option in MOODS)


def say_url(ctx: Context, object_key: str, id: int, kind: str) -> str:
    """Where a label of this kind is given."""
    return here(ctx, f"insights/texts/{object_key}/{id}/{kind}")


@require_POST
def mood(request: HttpRequest, workspace: str, object_key: str, id: int) -> HttpResponse:
    """``mood``: how it sounds. ``?back``: what was said before it, which the toast offers; empty: nothing was."""
    return _say(request, object_key, id, TextLabel.MOOD, "mood", lambda said: said if said in _SAID else None)


@require_POST
def topic(request: HttpRequest, workspace: str, object_key: str, id: int) -> HttpResponse:
    """``topic``: what it is about, by id. ``?back`` as for moods."""
    return _say(request, object_key, id, TextLabel.TOPIC, "topic_id", whole_id)


def _say(
    request: HttpRequest, object_key: str, id: int, kind: str, column: str, read: Callable[[str], Any]
) -> HttpResponse:
    ctx = context_of(request)
    source, action = source_of(object_key), action_named(f"{object_key}.set_{kind}")
    if source is None or action is None:
        raise NotFound
    record = load_record(source.spec, ctx.actor, id)
    is_back = "back" in request.GET
    text = request.GET["back"] if is_back else request.POST.get(kind, "")
    said = read(text)
    if not said and (text or not is_back):
        raise Invalid.of(msg("This is required."), kind, "required")
    labels = TextLabel.objects.filter(object=object_key, object_id=id, kind=kind)
    with transaction.atomic():
        before = labels.values_list(column, flat=True).first() or ""
        action.function(ctx, record, **{kind: said or None})
    toast = {"text": gettext("Undone") if is_back else gettext("Saved"), "kind": "good"}
    if not is_back:
        toast["undo"] = f"{say_url(ctx, object_key, id, kind)}?{urlencode({'back': before})}"
    return with_events(HttpResponse(), toast=toast, changed={"object": object_key, "ids": [id]})
