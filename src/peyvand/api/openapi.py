"""The API's description, OpenAPI 3.1: made from the registered objects and actions, so it is never out of date.

It needs no token: it says what the product can do and contains no data. Asked with a token, it also describes the fields
and objects that the token's workspace made for itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

import peyvand
from peyvand.api.actions import AT_ONCE, offered
from peyvand.api.batch import BATCH
from peyvand.api.endpoint import Call, endpoint
from peyvand.api.errors import MEDIA_TYPE, TITLES
from peyvand.api.openapi_parts import (
    BATCH_ANSWER,
    EVENT,
    INSIGHTS,
    MARK,
    MARKED,
    NOTIFICATION,
    PARAMETERS,
    PROBLEM,
    READ_ERRORS,
    SEARCH_ANSWER,
    SEARCH_PARAMETERS,
    TEXT,
    WRITE_ERRORS,
    Json,
    as_json,
    described_elsewhere,
    operation,
    page_of,
    parameter,
    query,
    ref,
)
from peyvand.platform.actions.action import ActionSpec
from peyvand.platform.fields.types import Field
from peyvand.platform.merging.merging import MOST as MOST_MERGED
from peyvand.platform.merging.merging import can_merge
from peyvand.platform.objects.insights import insights_of
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.schema.reading import schema_version

NOT_CHANGED: Final[Json] = {"304": {"description": "Not changed"}}
MOVED: Final[Json] = {
    "301": {"description": "It became part of another record", "headers": {"Location": {"schema": TEXT}}}
}
_ID: Final = {"$ref": "#/components/parameters/id"}


@csrf_exempt
def document(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    if "HTTP_AUTHORIZATION" in request.META:
        return _of_workspace(request)
    return _sent(_document(None), "public, max-age=300")


def _own(call: Call) -> HttpResponse:
    version = schema_version()
    return _sent(_document((call.ctx.tenant.id, version) if version else None), "private, no-cache")


_of_workspace = endpoint(GET=_own, HEAD=_own)


def _sent(body: bytes, cached: str) -> HttpResponse:
    headers = {"Cache-Control": cached, "Vary": "Authorization"}
    return HttpResponse(body, content_type="application/json", headers=headers)


@lru_cache(maxsize=64)
def _document(own: tuple[int, int] | None) -> bytes:
    """``own``: the workspace and the version of what it defined; None describes what every workspace has."""
    with translation.override("en"):
        return orjson.dumps(description(), option=orjson.OPT_INDENT_2)


def description() -> Json:
    """The whole document."""
    paths: Json = {
        "/me": {
            "get": operation("me", "Whose token this is", ["me"], as_json({"type": "object"}), READ_ERRORS)
        },
        "/search": {
            "get": operation(
                "search",
                "Everything at once",
                ["search"],
                as_json(SEARCH_ANSWER),
                READ_ERRORS,
                SEARCH_PARAMETERS,
            )
        },
        "/notifications": {
            "get": operation(
                "list_notifications",
                "What one was told",
                ["notifications"],
                as_json(page_of(NOTIFICATION)),
                READ_ERRORS,
                [
                    query(
                        "unread", "true: those that are not read yet", {"type": "boolean", "default": False}
                    ),
                    parameter("limit"),
                    parameter("after"),
                ],
            )
        },
        "/notifications/read": {
            "post": operation(
                "read_notifications",
                "Mark notifications as read, or as unread again",
                ["notifications"],
                as_json(MARKED),
                WRITE_ERRORS,
                [parameter("idempotency")],
                MARK,
            )
        },
        "/openapi.json": {
            "get": {
                **operation(
                    "openapi", "This description", ["me"], as_json({"type": "object"}), (401, 405, 429)
                ),
                "security": [],
            }
        },
    }
    elsewhere = described_elsewhere()
    for more in elsewhere.values():
        paths |= more()
    schemas: Json = {"Problem": PROBLEM, "Event": EVENT}
    for spec in all_objects():
        paths |= _paths(spec)
        schemas |= _schemas(spec)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Peyvand", "version": peyvand.__version__,
            "description": "Lists are read page by page with “after”. Every write is one transaction; an answer of 400 or more changes nothing.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "tags": [
            {"name": "me"}, {"name": "search"}, {"name": "notifications"}, *({"name": tag} for tag in elsewhere),
            *({"name": s.plural, "description": str(s.label_plural)} for s in all_objects()),
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "peyvand token create"}},
            "parameters": PARAMETERS,
            "responses": {str(s): {"description": str(t), "content": {MEDIA_TYPE: {"schema": ref("Problem")}}} for s, t in TITLES.items()},
            "schemas": schemas,
        },
    }  # fmt: skip


def _paths(spec: ObjectSpec) -> Json:
    name, at, tags = _name(spec), f"/{spec.plural}", [spec.plural]
    label, labels = str(spec.label), str(spec.label_plural)
    shown = [parameter(p) for p in ("fields", "expand", "deleted", "if_none_match")]
    changed = as_json(ref(name), etag=True)
    read = changed | NOT_CHANGED | (MOVED if can_merge(spec) else {})
    listed = [
        parameter(p)
        for p in ("filter", "sort", "q", "fields", "expand", "count", "limit", "after", "deleted")
    ]
    collection: Json = {
        "get": operation(
            f"list_{spec.plural}", labels, tags, as_json(page_of(ref(name))), READ_ERRORS, listed
        )
    }
    single: Json = {
        "parameters": [_ID],
        "get": operation(f"read_{spec.key}", label, tags, read, READ_ERRORS, shown),
    }
    if spec.changeable:
        single["patch"] = operation(
            f"update_{spec.key}", f"Change: {label}", tags, changed, (*WRITE_ERRORS, 412), [parameter("if_match")], ref(f"{name}Update")
        )  # fmt: skip
    paths: Json = {
        at: collection,
        f"{at}/{{id}}": single,
        f"{at}/{{id}}/timeline": {
            "parameters": [_ID],
            "get": operation(
                f"timeline_{spec.key}", f"Timeline: {label}", tags, as_json(page_of(ref("Event"))), READ_ERRORS,
                [parameter("limit"), parameter("after")],
            ),
        },
    }  # fmt: skip
    if insights_of(spec):
        paths[f"{at}/{{id}}/insights"] = {
            "parameters": [_ID],
            "get": operation(
                f"insights_{spec.key}", f"Insights: {label}", tags, as_json(INSIGHTS), READ_ERRORS
            ),
        }
    if spec.creatable:
        once = [parameter("idempotency")]
        created = as_json(ref(name), "201", etag=True)
        collection["post"] = operation(
            f"create_{spec.key}", f"New: {label}", tags, created, WRITE_ERRORS, once, ref(f"{name}Create")
        )
    paths |= _batch_paths(spec)
    if spec.has_bin:
        single["delete"] = operation(
            f"delete_{spec.key}",
            f"To the bin: {label}",
            tags,
            {"204": {"description": "Done"}},
            (*WRITE_ERRORS, 412),
            [parameter("if_match")],
        )
        paths[f"{at}/{{id}}/restore"] = {
            "parameters": [_ID],
            "post": operation(
                f"restore_{spec.key}",
                f"Out of the bin: {label}",
                tags,
                as_json(ref(name)),
                (*WRITE_ERRORS, 412),
                [parameter("idempotency"), parameter("if_match")],
            ),
        }
    if can_merge(spec):
        paths |= _merging_paths(spec)
    for action in offered(spec):
        paths |= _action_paths(spec, action)
    return paths


def _batch_paths(spec: ObjectSpec) -> Json:
    at, tags, name, label = f"/{spec.plural}", [spec.plural], _name(spec), str(spec.label)
    kinds: Json = {"upsert": {"allOf": [ref(f"{name}Update")], "required": ["external_id"]}}
    if spec.changeable:
        kinds = {"update": ref(f"{name}Row"), **kinds}
    if spec.creatable:
        kinds = {"create": ref(f"{name}Create"), **kinds}
    lists = {
        kind: {"type": "array", "minItems": 1, "maxItems": BATCH, "items": row} for kind, row in kinds.items()
    }
    body = {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {
            **lists,
            "atomic": {"type": "boolean", "default": False, "description": "all or nothing"},
        },
        "oneOf": [{"required": [kind]} for kind in kinds],
    }
    changed = as_json(ref(name), etag=True) | (as_json(ref(name), "201", etag=True) if spec.creatable else {})
    shown = [parameter("fields"), parameter("expand"), parameter("if_none_match")]
    read = as_json(ref(name), etag=True) | NOT_CHANGED
    return {
        f"{at}/batch": {
            "post": operation(
                f"batch_{spec.plural}", f"Several at once: {spec.label_plural}", tags, as_json(BATCH_ANSWER),
                WRITE_ERRORS, [parameter("idempotency")], body,
                "Rows are taken or refused one by one; “items” says what became of each, in their order.",
            )
        },
        f"{at}/external/{{external_id}}": {
            "parameters": [parameter("external_id")],
            "get": operation(f"read_external_{spec.key}", f"By its external ID: {label}", tags, read, READ_ERRORS, shown),
            "put": operation(
                f"put_external_{spec.key}", f"Create or change by its external ID: {label}", tags, changed, (*WRITE_ERRORS, 412),
                [parameter("if_match"), parameter("if_none_match")], ref(f"{name}Update"), "Fields that are not sent stay as they are.",
            ),
        },
    }  # fmt: skip


def _merging_paths(spec: ObjectSpec) -> Json:
    at, tags, name, label = f"/{spec.plural}", [spec.plural], _name(spec), str(spec.label)
    once, id = [parameter("idempotency")], {"type": "integer", "minimum": 1}
    merge = {
        "type": "object", "required": ["losers"],
        "properties": {
            "losers": {"type": "array", "minItems": 1, "maxItems": MOST_MERGED, "items": id},
            "choices": {"type": "object", "additionalProperties": id, "description": "by field, the record whose value is taken"},
        },
    }  # fmt: skip
    apart = {"type": "object", "required": ["loser"], "properties": {"loser": id}}
    undone = {
        "type": "object",
        "properties": {"winner": ref(name), "loser": ref(name), "kept": {"type": "array", "items": TEXT}, "lost": {"type": "integer"}},
    }  # fmt: skip
    similar = {
        "type": "object",
        "properties": {
            "id": {"type": ["integer", "null"]},
            "title": TEXT,
            "reasons": {"type": "array", "items": TEXT},
        },
    }
    found = {
        "type": "object",
        "required": ["items"],
        "properties": {"items": {"type": "array", "items": similar}},
    }
    return {
        f"{at}/{{id}}/merge": {
            "parameters": [_ID],
            "post": operation(f"merge_{spec.key}", f"Make one of several: {label}", tags, as_json(ref(name)), WRITE_ERRORS, once, merge),
        },
        f"{at}/{{id}}/unmerge": {
            "parameters": [_ID],
            "post": operation(f"unmerge_{spec.key}", f"Take apart: {label}", tags, as_json(undone), WRITE_ERRORS, once, apart),
        },
        f"{at}/similar": {
            "post": operation(
                f"similar_{spec.plural}", f"Like a new one: {label}", tags, as_json(found), WRITE_ERRORS, once,
                {"type": "object", "description": "fields of the record that is about to be created"},
            )
        },
    }  # fmt: skip


def _action_paths(spec: ObjectSpec, action: ActionSpec) -> Json:
    inputs = {f.key: _property(f) for f in action.inputs}
    required = [f.key for f in action.inputs if f.required]
    once, tags, label = [parameter("idempotency")], [spec.plural], str(action.label)
    about = (action.function.__doc__ or "").strip().partition("\n")[0]
    out: Json = {}
    if action.on != "none":
        body = {"type": "object", "properties": inputs, **({"required": required} if required else {})}
        one = operation(
            f"{action.verb}_{spec.key}",
            label,
            tags,
            as_json({"anyOf": [ref(_name(spec)), _RESULT]}),
            (*WRITE_ERRORS, 412),
            [*once, parameter("if_match")],
            body,
            about,
        )
        out[f"/{spec.plural}/{{id}}/{action.verb}"] = {"parameters": [_ID], "post": one}
        ids = {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": AT_ONCE}
        body = {"type": "object", "properties": {"ids": ids, **inputs}, "required": ["ids", *required]}
        answered: Json = {"type": "object", "properties": {"ids": ids, "count": {"type": "integer"}}}
        several = f"{action.verb}_{spec.plural}"
    else:
        body = {"type": "object", "properties": inputs, **({"required": required} if required else {})}
        answered, several = {"type": "object", "properties": {"result": {}}}, f"{action.verb}_{spec.key}"
    out[f"/{spec.plural}/{action.verb}"] = {
        "post": operation(several, label, tags, as_json(answered), WRITE_ERRORS, once, body, about)
    }
    return out


# Of an action that comes to something else than its record.
_RESULT: Json = {"type": "object", "properties": {"result": {}}, "required": ["result"]}


def _schemas(spec: ObjectSpec) -> Json:
    name = _name(spec)
    written = {f.key: _property(f) for f in spec.all_fields.values() if not f.readonly}
    required = [
        f.key for f in spec.all_fields.values() if f.required and not f.readonly and f.default is None
    ]
    always: Json = {"id": {"type": "integer"}, "version": {"type": "integer"}, "title": {"type": "string"}}
    read = always | {
        f.key: _property(f) | ({"readOnly": True} if f.readonly else {}) for f in spec.all_fields.values()
    }
    read["id"] = {**always["id"], "readOnly": True}
    version = {
        "version": {
            "type": "integer",
            "description": "the version this change was made upon; another one answers 409",
        }
    }
    schemas: Json = {
        name: {"type": "object", "title": str(spec.label), "properties": read, "required": ["id", "version"]},
        f"{name}Update": {"type": "object", "properties": written | version, "additionalProperties": False},
    }
    id = {"id": {"type": "integer", "minimum": 1}}
    schemas[f"{name}Row"] = {
        **schemas[f"{name}Update"],
        "properties": id | written | version,
        "required": ["id"],
    }
    if spec.creatable:
        schemas[f"{name}Create"] = {
            "type": "object", "properties": written, "additionalProperties": False, **({"required": required} if required else {})
        }  # fmt: skip
    return schemas


def _property(field: Field) -> Json:
    said = field.schema()
    if field.key == "external_id":
        # Where there is none it is null, for it is unique.
        said = {**said, "type": ["string", "null"]}
    words = [str(field.label), str(field.help), said.get("description", "")]
    return {**said, "description": ". ".join(filter(None, words))}


def _name(spec: ObjectSpec) -> str:
    return "".join(part.capitalize() for part in spec.key.split("_"))
