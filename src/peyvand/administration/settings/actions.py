"""Writing the workspace's own facts, and the order of lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final
from zoneinfo import available_timezones

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from peyvand.administration.settings.events import ModuleSwitched, WorkspaceUpdated
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotFound, Problem, RuleViolation, msg
from peyvand.kernel.money import CURRENCIES, currency_name
from peyvand.kernel.persian.calendar import format_date
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Choice, Day, Money, Option, Text
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.records import update_records
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.modules import module_named, needed_by

_currency: Callable[[str], Any] = lazy(lambda code: currency_name(code, get_language() or "en"), str)
LANGUAGES = (Option("fa", _("Persian")), Option("en", _("English")))
UNITS = (Option("toman", _("Toman")), Option("rial", _("Rial")))
NAME = Text(key="name", label=_("Name"), required=True, max_length=200)
LANGUAGE = Choice(
    key="language",
    label=_("Language"),
    options=LANGUAGES,
    required=True,
    help=_("Of letters and of those who have not chosen one; everybody can choose their own."),
)
CURRENCY = Choice(
    key="currency",
    label=_("Currency"),
    options=tuple(Option(code, _currency(code)) for code in CURRENCIES),
    required=True,
    help=_("It can be changed as long as no amount is kept here: nothing is ever converted."),
)
MONEY_UNIT = Choice(
    key="money_unit",
    label=_("Amounts are written in"),
    options=UNITS,
    required=True,
    help=_("Where the currency is the rial. What is kept is always rials."),
)
TIMEZONE = Text(
    key="timezone",
    label=_("Time zone"),
    required=True,
    max_length=50,
    help=_("When a day begins here. Look for a city."),
)
HOUR_COST = Money(
    key="hour_cost",
    label=_("An hour of work costs"),
    min=0,
    help=_(
        "By it the time spent on customers becomes a cost, and revenue a profit. Empty: it is not counted."
    ),
)
PRESENT = Day(
    key="present",
    label=_("Figures as of"),
    help=_(
        "What counts as today for reports, boards, forecasts and analyses, where the data are of another time. Empty: today."
    ),
)
FIELDS = (NAME, LANGUAGE, CURRENCY, MONEY_UNIT, TIMEZONE, HOUR_COST, PRESENT)
# They have no column of their own.
_IN_SETTINGS = (HOUR_COST.key, PRESENT.key)
# The years before a present can be told in both calendars too; Jalali ones are known from 1821 on.
_EARLIEST: Final = date(1900, 1, 1)


def clean_workspace(ctx: Context, raw: dict[str, Any]) -> dict[str, Any]:
    """Typed values of the workspace's facts.

    Raises:
        Invalid: each that is wrong.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in FIELDS:
        if field.key not in raw:
            continue
        try:
            values[field.key] = field.parse(raw[field.key], ctx.reader)
        except Invalid as error:
            problems += error.at(field.key).problems
            continue
        if field.required and not values[field.key]:
            problems.append(Problem(field.key, msg("This is required."), "required"))
    if values.get("timezone") and values["timezone"] not in available_timezones():
        problems.append(
            Problem("timezone", msg("There is no time zone “%(name)s”.", name=values["timezone"]))
        )
    if (present := values.get("present")) and present > clock.today(ctx.tenant.tz):
        problems.append(Problem("present", msg("This day has not come yet.")))
    elif present and present < _EARLIEST:
        first = format_date(_EARLIEST, ctx.reader.language)
        problems.append(Problem("present", msg("It cannot be earlier than %(day)s.", day=first)))
    if problems:
        raise Invalid(problems)
    return values


@action(
    "workspace.update", label=_("Change the workspace"), on="none", inputs=FIELDS, icon="gear", button=False
)
def update_workspace(ctx: Context, /, **values: Any) -> None:
    """Change the workspace's name, language, currency or clock, from values that ``clean_workspace``
    returned.
    """
    row = Workspace.objects.select_for_update().get(id=ctx.tenant.id)
    changes = {key: [getattr(row, key), value] for key, value in values.items() if getattr(row, key) != value}
    if not changes:
        return
    if "currency" in changes and (where := _kept_amounts()) is not None:
        raise Invalid.of(
            msg(
                "There are amounts in %(currency)s already (%(where)s).",
                currency=row.currency,
                where=str(where),
            ),
            "currency",
        )
    for key, value in values.items():
        setattr(row, key, value)
    row.save(update_fields=["settings" if key in _IN_SETTINGS else key for key in changes])
    # The facts of the workspace are part of every cached actor.
    access_changed(ctx.tenant.id)
    ctx.record(WorkspaceUpdated(object="workspace", object_id=row.id, title=row.name, changes=changes))
    ctx.touch("workspace", row.id)


@action("workspace.switch_module", label=_("Switch a module"), on="none", icon="box", button=False)
def switch_module(ctx: Context, /, key: str, *, is_on: bool) -> None:
    """Switch a module on or off in the workspace; what it keeps stays as it is.

    Raises:
        NotFound: there is no such module. RuleViolation: another that is on needs it, or it needs one that is off.
    """
    module = module_named(key)
    if module is None:
        raise NotFound
    row = Workspace.objects.select_for_update().get(id=ctx.tenant.id)
    off = set(row.modules_off)
    if is_on and (missing := next((module_named(k) for k in module.requires if k in off), None)):
        raise RuleViolation(msg("Switch on “%(name)s” first.", name=str(missing.label)))
    if not is_on and (needing := needed_by(key, off)):
        raise RuleViolation(msg("“%(name)s” needs this; switch it off first.", name=str(needing[0].label)))
    row.modules_off = sorted(off - {key} if is_on else off | {key})
    row.save(update_fields=["modules_off"])
    access_changed(ctx.tenant.id)
    ctx.record(ModuleSwitched(object="workspace", object_id=row.id, title=row.name, module=key, is_on=is_on))


def reorder(ctx: Context, spec: ObjectSpec, ids: Sequence[int]) -> None:
    """Give records the order of ``ids``; records that are not named keep their place.

    Raises:
        NotFound: one of them is not there.
    """
    found = {record.id: record for record in ListQuery(spec, ctx.actor, ()).rows().filter(id__in=list(ids))}
    if len(found) != len(set(ids)):
        raise NotFound
    update_records(
        ctx, spec, [found[id] for id in ids], [{"position": place} for place in range(1, len(ids) + 1)]
    )


def _kept_amounts() -> Any:
    """The plural name of an object that keeps an amount of money here; None where none does."""
    for spec in all_objects():
        for field in spec.stored_fields:
            own = (
                {"custom__has_key": field.key}
                if isinstance(field, InCustom)
                else {f"{field.attr}__isnull": False}
            )
            if isinstance(field, Money) and spec.rows.filter(**own).exists():
                return spec.label_plural
    return None
