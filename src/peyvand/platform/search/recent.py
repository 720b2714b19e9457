"""What a person searched for lately, kept with them wherever they sign in."""

from __future__ import annotations

from django.db import connection

from peyvand.kernel import clock
from peyvand.kernel.persian.text import tidy
from peyvand.platform.identity.actor import Actor
from peyvand.platform.search.models import RecentSearch

KEPT = 10
LONGEST = 100


def remember(actor: Actor, query: str) -> None:
    """Put a query first among the person's recent ones; older ones fall out at the end."""
    text = tidy(query)[:LONGEST]
    if actor.user_id is None or actor.is_preview or not text:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into recent_search (workspace_id, user_id, query, at) values (%s, %s, %s, %s) "
            "on conflict (workspace_id, user_id, query) do update set at = excluded.at",
            [actor.workspace_id, actor.user_id, text, clock.now()],
        )
    kept = RecentSearch.objects.filter(user_id=actor.user_id).order_by("-at", "-id")
    RecentSearch.objects.filter(user_id=actor.user_id).exclude(
        id__in=list(kept.values_list("id", flat=True)[:KEPT])
    ).delete()


def recent(actor: Actor) -> list[str]:
    """The person's recent queries, the latest first."""
    if actor.user_id is None:
        return []
    rows = RecentSearch.objects.filter(user_id=actor.user_id).order_by("-at", "-id")
    return list(rows.values_list("query", flat=True)[:KEPT])


def forget(actor: Actor) -> None:
    """Drop all of the person's recent queries."""
    RecentSearch.objects.filter(user_id=actor.user_id or 0).delete()
