"""What will become of the customer of a record that is about to be given away, before it is done."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

from peyvand.operational.contacts.following import ANYBODY, Steps, steps_of
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.models import User
from peyvand.platform.objects.spec import ObjectSpec

GOES, BACK, OPENED, STAYS, HIDDEN = "goes", "back", "opened", "stays", "hidden"


@dataclass(frozen=True)
class Prospect:
    """A company or a person, and what it will be to the new owner: theirs (goes), again whose it was before it had come along
    (back), seen by them as others' (opened), seen by them as it is already (stays), or out of their sight (hidden). ``title``
    is empty where the giver does not see it; ``whose`` names to whom it goes back, and is empty where nobody had it."""

    key: str
    title: str
    becomes: str
    whose: str = ""


def outlook(ctx: Context, spec: ObjectSpec, record: Any, to: int | None) -> list[Prospect]:
    """What will become of the record's customers when it goes to ``to`` (None: to somebody who is not chosen yet)."""
    given = copy(record)
    given.owner_id = ANYBODY if to is None else to
    steps = steps_of(ctx, spec, [given], {record.id: record.owner_id})
    return [_prospect(each, given) for each in steps if getattr(given, each.column) is not None]


def _prospect(steps: Steps, given: Any) -> Prospect:
    customer = steps.customer
    rows = customer.rows.filter(id=getattr(given, steps.column), deleted_at__isnull=True)
    one = visible(steps.ctx.actor, customer.key, rows).first()
    title = str(getattr(one, customer.title)) if one is not None else ""
    # What they give without seeing it, they are not told about.
    heirs = steps.heirs([one]) if one is not None else {}
    if one is not None and one.id in heirs:
        if (heir := heirs[one.id]) == given.owner_id:
            return Prospect(customer.key, title, GOES)
        whose = User.objects.filter(id=heir).first()
        return Prospect(customer.key, title, BACK, str(whose or ""))
    if not steps.unseen([given]):
        return Prospect(customer.key, title, STAYS)
    return Prospect(customer.key, title, OPENED if steps.openings() else HIDDEN)
