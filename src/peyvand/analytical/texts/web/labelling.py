"""Saying on its card how a text sounds; the toast takes it back."""

from __future__ import annotations

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
from peyvand.platform.objects.queries import load_record
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

_SAID = frozenset(option.key for option in MOODS)


def mood_url(ctx: Context, object_key: str, id: int) -> str:
    """Where it is said."""
    return here(ctx, f"insights/texts/{object_key}/{id}/mood")


@require_POST
def mood(request: HttpRequest, workspace: str, object_key: str, id: int) -> HttpResponse:
    """``mood``: how it sounds. ``?back``: what was said before it, which the toast offers; empty: nothing was."""
    ctx = context_of(request)
    source, action = source_of(object_key), action_named(f"{object_key}.set_mood")
    if source is None or action is None:
        raise NotFound
    record = load_record(source.spec, ctx.actor, id)
    is_back = "back" in request.GET
    said = request.GET["back"] if is_back else request.POST.get("mood", "")
    if said not in _SAID and (said or not is_back):
        raise Invalid.of(msg("This is required."), "mood", "required")
    labels = TextLabel.objects.filter(object=object_key, object_id=id, kind=TextLabel.MOOD)
    with transaction.atomic():
        before = labels.values_list("mood", flat=True).first() or ""
        action.function(ctx, record, mood=said or None)
    toast = {"text": gettext("Undone") if is_back else gettext("Saved"), "kind": "good"}
    if not is_back:
        toast["undo"] = f"{mood_url(ctx, object_key, id)}?{urlencode({'back': before})}"
    return with_events(HttpResponse(), toast=toast, changed={"object": object_key, "ids": [id]})
