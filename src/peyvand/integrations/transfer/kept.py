"""Mappings kept under a name, proposed again for files with the same heads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from peyvand.integrations.transfer.heads import plain
from peyvand.integrations.transfer.models import ImportMapping
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import tidy
from peyvand.platform.actions.context import Context

LONGEST = 100
# What speaks of one file only and is not kept.
_OF_ONE_FILE = frozenset({"fixes", "encoding", "delimiter"})


def heads_of(headers: Sequence[str]) -> str:
    """What tells files with the same heads, whatever their order and spelling."""
    plainly = "\n".join(sorted({plain(head) for head in headers if head}))
    return hashlib.sha256(plainly.encode()).hexdigest()


def keep_mapping(ctx: Context, name: str, headers: Sequence[str], told: Mapping[str, Any]) -> ImportMapping:
    """Keep what is told of files with these heads under a name; one of the same name is replaced.

    Raises:
        Invalid: the name is empty or too long.
    """
    name = tidy(name)
    if not 0 < len(name) <= LONGEST:
        raise Invalid.of(msg("Give the mapping a name of at most %(most)s letters.", most=LONGEST), "name")
    kept = {word: said for word, said in told.items() if word not in _OF_ONE_FILE}
    made: ImportMapping = ImportMapping.objects.update_or_create(
        name=name, defaults={"heads": heads_of(headers), "told": kept, "user_id": ctx.actor.user_id}
    )[0]
    return made


def kept_for(headers: Sequence[str]) -> list[ImportMapping]:
    """The mappings for files with these heads, the last used first."""
    return list(ImportMapping.objects.filter(heads=heads_of(headers)).order_by("-used_at")[:20])


def proposal(kept: Sequence[ImportMapping], headers: Sequence[str]) -> dict[str, Any]:
    """What is proposed for a file before anybody said a word about it."""
    return as_headed(kept[0].told, headers) if kept else {}


def as_headed(told: Mapping[str, Any], headers: Sequence[str]) -> dict[str, Any]:
    """A kept mapping with the heads as this file spells them."""
    spelled = {plain(head): head for head in headers if head}

    def respelled(part: Mapping[str, Any]) -> dict[str, Any]:
        return {spelled[plain(head)]: said for head, said in part.items() if plain(head) in spelled}

    out = dict(told)
    for word in ("columns", "values"):
        if word in out:
            out[word] = respelled(out[word])
    if "also" in out:
        out["also"] = {
            key: {**part, "columns": respelled(part.get("columns", {}))} for key, part in out["also"].items()
        }
    return out
