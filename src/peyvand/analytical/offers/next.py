"""The next best offer for every buyer, and the rules of what is bought together.

EASE learns from who bought what; where it does not surely beat the best sellers on what was newly bought later, the best
sellers are offered. Only products that are still sold are offered. Where the workspace chose so, there is a second offer: the one
whose likelihood times margin is highest, which whoever may not know costs is not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from peyvand.analytical.analyses.columns import day_of
from peyvand.analytical.analyses.contract import Beside, Card, Figure, Finding, Inputs
from peyvand.analytical.analyses.customers import Told, by_object
from peyvand.analytical.methods.guards import NotEnough, Numbers, Whole
from peyvand.analytical.methods.offers import NextBest, Offers, learn, offers
from peyvand.analytical.methods.rules import TOGETHER, rules
from peyvand.analytical.offers.margins import figures_of, notes_of, reason_of, usual_margins
from peyvand.kernel.errors import Message, msg, msgid
from peyvand.platform.insights.telling import kept, reason

# Rules that hold in fewer orders, or in fewer of those with the first product, are not shown; nor are more than so many.
_SUPPORT: Final = Fraction(1, 1000)
_CONFIDENCE: Final = Fraction(1, 10)
_SHOWN: Final = 200


@dataclass(frozen=True, eq=False)
class Bought:
    """Who bought which product on which day, each once, by customer."""

    customer: Whole
    product: Whole
    day: Whole


def run(given: Inputs) -> Finding:
    """The next offer for everybody who bought a product of the list, as of the day."""
    lines = given.tables["sale_line"]
    lines = lines.filter(
        lines["product"].notnull() & (lines.quantity > 0) & ~lines.is_return.fill_null(False) & (lines.day <= given.as_of)
    )  # fmt: skip
    bought, products = _bought(given, lines), _products(given)
    model = learn(bought.customer, bought.product, bought.day)
    still_sold = np.array([products.get(int(item), ("", True))[1] for item in model.items], np.float64)
    found = offers(model, bought.customer, bought.product, top=1, worth=still_sold)
    offered = _offered(found)
    values = {
        "next_offer": offered,
        "offer_share": np.where(np.isnan(offered), np.nan, _share(model, found)),
        "margin_offer": np.full(len(offered), np.nan),
    }
    told = {"next_offer": _told(model, found, products)}
    figures: tuple[Figure, ...] = ()
    notes: tuple[Message, ...] = ()
    if given.settings.get("by_margin"):
        usual = usual_margins(given, lines, model.items)
        best = offers(
            model, bought.customer, bought.product, top=1, worth=still_sold * np.maximum(np.nan_to_num(usual), 0)
        )  # fmt: skip
        values["margin_offer"] = _offered(best)
        told["margin_offer"] = _told(model, best, products, usual)
        figures, notes = figures_of(still_sold, usual, found, best), notes_of(still_sold, usual)
    together, refusal = _rules(given, lines, products)
    rows = Card(
        rows=len(bought.day),
        first=day_of(bought.day.min()),
        last=day_of(bought.day.max()),
        figures=(
            Figure(msgid("Buyers of products of the list"), len(found.customers), "count"),
            Figure(msgid("Products that can be offered"), int(still_sold.sum())),
            Figure(msgid("Offers that count as its first"), model.first),
            Figure(msgid("New purchases among its first offers"), 100 * model.judged.method, "percent"),
            Figure(msgid("Rules of what is bought together"), len(together)),
            *figures,
        ),
        beside=_beside(model),
        notes=notes,
        watched=("New purchases among its first offers",),
    )
    more = {"rules": together, "rules_refused": refusal}
    return Finding(by_object(found.customers, values, told), rows, more)


def _bought(given: Inputs, lines: Any) -> Bought:
    known = lines.filter(lines.customer.notnull())
    rows = given.tables.fetch(known.select("customer", "product", "day").distinct())
    customer, item = (rows[name].to_numpy(zero_copy_only=False) for name in ("customer", "product"))
    day = rows["day"].cast("int32").to_numpy(zero_copy_only=False).astype(np.int64)
    return Bought(customer, item, day)


def _products(given: Inputs) -> dict[int, tuple[str, bool]]:
    """By key, what a product is called and whether it is sold."""
    rows = given.tables.fetch(given.tables["product"].select("product", "name", "is_active"))
    columns = (rows[name].to_pylist() for name in ("product", "name", "is_active"))
    return {key: (name or "", is_active is not False) for key, name, is_active in zip(*columns, strict=True)}


def _offered(found: Offers) -> Numbers:
    """The first offer of each customer; nan where nothing speaks for any."""
    item = found.items[:, 0]
    return np.where((item >= 0) & (found.score[:, 0] > 0), item, np.nan)


def _share(model: NextBest, found: Offers) -> NDArray[np.float64]:
    """How many percent of those who bought what speaks for an offer, or of all, bought it too."""
    having, together = found.having[:, 0], found.together[:, 0]
    place = np.searchsorted(model.items, np.maximum(found.items[:, 0], model.items[0]))
    all_of = 100 * np.diag(model.together)[place] / max(1, model.customers)
    return np.rint(np.where(having > 0, 100 * together / np.maximum(having, 1), all_of))


def _told(
    model: NextBest, found: Offers, products: Mapping[int, tuple[str, bool]], usual: Numbers | None = None
) -> Told:
    """Why an offer; with the ``usual`` margins of the model's products what a sale of it leaves, first."""

    def told(n: int) -> Mapping[str, Any] | None:
        item, because = int(found.items[n, 0]), int(found.because[n, 0])
        if item < 0 or not found.score[n, 0] > 0:
            return None
        place = int(np.searchsorted(model.items, item))
        first = [] if usual is None else [reason_of(float(usual[place]))]
        if because >= 0:
            having, together = int(found.having[n, 0]), int(found.together[n, 0])
            said = msg(
                "Of %(having)s buyers of %(because)s, %(together)s bought it too",
                having=having, because={"name": products.get(because, ("", True))[0]}, together=together,
            )  # fmt: skip
        else:
            said = msg(
                "A best seller: %(buyers)s customers bought it", buyers=int(model.together[place, place])
            )
        return {"reasons": [*first, reason(said)]}

    return told


def _beside(model: NextBest) -> Beside:
    judged = model.judged
    return Beside(
        judged.rule, msgid("Share of new purchases among its first offers"), judged.method, judged.simple,
        judged.gain.value, judged.gain.low, judged.gain.high, "share", msgid("The best sellers are offered."),
    )  # fmt: skip


def _rules(
    given: Inputs, lines: Any, products: Mapping[int, tuple[str, bool]]
) -> tuple[list[dict[str, Any]], list[Any]]:
    """What is bought together in one order, the surest first; or why nothing can be said."""
    rows = given.tables.fetch(lines.filter(lines.sale.notnull()).select("sale", "product").distinct())
    sale, item = (rows[name].to_numpy(zero_copy_only=False) for name in ("sale", "product"))
    try:
        found = rules(sale, item, support=_SUPPORT, confidence=_CONFIDENCE, together=TOGETHER, longest=2)
    except NotEnough as refusal:
        return [], kept(refusal.message)
    low, confidence, lift = found.lift_low, found.confidence, found.lift
    out: list[dict[str, Any]] = []
    for n in range(min(len(found), _SHOWN)):
        if low[n] <= 1:
            break
        rule = found[n]
        out.append({
            "items": [{"id": i, "name": products.get(i, ("", True))[0]} for i in rule.items],
            "then": {"id": rule.then, "name": products.get(rule.then, ("", True))[0]},
            "together": rule.together, "having": rule.having, "of_then": rule.of_then, "baskets": rule.baskets,
            "confidence": float(confidence[n]), "lift": float(lift[n]), "lift_low": float(low[n]),
        })  # fmt: skip
    return out, []
