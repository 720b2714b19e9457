"""Chances of leads and deals: learned from what was known at the time, refused where that is nothing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.analytical.customers.making import TODAY, figures, found

from peyvand.analytical.analyses.contract import Finding
from peyvand.analytical.methods.guards import NoSignal, NotEnough
from peyvand.analytical.scores.deals import _one_day

Tables = dict[str, pa.Table]
AT = datetime.combine(TODAY, time())


def days(ago: Any) -> pa.Array:
    return pa.array([None if a is None else TODAY - timedelta(days=int(a)) for a in ago], pa.date32())


def texts(values: Any) -> pa.Array:
    return pa.array([None if v is None else str(v) for v in values], pa.string())


def scored(finding: Finding, key: str) -> dict[int, Any]:
    [scores] = finding.scores
    return dict(zip(scores.ids, scores.values[key], strict=True))


def reasons(finding: Finding, key: str) -> dict[int, Any]:
    [scores] = finding.scores
    return dict(zip(scores.ids, scores.told[key], strict=True))


def notes(finding: Finding) -> dict[str, str]:
    """By field, why it was left out."""
    return {
        note.params["field"].template: getattr(note.params.get("why"), "template", "")
        for note in finding.card.notes
        if "field" in note.params
    }


@cache
def leads(telling: bool = True) -> Tables:
    """3,000 leads in 900 days, of whom those of an exhibition and those called at once convert more often, or nobody does."""
    chance, many = np.random.default_rng(11), 3000
    ago = np.sort(chance.integers(0, 900, many))[::-1]
    fair, called = chance.random(many) < 0.4, chance.random(many) < 0.4
    logit = -2.2 + telling * (1.8 * fair + 1.4 * called)
    came = (chance.random(many) < 1 / (1 + np.exp(-logit))) & (ago > 60)
    after = chance.integers(1, 60, many)
    # Points, customer and owner are written as leads convert.
    lead = pa.table({
        "lead": pa.array(range(1, many + 1), pa.int64()),
        "customer": pa.array([2 * n if c else None for n, c in enumerate(came)], pa.int64()),
        "member": pa.array([7] * many, pa.int64()),
        "status": texts(np.where(came, "converted", "working")),
        "source": texts(np.where(fair, "exhibition", "website")),
        "score": pa.array([90 if c else 10 for c in came], pa.int32()),
        "created": pa.array([AT - timedelta(days=int(a)) for a in ago], pa.timestamp("us")),
        "day": days(ago), "converted": days([a - b if c else None for a, b, c in zip(ago, after, came, strict=True)]),
    })  # fmt: skip
    # Everybody who converts is called later on too, which must not be looked at.
    calls = [(n, a) for n, a, c in zip(range(1, many + 1), ago, called, strict=True) if c]
    calls += [(n, a - b) for n, a, b, c in zip(range(1, many + 1), ago, after, came, strict=True) if c]
    touch = pa.table({
        "touch": texts([f"lead:{n}" for n in range(1, many + 1)] + [f"call:{n}" for n in range(len(calls))]),
        "lead": pa.array([*range(1, many + 1), *(n for n, _ in calls)], pa.int64()),
        "day": days([*ago, *(a for _, a in calls)]),
        "channel": texts(["form"] * many + ["call"] * len(calls)), "campaign": texts([""] * (many + len(calls))),
    })  # fmt: skip
    return {"lead": lead, "touch": touch}


def test_a_lead_is_scored_by_what_was_known_on_its_first_day_and_says_why() -> None:
    finding = found("lead_score", leads())
    score, level = scored(finding, "lead_score"), scored(finding, "lead_level")
    rows = leads()["lead"].to_pylist()
    # Only those that came in the last 90 days and are open.
    assert set(score) == {
        row["lead"] for row in rows if row["day"] > TODAY - timedelta(days=90) and row["status"] == "working"
    }
    called = {(t["lead"], t["day"]) for t in leads()["touch"].to_pylist() if t["channel"] == "call"}
    kinds: dict[tuple[bool, bool], list[int]] = {}
    for row in rows:
        if row["lead"] in score:
            key = row["source"] == "exhibition", (row["lead"], row["day"]) in called
            kinds.setdefault(key, []).append(row["lead"])
    middle = {key: np.median([score[n] for n in ids]) for key, ids in kinds.items()}
    for key, logit in {(False, False): -2.2, (True, False): -0.4, (True, True): 1.0}.items():
        assert middle[key] == pytest.approx(100 / (1 + np.exp(-logit)), abs=7)
    assert {level[n] for n in kinds[True, True]} == {"hot"}
    assert {level[n] for n in kinds[False, False]} == {"cold"}
    one = reasons(finding, "lead_level")[kinds[True, True][0]]["reasons"]
    strongest = {(r[1]["field"]["text"], str(r[1]["value"]), r[2] > 0) for r in one[:2]}
    assert ("Calls, meetings and messages on the first day", "1", True) in strongest
    assert "Source" in {field for field, _, positive in strongest if positive}


def test_the_card_is_tried_in_time_beside_the_best_field_and_names_what_was_written_afterwards() -> None:
    finding = found("lead_score", leads())
    card, why = finding.card, notes(finding)
    assert card.beside is not None
    assert card.beside.is_better
    assert card.last == TODAY - timedelta(days=90)
    assert figures(finding)["Expected calibration error"] < 6
    # The points were written with the outcome, and the customer with it alone; that the owner was not is not known.
    assert why["Points of the rules"] == "tells the outcome almost alone"
    assert why["Customer"] == "filled in only with one outcome"
    assert why["Owner"] == ""
    assert {name for name, _ in card.weights} <= {
        "Source", "Came in through", "Campaign", "Day of the week", "Calls, meetings and messages on the first day"
    }  # fmt: skip


def test_where_nothing_tells_who_converts_there_is_no_usable_signal() -> None:
    with pytest.raises(NoSignal):
        found("lead_score", leads(telling=False))


@pytest.mark.parametrize("key", ["lead_score", "deal_score"])
def test_too_little_is_refused(key: str) -> None:
    with pytest.raises(NotEnough) as refusal:
        found(key, {})
    assert (refusal.value.needs, refusal.value.has) == (40, 0)


STAGES = ("Talk", "Offer", "Contract")


@cache
def deals(telling: bool = True) -> Tables:
    """1,500 deals in 700 days, of which those whom we talk to and those that go on to a contract are won more often."""
    chance, many = np.random.default_rng(5), 1500
    deal: dict[str, list[Any]] = {
        k: [] for k in ("deal", "day", "closed", "status", "stage", "amount", "lost_reason")
    }
    moves: list[tuple[Any, ...]] = []
    met: list[tuple[int, int]] = []
    for n in range(1, many + 1):
        opened, life, talked = (
            int(chance.integers(1, 700)),
            int(chance.integers(20, 90)),
            bool(chance.random() < 0.5),
        )
        far = bool(chance.random() < 0.5)
        logit = telling * (2.4 * talked + 1.6 * far) - 1.8 * telling
        won, ends = bool(chance.random() < 1 / (1 + np.exp(-logit))), opened - life
        # The step to a contract comes early in its life, so that it is known while the deal is open.
        moves += [(n, opened, "", STAGES[0], None, 1, "open")]
        if far:
            moves.append((n, opened - 1, STAGES[0], STAGES[2], 1, 3, "open"))
        closed = ends if ends >= 0 else None
        if closed is not None:
            moves.append(
                (
                    n,
                    closed,
                    STAGES[2 * far],
                    "Won" if won else "Lost",
                    1 + 2 * far,
                    9,
                    "won" if won else "lost",
                )
            )
        if talked:
            met += [(n, a) for a in range(opened - 1, max(ends, 0), -9)]
        stands = "open" if closed is None else "won" if won else "lost"
        told = (
            n,
            opened,
            closed,
            stands,
            STAGES[2 * far],
            100 if won else 0,
            "Price" if stands == "lost" else "",
        )
        for name, value in zip(deal, told, strict=True):
            deal[name].append(value)
    columns = list(zip(*moves, strict=True))
    return {
        "deal": pa.table({
            "deal": pa.array(deal["deal"], pa.int64()), "day": days(deal["day"]), "closed": days(deal["closed"]),
            "status": texts(deal["status"]), "stage": texts(deal["stage"]), "pipeline": texts(["Sales"] * many),
            "amount": pa.array(deal["amount"], pa.int64()), "lost_reason": texts(deal["lost_reason"]),
        }),
        "stage_change": pa.table({
            "change": pa.array(range(len(moves)), pa.int64()), "deal": pa.array(columns[0], pa.int64()),
            "at": pa.array([AT - timedelta(days=a) for a in columns[1]], pa.timestamp("us")), "day": days(columns[1]),
            "from_stage": texts(columns[2]), "to_stage": texts(columns[3]),
            "from_position": pa.array(columns[4], pa.int32()), "to_position": pa.array(columns[5], pa.int32()),
            "status": texts(columns[6]),
        }),
        "interaction": pa.table({
            "interaction": texts(range(len(met))), "deal": pa.array([n for n, _ in met], pa.int64()),
            "day": days([a for _, a in met]),
        }),
    }  # fmt: skip


def test_open_deals_are_scored_by_what_happened_while_earlier_ones_were_open() -> None:
    finding = found("deal_score", deals())
    score, level = scored(finding, "deal_score"), scored(finding, "deal_level")
    rows = {row["deal"]: row for row in deals()["deal"].to_pylist()}
    assert set(score) == {n for n, row in rows.items() if row["status"] == "open"}
    talked = set(deals()["interaction"]["deal"].to_pylist())
    best = [score[n] for n in score if n in talked and rows[n]["stage"] == "Contract"]
    worst = [score[n] for n in score if n not in talked and rows[n]["stage"] == "Talk"]
    assert np.median(best) > 80
    assert np.median(worst) < 25
    assert "hot" in level.values()
    assert "cold" in level.values()
    assert finding.card.beside is not None
    assert finding.card.beside.method > 0.75
    why = notes(finding)
    assert why["Amount"] == "tells the outcome almost alone"
    assert why["Lost reason"] != ""
    assert why["Owner"] == ""
    assert "Won" not in str(list(reasons(finding, "deal_level").values()))
    told = next(iter(reasons(finding, "deal_level").values()))["reasons"]
    assert all(r[0] == "%(field)s: %(value)s" and isinstance(r[1]["field"]["text"], str) for r in told)


def test_deals_whose_outcome_is_noise_get_no_score() -> None:
    with pytest.raises(NoSignal):
        found("deal_score", deals(telling=False))


def test_what_comes_after_the_day_changes_no_score_of_that_day() -> None:
    then = TODAY - timedelta(days=120)
    cut = {name: until(table, then) for name, table in deals().items()}
    early, late = found("deal_score", cut, as_of=then), found("deal_score", deals(), as_of=then)
    was = scored(early, "deal_score")
    assert was == scored(late, "deal_score")
    assert len(was) > 50


def until(table: pa.Table, day: date) -> pa.Table:
    """The rows of by then; deals that closed later are open then."""
    kept = table.filter([d <= day for d in table["day"].to_pylist()])
    if "closed" not in kept.column_names:
        return kept
    rows = kept.to_pylist()
    for row in rows:
        if row["closed"] is not None and row["closed"] > day:
            row.update(closed=None, status="open", lost_reason="")
    return pa.Table.from_pylist(rows, schema=kept.schema)


def test_the_day_on_which_a_closed_deal_is_seen_lies_in_its_life_and_stays() -> None:
    id, first = np.arange(1, 500), np.arange(1, 500) % 50
    on = _one_day(id, first, first + 1 + id % 40)
    assert ((on >= first) & (on < first + 1 + id % 40)).all()
    assert (_one_day(id[::-1], first[::-1], (first + 1 + id % 40)[::-1])[::-1] == on).all()
    assert len(np.unique(on - first)) > 20
