"""The API's description, OpenAPI 3.1: made from the registered objects and actions, so it is never out of date.

It needs no token: it says what the product can do and contains no data.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

import peyvand
from peyvand.api.actions import AT_ONCE, offered
from peyvand.api.errors import MEDIA_TYPE, TITLES
from peyvand.api.parameters import MOST, PAGE
from peyvand.api.records import BATCH
from peyvand.platform.actions.action import ActionSpec
from peyvand.platform.fields.types import Field
from peyvand.platform.objects.spec import ObjectSpec, all_objects

Json = dict[str, Any]
WRITE_ERRORS: Final = (400, 401, 403, 404, 409, 413, 415, 422)
READ_ERRORS: Final = (401, 403, 404, 422)
_ID: Final = {"$ref": "#/components/parameters/id"}


@csrf_exempt
def document(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    return HttpResponse(
        _document(), content_type="application/json", headers={"Cache-Control": "public, max-age=300"}
    )


@lru_cache(maxsize=1)
def _document() -> bytes:
    with translation.override("en"):
        return orjson.dumps(description(), option=orjson.OPT_INDENT_2)


def description() -> Json:
    """The whole document."""
    paths: Json = {
        "/me": {
            "get": _operation("me", "Whose token this is", ["me"], _json({"type": "object"}), READ_ERRORS)
        },
        "/openapi.json": {
            "get": {
                **_operation("openapi", "This description", ["me"], _json({"type": "object"}), ()),
                "security": [],
            }
        },
    }
    schemas: Json = {"Problem": _PROBLEM, "Event": _EVENT}
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
        "tags": [{"name": "me"}, *({"name": s.plural, "description": str(s.label_plural)} for s in all_objects())],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "peyvand token create"}},
            "parameters": _PARAMETERS,
            "responses": {str(s): {"description": str(t), "content": {MEDIA_TYPE: {"schema": _ref("Problem")}}} for s, t in TITLES.items()},
            "schemas": schemas,
        },
    }  # fmt: skip


def _paths(spec: ObjectSpec) -> Json:
    name, at, tags = _name(spec), f"/{spec.plural}", [spec.plural]
    label, labels = str(spec.label), str(spec.label_plural)
    listed = [_parameter(p) for p in ("filter", "sort", "q", "fields", "limit", "after", "deleted")]
    collection: Json = {
        "get": _operation(f"list_{spec.plural}", labels, tags, _json(_page(_ref(name))), READ_ERRORS, listed)
    }
    single: Json = {
        "parameters": [_ID],
        "get": _operation(f"read_{spec.key}", label, tags, _json(_ref(name)), READ_ERRORS, [_parameter("fields"), _parameter("deleted")]),
        "patch": _operation(
            f"update_{spec.key}", f"Change: {label}", tags, _json(_ref(name)), (*WRITE_ERRORS, 412), [_parameter("if_match")], _ref(f"{name}Update")
        ),
    }  # fmt: skip
    paths: Json = {
        at: collection,
        f"{at}/{{id}}": single,
        f"{at}/{{id}}/timeline": {
            "parameters": [_ID],
            "get": _operation(
                f"timeline_{spec.key}", f"Timeline: {label}", tags, _json(_page(_ref("Event"))), READ_ERRORS,
                [_parameter("limit"), _parameter("after")],
            ),
        },
    }  # fmt: skip
    if spec.creatable:
        once = [_parameter("idempotency")]
        created = _json(_ref(name), "201")
        collection["post"] = _operation(
            f"create_{spec.key}", f"New: {label}", tags, created, WRITE_ERRORS, once, _ref(f"{name}Create")
        )
        rows = {"type": "array", "minItems": 1, "maxItems": BATCH, "items": _ref(f"{name}Create")}
        paths[f"{at}/batch"] = {
            "post": _operation(
                f"create_{spec.plural}", f"Several new: {labels}", tags, _json(_BATCH_ANSWER), WRITE_ERRORS, once,
                {"type": "object", "required": ["create"], "properties": {"create": rows}},
            )
        }  # fmt: skip
    if spec.has_bin:
        single["delete"] = _operation(
            f"delete_{spec.key}",
            f"To the bin: {label}",
            tags,
            {"204": {"description": "Done"}},
            (*WRITE_ERRORS, 412),
            [_parameter("if_match")],
        )
        paths[f"{at}/{{id}}/restore"] = {
            "parameters": [_ID],
            "post": _operation(
                f"restore_{spec.key}",
                f"Out of the bin: {label}",
                tags,
                _json(_ref(name)),
                WRITE_ERRORS,
                [_parameter("idempotency")],
            ),
        }
    for action in offered(spec):
        paths |= _action_paths(spec, action)
    return paths


def _action_paths(spec: ObjectSpec, action: ActionSpec) -> Json:
    inputs = {f.key: _property(f) for f in action.inputs}
    required = [f.key for f in action.inputs if f.required]
    once, tags, label = [_parameter("idempotency")], [spec.plural], str(action.label)
    about = (action.function.__doc__ or "").strip().partition("\n")[0]
    out: Json = {}
    if action.on != "none":
        body = {"type": "object", "properties": inputs, **({"required": required} if required else {})}
        one = _operation(
            f"{action.verb}_{spec.key}",
            label,
            tags,
            _json(_ref(_name(spec))),
            WRITE_ERRORS,
            once,
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
        "post": _operation(several, label, tags, _json(answered), WRITE_ERRORS, once, body, about)
    }
    return out


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
    if spec.creatable:
        schemas[f"{name}Create"] = {
            "type": "object", "properties": written, "additionalProperties": False, **({"required": required} if required else {})
        }  # fmt: skip
    return schemas


def _property(field: Field) -> Json:
    said = field.schema()
    words = [str(field.label), str(field.help), said.get("description", "")]
    return {**said, "description": ". ".join(filter(None, words))}


def _operation(
    id: str, summary: str, tags: list[str], answers: Json, errors: tuple[int, ...], parameters: list[Json] | None = None,
    body: Json | None = None, description: str = "",
) -> Json:  # fmt: skip
    out: Json = {"operationId": id, "summary": summary, "tags": tags}
    if description:
        out["description"] = description
    if parameters:
        out["parameters"] = parameters
    if body is not None:
        out["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    out["responses"] = answers | {str(e): {"$ref": f"#/components/responses/{e}"} for e in errors}
    return out


def _json(schema: Json, status: str = "200") -> Json:
    return {status: {"description": "Done", "content": {"application/json": {"schema": schema}}}}


def _page(item: Json) -> Json:
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": item},
            "next": {
                "type": ["string", "null"],
                "description": "give it as “after” for the page that follows; null at the end",
            },
        },
    }


def _name(spec: ObjectSpec) -> str:
    return "".join(part.capitalize() for part in spec.key.split("_"))


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{name}"}


def _query(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


_TEXT: Final[Json] = {"type": "string"}
_PARAMETERS: Final[Json] = {
    "id": {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}},
    "filter": _query("filter", 'a condition as JSON, as in {"field": "city", "op": "is", "value": "تهران"}; with "and", "or", "not"', _TEXT),
    "sort": _query("sort", "field names, “-” before those that descend, as in -created_at,name", _TEXT),
    "q": _query("q", "words that the records are searched for", _TEXT),
    "fields": _query("fields", "names of the fields wanted; all stored ones if not given. Fields kept in rows of their own cost a query each", _TEXT),
    "limit": _query("limit", "how many", {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE}),
    "after": _query("after", "“next” of the page before", _TEXT),
    "deleted": _query("deleted", "true: those in the bin", {"type": "boolean", "default": False}),
    "if_match": {"name": "If-Match", "in": "header", "description": "ETag of the version to change; another one answers 412", "schema": _TEXT},
    "idempotency": {
        "name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200},
        "description": "the same request with the same key is carried out once and answered alike",
    },
}  # fmt: skip
_PROBLEM_ITEM: Final[Json] = {
    "type": "object",
    "properties": {"field": {"type": ["string", "null"]}, "code": _TEXT, "message": _TEXT},
    "required": ["field", "code", "message"],
}
_PROBLEM: Final[Json] = {
    "type": "object",
    "description": "RFC 9457; sentences are in the language of Accept-Language (fa or en)",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT, "code": _TEXT,
        "errors": {"type": "array", "items": _PROBLEM_ITEM},
    },
}  # fmt: skip
_NAMED: Final[Json] = {
    "type": "object",
    "properties": {"object": _TEXT, "id": {"type": "integer"}, "title": _TEXT},
}
_EVENT: Final[Json] = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"}, "type": _TEXT, "at": {"type": "string", "format": "date-time"}, "record": _NAMED,
        "actor": {"type": "object", "properties": {"kind": _TEXT, "id": {"type": ["integer", "null"]}, "title": _TEXT}},
        "sentence": _TEXT, "data": {"type": "object"},
    },
}  # fmt: skip
_BATCH_ANSWER: Final[Json] = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object", "required": ["status"],
                "properties": {
                    "status": {"type": "integer"}, "id": {"type": "integer"}, "version": {"type": "integer"}, "code": _TEXT, "detail": _TEXT,
                    "errors": {"type": "array", "items": _PROBLEM_ITEM},
                },
            },
        },
        "created": {"type": "integer"},
        "refused": {"type": "integer"},
    },
}  # fmt: skip
