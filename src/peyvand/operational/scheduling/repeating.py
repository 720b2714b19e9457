"""How often a new task or meeting comes again, as its form asks: the usual rules; finer ones are set on its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.operational.activities.public import MEETING
from peyvand.operational.scheduling.actions import repeat_meeting, repeat_task
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Day, Field, Option
from peyvand.platform.objects.spec import ObjectSpec

# Of each choice, the rule as the action is told it.
_RULES: Final[Mapping[str, Mapping[str, Any]]] = {
    "day": {"unit": "day"},
    "week": {"unit": "week"},
    "fortnight": {"unit": "week", "every": 2},
    "month": {"unit": "month"},
    "month_end": {"unit": "month", "is_last": True},
    "year": {"unit": "year"},
}
REPEAT: Final = Choice(
    key="repeat",
    label=_("Repeats"),
    options=(
        Option("day", _("Every day")),
        Option("week", _("Every week")),
        Option("fortnight", _("Every two weeks")),
        Option("month", _("Every month")),
        Option("month_end", _("On the last day of every month")),
        Option("year", _("Every year")),
    ),
    help=_("Other rules: “Repeat…” on its page."),
)
REPEAT_UNTIL: Final = Day(
    key="repeat_until",
    label=_("Repeats until"),
    help=_("Empty: without an end."),
    asked_with=("repeat", tuple(_RULES)),
)
REPETITION: Final[tuple[Field, ...]] = (REPEAT, REPEAT_UNTIL)


def repeat(spec: ObjectSpec, ctx: Context, record: Any, typed: Mapping[str, Any]) -> None:
    """Have a task or meeting that was just made come again, where its form says so.

    Raises:
        RuleViolation: it has no time, or the rule never comes after it.
        NotAllowed: the actor may not have it come again.
    """
    if not (chosen := typed.get(REPEAT.key)):
        return
    verb = repeat_meeting if spec is MEETING else repeat_task
    verb(ctx, record, **_RULES[chosen], until=typed.get(REPEAT_UNTIL.key))
