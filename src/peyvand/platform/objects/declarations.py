"""What an object's declaration is made of beside its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class Board:
    """A board of this object: one column for each value of ``by``; ``amount`` is summed in the heads."""

    by: str
    amount: str = ""
    # Whether the object opens on its board for whoever has not looked at it yet.
    first: bool = False


@dataclass(frozen=True)
class StandardView:
    """A view that an object comes with: in every workspace, in every reader's language, changed by nobody.

    ``condition`` is the JSON form of a condition; ``look`` as in platform.objects.looks.
    """

    key: str
    label: str | Promise
    condition: Any = None
    sort: str = ""
    columns: tuple[str, ...] = ()
    kind: str = "list"
    look: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """A titled group of fields on the record page and the form."""

    label: str | Promise
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Related:
    """Records of another object shown on this one's page: those whose ``via`` field points here."""

    object: str
    via: str
    label: str | Promise = ""
    # Whether one goes on at a record that was added here: what was added is only begun, such as a quote.
    goes_on: bool = False
