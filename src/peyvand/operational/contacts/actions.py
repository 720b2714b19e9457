"""Verbs of people and companies: whose they are."""

from __future__ import annotations

from collections.abc import Sequence
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
        _give(ctx, spec, [record], owner)

    @action(
        spec.permission("assign_many"),
        label=_("Assign"),
        on="many",
        icon="user",
        inputs=(_OWNER,),
        button=False,
    )
    def assign_many(ctx: Context, records: Sequence[Any], *, owner: int) -> None:
        """Give several records to another owner; leads and deals stay with theirs."""
        _give(ctx, spec, records, owner)


def _give(ctx: Context, spec: ObjectSpec, records: Sequence[Any], owner: int) -> None:
    if problems := missing_links(ctx, spec, [{"owner": owner}])[0]:
        raise Invalid(problems)
    update_records(ctx, spec, records, [{"owner": owner}] * len(records))


for _spec in (COMPANY, PERSON):
    _declare(_spec)
