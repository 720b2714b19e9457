"""What somebody did, as rules of engagement may ask for it: facts on the timeline of the lead's person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.platform.fields.choices import LazyOptions
from peyvand.platform.fields.types import Option


@dataclass(frozen=True)
class Happening:
    """A kind of fact that counts: by its wire name, and where ``data`` says so by what the fact holds besides."""

    key: str
    label: str | Promise
    wire: str
    data: Mapping[str, Any] = field(default_factory=dict)


_known: dict[str, Happening] = {}


def register_happening(happening: Happening) -> Happening:
    """Let rules count such facts; a slice above says it of facts of its own (a mail that was opened)."""
    _known[happening.key] = happening
    return happening


def happening(key: str) -> Happening | None:
    return _known.get(key)


def all_happenings() -> list[Happening]:
    return list(_known.values())


for _each in (
    Happening("inquiry", _("Sent an inquiry"), "leads.inquiry_received.v1"),
    Happening("call_answered", _("Answered a call"), "activities.call_logged.v1", {"result": "answered"}),
    Happening(
        "call_missed", _("Did not answer a call"), "activities.call_logged.v1", {"result": "no_answer"}
    ),
    Happening("meeting_held", _("Attended a meeting"), "activities.meeting_held.v1"),
    Happening("meeting_cancelled", _("A meeting was cancelled"), "activities.meeting_cancelled.v1"),
    Happening("consent_given", _("Gave consent"), "consents.given.v1"),
    Happening("consent_withdrawn", _("Withdrew consent"), "consents.withdrawn.v1"),
    Happening("deal_won", _("Bought from us"), "sales.deal_won.v1"),
):
    register_happening(_each)

HAPPENINGS: Final = LazyOptions(lambda: [Option(h.key, h.label) for h in _known.values()])
