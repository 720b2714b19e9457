"""What the API's description is put together from: parameters, problems, answers that many operations share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from peyvand.api.expansion import MOST as MOST_EXPANDED
from peyvand.api.parameters import MOST, PAGE
from peyvand.platform.actions.once import LONGEST

Json = dict[str, Any]
WRITE_ERRORS: Final = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429)
READ_ERRORS: Final = (401, 403, 404, 405, 422, 429)
_elsewhere: dict[str, Callable[[], Json]] = {}


def describe(tag: str, paths: Callable[[], Json]) -> None:
    """Add operations that a slice answers by itself to the description; ``paths`` is asked when that is made."""
    _elsewhere[tag] = paths


def described_elsewhere() -> Mapping[str, Callable[[], Json]]:
    """What slices added, by their tags."""
    return _elsewhere


def operation(
    id: str, summary: str, tags: list[str], answers: Json, errors: tuple[int, ...], parameters: list[Json] | None = None,
    body: Json | None = None, description: str = "",
) -> Json:  # fmt: skip
    """One operation: what it answers when all is well, and the statuses of the problems that it may answer with."""
    out: Json = {"operationId": id, "summary": summary, "tags": tags}
    if description:
        out["description"] = description
    if parameters:
        out["parameters"] = parameters
    if body is not None:
        out["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    out["responses"] = answers | {str(e): {"$ref": f"#/components/responses/{e}"} for e in errors}
    return out


def as_json(schema: Json, status: str = "200", *, etag: bool = False) -> Json:
    """An answer with a body; ``etag``: its version stands in a header."""
    headers = {
        **RATE_HEADERS,
        **({"ETag": {"schema": TEXT, "description": "for If-Match and If-None-Match"}} if etag else {}),
    }
    answer = {"description": "Done", "headers": headers, "content": {"application/json": {"schema": schema}}}
    return {status: answer}


def page_of(item: Json) -> Json:
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": item},
            "count": {"type": "integer", "description": "where it was asked for"},
            "next": {
                "type": ["string", "null"],
                "description": "give it as “after” for the page that follows; null at the end",
            },
        },
    }


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def parameter(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{name}"}


def query(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


TEXT: Final[Json] = {"type": "string"}
RATE_HEADERS: Final[Json] = {
    "RateLimit-Policy": {"schema": TEXT, "description": "the limit (q) and its window in seconds (w)"},
    "RateLimit": {
        "schema": TEXT,
        "description": "what is left (r), and in how many seconds counting begins anew (t)",
    },
}
PARAMETERS: Final[Json] = {
    "id": {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}, "example": 42},
    "filter": query("filter", 'a condition as JSON, as in {"field": "city", "op": "is", "value": "تهران"}; with "and", "or", "not"', TEXT),
    "sort": query("sort", "field names, “-” before those that descend, as in -created_at,name", TEXT),
    "q": query("q", "words that the records are searched for", TEXT),
    "fields": query("fields", "names of the fields wanted; all stored ones if not given. Fields kept in rows of their own cost a query each", TEXT),
    "expand": query(
        "expand", f"names of links, {MOST_EXPANDED} at most: the fields of linked records that the caller may see stand in their place", TEXT
    ),
    "count": query(
        "count", "exact: also say how many there are in all; none: do not", {"type": "string", "enum": ["none", "exact"], "default": "none"}
    ),
    "limit": query("limit", "how many", {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE}),
    "after": query("after", "“next” of the page before", TEXT),
    "deleted": query("deleted", "true: those in the bin", {"type": "boolean", "default": False}),
    "external_id": {
        "name": "external_id", "in": "path", "required": True, "description": "the record's id where it comes from", "example": "erp-42",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    },
    "if_none_match": {
        "name": "If-None-Match", "in": "header", "schema": TEXT,
        "description": "an ETag that is known already: answers 304 if it still holds",
    },
    "if_match": {"name": "If-Match", "in": "header", "description": "ETag of the version to change; another one answers 412", "schema": TEXT},
    "idempotency": {
        "name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[ -~]+$"},
        "description": "the same request with the same key is carried out once and answered alike",
    },
}  # fmt: skip
_COUNTS: Final[Json] = {"type": "object", "additionalProperties": {"type": "integer"}}
_FOUND: Final[Json] = {
    "type": "object",
    "required": ["object", "plural", "id", "title", "excerpt"],
    "properties": {
        "object": TEXT, "plural": TEXT, "id": {"type": "integer"}, "title": TEXT, "subtitle": TEXT,
        "source": {"type": ["string", "null"], "description": "the field whose text was found, or “file”"},
        "file": {"type": ["integer", "null"]}, "excerpt": TEXT, "created_at": {"type": ["string", "null"], "format": "date-time"},
    },
}  # fmt: skip
SEARCH_ANSWER: Final[Json] = {
    "type": "object",
    "required": ["items", "count", "is_capped", "meant", "is_guess", "facets"],
    "properties": {
        "items": {"type": "array", "items": _FOUND},
        "count": {"type": "integer", "description": "how many were found; where is_capped is true, there are more"},
        "is_capped": {"type": "boolean"},
        "meant": {"type": ["string", "null"], "description": "the query that was found in place of one that was not"},
        "is_guess": {"type": "boolean", "description": "true: found by likeness"},
        "facets": {"type": "object", "properties": {"objects": _COUNTS, "owners": _COUNTS, "days": _COUNTS, "tags": _COUNTS}},
    },
}  # fmt: skip
SEARCH_PARAMETERS: Final[list[Json]] = [
    {
        **query("q", "what to search for", {"type": "string", "minLength": 1, "maxLength": 100}),
        "required": True,
    },
    query("object", "only records of this kind, as in people", TEXT),
    query("owner", "only those of this user", {"type": "integer", "minimum": 1}),
    query("days", "only those made in the last so many days", {"type": "integer", "enum": [7, 30, 365]}),
    query("tag", "only those with this tag", {"type": "integer", "minimum": 1}),
    query("limit", "how many", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
]
PROBLEM_ITEM: Final[Json] = {
    "type": "object",
    "properties": {"field": {"type": ["string", "null"]}, "code": TEXT, "message": TEXT},
    "required": ["field", "code", "message"],
}
PROBLEM: Final[Json] = {
    "type": "object",
    "description": "RFC 9457; sentences are in the language of Accept-Language (fa or en)",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "code": TEXT,
        "errors": {"type": "array", "items": PROBLEM_ITEM},
    },
}  # fmt: skip
NAMED: Final[Json] = {
    "type": "object",
    "properties": {"object": TEXT, "id": {"type": "integer"}, "title": TEXT},
}
EVENT: Final[Json] = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"}, "type": TEXT, "at": {"type": "string", "format": "date-time"}, "record": NAMED,
        "actor": {"type": "object", "properties": {"kind": TEXT, "id": {"type": ["integer", "null"]}, "title": TEXT}},
        "sentence": TEXT, "data": {"type": "object"},
    },
}  # fmt: skip
NOTIFICATION: Final[Json] = {
    "type": "object",
    "required": ["id", "type", "at", "record", "sentence", "is_read"],
    "properties": {
        "id": {"type": "integer"}, "type": TEXT, "at": {"type": "string", "format": "date-time"}, "record": NAMED,
        "sentence": {**TEXT, "description": "in the language of Accept-Language"}, "is_read": {"type": "boolean"},
    },
}  # fmt: skip
MARK: Final[Json] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "ids": {"type": ["array", "null"], "items": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}, "maxItems": 1000,
                "description": "all of them if not given"},
        "read": {"type": "boolean", "default": True},
    },
}  # fmt: skip
MARKED: Final[Json] = {
    "type": "object",
    "required": ["changed"],
    "properties": {"changed": {"type": "integer"}},
}
BATCH_ANSWER: Final[Json] = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object", "required": ["status"],
                "properties": {
                    "status": {"type": "integer"}, "id": {"type": "integer"}, "version": {"type": "integer"}, "code": TEXT, "detail": TEXT,
                    "errors": {"type": "array", "items": PROBLEM_ITEM},
                },
            },
        },
        "created": {"type": "integer"},
        "updated": {"type": "integer"},
        "refused": {"type": "integer"},
    },
}  # fmt: skip

INSIGHTS: Json = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": [
                    "insight",
                    "label",
                    "value",
                    "low",
                    "high",
                    "reasons",
                    "analysis",
                    "version",
                    "as_of",
                    "since",
                    "expires_on",
                ],
                "properties": {
                    "insight": {"type": "string", "description": "key of the field"},
                    "label": {"type": "string"},
                    "value": {"description": "as the field of that key has it"},
                    "low": {
                        "description": "the value lies between low and high in four of five cases; null: not known"
                    },
                    "high": {},
                    "reasons": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["text", "effect"],
                            "properties": {"text": {"type": "string"}, "effect": {"type": "number"}},
                        },
                    },
                    "analysis": {"type": "string"},
                    "version": {"type": "integer", "description": "of the analysis' model"},
                    "as_of": {"type": "string", "format": "date"},
                    "since": {
                        "type": "string",
                        "format": "date-time",
                        "description": "since when the values are these",
                    },
                    "expires_on": {"type": "string", "format": "date"},
                },
            },
        }
    },
}
"""What is concluded about a record."""
