"""The parts of `benchmarks.analytics` about choice and cause: rules, offers, attribution, uplift, scores, texts."""

from __future__ import annotations

import csv
import gzip
import io
import multiprocessing
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.analytics import Asked, Line, has, timed
from peyvand.analytical.methods import attribution, encoding, offers, scoring, text, uplift
from peyvand.analytical.methods.guards import NoSignal
from peyvand.analytical.methods.itemsets import itemsets
from peyvand.analytical.methods.leaks import leaks
from peyvand.analytical.methods.rules import rules

PUBLISHED: Final = {(0.001, 0.5): 5668, (0.001, 0.8): 410, (0.006, 0.25): 463, (0.01, 0.5): 15}
REMOVAL: Final = {
    "alpha": 5344.95, "iota": 3884.61, "eta": 3340.85, "beta": 2527.35, "theta": 1971.91, "lambda": 1282.85,
    "epsilon": 599.57, "zeta": 381.06, "kappa": 274.36, "gamma": 171.15, "delta": 4.61, "mi": 1.72,
}  # fmt: skip


def table(file: Path, delimiter: str = ",") -> list[dict[str, str]]:
    raw = file.read_bytes()
    read = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()
    return list(csv.DictReader(io.StringIO(read, newline=""), delimiter=delimiter))


# -- rules -------------------------------------------------------------------------------------------------------------


def basket(asked: Asked) -> Iterator[Line]:
    with (asked.data / "basket" / "groceries.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    names = sorted({item for row in rows for item in row})
    code = {name: n for n, name in enumerate(names)}
    of = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    what = np.array([code[item] for row in rows for item in row])
    seconds, found = timed(lambda: itemsets(of, what, support=0.001))
    other, theirs = _fpgrowth(of, what, len(rows), 0.001, None)
    yield Line(
        "groceries: frequent sets at .001", seconds, "mlxtend fpgrowth" if other else "", other,
        f"{len(found):,} sets" + (f" (mlxtend {theirs:,})" if other else ""),
        len(found) == 13_492 and seconds <= 0.2 and (other is None or other >= 8 * seconds),
    )  # fmt: skip
    for (support, confidence), known in PUBLISHED.items():
        seconds, listed = timed(lambda s=support, c=confidence: rules(of, what, support=s, confidence=c), 3)
        lengths = "/".join(str(n) for _, n in sorted(Counter(listed.length.tolist()).items()))
        yield Line(
            f"groceries: rules at {support}, {confidence}", seconds, figure=f"{len(listed):,} ({lengths})", is_met=len(listed) == known
        )  # fmt: skip
    sizes = (2_000_000,) if asked.small else (2_000_000, 10_000_000)
    # Before mlxtend fills this process: a new one counts what its parent held as its own.
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as alone:
        ours = alone.map(_pairs, sizes, chunksize=1)
    for lines, (seconds, many, megabytes) in zip(sizes, ours, strict=True):
        beside = lines == min(sizes)
        other, theirs = _fpgrowth(*simulated(lines), lines // 4, 1e-4, 2) if beside else (None, 0)
        figure = f"{many:,} frequent pairs" + (f" (mlxtend {theirs:,})" if other else "")
        met = megabytes <= 1500 and (other is None or other >= 20 * seconds)
        yield Line(
            f"pair rules, {lines:,} lines at .0001", seconds, "mlxtend fpgrowth" if other else "", other,
            f"{figure}; {megabytes:,} MB at most, the lines included", met,
        )  # fmt: skip


def simulated(lines: int, items: int = 5000, seed: int = 7) -> tuple[Any, Any]:
    """Lines of orders of four on average; items differ in frequency, and every fourth line is the partner of the one before."""
    chance = np.random.default_rng(seed)
    sizes = 1 + chance.poisson(3, lines // 4)
    of = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    often = np.cumsum(1 / (np.arange(items) + 20) ** 0.7)
    what = np.searchsorted(often / often[-1], chance.random(len(of)))
    partner = np.concatenate(([False], (of[1:] == of[:-1]) & (chance.random(len(of) - 1) < 0.25)))
    what[partner] = (what[np.flatnonzero(partner) - 1] * 7 + 13) % items
    order = chance.permutation(len(of))
    return of[order], what[order]


def _pairs(lines: int) -> tuple[float, int, int]:
    of, what = simulated(lines)
    seconds, found = timed(lambda: itemsets(of, what, support=1e-4, longest=2), 2)
    return seconds, len(found.levels[1]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _fpgrowth(
    of: Any, what: Any, baskets: int, support: float, longest: int | None
) -> tuple[float | None, int]:
    """Seconds and sets of mlxtend, given the table of baskets × items that it asks for."""
    if not has("mlxtend"):
        return None, 0
    import pandas
    from mlxtend.frequent_patterns import fpgrowth
    from scipy import sparse

    ones = sparse.coo_array(
        (np.ones(len(of), np.bool_), (of, what)), shape=(baskets, int(what.max()) + 1)
    ).tocsr()
    ones.data[:] = True
    frame = pandas.DataFrame.sparse.from_spmatrix(sparse.csr_matrix(ones))
    frame.columns = frame.columns.astype(str)
    seconds, found = timed(
        lambda: fpgrowth(frame, min_support=support, max_len=longest), 3 if baskets < 50_000 else 1
    )
    return seconds, len(found) if longest is None else int((found["itemsets"].map(len) == longest).sum())


# -- offers, attribution, uplift ---------------------------------------------------------------------------------------


def offering(asked: Asked) -> Iterator[Line]:
    from pyarrow import parquet

    bought = parquet.read_table(asked.data / "purchases" / "online_retail.parquet")
    bought = bought.filter((bought["Quantity"].to_numpy() > 0) & (bought["UnitPrice"].to_numpy() > 0))
    bought = bought.filter(bought["CustomerID"].is_valid())
    who = bought["CustomerID"].to_numpy()
    what = bought["StockCode"].dictionary_encode().combine_chunks().indices.to_numpy()
    when = bought["InvoiceDate"].to_numpy().astype("datetime64[D]")
    share = float((when < np.datetime64("2011-09-01")).mean())
    seconds, model = timed(lambda: offers.learn(who, what, when, share=share), 1)
    judged = model.judged
    yield Line(
        "Online Retail: next best offer learned and judged", seconds,
        figure=f"recall@10 {judged.method:.4f}, best sellers {judged.simple:.4f}", is_met=judged.method >= 0.115,
    )  # fmt: skip
    seconds, found = timed(lambda: offers.offers(model, who, what), 2)
    explained = float((found.because >= 0).mean())
    yield Line(
        f"Online Retail: 3 offers for {len(found.customers):,}",
        seconds,
        figure=f"{explained:.1%} with their rule",
    )


def touches(asked: Asked) -> Iterator[Line]:
    rows = table(asked.data / "attribution" / "PathData.csv.gz")
    steps, lengths, names = attribution.numbered([row["path"].split(" > ") for row in rows])
    counted = [[float(row[name]) for row in rows] for name in ("total_conversions", "total_null")]
    seconds, _ = timed(lambda: attribution.removal(attribution.paths(steps, lengths, *counted)))
    found = attribution.markov(attribution.paths(steps, lengths, *counted))
    apart = max(abs(round(v, 2) - REMOVAL[n]) for n, v in zip(names, found.conversions.tolist(), strict=True))
    total = float(found.conversions.sum())
    figure = f"sum {total:,.6f}, furthest from the known hundredths {apart:.2f}"
    yield Line(
        "PathData: Markov removal effects", seconds, figure=figure, is_met=apart < 0.005 and seconds <= 0.1
    )
    seconds, shared = timed(lambda: attribution.shapley(attribution.paths(steps, lengths, *counted)), 1)
    figure = f"sum {shared.conversions.sum():,.6f}"
    yield Line("PathData: Shapley of 4,096 sets with intervals", seconds, figure=figure)


def campaign(asked: Asked) -> Iterator[Line]:
    rows = table(asked.data / "campaigns" / "hillstrom_even.csv.gz")
    arm = np.array([row["segment"] for row in rows])
    fields: dict[str, Any] = {name: np.array([row[name] for row in rows]) for name in ("zip_code", "channel")}
    for name in ("recency", "history", "mens", "womens", "newbie"):
        fields[name] = np.array([float(row[name]) for row in rows])
    for mail, target, wanted in (
        ("Womens E-Mail", "visit", True),
        ("Mens E-Mail", "visit", True),
        ("Mens E-Mail", "conversion", False),
    ):
        kept = (arm == mail) | (arm == "No E-Mail")
        given, came = (arm == mail)[kept], np.array([row[target] == "1" for row in rows])[kept]
        known = {name: column[kept] for name, column in fields.items()}
        mean = uplift.effect(given, came).difference
        seconds, ranking = timed(lambda k=known, g=given, c=came: _ranked(k, g, c), 1)
        said = "refused: no usable signal"
        if ranking is not None:
            said = f"Qini {ranking.qini.value:.3%} [{ranking.qini.low:.3%}, {ranking.qini.high:.3%}], p {ranking.p:.3f}"
        figure = f"effect {mean.value:.3%} [{mean.low:.3%}, {mean.high:.3%}]; {said}"
        yield Line(
            f"Hillstrom, even rows: {mail}, {target}",
            seconds,
            figure=figure,
            is_met=(ranking is not None) == wanted,
        )


def _ranked(fields: dict[str, Any], given: Any, came: Any) -> uplift.Ranking | None:
    try:
        # Half of the people have half of the conversions.
        return uplift.learn(fields, given, came, events=50).ranking
    except NoSignal:
        return None


# -- scores and texts --------------------------------------------------------------------------------------------------


def scores(asked: Asked) -> Iterator[Line]:
    rows = table(asked.data / "churn" / "Telco-Customer-Churn.csv")
    fields: dict[str, Any] = {
        n: np.array([r[n] for r in rows]) for n in rows[0] if n not in ("customerID", "Churn")
    }
    for name in ("tenure", "MonthlyCharges", "TotalCharges"):
        fields[name] = np.array([float(v) if v.strip() else np.nan for v in fields[name].tolist()])
    left = np.array([row["Churn"] == "Yes" for row in rows])
    seconds, model = timed(lambda: scoring.learn(fields, left), 2)
    judged = model.judged
    figure = f"AUC {judged.auc.value:.4f} [{judged.auc.low:.4f}, {judged.auc.high:.4f}], ECE {judged.calibration.ece:.4f}, best tenth × {judged.lift.lift[0]:.2f}"
    met = judged.auc.value >= 0.845 and judged.calibration.ece <= 0.02 and judged.lift.lift[0] >= 2.8
    yield Line("Telco: learned and judged by five folds", seconds, figure=figure, is_met=met)
    for many, most in ((10_000, 1.0), (1_000_000, None)):
        if asked.small and most is None:
            break
        drawn = np.random.default_rng(0).integers(0, len(left), many)
        many_fields = {name: column[drawn] for name, column in fields.items()}
        seconds, _ = timed(lambda f=many_fields: scoring.score(model, f), 2)
        yield Line(
            f"scored and explained: {many:,}", seconds, is_met=None if most is None else seconds <= most
        )
    yield from _bank(asked)


def _bank(asked: Asked) -> Iterator[Line]:
    rows = table(asked.data / "banking" / "bank-additional-full.csv.gz", ";")
    amounts = (
        "age duration campaign pdays previous emp.var.rate cons.price.idx cons.conf.idx euribor3m nr.employed"
    )
    fields: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0] if name != "y"}
    fields |= {name: [float(row[name]) for row in rows] for name in amounts.split()}
    came = np.array([row["y"] == "yes" for row in rows])
    when = np.arange(len(rows))
    seconds, caught = timed(lambda: leaks(encoding.table(fields), came, when), 1)
    named = ", ".join(f"{leak.field} ({leak.figure:.3f})" for leak in caught)
    yield Line(
        "bank: leak alarm", seconds, figure=named, is_met=[leak.field for leak in caught] == ["duration"]
    )
    for share in (0.6, 0.7, 0.8, 0.9):
        seconds, said = timed(lambda s=share: _in_time(fields, came, when, s), 1)
        yield Line(f"bank: the first {share:.0%} learned, the rest judged", seconds, figure=said)


def _in_time(fields: dict[str, Any], came: Any, when: Any, share: float) -> str:
    try:
        found = scoring.learn(fields, came, when, share=share).judged.auc
    except NoSignal as refused:
        return f"no usable signal: AUC surely above {refused.lower:.3f} only"
    return f"AUC {found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def texts(asked: Asked) -> Iterator[Line]:
    rows = table(asked.data / "persian" / "snappfood_dev.csv", "\t")
    seconds, model = timed(lambda: text.learn([r["comment"] for r in rows], [r["label"] for r in rows]), 1)
    yield _named("SnappFood, 6,300 Persian comments", seconds, model, 0.84)
    seconds, _ = timed(lambda: text.name(model, [row["comment"] for row in rows]), 1)
    yield Line("SnappFood: 6,300 named and explained", seconds)
    if asked.small:
        return
    rows = table(asked.data / "tickets" / "banking77_train.csv")
    seconds, model = timed(lambda: text.learn([r["text"] for r in rows], [r["category"] for r in rows]), 1)
    yield _named(
        "banking77, 10,003 questions of 77 kinds, five folds of the training set", seconds, model, 0.0
    )


def _named(work: str, seconds: float, model: text.TextModel, wanted: float) -> Line:
    judged = model.judged
    figure = f"{judged.right.value:.2%} [{judged.right.low:.2%}, {judged.right.high:.2%}] named rightly, ECE {judged.calibration.ece:.4f}"
    return Line(work, seconds, figure=figure, is_met=judged.right.value >= wanted if wanted else None)


PARTS: Final[dict[str, Callable[[Asked], Iterator[Line]]]] = {
    "rules": basket, "offers": offering, "attribution": touches, "uplift": campaign, "scores": scores, "texts": texts,
}  # fmt: skip
