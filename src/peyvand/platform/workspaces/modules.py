"""Manifests of modules: what a slice says of itself, and what that means for a workspace that switches it off.

A slice that can be switched off declares ``manifest = Module(…)`` in its ``apps.py``. Where it is off, nobody is granted
anything on its objects: its lists, pages, endpoints, buttons and search hits are gone, and its reactions and what
it does by the clock do not run.
Its data stays as it is until it is switched on again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Module:
    """A slice's manifest. ``key`` is its Django label; ``requires`` are the keys of those it cannot be on without."""

    key: str
    label: str | Promise
    about: str | Promise
    icon: str
    requires: tuple[str, ...] = ()


_modules: dict[str, Module] = {}
_objects: dict[str, set[str]] = defaultdict(set)


def register_module(module: Module) -> None:
    _modules[module.key] = module


def belongs(object_key: str, module_key: str) -> None:
    """Say that an object is one of this slice's, or a verb ("person.give_consent") that it adds to another's object."""
    _objects[module_key].add(object_key)


def module_named(key: str) -> Module | None:
    return _modules.get(key)


def all_modules() -> list[Module]:
    return list(_modules.values())


def objects_off(off: Collection[str]) -> frozenset[str]:
    """Keys of the objects, and single verbs, of modules that are switched off."""
    return frozenset(key for module in off for key in _objects.get(module, ()))


def needed_by(key: str, off: Collection[str]) -> list[Module]:
    """Modules that are on and cannot be without this one."""
    return [m for m in _modules.values() if key in m.requires and m.key not in off]
