"""Keeping a question as a report, and changing what a kept one asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peyvand.analytical.reports.models import Report
from peyvand.analytical.reports.objects import REPORT
from peyvand.analytical.reports.question import Question
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.cleaning import clean
from peyvand.platform.objects.records import create_records


def keep_report(ctx: Context, raw: Mapping[str, Any], question: Question) -> Report:
    """A new report of the actor's own, of what was typed about it.

    Raises:
        Invalid: each value that is wrong. NotAllowed: the actor may not keep reports.
    """

    def write() -> Report:
        made: Report = create_records(ctx, REPORT, [clean(ctx, REPORT, {**raw, "owner": ctx.actor.user_id})])[
            0
        ]
        _ask(ctx, made, question)
        return made

    return perform(ctx, REPORT.permission("create"), (), write)


def change_question(ctx: Context, report: Report, question: Question) -> None:
    """Let a kept report ask something else.

    Raises:
        NotAllowed, NotFound: the actor may not change it.
    """
    perform(ctx, REPORT.permission("update"), (report,), lambda: _ask(ctx, report, question))


def _ask(ctx: Context, report: Report, question: Question) -> None:
    Report.objects.filter(id=report.pk).update(question=question.to_json())
    ctx.touch(REPORT.key, report.pk)
