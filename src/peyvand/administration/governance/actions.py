"""What a person may ask of whoever keeps data of them: to have it handed over, and to be forgotten."""

from __future__ import annotations

from dataclasses import asdict
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from peyvand.administration.governance.dossier import write_dossier
from peyvand.administration.governance.erasing import erase
from peyvand.operational.contacts.public import Person
from peyvand.platform.access.decisions import demand_named
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context

HAND_OVER = "person.hand_over"
ERASE = "person.erase"


@action(HAND_OVER, label=_("Hand over a person's data"), icon="down", button=False, admin=True)
def hand_over_person(ctx: Context, person: Person, out: IO[bytes]) -> None:
    """Write everything kept of a person into a file; the audit tells that it was handed over."""
    write_dossier(ctx, person.id, out)


@action(ERASE, label=_("Forget this person"), icon="trash", tone="danger", button=False, admin=True)
def erase_person(ctx: Context, person: Person) -> dict[str, Any]:
    """Remove a person and everything written about them for good, and take them out of whatever only names them.

    Returns records ``removed`` and rows ``changed`` by table, what others ``shared``, and where something is ``left``.

    Raises:
        RuleViolation: records that may not go lean on this person. NotAllowed: by a key that does not name this right.
    """
    demand_named(ctx.actor, ERASE)
    return asdict(erase(ctx, person.id))
