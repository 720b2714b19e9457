"""Taxes by date: which rate holds on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from peyvand.kernel.errors import Refusals, RuleViolation, msg
from peyvand.kernel.numbers import format_percent
from peyvand.operational.catalog.models import Product, Tax, TaxRate
from peyvand.platform.actions.context import Context


def rates_on(asked: Iterable[tuple[int | None, date]]) -> dict[tuple[int | None, date], Decimal]:
    """For each tax and day, the percentage that holds then: 0 without a tax, and before its first rate. One query."""
    wanted = set(asked)
    taxes = {tax for tax, _ in wanted if tax is not None}
    found: dict[int, list[tuple[date, Decimal]]] = {tax: [] for tax in taxes}
    if taxes:
        rows = TaxRate.objects.filter(tax_id__in=taxes, deleted_at__isnull=True).order_by("from_on")
        for tax, from_on, percent in rows.values_list("tax_id", "from_on", "percent"):
            found[tax].append((from_on, percent))
    return {
        (tax, day): next(
            (percent for from_on, percent in reversed(found.get(tax or 0, [])) if from_on <= day), Decimal(0)
        )
        for tax, day in wanted
    }


def prepare_rates(ctx: Context, rates: Sequence[TaxRate], values: Sequence[Mapping[str, Any]]) -> None:
    """Name each rate, and refuse a second one of a tax for the same day."""
    names = dict(Tax.objects.filter(id__in={r.tax_id for r in rates}).values_list("id", "name"))
    others = TaxRate.objects.filter(tax_id__in=names, deleted_at__isnull=True).exclude(
        id__in=[r.id for r in rates]
    )
    taken = set(others.values_list("tax_id", "from_on"))
    refusals = Refusals()
    for rate in rates:
        with refusals.of(rate.id):
            said = format_percent(Decimal(rate.percent) / 100, ctx.tenant.language, 6)
            rate.name = f"{names.get(rate.tax_id, '')} {said}".strip()[:120]
            if (rate.tax_id, rate.from_on) in taken:
                raise RuleViolation(msg("This tax has a rate from that day on already."), "from_on")
            taken.add((rate.tax_id, rate.from_on))
    refusals.settle()


def keep_used_taxes(ctx: Context, taxes: Sequence[Tax]) -> None:
    """A tax that products carry stays."""
    used = Product.objects.filter(tax_id__in=[t.id for t in taxes], deleted_at__isnull=True)
    if (id := used.values_list("tax_id", flat=True).first()) is not None:
        name = next(t.name for t in taxes if t.id == id)
        raise RuleViolation(msg("Products carry “%(name)s”; give them another tax first.", name=name))
