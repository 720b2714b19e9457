"""How fast and how right the analytical methods are, each beside the library people would take instead, in the same run.

python -m benchmarks.analytics [--data FOLDER_OF_THE_PUBLIC_SETS] [--only clv,…] [--small]

A library that is not installed is left out; none of them is a dependency. `--small` leaves out what takes minutes.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from peyvand.analytical.methods.clusters import clusters
from peyvand.analytical.methods.clv import bgnbd, gammagamma, paretonbd, value
from peyvand.analytical.methods.clv.purchases import Purchases, purchases, summarise
from peyvand.analytical.methods.segments import cohorts, rfm

DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Line:
    """One piece of work: our seconds, another's (None: not asked or not installed), what came out, and whether an aim was reached."""

    work: str
    seconds: float
    other: str = ""
    other_seconds: float | None = None
    figure: str = ""
    is_met: bool | None = None

    @property
    def ratio(self) -> float | None:
        return self.other_seconds / self.seconds if self.other_seconds is not None else None


@dataclass(frozen=True)
class Asked:
    """Where the public sets lie, and whether only what is quick is wanted."""

    data: Path
    small: bool


def timed(work: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    """The least seconds of so many runs, and what the last one answered."""
    least, answer = float("inf"), None
    for _ in range(times):
        begun = time.perf_counter()
        answer = work()
        least = min(least, time.perf_counter() - begun)
    return least, answer


def has(library: str) -> bool:
    return importlib.util.find_spec(library) is not None


# -- value in time -----------------------------------------------------------------------------------------------------


def cdnow(data: Path) -> tuple[Any, Any, Any, int, int]:
    """Customers, days and amounts of the CDNOW sample, and the days on which weeks 39 and 78 end."""
    rows = np.loadtxt(data / "purchases" / "CDNOW_sample.txt")
    dates = [f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in rows[:, 2].astype(int).astype(str)]
    days = np.array(dates, dtype="datetime64[D]").astype(np.int64)
    ends = np.array(["1997-09-30", "1998-06-30"], dtype="datetime64[D]").astype(np.int64)
    return rows[:, 1].astype(np.int64), days, rows[:, 4], int(ends[0]), int(ends[1])


def simulated(customers: int, oldest: int, seed: int = 1) -> tuple[Any, Any, Any]:
    """Repeats, last and age in days of customers who live as CDNOW's did, known for 27 weeks to `oldest` days."""
    chance = np.random.default_rng(seed)
    age = chance.integers(189, oldest + 1, customers)
    pace, leaving = chance.gamma(0.243, 1 / 4.414, customers) / 7, chance.beta(0.793, 2.426, customers)
    repeats, last = np.zeros(customers, np.int64), np.zeros(customers)
    here = np.arange(customers)
    while here.size:
        when = last[here] + chance.exponential(1 / pace[here])
        here, when = here[when < age[here]], when[when < age[here]]
        last[here] = when
        repeats[here] += 1
        here = here[chance.random(here.size) >= leaving[here]]
    return repeats, np.where(repeats > 0, np.clip(np.ceil(last), 1, age), 0).astype(np.int64), age


def clv(asked: Asked) -> Iterator[Line]:
    who, when, paid, learned, followed = cdnow(asked.data)
    sample = summarise(who, when, learned)
    yield _orders("BG/NBD fit, CDNOW 2,357", bgnbd, sample, 30, 0.010, "BetaGeoFitter")
    yield _orders("Pareto/NBD fit, CDNOW 2,357", paretonbd, sample, 0, 0.05, "ParetoNBDFitter")
    yield _spend(summarise(who, when, learned, paid))
    yield _held_out(who, when, paid, learned, followed)
    for name, oldest in (("39 weeks", 273), ("3 years", 1095)):
        many = purchases(*simulated(1_000_000, oldest))
        beside = "" if asked.small or oldest > 273 else "BetaGeoFitter"
        yield _orders(f"BG/NBD fit, 1,000,000 of up to {name}", bgnbd, many, 100, 0.5, beside)
        yield _predicted(f"P(alive) and orders of 1,000,000, {name}", many)
        yield _orders(f"Pareto/NBD fit, 1,000,000 of up to {name}", paretonbd, many, 0, 3.0, "")


def _orders(work: str, model: Any, known: Purchases, wanted: float, most: float, fitter: str) -> Line:
    def ours() -> Any:
        return model.fit(purchases(known.repeats, known.last, known.age))

    seconds, found = timed(ours, 5 if len(known) < 100_000 else 2)
    other = None
    if fitter and has("lifetimes"):
        import lifetimes

        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            other, _ = timed(
                lambda: getattr(lifetimes, fitter)().fit(known.repeats, known.last / 7, known.age / 7),
                2 if len(known) < 100_000 else 1,
            )
    named = " ".join(f"{value:.4f}" for value in found.parameters)
    met = seconds <= most and (other is None or other / seconds >= wanted)
    return Line(
        work, seconds, "lifetimes" if other else "", other, f"{named} LL {found.log_likelihood:.3f}", met
    )


def _predicted(work: str, known: Purchases) -> Line:
    model = bgnbd.fit(known)

    def ours() -> Any:
        fresh = purchases(known.repeats, known.last, known.age)
        return model.alive(fresh), model.orders(fresh, 273)

    seconds, (_, orders) = timed(ours, 2)
    other = None
    if has("lifetimes"):
        import lifetimes

        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            theirs = lifetimes.BetaGeoFitter()
            theirs.params_ = dict(zip(bgnbd.NAMES, model.parameters, strict=True))
            x, t, age = known.repeats, known.last / 7, known.age / 7

            def ask() -> Any:
                return (
                    theirs.conditional_probability_alive(x, t, age),
                    theirs.conditional_expected_number_of_purchases_up_to_time(39, x, t, age),
                )

            other, _ = timed(ask, 1)
    return Line(
        work, seconds, "lifetimes" if other else "", other, f"{orders.sum():,.0f} orders", seconds < 0.5
    )


def _spend(known: Purchases) -> Line:
    seconds, found = timed(lambda: gammagamma.fit(known))
    other = None
    if has("lifetimes"):
        import lifetimes

        again = known.repeats > 0
        other, _ = timed(
            lambda: lifetimes.GammaGammaFitter().fit(known.repeats[again], known.spend[again]), 2
        )
    figure = f"p {found.p:.3f} q {found.q:.3f} v {found.v:.3f}"
    return Line("Gamma-Gamma fit, CDNOW", seconds, "lifetimes" if other else "", other, figure)


def _held_out(who: Any, when: Any, paid: Any, learned: int, followed: int) -> Line:
    begun = time.perf_counter()
    known = summarise(who, when, learned)
    model = bgnbd.fit(known)
    orders, _ = value.followed(who, when, known, learned, followed)
    judged = value.judge(model, known, followed - learned, orders)
    total = value.total_orders(
        model, known, followed - learned, rehearsals=value.rehearse(bgnbd.fit, who, when, learned)
    )
    valued = summarise(who, when, learned, paid)
    worth = value.lifetime_value(bgnbd.fit(valued), gammagamma.fit(valued), valued, months=9)
    _, revenue = value.followed(who, when, valued, learned, followed, paid)
    top = value.value_lift(worth, revenue).share[0]
    figure = (
        f"{judged.expected:,.0f} expected ({total.low:,.0f}–{total.high:,.0f} at 80 %), {judged.actual:,.0f} came; error "
        f"{judged.error.method:.3f} (rate goes on: {judged.error.simple:.3f}); correlation {judged.correlation:.3f}; best tenth {top:.1%} of revenue"
    )
    met = judged.error.method <= 0.79 and judged.correlation >= 0.62 and top >= 0.5
    return Line(
        "CDNOW weeks 40–78",
        time.perf_counter() - begun,
        figure=figure,
        is_met=met and total.low <= judged.actual <= total.high,
    )


# -- segments ----------------------------------------------------------------------------------------------------------


def segmenting(asked: Asked) -> Iterator[Line]:
    chance = np.random.default_rng(1405)
    who, day, paid = (
        chance.integers(0, 250_000, 2_500_000),
        chance.integers(0, 730, 2_500_000),
        chance.gamma(2, 10, 2_500_000),
    )
    seconds, found = timed(lambda: rfm(who, day, paid, 730), 2)
    yield Line(
        "RFM of 2,500,000 orders (the oracle of the SQL)",
        seconds,
        figure=f"{len(found.customers):,} customers",
    )
    seconds, _ = timed(lambda: cohorts(who, day // 30, paid, 24), 2)
    yield Line("Cohorts of 2,500,000 orders (the oracle of the SQL)", seconds)
    typical = np.array([[3, 150, 6], [55, 3, 20], [1100, 55, 3], [20, 400, 400.0]])
    features = typical[chance.integers(0, 4, 1_000_000)] * np.exp(0.3 * chance.normal(size=(1_000_000, 3)))
    seconds, groups = timed(lambda: clusters(features, ("amount", "orders", "days")), 1)
    other = None
    if has("sklearn"):
        from sklearn.cluster import KMeans

        other, _ = timed(lambda: KMeans(4, n_init=1, random_state=1).fit(np.log1p(features)), 1)
    figure = f"{len(groups.groups)} groups of 4 found, stability {groups.stability[4]:.3f}"
    met = len(groups.groups) == 4
    yield Line("Groups of 1,000,000 customers, 2 to 8 tried", seconds, "one KMeans, of 4", other, figure, met)


PARTS: Final[dict[str, Callable[[Asked], Iterator[Line]]]] = {
    "clv": clv,
    "segments": segmenting,
}


def main() -> None:
    from benchmarks import ahead, choices, warehouse  # which take their tools from here

    parts = PARTS | ahead.PARTS | choices.PARTS | warehouse.PARTS
    reading = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reading.add_argument("--data", type=Path, default=DATA, help="the folder of the public data sets")
    reading.add_argument("--only", default=",".join(parts), help="parts, with commas between them")
    reading.add_argument("--small", action="store_true")
    asked = reading.parse_args()
    wanted = asked.only.split(",")
    print("| work | seconds | beside | seconds | times | figure | aim |")
    print(f"|{'---|' * 7}")
    file = Path(__file__).parent / "results" / "analytics.json"
    found: dict[str, Any] = {}
    for part in wanted:
        found[part] = []
        for line in parts[part](Asked(asked.data, asked.small)):
            other = "" if line.other_seconds is None else f"{line.other_seconds:.4g}"
            ratio = "" if line.ratio is None else f"{line.ratio:.0f}"
            aim = {None: "", True: "met", False: "missed"}[line.is_met]
            print(
                f"| {line.work} | {line.seconds:.4g} | {line.other} | {other} | {ratio} | {line.figure} | {aim} |",
                flush=True,
            )
            found[part].append({**asdict(line), "is_met": None if line.is_met is None else bool(line.is_met)})
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    file.write_text(json.dumps(kept | found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
