"""Verbs of people and companies: whose they are."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid
from peyvand.operational.contacts.objects import COMPANY, PERSON
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import UserLink
from peyvand.platform.objects.cleaning import missing_links
from peyvand.platform.objects.records import update_records
from peyvand.platform.objects.spec import ObjectSpec

_OWNER = UserLink(key="owner", label=_("Owner"), required=True)


def _declare(spec: ObjectSpec) -> None:
    @action(spec.permission("assign"), label=_("Assign"), icon="user", inputs=(_OWNER,))
    def assign(ctx: Context, record: Any, *, owner: int) -> None:
        """Give the record to another owner; leads and deals stay with theirs."""
        if problems := missing_links(ctx, spec, [{"owner": owner}])[0]:
            raise Invalid(problems)
        update_records(ctx, spec, [record], [{"owner": owner}])


for _spec in (COMPANY, PERSON):
    _declare(_spec)
