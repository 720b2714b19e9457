"""Every event of the product has a short name, in both languages, by which it is chosen from a list."""

from __future__ import annotations

import re

from django.utils.translation import override

from peyvand.integrations.webhooks.fields import EVENTS, TEST, event_name
from peyvand.platform.events.facts import all_facts

PERSIAN = re.compile("[آ-ی]")


def _ours() -> list[str]:
    return [wire for wire, kind in all_facts().items() if kind.__module__.startswith("peyvand.")]


def test_every_event_has_a_name_without_holes() -> None:
    for language in ("fa", "en"):
        with override(language):
            names = {wire: event_name(wire) for wire in [*_ours(), TEST]}
        assert [wire for wire, name in names.items() if name == wire or "…" in name or "%" in name] == []
        assert len(set(names.values())) == len(names), "two events of one name cannot be told apart"
        if language == "fa":
            assert [name for name in names.values() if not PERSIAN.search(name)] == []


def test_the_list_of_a_webhook_shows_these_names() -> None:
    with override("fa"):
        shown = {option.key: str(option.label) for option in EVENTS}
    assert shown["sales.deal_won.v1"] == "برنده‌شدن معامله"
    assert set(_ours()) <= set(shown)


def test_an_event_without_a_name_is_called_by_its_wire_name() -> None:
    assert event_name("addon.something_happened.v1") == "addon.something_happened.v1"
