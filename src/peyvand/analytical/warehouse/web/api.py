"""The warehouse for programs: what tables there are, whole tables as files, and questions in SQL."""

from __future__ import annotations

from typing import Any, cast

from django.http import FileResponse, HttpResponse

from peyvand.analytical.warehouse.outside.adding import SCHEMA
from peyvand.analytical.warehouse.public import as_of, outside_tables
from peyvand.analytical.warehouse.querying import KINDS, QUERY, Format, Unanswered, answered, missing, whole
from peyvand.analytical.warehouse.star import TABLES
from peyvand.api.endpoint import Call, answer, endpoint
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.access.decisions import demand


def _tables(call: Call) -> HttpResponse:
    demand(call.ctx.actor, QUERY)
    moment = as_of()
    described = [(t.name, t.key, t.says, t.columns) for t in TABLES.values()]
    described += [(f"{SCHEMA}.{t.name}", "", t.says, t.columns) for t in outside_tables()]
    return answer({
        "as_of": moment.isoformat() if moment else None,
        "tables": [
            {
                "name": name, "key": key, "says": says, "open": not missing(call.ctx.actor, name),
                "columns": [
                    {"name": c.name, "type": c.type, "says": c.says, **({"references": c.to} if c.to else {})} for c in columns
                ],
            }
            for name, key, says, columns in described
        ],
    })  # fmt: skip


def _table(call: Call, name: str) -> Any:
    format = _format(call.text("format") or "parquet")
    return FileResponse(
        whole(call.ctx, name, format), filename=f"{name}.{format}", content_type=KINDS[format]
    )


def _query(call: Call) -> Any:
    body = call.body()
    sql, format = body.get("sql"), _format(body.get("format") or "arrow")
    if not isinstance(sql, str):
        raise Invalid.of(msg("Send a text."), "sql")
    try:
        return FileResponse(answered(call.ctx, sql, format), content_type=KINDS[format])
    except Unanswered as error:
        if not error.own_words:
            raise
        words = msg("%(why)s The engine says: %(words)s", why=error.message, words=error.own_words)
        raise Invalid.of(words, "sql") from error


def _format(asked: Any) -> Format:
    if asked not in KINDS:
        raise Invalid.of(msg("One of these: %(known)s.", known=", ".join(KINDS)), "format")
    return cast(Format, asked)


tables = endpoint(GET=_tables)
table = endpoint(GET=_table)
query = endpoint(POST=_query)
