"""Which operations there are, and which of them administer the workspace: what no wildcard of a role may grant.

Objects and actions say it where they are declared. What nobody declared is not ordinary either.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

# What may be granted on every object, in the order in which people read it.
VERBS: Final = ("view", "create", "update", "delete", "export", "bulk", "share")
# How the keys of objects begin that a workspace made for itself.
OWN_OBJECTS: Final = "c_"

_common: set[str] = set()
_guarded_objects: set[str] = {"workspace"}
_guarded: set[str] = set()
_declared: set[str] = set()
# Nobody's, not even the owner's: what the declaration of an object rules out.
_sealed: set[str] = set()


def declare_object(key: str, *, admin: bool, without: Collection[str] = ()) -> None:
    """Make an object's operations known; ``admin``: it belongs to whoever runs the workspace. ``without``: verbs that
    nobody has on it."""
    (_guarded_objects if admin else _common).add(key)
    _declared.update(f"{key}.{verb}" for verb in VERBS if verb not in without)
    _sealed.update(f"{key}.{verb}" for verb in without)


def declare_verb(operation: str, *, admin: bool) -> None:
    """Make one more operation known ("deal.win"). Verbs without an object of their own ("file.attach") make one."""
    _declared.add(operation)
    if admin:
        _guarded.add(operation)
    elif operation.partition(".")[0] not in _guarded_objects:
        _common.add(operation.partition(".")[0])


def is_common(object_key: str) -> bool:
    """Whether "*.verb" speaks of this object too: one that people work with, whatever the verb that is named."""
    return object_key.startswith(OWN_OBJECTS) or (
        object_key in _common and object_key not in _guarded_objects
    )


def is_ordinary(object_key: str, verb: str) -> bool:
    """Whether "*" speaks of it: a declared operation on what people work with, and not meant for a few."""
    if object_key.startswith(OWN_OBJECTS):
        return verb in VERBS
    operation = f"{object_key}.{verb}"
    return operation in _declared and operation not in _guarded and is_common(object_key)


def is_guarded(operation: str) -> bool:
    """Whether an operation was declared for a few: what the wildcard of an object does not grant either."""
    return operation in _guarded


def is_sealed(operation: str) -> bool:
    """Whether the operation is nobody's, whatever a role says."""
    return operation in _sealed


def declared_operations() -> frozenset[str]:
    """Every operation that was declared, "object.verb"."""
    return frozenset(_declared)
