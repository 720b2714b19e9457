"""What must be so of a campaign of an outside table before it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peyvand.analytical.campaigns.models import CampaignTrial
from peyvand.analytical.warehouse.public import outside_tables
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.platform.actions.context import Context


def prepare_trials(
    ctx: Context, trials: Sequence[CampaignTrial], values: Sequence[Mapping[str, Any]]
) -> None:
    """Raises Invalid, by field: there is no such table or column, or both groups are one. What is not taken into the warehouse
    yet is looked at when it is reckoned."""
    known = {table.name: [column.name for column in table.columns] for table in outside_tables()}
    for trial in trials:
        problems = []
        if trial.treated and trial.treated.strip().casefold() == trial.control.strip().casefold():
            problems.append(Problem("control", msg("Both groups are the same.")))
        if known and trial.source not in known:
            problems.append(
                Problem("source", msg("There is no such outside table; there are: %(known)s.", known=", ".join(known)))
            )  # fmt: skip
        columns = known.get(trial.source)
        if columns is not None:
            asked = [
                ("arm", trial.arm),
                ("outcome", trial.outcome),
                *(("known", name) for name in trial.fields),
            ]
            problems += [
                Problem(key, msg("There is no column %(name)s; there are: %(known)s.", name=name, known=", ".join(columns)))
                for key, name in asked
                if name and name not in columns
            ]  # fmt: skip
        problems += [
            Problem("known", msg("The outcome and the groups are not known before the campaign: %(name)s.", name=name))
            for name in trial.fields
            if name in (trial.arm, trial.outcome)
        ]  # fmt: skip
        if problems:
            raise Invalid(problems)
