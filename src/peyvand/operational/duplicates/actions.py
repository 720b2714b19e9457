"""Looking for duplicates, deciding about a pair, and the rules a workspace sets itself."""

from __future__ import annotations

from typing import Any

from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.operational.duplicates.kinds import kind_of
from peyvand.operational.duplicates.models import Pair, Rules, Search
from peyvand.operational.duplicates.queue import DIFFERENT, LATER, OPEN, note_decision, sure_pairs
from peyvand.operational.duplicates.rules import rules_of
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.jobs.scoped import defer


def searching_lock(workspace_id: int) -> str:
    """The lock under which a workspace's searches and merges run one after another, and what counts their pairs."""
    return f"duplicates:{workspace_id}"


def begin_search(ctx: Context, object_key: str) -> Search:
    """Put a search among all records of an object into the queue; one that waits or runs already is returned instead."""
    spec = kind_of(object_key).spec

    def write() -> Search:
        under_way: Search | None = (
            Search.objects.filter(object=object_key, state__in=("waiting", "running")).order_by("-id").first()
        )
        if under_way is not None:
            return under_way
        search: Search = Search.objects.create(object=object_key, user_id=ctx.actor.user_id)
        defer("duplicates.search", lock=searching_lock(ctx.tenant.id), search_id=search.id)
        return search

    return perform(ctx, spec.permission("merge"), (), write, {"search": True})


def decide_pair(ctx: Context, pair: Pair, state: str) -> None:
    """Remember that two records are not the same, or put the question off, or ask it again."""
    if state not in (OPEN, LATER, DIFFERENT):
        raise Invalid.of(msg("Choose one from the list."), "state", "choice")
    spec = kind_of(pair.object).spec

    def write() -> None:
        note_decision(ctx, pair, state)

    records = list(spec.rows.filter(id__in=[pair.one, pair.other]))
    perform(
        ctx, spec.permission("merge"), records, write, {"pair": [pair.one, pair.other], "decision": state}
    )


def merge_all_sure(ctx: Context, object_key: str) -> int:
    """Have every pair that is sure enough by the workspace's rules merged by a job; return how many there are."""
    spec = kind_of(object_key).spec
    demand(ctx.actor, spec.permission("bulk"))
    least = rules_of(object_key).sure
    count = sure_pairs(ctx, spec, least).count()

    def write() -> None:
        if count and ctx.actor.user_id is not None:
            defer(
                "duplicates.merge_sure", lock=searching_lock(ctx.tenant.id), object_key=object_key,
                user_id=ctx.actor.user_id, least=least,
            )  # fmt: skip

    perform(ctx, spec.permission("merge"), (), write, {"sure": least, "pairs": count})
    return count


def change_rules(ctx: Context, object_key: str, **changes: Any) -> Rules:
    """Set from which score on pairs are shown and sure, whether to search every night, and what is told of hidden records.

    Raises:
        Invalid: a score is no percentage, or what is sure would not even be shown.
    """
    kind_of(object_key)
    rules = rules_of(object_key)
    for key, value in changes.items():
        setattr(rules, key, value)
    problems = [
        Problem(key, msg("This must be between %(min)s and %(max)s.", min=50, max=100), "range")
        for key in ("least", "sure")
        if not 50 <= getattr(rules, key) <= 100
    ]
    if not problems and rules.sure < rules.least:
        problems.append(
            Problem(
                "sure", msg("What is sure must be shown: choose at least %(min)s.", min=rules.least), "range"
            )
        )
    if problems:
        raise Invalid(problems)

    def write() -> Rules:
        rules.save()
        return rules

    return perform(ctx, "workspace.update", (), write, {"duplicates": object_key})
