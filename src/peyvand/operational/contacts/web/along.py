"""Above the dialog that gives a lead or a deal away: what will become of its company and person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.operational.contacts.outlook import STAYS, outlook
from peyvand.operational.contacts.working import objects_with_customers
from peyvand.platform.actions.context import Context
from peyvand.web.objects.lists.bulk import note_before_bulk
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.forewords import Foreword, before_verb


def _along(ctx: Context, opened: Opened, given: Mapping[str, Any]) -> Foreword | None:
    # The dialog opens with who has it now.
    to = None if given.get("owner") == opened.record.owner_id else given.get("owner")
    found = [one for one in outlook(ctx, opened.spec, opened.record, to) if one.becomes != STAYS]
    return Foreword("contacts/along.html", {"found": found}) if found else None


for _key in objects_with_customers():
    before_verb(f"{_key}.assign")(_along)
    note_before_bulk(
        f"{_key}.assign",
        _(
            "Their companies and persons go along where nobody else works with them; the new owner sees the others."
        ),
    )
