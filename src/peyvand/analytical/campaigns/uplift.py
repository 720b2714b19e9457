"""What campaigns changed: of each trial the mean effect first, and whom it changed only where that is surely no chance.

``more["trials"]``: of each the groups, the difference with its interval, what is still missing, and either the ranking (Qini,
effect by tenths, the fields that speak) or why there is none. The newest trial that can be ranked says of every customer by how
much such a campaign would change them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, Final

import numpy as np

from peyvand.analytical.analyses.contract import Beside, Card, Figure, Finding, Inputs
from peyvand.analytical.analyses.customers import Told, by_object
from peyvand.analytical.campaigns.known import LABELS, Fields
from peyvand.analytical.campaigns.objects import LESS, MORE, USUAL
from peyvand.analytical.campaigns.outside import outside_trials
from peyvand.analytical.campaigns.trials import Trial, everybody, trials
from peyvand.analytical.methods import effect as rates
from peyvand.analytical.methods.effect import Rate
from peyvand.analytical.methods.guards import Numbers, require
from peyvand.analytical.methods.uplift import Effect, Ranking, UpliftModel, learn, score
from peyvand.kernel.errors import Message, RuleViolation, msg, msgid
from peyvand.platform.insights.telling import kept, reason

# So many of the newest trials are looked at in a night.
MOST: Final = 20
_LEVELS: Final = np.array([LESS, USUAL, MORE], dtype=object)


@dataclass(frozen=True, eq=False)
class Learned:
    """What a trial says: the mean effect, and a model of whom it changed, or why there is none."""

    trial: Trial
    effect: rates.Effect
    model: UpliftModel | None
    refusal: RuleViolation | None
    fields: tuple[tuple[str, float], ...] = ()


def run(given: Inputs) -> Finding:
    """The trials up to the day."""
    found = [learned(trial) for trial in islice(trials(given), MOST)]
    # Whom a campaign changes is said of customers by what the warehouse knows of all of them.
    ranked = next((one for one in found if one.model is not None), None)
    unread = []
    for other in islice(outside_trials(given), MOST):
        if isinstance(other, Trial):
            found.append(learned(other))
        else:
            unread.append((other[0], other[1]))
    if not unread:
        require(msgid("finished campaigns with a treated and a control group"), 1, len(found))
    scores = by_object(*_scored(given, ranked)) if ranked else ()
    more = {
        "trials": [plain(one) for one in found],
        "unread": [[f"campaign_trial:{one.pk}", one.name, kept(why)] for one, why in unread],
        "scored_by": ranked.trial.key if ranked else "",
    }
    return Finding(scores, _card(found, ranked), more)


def learned(trial: Trial) -> Learned:
    """The mean effect of a trial, and whom it changed, where that can be told."""
    treated, alone = _rate(trial, trial.treated), _rate(trial, ~trial.treated)
    mean = _mean(trial, treated, alone)
    try:
        model = learn(trial.fields, trial.treated, trial.came)
    except RuleViolation as refused:
        return Learned(trial, mean, None, refused)
    return Learned(trial, mean, model, None, _weights(model, trial.fields))


def _mean(trial: Trial, treated: Rate, alone: Rate) -> rates.Effect:
    """Of a trial that goes on, nothing is claimed before there are as many people as were asked for."""
    if trial.least:
        # A part that is none by now was drawn while it was some.
        share = trial.alone if 0 < trial.alone < 1 else alone.of / len(trial.came)
        return rates.measure(treated, alone, trial.least, share)
    found = rates.difference(treated, alone)
    verdict: rates.Verdict = "better" if found.low > 0 else "worse" if found.high < 0 else "open"
    return rates.Effect(treated, alone, found, (0, 0), verdict)


def plain(one: Learned) -> dict[str, Any]:
    """A trial as ``more`` keeps it; differences and rates in percent."""
    trial, mean = one.trial, one.effect
    return {
        "key": trial.key,
        "name": trial.name,
        "since": trial.since,
        "until": trial.until,
        "open": trial.open,
        "treated": [mean.treated.count, mean.treated.of],
        "alone": [mean.control.count, mean.control.of],
        "difference": _points(mean.difference.value, mean.difference.low, mean.difference.high),
        "missing": list(mean.missing),
        "verdict": mean.verdict,
        "refusal": kept(one.refusal.message) if one.refusal else None,
        "code": one.refusal.code if one.refusal else "",
        "ranking": _ranking(one.model.ranking) if one.model else None,
        "fields": [[name, round(share, 3)] for name, share in one.fields],
    }


def _rate(trial: Trial, group: Any) -> Rate:
    return Rate(int((trial.came & group).sum()), int(group.sum()))


def _points(*values: float) -> list[float]:
    return [round(100 * value, 2) for value in values]


def _ranking(ranking: Ranking) -> dict[str, Any]:
    def three(of: Effect) -> list[float]:
        return _points(of.difference.value, of.difference.low, of.difference.high)

    qini = ranking.qini
    return {
        "qini": [round(100 * v, 4) for v in (qini.value, qini.low, qini.high)],
        "p": ranking.p,
        "tenths": [three(one) for one in ranking.tenths],
    }


def _weights(model: UpliftModel, fields: Fields) -> tuple[tuple[str, float], ...]:
    """How much of what tells people apart each field says, the most first."""
    found = score(model, fields, reasons=len(model.fields))
    said = np.bincount(found.reasons.ravel(), np.abs(found.effects).ravel(), len(model.fields))
    share = said / (said.sum() or 1.0)
    return tuple((model.fields[n], float(share[n])) for n in np.argsort(-share, kind="stable"))


def _scored(given: Inputs, one: Learned) -> tuple[Any, dict[str, Any], dict[str, Told]]:
    """Every customer with what such a campaign would change."""
    who, fields = everybody(given)
    assert one.model is not None
    found = score(one.model, fields, reasons=2)
    mean = one.effect.difference
    level = np.digitize(found.uplift, (mean.low, mean.high))
    values = {"uplift": np.round(100 * found.uplift, 1), "uplift_level": _LEVELS[level]}
    return who, values, {"uplift": _told(given, one, fields, found.reasons, found.effects)}


def _told(given: Inputs, one: Learned, fields: Fields, places: Any, effects: Numbers) -> Told:
    assert one.model is not None
    names = one.model.fields
    day = given.as_of + timedelta(days=1)

    def ago(days: float) -> dict[str, str]:
        return {"day": (day - timedelta(days=int(days))).isoformat()}

    says: dict[str, Callable[[Any], Message]] = {
        "orders": lambda v: msg("Orders so far: %(n)s", n=int(v)),
        "amount": lambda v: msg("Bought for %(amount)s", amount={"money": round(v)}),
        "last": lambda v: msg("Last bought on %(day)s", day=ago(v)),
        "first": lambda v: msg("First bought on %(day)s", day=ago(v)),
        "exchanges": lambda v: msg("Calls, meetings and messages in the last 90 days: %(n)s", n=int(v)),
        "object": lambda v: msg("It is a company") if v == "company" else msg("It is a person"),
        "province": lambda v: (
            msg("From %(place)s", place={"name": str(v)}) if v else msg("No province is known")
        ),
    }

    def told(n: int) -> Mapping[str, Any]:
        # Whoever sees a customer need not see the campaign: the page of effects names it to those who do.
        reasons = [reason(msg("As measured by a campaign with a control group"))]
        for place, effect in zip(places[n].tolist(), effects[n].tolist(), strict=True):
            value = fields[names[place]][n]
            said = says[names[place]](value) if value == value else msg("Never bought")
            reasons.append(reason(said, effect))
        return {"reasons": reasons}

    return told


def _card(found: list[Learned], ranked: Learned | None) -> Card:
    figures = [
        Figure(msgid("Campaigns with a control group"), len(found)),
        Figure(msgid("People treated"), sum(one.effect.treated.of for one in found)),
        Figure(msgid("People in the control group"), sum(one.effect.control.of for one in found)),
    ]
    notes: tuple[Message, ...] = ()
    if found:
        mean, refusal = found[0].effect.difference, found[0].refusal
        figures.append(
            Figure(msgid("Effect of the newest campaign, in points"), 100 * mean.value, "number", 100 * mean.low, 100 * mean.high)
        )  # fmt: skip
        notes = (refusal.message,) if refusal else ()
    beside = None
    if ranked and ranked.model:
        qini = ranked.model.ranking.qini
        beside = Beside(
            msgid("everybody alike"), msgid("Gain from targeting, in points"),
            100 * qini.value, 0.0, 100 * qini.value, 100 * qini.low, 100 * qini.high,
        )  # fmt: skip
    return Card(
        rows=sum(len(one.trial.came) for one in found),
        first=min((one.trial.since for one in found if one.trial.since), default=None),
        last=max((one.trial.until for one in found if one.trial.until), default=None),
        figures=tuple(figures),
        beside=beside,
        weights=tuple((LABELS.get(name, name), share) for name, share in ranked.fields) if ranked else (),
        notes=notes,
    )
