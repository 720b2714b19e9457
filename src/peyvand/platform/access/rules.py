"""The rows of an object that an actor may apply a verb to, as one filter: the role's scope, and what was shared.

Every list, count, search, board and check of a single record asks here, so that all of them agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.lookups import Exact

from peyvand.platform.access.policies import OwnedRows, has_policy, policy_of
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope

# How a condition on an object's rows becomes a filter, and which rows an object has: said by the layer that knows objects.
CompileCondition = Callable[[str, Any, Actor], Q]
_compile: list[CompileCondition] = []
_rows: list[Callable[[str], QuerySet[Any] | None]] = []
_NOTHING = Q(pk__in=[])
# Scopes whose rows follow from the policy alone.
_PLAIN = (Scope.NONE, Scope.OWN, Scope.BELOW, Scope.TEAM, Scope.ALL)
_SHARED = """array(select object_id from record_share where workspace_id = %s and object = %s and (not %s or may_update)
    and (ends_at is null or ends_at > now()) and (user_id = %s or team_id = any(%s::bigint[])))"""


def objects_by(rows: Callable[[str], QuerySet[Any] | None], compile: CompileCondition) -> None:
    """Say which rows an object has, by its key, and how the JSON form of a condition on them becomes a filter."""
    _rows[:], _compile[:] = [rows], [compile]


def rows_of(object_key: str) -> QuerySet[Any] | None:
    """All of an object's rows in the open workspace; None for what is no object."""
    return _rows[0](object_key)


def rule(actor: Actor, object_key: str, verb: str = "view") -> Q | None:
    """The filter of the rows that the actor may apply the verb to; None for all of the workspace's."""
    operation = f"{object_key}.{verb}"
    scope = actor.grants.scope(operation)
    if scope is Scope.NONE:
        return _NOTHING
    found = _by_scope(actor, object_key, verb, scope)
    if found is not None and operation in actor.shares:
        found = found | shared_rows(actor, object_key, verb)
    return found


def reaches_all(actor: Actor, operation: str) -> bool:
    """Whether the actor may apply the operation to every record of its object, whosever it is.

    A scope of ALL does not say so by itself: entries that go with their person are as far out of reach as the person.
    """
    object_key, _, verb = operation.partition(".")
    if actor.grants.scope(operation) is not Scope.ALL:
        return False
    return not has_policy(object_key) or rule(actor, object_key, verb) is None


def reaches_open(actor: Actor, operation: str) -> bool:
    """As ``reaches_all``, but for what is private: enough for whoever leaves that out, as figures of everybody do."""
    policy = policy_of(operation.partition(".")[0])
    has_private = isinstance(policy, OwnedRows) and policy.has_private
    return (has_private and actor.grants.scope(operation) is Scope.ALL) or reaches_all(actor, operation)


def owners_only(actor: Actor, object_key: str, verb: str = "view") -> frozenset[int] | None:
    """The owners whose rows, and no others, the actor may apply the verb to; None where the answer is not that simple.

    Where it is, an index by owner answers faster than the rule as a whole. Shares come on top (shared_ids).
    """
    policy, scope = policy_of(object_key), actor.grants.scope(f"{object_key}.{verb}")
    if type(policy) is not OwnedRows or policy.owner != "owner_id" or scope not in _PLAIN:
        return None
    return policy.owners(actor, scope)


def owners_at_least(actor: Actor, object_key: str) -> frozenset[int]:
    """Owners whose rows the actor may see for certain, where others' rows are for the records to tell."""
    policy, scope = policy_of(object_key), actor.grants.scope(f"{object_key}.view")
    if not isinstance(policy, OwnedRows) or not policy.opens_to_owners or scope not in _PLAIN:
        return frozenset()
    return policy.owners(actor, scope) or frozenset()


def shared_ids(actor: Actor, object_key: str, verb: str = "view") -> tuple[str, list[Any]] | None:
    """SQL for the ids that were shared with the actor for this verb, as one array; None where there are none.

    PostgreSQL works it out once before it looks at the table, and finds the rows by their key.
    """
    operation = f"{object_key}.{verb}"
    # A share opens nothing of what the role may not see at all, or of a module that is off.
    if operation not in actor.shares or actor.grants.scope(operation) is Scope.NONE:
        return None
    values = [actor.workspace_id, object_key, verb != "view", actor.user_id, sorted(actor.circle_ids)]
    return _SHARED, values


def shared_rows(actor: Actor, object_key: str, verb: str = "view") -> Q:
    """The rows that were shared with the actor for this verb."""
    ids = shared_ids(actor, object_key, verb)
    return Q(_IdAnyOf(F("id"), RawSQL(*ids))) if ids else _NOTHING  # noqa: S611 values are parameters


def covered(actor: Actor, operation: str, records: Sequence[Any]) -> set[int]:
    """Ids of those of the loaded records that the actor may apply the operation to: the same answer as the rule's."""
    object_key, _, verb = operation.partition(".")
    scope = actor.grants.scope(operation)
    if scope is Scope.NONE:
        return set()
    found: set[int] = set()
    if scope in _PLAIN:
        policy = policy_of(object_key)
        found = {r.pk for r in records if policy.covers(actor, scope, r, verb)}
    left = [r.pk for r in records if r.pk not in found]
    if left and (scope not in _PLAIN or operation in actor.shares):
        rows, asked = rows_of(object_key), rule(actor, object_key, verb)
        if rows is not None:
            rows = rows.filter(pk__in=left)
            found |= set((rows if asked is None else rows.filter(asked)).values_list("pk", flat=True))
    return found


def _by_scope(actor: Actor, object_key: str, verb: str, scope: Scope) -> Q | None:
    policy = policy_of(object_key)
    if scope is Scope.CONDITION:
        said = actor.grants.condition(f"{object_key}.{verb}")
        return _compile[0](object_key, said, actor) if said else _NOTHING
    if scope is Scope.TERRITORY:
        own = policy.rows(actor, Scope.OWN, verb)
        return None if own is None else _any_of([own, *_grounds(actor, object_key)])
    return policy.rows(actor, scope, verb)


def _grounds(actor: Actor, object_key: str) -> Iterable[Q]:
    policy = policy_of(object_key)
    for ground in actor.grounds:
        said = ground.conditions.get(object_key)
        if said:
            yield _compile[0](object_key, said, actor)
        elif isinstance(policy, OwnedRows):
            yield Q(**{f"{policy.owner}__in": sorted(ground.user_ids)})


def _any_of(parts: Iterable[Q]) -> Q:
    first, *rest = parts
    for part in rest:
        first = first | part
    return first


class _IdAnyOf(Exact):
    """``id = any(array(…))``."""

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        text, params = super().process_rhs(compiler, connection)
        return f"any({text})", params
