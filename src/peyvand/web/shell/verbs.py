"""A verb that needs no questions, done to one record from wherever it is shown, and taken back the same way."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from peyvand.kernel.errors import NotFound, msg
from peyvand.platform.actions.action import action_named
from peyvand.platform.objects.inputs import clean_inputs, is_described
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import find_object
from peyvand.web.components.tags import say
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.offers import offer


@require_POST
def do(request: HttpRequest, workspace: str, object_key: str, id: int, verb: str) -> HttpResponse:
    """Do it, and say so in a toast; ``?undo=verb`` names the verb that the toast offers to take it back."""
    ctx = context_of(request)
    spec, action = find_object(object_key), action_named(f"{object_key}.{verb}")
    if spec is None or action is None or action.on != "one" or not is_described(action):
        raise NotFound
    record = load_record(spec, ctx.actor, id, lock=True)
    title = str(getattr(record, spec.title))
    action.function(ctx, record, **clean_inputs(ctx, action.inputs, {}))
    toast = {
        "text": say(msg("“%(title)s”: %(action)s", title=title, action=str(action.label))),
        "kind": "good",
    }
    back = request.GET.get("undo", "")
    if action_named(f"{object_key}.{back}"):
        toast["undo"] = here(ctx, f"do/{object_key}/{id}/{back}")
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps({
        "toast": toast, "changed": {"object": object_key, "ids": [id]}, **offer(ctx, action.key, record),
    })  # fmt: skip
    return response
