"""Looking through somebody else's eyes: what they see, and nothing of what they could do."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final

from peyvand.kernel.errors import NotAllowed, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Grants, Scope
from peyvand.platform.identity.operations import OWN_OBJECTS, declared_operations
from peyvand.platform.identity.roles import OWNER

OPERATION: Final = "user.view_as"
# Where a browser's session remembers through whose eyes it looks: the workspace, the user, and until when.
SESSION_KEY: Final = "preview"
SECONDS: Final = 1800


def seen_as(actor: Actor, other: Actor) -> Actor:
    """The other actor, as this one may look through their eyes; asked anew for every request.

    Raises:
        NotAllowed: the actor may not, or the other sees more than the actor may.
    """
    demand(actor, OPERATION)
    if actor.raised is not None or (actor.role != OWNER and not _sees_as_much(actor.grants, other.grants)):
        raise NotAllowed(msg("This user may see more than you may yourself."))
    return _looking(other, actor.language)


def _sees_as_much(mine: Grants, theirs: Grants) -> bool:
    """Whether nobody with ``theirs`` sees a record that is out of sight with ``mine``.

    "One's own" are other records for each of them, as are those of a team, a territory or a share: only all is enough.
    """
    named = {pattern.partition(".")[0] for pattern in (*mine.operations, *theirs.operations)} - {"*"}
    # OWN_OBJECTS by itself stands for every own object that neither of them names.
    views = {f"{key}.view" for key in {*named, OWN_OBJECTS}} | {
        operation for operation in declared_operations() if operation.endswith(".view")
    }
    return mine.covers(theirs) and all(
        mine.scope(view) is Scope.ALL or theirs.scope(view) is Scope.NONE for view in views
    )


@lru_cache(maxsize=256)
def _looking(other: Actor, language: str) -> Actor:
    return replace(other, is_preview=True, language=language, raised=None)
