"""Groups of customers who behave alike, found in the data and named by what sets each apart.

A group keeps its name from run to run: it is matched to the former run's group that holds most of the same customers, and
keeps that one's name as long as the name is true of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from peyvand.analytical.analyses.columns import day_of, iso, numbers, whole
from peyvand.analytical.analyses.contract import Card, Figure, Finding, Inputs
from peyvand.analytical.analyses.customers import Told, by_object
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.analyses.objects import READY
from peyvand.analytical.customers.history import History, read
from peyvand.analytical.methods.clusters import CUSTOMERS, Clusters, clusters
from peyvand.analytical.methods.clv.purchases import Purchases
from peyvand.analytical.methods.guards import Numbers, Whole, require
from peyvand.kernel.errors import msg, msgid
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.insights.telling import reason
from peyvand.platform.workspaces.scope import workspace_scope

# What is looked at: (feature, key of who has little of it, key of who has much). Names are given in this order of choice.
FEATURES: Final = (
    ("orders", "seldom", "frequent"),
    ("amount", "small", "big"),
    ("silent", "active", "quiet"),
    ("variety", "narrow", "varied"),
    ("discount", "full_price", "discounts"),
    ("returns", "keeping", "returning"),
)
WORDS: Final = {
    "orders": msgid("Bought on %(own)s days; %(value)s are usual in the group, %(all)s among all customers"),
    "amount": msgid("%(own)s a day of buying; %(value)s is usual in the group, %(all)s among all customers"),
    "silent": msgid("The last order was on %(own)s; %(value)s days since it are usual in the group, %(all)s among all customers"),
    "variety": msgid("%(own)s different products; %(value)s are usual in the group, %(all)s among all customers"),
    "discount": msgid("%(own)s of the price taken off; %(value)s is usual in the group, %(all)s among all customers"),
    "returns": msgid("%(own)s returned; %(value)s is usual in the group, %(all)s among all customers"),
}  # fmt: skip
# In standard deviations from everybody's mean: less than this sets nothing apart.
_APART: Final = 0.25
_TOLD: Final = 3


@dataclass(frozen=True)
class Named:
    """The groups by key, in the order of their numbers, and whether each was known by it before."""

    keys: tuple[str, ...]
    known: tuple[bool, ...]


def run(given: Inputs) -> Finding:
    """The group of every buyer, as of the day."""
    history = read(given)
    known = history.known(history.as_of)
    require(msgid("customers"), CUSTOMERS, len(known))
    columns = _features(given, history, known)
    features = tuple(columns)
    matrix = np.column_stack([columns[name] for name in features])
    found = clusters(matrix, features)
    named = named_groups(found, matrix, _former(given.tenant))
    keys = np.array(named.keys, dtype=object)
    told = _told(found, matrix, history.as_of)
    k = len(found.groups)
    card = Card(
        rows=history.sales,
        first=day_of(history.first),
        last=day_of(history.last),
        figures=(
            Figure(msgid("Buyers"), len(known), "count"),
            Figure(msgid("Groups"), k),
            Figure(msgid("Stability of the groups"), found.stability[k]),
        ),
        parameters={f"{k}": v for k, v in found.stability.items()},
        notes=tuple(history.left_out(known)),
        watched=("Groups", "Stability of the groups"),
    )
    more = {
        "features": list(features),
        "centers": (found.centers * np.where(np.isfinite(found.deviation), found.deviation, 0) + found.mean).tolist(),
        "mean": found.mean.tolist(),
        "deviation": np.where(np.isfinite(found.deviation), found.deviation, 0).tolist(),
        "groups": [
            {"key": key, "was_known": was, "customers": g.customers, "medians": list(g.medians), "apart": list(g.apart)}
            for key, was, g in zip(named.keys, named.known, found.groups, strict=True)
        ],
    }  # fmt: skip
    return Finding(
        by_object(known.customers, {"behaviour": keys[found.label]}, {"behaviour": told}), card, more
    )


def _features(given: Inputs, history: History, known: Purchases) -> dict[str, Numbers]:
    """By buyer; what the data do not tell (no discounts, no products) is not looked at."""
    columns: dict[str, Numbers] = {
        "orders": (known.repeats + 1).astype(np.float64),
        "amount": history.usual(known),
        "silent": known.silent.astype(np.float64),
    }
    sales, lines = given.tables["sale"], given.tables["sale_line"]
    sales = sales.filter(sales.customer.notnull() & (sales.day <= given.as_of))
    sums = given.tables.fetch(
        sales.group_by("customer").agg(
            gross=sales.gross.sum(where=sales.net > 0),
            discount=sales.discount.sum(where=sales.net > 0),
            bought=sales.net.sum(where=sales.net > 0),
            returned=-sales.net.sum(where=sales.net < 0),
        )
    )
    lines = lines.filter(lines.customer.notnull() & (lines.day <= given.as_of) & (lines.quantity > 0))
    varied = given.tables.fetch(lines.group_by("customer").agg(products=lines["product"].nunique()))
    gross, bought = (_of(known, sums, name) for name in ("gross", "bought"))
    columns["variety"] = _of(known, varied, "products")
    columns["discount"] = 100 * np.clip(_of(known, sums, "discount") / np.maximum(gross, 1), 0, 1)
    columns["returns"] = 100 * np.clip(_of(known, sums, "returned") / np.maximum(bought, 1), 0, 1)
    return {name: column for name, column in columns.items() if column.min() < column.max()} or columns


def _of(known: Purchases, rows: Any, name: str) -> Numbers:
    """A column by customer for the known ones; 0 where nothing is said."""
    out = np.zeros(len(known))
    who, value = whole(rows, "customer"), np.nan_to_num(numbers(rows, name))
    place = np.minimum(np.searchsorted(known.customers, who), len(known) - 1)
    ours = known.customers[place] == who
    out[place[ours]] = value[ours]
    return out


def _former(tenant: Tenant) -> Mapping[str, Any]:
    with workspace_scope(tenant.id):
        newest = ModelCard.objects.filter(analysis="behaviour", state=READY).order_by("-number")
        found: Mapping[str, Any] | None = newest.values_list("more", flat=True).first()
    return found or {}


def named_groups(found: Clusters, matrix: NDArray[np.float64], former: Mapping[str, Any]) -> Named:
    """A key for each group, each once: the former one where it still holds, else by what sets the group apart most."""
    keys: list[str | None] = [None] * len(found.groups)
    if former.get("features") == list(found.features):
        before = _former_labels(matrix, former)
        was = [group["key"] for group in former["groups"]]
        both = np.zeros((len(keys), len(was)))
        np.add.at(both, (found.label, before), 1)
        for group, old in zip(*linear_sum_assignment(-both), strict=True):
            if both[group, old] > 0 and _is_true(was[old], found, int(group)):
                keys[group] = was[old]
    kept = tuple(key is not None for key in keys)
    for _, group, key in sorted(_choices(found), reverse=True):
        if keys[group] is None and key not in keys:
            keys[group] = key
    left = iter(key for _, *both in FEATURES for key in both if key not in keys)
    return Named(tuple(key or next(left) for key in keys), kept)


def _choices(found: Clusters) -> list[tuple[float, int, str]]:
    """How much each name says of each group."""
    of = {name: both for name, *both in FEATURES}
    return [
        (abs(apart), n, of[name][apart > 0])
        for n, group in enumerate(found.groups)
        for name, apart in zip(found.features, group.apart, strict=True)
    ]


def _is_true(key: str, found: Clusters, group: int) -> bool:
    """Whether a name still says of a group what sets it apart."""
    said = {own: apart for apart, n, own in _choices(found) if n == group}
    return said.get(key, 0) >= _APART


def _former_labels(matrix: NDArray[np.float64], former: Mapping[str, Any]) -> Whole:
    """The groups that the former run would put these customers in."""
    deviation = np.asarray(former["deviation"])
    scale = np.where(deviation > 0, deviation, np.inf)
    mean = np.asarray(former["mean"])
    then = Clusters(
        np.empty(0, np.int64), (), {}, tuple(former["features"]), mean, scale,
        (np.asarray(former["centers"]) - mean) / scale,
    )  # fmt: skip
    return then.assign(matrix)


def _told(found: Clusters, matrix: NDArray[np.float64], as_of: int) -> Told:
    """What this customer did of that which sets their group apart, most first, beside what is usual there and among all."""
    usual = np.median(matrix, axis=0)
    apart: list[list[int]] = []
    for group in found.groups:
        order = sorted(range(len(found.features)), key=lambda n: -abs(group.apart[n]))
        apart.append([
            n for n in order[:_TOLD]
            if abs(group.apart[n]) >= _APART and round(group.medians[n]) != round(float(usual[n]))
        ])  # fmt: skip

    def told(row: int) -> Mapping[str, Any]:
        label = int(found.label[row])
        group = found.groups[label]
        return {"reasons": [
            reason(msg_of(found.features[n], float(matrix[row, n]), group.medians[n], float(usual[n]), as_of), group.apart[n])
            for n in apart[label]
        ]}  # fmt: skip

    return told


def msg_of(feature: str, own: float, value: float, usual: float, as_of: int) -> Any:
    """What a customer did beside their group's median and everybody's, in words."""
    kind = {"amount": "money", "discount": "percent", "returns": "percent"}.get(feature)
    three: list[Any] = [{kind: round(v)} if kind else round(v) for v in (own, value, usual)]
    if feature == "silent":
        # A day stays until they buy again; an age is another every night.
        three[0] = {"day": iso(as_of - own)}
    return msg(WORDS[feature], own=three[0], value=three[1], all=three[2])
