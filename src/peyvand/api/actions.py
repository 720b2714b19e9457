"""Every action whose inputs are declared, as an address: POST /<plural>/<id>/<verb> or POST /<plural>/<verb>."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db import models
from django.http import HttpResponse

from peyvand.api.endpoint import Call, answer, endpoint
from peyvand.api.parameters import is_id, spec_at
from peyvand.api.records import item_of
from peyvand.api.versions import answer_item, hold
from peyvand.kernel.errors import Invalid, NotFound, Problem, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.action import ActionSpec, action_named, actions_of
from peyvand.platform.objects.inputs import clean_inputs, is_described
from peyvand.platform.objects.queries import load_record, load_records
from peyvand.platform.objects.spec import ObjectSpec

AT_ONCE: Final = 1000
# Verbs that every object has as addresses of their own.
GENERIC: Final = frozenset({"create", "update", "delete", "restore", "view", "batch", "timeline"})


def offered(spec: ObjectSpec) -> list[ActionSpec]:
    """The object's actions that programs can call."""
    return [a for a in actions_of(spec.key) if a.verb not in GENERIC and is_described(a)]


def on_one(call: Call, plural: str, id: int, verb: str) -> HttpResponse:
    spec, ctx = spec_at(plural), call.ctx
    action = _action(spec, verb, ("one", "many"))
    demand(ctx.actor, action.key)
    record = load_record(spec, ctx.actor, id, lock=True)
    demand(ctx.actor, action.key, record)
    hold(call.request, record)
    values = clean_inputs(ctx, action.inputs, call.body())
    result = action.function(ctx, record if action.on == "one" else [record], **values)
    if isinstance(result, dict) or (isinstance(result, models.Model) and not isinstance(result, spec.model)):
        return answer({"result": plain(result)})
    return answer_item(call, item_of(call, spec, id, record.version))


def on_several(call: Call, plural: str, verb: str) -> HttpResponse:
    """An action on the records of ``ids``, or on none in particular."""
    spec, ctx = spec_at(plural), call.ctx
    action = _action(spec, verb, ("none", "many", "one"))
    demand(ctx.actor, action.key)
    body = call.body()
    if action.on == "none":
        return answer({"result": plain(action.function(ctx, **clean_inputs(ctx, action.inputs, body)))})
    ids = _ids(body.pop("ids", None))
    values = clean_inputs(ctx, action.inputs, body)
    records = load_records(spec, ctx.actor, ids, lock=True)
    for record in records:
        demand(ctx.actor, action.key, record)
    if action.on == "many":
        action.function(ctx, records, **values)
    else:
        for record in records:
            action.function(ctx, record, **values)
    return answer({"ids": ids, "count": len(ids)})


def _action(spec: ObjectSpec, verb: str, on: tuple[str, ...]) -> ActionSpec:
    action = action_named(f"{spec.key}.{verb}")
    if action is None or action.on not in on or action not in offered(spec):
        raise NotFound
    return action


def _ids(raw: Any) -> list[int]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= AT_ONCE:
        raise Invalid.of(msg("Send a list of 1 to %(most)s ids.", most=AT_ONCE), "ids")
    wrong = [
        Problem(f"ids.{n}", msg("This must be a whole number.")) for n, id in enumerate(raw) if not is_id(id)
    ]
    if wrong:
        raise Invalid(wrong)
    return list(dict.fromkeys(raw))


def plain(value: Any) -> Any:
    """What an action returned, as JSON: a record is told by its id."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case date():
            return value
        case models.Model():
            return {"id": value.pk}
        case dict():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(v) for v in value]
        case _:
            return str(value)


action_on_one = endpoint(POST=on_one)
action_on_several = endpoint(POST=on_several)
