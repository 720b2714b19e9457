"""What a person searched for lately, kept with them wherever they sign in."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from peyvand.kernel import clock
from peyvand.kernel.persian.text import tidy
from peyvand.platform.database.compiled import Slot
from peyvand.platform.database.prepared import run
from peyvand.platform.identity.actor import Actor
from peyvand.platform.search.models import RecentSearch
from peyvand.platform.workspaces.lookups import lookup

KEPT = 10
LONGEST = 100
_PUT = """
insert into recent_search (workspace_id, user_id, query, at) values (%s::bigint, %s::bigint, %s::text, %s::timestamptz)
on conflict (workspace_id, user_id, query) do update set at = excluded.at
"""
_DROP = f"""
delete from recent_search where workspace_id = %s::bigint and user_id = %s::bigint and id in (
    select id from recent_search where workspace_id = %s::bigint and user_id = %s::bigint order by at desc, id desc offset {KEPT})
"""  # noqa: S608 a number of ours


def remember(actor: Actor, query: str) -> None:
    """Put a query first among the person's recent ones; older ones fall out at the end."""
    text = tidy(query)[:LONGEST]
    if actor.user_id is None or actor.is_preview or not text:
        return
    run(_PUT, [actor.workspace_id, actor.user_id, text, clock.now()])
    run(_DROP, [actor.workspace_id, actor.user_id, actor.workspace_id, actor.user_id])


def recent(actor: Actor) -> list[str]:
    """The person's recent queries, the latest first."""
    if actor.user_id is None:
        return []
    return [query for (query,) in _latest(actor.user_id)]


@lookup("bigint")
def _latest(user: Slot) -> QuerySet[Any]:
    return RecentSearch.objects.filter(user_id=user).order_by("-at", "-id").values_list("query")[:KEPT]


def forget(actor: Actor) -> None:
    """Drop all of the person's recent queries."""
    RecentSearch.objects.filter(user_id=actor.user_id or 0).delete()
