"""What an empty list says where its records come about in a way of their own, and where one begins with them.

register_beginning("sms_message", Beginning(_("They are written …"), _("People"), "people/"))
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Beginning:
    """A line, and a button to a path within the workspace; without a label there is the list's own."""

    line: str | Promise
    label: str | Promise = ""
    path: str = ""


_beginnings: dict[str, Beginning] = {}


def register_beginning(object_key: str, beginning: Beginning) -> None:
    """Have the empty list of an object say this."""
    if object_key in _beginnings:
        raise ValueError(f"the beginning of {object_key} is declared twice")
    _beginnings[object_key] = beginning


def beginning_of(object_key: str) -> Beginning | None:
    return _beginnings.get(object_key)
