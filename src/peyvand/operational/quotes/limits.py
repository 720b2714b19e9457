"""How much discount a role may give without being asked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.numbers import plain
from peyvand.operational.quotes.models import DiscountLimit
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Rate
from peyvand.platform.identity.actor import Actor, ActorKind
from peyvand.platform.identity.models import Role

SET: Final = "quote.set_limits"
LIMIT: Final = Rate(key="percent", label=_("At most"))


def limit_of(actor: Actor) -> Decimal:
    """What the actor may take off, in percent; everything where nobody set a limit for their role."""
    if actor.kind is ActorKind.SYSTEM:
        return Decimal(100)
    found = DiscountLimit.objects.filter(role=actor.role).values_list("percent", flat=True).first()
    return Decimal(100) if found is None else found


def limits() -> list[tuple[Role, Decimal | None]]:
    """Every role with its limit; None where it has none."""
    known = dict(DiscountLimit.objects.values_list("role", "percent"))
    return [(role, known.get(role.key)) for role in Role.objects.order_by("id")]


@action(SET, label=_("Set the limits of discounts"), on="none", admin=True, button=False)
def set_limits(ctx: Context, /, *, limits: Mapping[str, Any]) -> None:
    """Say how much each role may take off: percent by the role's key, None for no limit.

    Raises:
        Invalid: one is no percentage, or there is no such role.
    """
    known = set(Role.objects.values_list("key", flat=True))
    problems, kept = [], {}
    for role, raw in limits.items():
        if role not in known:
            problems.append(Problem(role, msg("There is no such role."), "missing"))
            continue
        try:
            kept[role] = LIMIT.parse(raw, ctx.reader)
        except Invalid as error:
            problems += error.at(role).problems
    if problems:
        raise Invalid(problems)
    DiscountLimit.objects.filter(role__in=kept).delete()
    DiscountLimit.objects.bulk_create(
        DiscountLimit(role=role, percent=percent) for role, percent in kept.items() if percent is not None
    )


def as_text(percent: Decimal) -> str:
    """A percentage as events keep it: "12.5"."""
    return str(plain(percent))
