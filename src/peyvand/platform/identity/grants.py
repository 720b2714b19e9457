"""What a role allows, as data: operation patterns with a row scope, and field rules.

An operation is ``object.verb`` ("deal.win", "person.view"). A role's grants map patterns to scopes; the most exact
pattern decides: ``deal.win``, then ``deal.*``, then ``*.win``, then ``*``. What no pattern names is denied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


class Scope(StrEnum):
    """Which rows an operation may touch."""

    NONE = "none"
    OWN = "own"
    TEAM = "team"
    ALL = "all"


class FieldAccess(StrEnum):
    HIDDEN = "hidden"
    READ = "read"
    WRITE = "write"


_WIDTH = {Scope.NONE: 0, Scope.OWN: 1, Scope.TEAM: 2, Scope.ALL: 3}
_REACH = {FieldAccess.HIDDEN: 0, FieldAccess.READ: 1, FieldAccess.WRITE: 2}


@dataclass(frozen=True)
class Grants:
    operations: Mapping[str, Scope] = field(default_factory=dict)
    fields: Mapping[str, FieldAccess] = field(default_factory=dict)
    # Objects of modules that the workspace has switched off: nothing on them is granted to anybody.
    objects_off: frozenset[str] = frozenset()

    @classmethod
    def from_json(cls, operations: Mapping[str, str], fields: Mapping[str, str]) -> Grants:
        return cls(
            {key: Scope(value) for key, value in operations.items()},
            {key: FieldAccess(value) for key, value in fields.items()},
        )

    def scope(self, operation: str) -> Scope:
        """The widest set of rows this role may apply the operation to; NONE where nothing grants it."""
        obj, _, verb = operation.partition(".")
        if obj in self.objects_off:
            return Scope.NONE
        for pattern in (operation, f"{obj}.*", f"*.{verb}", "*"):
            if pattern in self.operations:
                return self.operations[pattern]
        return Scope.NONE

    def covers(self, other: Grants) -> bool:
        """Whether ``other`` allows nothing that this does not: nobody may hand out more than they have.

        What is switched off in the workspace takes nothing away from what a role may hand on.
        """
        if self.objects_off:
            return replace(self, objects_off=frozenset()).covers(other)
        parts = [pattern.partition(".")[::2] for pattern in (*self.operations, *other.operations)]
        # "*" as a name stands for every object or verb that neither role names.
        objects, verbs = {obj for obj, _ in parts} | {"*"}, {verb or "*" for _, verb in parts} | {"*"}
        operations = all(
            _WIDTH[self.scope(f"{obj}.{verb}")] >= _WIDTH[other.scope(f"{obj}.{verb}")]
            for obj in objects
            for verb in verbs
        )
        return operations and all(
            _REACH[other.field_access(*path.split(".", 1))] <= _REACH[access]
            for path, access in self.fields.items()
        )

    def field_access(self, object_key: str, field_key: str) -> FieldAccess:
        return self.fields.get(f"{object_key}.{field_key}", FieldAccess.WRITE)

    def hides(self, object_key: str) -> frozenset[str]:
        """Keys of the object's fields that this role never sees."""
        prefix = f"{object_key}."
        return frozenset(
            k[len(prefix) :]
            for k, v in self.fields.items()
            if k.startswith(prefix) and v is FieldAccess.HIDDEN
        )


OWNER, ADMIN, MANAGER, MEMBER, VIEWER = "owner", "admin", "manager", "member", "viewer"

_SHARED_READ = {
    "user.view": "all",
    "team.view": "all",
    "pipeline.view": "all",
    "stage.view": "all",
    "product.view": "all",
    "tag.view": "all",
    "competitor.view": "all",
    "lost_reason.view": "all",
}
_NO_ADMIN = dict.fromkeys(
    ("user.*", "team.*", "role.*", "pipeline.*", "stage.*", "product.*", "lost_reason.*", "workspace.*"),
    "none",
)

BUILTIN_ROLES: dict[str, tuple[str | Promise, dict[str, str]]] = {
    # key: (name, grants). A workspace's copies can be edited, but for the owner's.
    OWNER: (pgettext_lazy("role", "Owner"), {"*": "all"}),
    ADMIN: (pgettext_lazy("role", "Admin"), {"*": "all", "workspace.delete": "none"}),
    MANAGER: (
        pgettext_lazy("role", "Manager"),
        {
            "*": "team",
            "*.view": "all",
            "*.create": "all",
            **_NO_ADMIN,
            **_SHARED_READ,
            "product.*": "all",
            "import.run": "all",
            "tag.*": "all",
            "view.*": "all",
            "token.*": "own",
        },
    ),
    MEMBER: (
        pgettext_lazy("role", "Member"),
        {
            "*": "own",
            "*.view": "team",
            "*.create": "all",
            "*.bulk": "none",
            "import.run": "none",
            "*.export": "none",
            **_NO_ADMIN,
            # Tags and competitors belong to everybody: whoever may change one could change them all.
            "tag.*": "none",
            "competitor.*": "none",
            **_SHARED_READ,
            "tag.create": "all",
            "competitor.create": "all",
            "view.*": "own",
            "token.*": "own",
        },
    ),
    VIEWER: (pgettext_lazy("role", "Viewer"), {"*.view": "all", "profile.*": "own", **_SHARED_READ}),
}
