from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord


class Report(OwnedRecord):
    """A question to the warehouse that somebody keeps, and with whom it is shared."""

    name = models.CharField(max_length=100)
    question = models.JSONField(default=dict)
    audience = models.CharField(max_length=10, default="private")
    # On the dashboard of everybody who sees it.
    is_pinned = models.BooleanField(default=False)

    class Meta(OwnedRecord.Meta):
        db_table = "report"
        constraints: ClassVar[list[Any]] = [*OwnedRecord.Meta.constraints]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("audience", "id", name="report_shared"),
        ]

    def __str__(self) -> str:
        return self.name


class Sending(WorkspaceModel):
    """How a report is sent by mail, again and again: on which days, at what hour, as which files."""

    report = WorkspaceForeignKey(Report, models.CASCADE)
    every = models.CharField(max_length=5, help_text="day, week or month")
    weekday = models.SmallIntegerField(default=6, help_text="1 is Monday, where it is sent every week")
    day = models.SmallIntegerField(
        default=1, help_text="of the month, in the workspace's calendar; its last one where it has fewer"
    )
    hour = models.SmallIntegerField(default=8)
    as_pdf = models.BooleanField(default=True)
    as_xlsx = models.BooleanField(default=False)
    # Whoever set it up, and is told where it fails.
    sender = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    next_at = models.DateTimeField()

    class Meta:
        db_table = "report_sending"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("report", name="report_sending_once")]
        indexes: ClassVar[list[Any]] = [index_here("next_at", name="report_sending_due")]


class Receiver(WorkspaceModel):
    """Somebody to whom a report is sent, until they leave; and who left, so that whoever sends cannot bring them back."""

    report = WorkspaceForeignKey(Report, models.CASCADE)
    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    left_at = models.DateTimeField(null=True)
    # Of those who left: whoever sends still means them, so that they may come back.
    is_chosen = models.BooleanField(default=True)

    class Meta:
        db_table = "report_receiver"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("report", "user", name="report_receiver_once")]
        indexes: ClassVar[list[Any]] = [index_here("user", name="report_receiver_of")]


class Delivery(WorkspaceModel):
    """One report on its way to one person, and what came of it."""

    report = WorkspaceForeignKey(Report, models.CASCADE)
    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.SmallIntegerField(default=0)
    rows = models.IntegerField(null=True, help_text="lines of the table that was sent")
    as_pdf = models.BooleanField(default=True)
    as_xlsx = models.BooleanField(default=False)
    is_own = models.BooleanField(
        default=False, help_text="asked for by its reader, who need not be among the receivers"
    )
    # Why it was not sent: [template, params].
    why = models.JSONField(default=list)

    class Meta:
        db_table = "report_delivery"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            index_here("report", "-id", name="report_delivery_newest"), index_here("user", name="report_delivery_to"),
        ]  # fmt: skip


class BoardHabit(WorkspaceModel):
    """How somebody wants a board: which cards come first, which they do without, which reports they added for themselves."""

    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    board = models.CharField(max_length=20)
    order = models.JSONField(default=list, help_text="keys of cards")
    hidden = models.JSONField(default=list, help_text="keys of cards")
    pinned = models.JSONField(default=list, help_text="ids of reports")

    class Meta:
        db_table = "report_board_habit"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("user", "board", name="report_board_habit_once")]
