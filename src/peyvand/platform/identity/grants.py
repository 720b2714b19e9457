"""What a role allows, as data: operation patterns with a row scope, and field rules.

An operation is ``object.verb`` ("deal.win", "person.view"). A role's grants map patterns to scopes; the most exact
pattern decides: ``deal.win``, then ``deal.*``, then ``*.win``, then ``*``. What no pattern names is denied.

A wildcard grants what is ordinary, and only that: records that people work with, and verbs that were declared for all
who work with them (identity/operations). What administers the workspace, and whatever is invented later, must be named;
"person.*" does not reach "person.erase".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from peyvand.platform.identity.operations import VERBS, is_common, is_guarded, is_ordinary, is_sealed


class Scope(StrEnum):
    """Which rows an operation may touch."""

    NONE = "none"
    OWN = "own"
    # One's own and those of everyone who reports to one, however far down.
    BELOW = "below"
    # Those below, and those of everyone in one's team or in a team beneath it or that one leads.
    TEAM = "team"
    # One's own, and what lies in the territories that one works in.
    TERRITORY = "territory"
    # What meets the condition that the role states for the same pattern.
    CONDITION = "condition"
    ALL = "all"


class FieldAccess(StrEnum):
    HIDDEN = "hidden"
    # Its shape only: ••••1234. Never filtered, sorted, searched, exported or written by.
    MASKED = "masked"
    READ = "read"
    WRITE = "write"


# The scopes that lie within one another whatever the records; the others lie between OWN or NONE and ALL.
_WIDTH = {Scope.NONE: 0, Scope.OWN: 1, Scope.BELOW: 2, Scope.TEAM: 3, Scope.ALL: 4}
_REACH = {FieldAccess.HIDDEN: 0, FieldAccess.MASKED: 1, FieldAccess.READ: 2, FieldAccess.WRITE: 3}


@dataclass(frozen=True)
class Grants:
    operations: Mapping[str, Scope] = field(default_factory=dict)
    fields: Mapping[str, FieldAccess] = field(default_factory=dict)
    # The JSON form of the condition of each pattern whose scope is CONDITION.
    conditions: Mapping[str, Any] = field(default_factory=dict)
    # Objects (and single verbs) of modules that the workspace has switched off: nothing on them is granted to anybody.
    objects_off: frozenset[str] = frozenset()
    # Patterns of operations that a key was narrowed to; None: it may whatever its user may.
    only: frozenset[str] | None = None
    # Fields ("deal.weighted") hidden because they are worked out from what this role may not know.
    following: frozenset[str] = frozenset()
    # What ``scope`` answered before: a page asks the same some hundred times, and nothing of this ever changes.
    _scopes: dict[str, Scope] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def from_json(
        cls,
        operations: Mapping[str, str],
        fields: Mapping[str, str],
        conditions: Mapping[str, Any] | None = None,
    ) -> Grants:
        return cls(
            {key: Scope(value) for key, value in operations.items()},
            {key: FieldAccess(value) for key, value in fields.items()},
            dict(conditions or {}),
        )

    def pattern(self, operation: str) -> str | None:
        """The pattern that decides about an operation; None where nothing speaks of it, and so it is denied."""
        obj, _, verb = operation.partition(".")
        if operation in self.operations:
            return operation
        of_object = self.operations.get(f"{obj}.*")
        if of_object is Scope.NONE or (of_object is not None and not is_guarded(operation)):
            return f"{obj}.*"
        scope = self.operations.get(f"*.{verb}")
        if scope is Scope.NONE or (scope is not None and is_common(obj)):
            return f"*.{verb}"
        scope = self.operations.get("*")
        if scope in (Scope.NONE, Scope.ALL) or (scope is not None and is_ordinary(obj, verb)):
            # What administers comes from "*" alone; the object's own pattern still narrows it.
            return "*" if scope is Scope.NONE or of_object is None else f"{obj}.*"
        return None

    def scope(self, operation: str) -> Scope:
        """The widest set of rows this role may apply the operation to; NONE where nothing grants it."""
        known = self._scopes.get(operation)
        if known is None:
            known = self._scopes[operation] = self._scope(operation)
        return known

    def _scope(self, operation: str) -> Scope:
        if is_sealed(operation) or self.is_off(operation) or not self.reaches(operation):
            return Scope.NONE
        pattern = self.pattern(operation)
        return self.operations[pattern] if pattern is not None else Scope.NONE

    def is_off(self, operation: str) -> bool:
        """Whether it belongs to a module that the workspace has switched off: its object does, or it does by itself."""
        off = self.objects_off
        return bool(off) and (operation.partition(".")[0] in off or operation in off)

    def reaches(self, operation: str) -> bool:
        """Whether the operation is among those that a key was narrowed to."""
        if self.only is None:
            return True
        obj, _, verb = operation.partition(".")
        wide = () if is_guarded(operation) else (f"{obj}.*",)
        return not self.only.isdisjoint((operation, *wide, f"*.{verb}", "*"))

    def condition(self, operation: str) -> Any:
        """The JSON form of the condition that decides about an operation whose scope is CONDITION."""
        return self.conditions.get(self.pattern(operation) or "")

    def covers(self, other: Grants) -> bool:
        """Whether ``other`` allows nothing that this does not: nobody may hand out more than they have.

        What is switched off in the workspace takes nothing away from what a role may hand on.
        """
        if self.only is not None:
            # What was narrowed is not to be widened by handing it on.
            return False
        if self.objects_off:
            return replace(self, objects_off=frozenset()).covers(other)
        parts = [pattern.partition(".")[::2] for pattern in (*self.operations, *other.operations)]
        # "*" as a name stands for every object or verb that neither role names.
        objects, verbs = {obj for obj, _ in parts} | {"*"}, {verb or "*" for _, verb in parts} | {"*"}
        return all(self._reaches(other, obj, verb) for obj in objects for verb in verbs) and all(
            _REACH[other.field_access(*path.split(".", 1))] <= _REACH[access]
            for path, access in self.fields.items()
        )

    def _reaches(self, other: Grants, obj: str, verb: str) -> bool:
        mine, theirs = self._decider(obj, verb), other._decider(obj, verb)
        has = self.operations[mine] if mine else Scope.NONE
        gives = other.operations[theirs] if theirs else Scope.NONE
        if "*" not in (obj, verb):
            has, gives = self.scope(f"{obj}.{verb}"), other.scope(f"{obj}.{verb}")
        elif mine == "*" != theirs and has is not Scope.ALL and (obj != "*" or verb not in VERBS):
            # A plain wildcard grants what is ordinary, a pattern that names something also what is not.
            has = Scope.NONE
        if has in _WIDTH and gives in _WIDTH:
            return _WIDTH[has] >= _WIDTH[gives]
        if has is Scope.ALL or gives is Scope.NONE or (has is Scope.TERRITORY and gives is Scope.OWN):
            return True
        return has is gives and self.conditions.get(mine or "") == other.conditions.get(theirs or "")

    def _decider(self, obj: str, verb: str) -> str | None:
        """As pattern, also for every object or verb that is named nowhere ("*")."""
        if "*" not in (obj, verb):
            return self.pattern(f"{obj}.{verb}")
        return next((p for p in (f"{obj}.*", f"*.{verb}", "*") if p in self.operations), None)

    def field_access(self, object_key: str, field_key: str) -> FieldAccess:
        path = f"{object_key}.{field_key}"
        return FieldAccess.HIDDEN if path in self.following else self.fields.get(path, FieldAccess.WRITE)

    def hides(self, object_key: str) -> frozenset[str]:
        """Keys of the object's fields whose values this role never learns: hidden ones, and those shown masked."""
        if not self.fields and not self.following:
            return frozenset()
        prefix = f"{object_key}."
        follow = frozenset(path[len(prefix) :] for path in self.following if path.startswith(prefix))
        return self.kept_from(object_key) | follow

    def kept_from(self, object_key: str) -> frozenset[str]:
        """Of these, the fields that the role itself keeps hidden or masked; the others follow from something else hidden."""
        return self._ruled(object_key, FieldAccess.HIDDEN) | self.masks(object_key)

    def masks(self, object_key: str) -> frozenset[str]:
        """Keys of those of the hidden fields that are shown all the same, masked (fields/masks)."""
        return self._ruled(object_key, FieldAccess.MASKED)

    def _ruled(self, object_key: str, access: FieldAccess) -> frozenset[str]:
        if not self.fields:
            return frozenset()
        prefix = f"{object_key}."
        return frozenset(
            k[len(prefix) :] for k, v in self.fields.items() if k.startswith(prefix) and v is access
        )
