"""Who is treated and who is left alone: drawn once for a record and an automation, the same whoever asks and whenever."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from peyvand.processes.automations.models import HELD_OUT, TREATED, Automation


def drawn(automation_id: int, object_key: str, record_id: int) -> float:
    """A number from 0 up to 100 that stands for the record in this automation, and tells nothing of it in any other."""
    told = hashlib.sha256(f"{automation_id}:{object_key}:{record_id}".encode()).digest()
    return int.from_bytes(told[:8]) / 2**64 * 100


def groups_of(automation: Automation, ids: Sequence[int], known: Mapping[int, str]) -> dict[int, str]:
    """The group of each record: the one it was in before (``known``), for a record never changes sides, else as drawn."""
    return {
        id: known.get(id) or (HELD_OUT if drawn(automation.id, automation.object, id) < automation.held_out else TREATED)
        for id in ids
    }  # fmt: skip
