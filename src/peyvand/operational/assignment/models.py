from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import Record


class AssignmentRule(Record):
    """To whom records of one object are given that have no owner. Of several the first that fits decides."""

    name = models.CharField(max_length=150)
    object = models.CharField(max_length=40, default="lead")
    # The JSON text of kernel.conditions; empty: every record.
    condition = models.TextField(blank=True)
    position = models.SmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    way = models.CharField(max_length=10, default="turns")
    team = WorkspaceForeignKey("identity.Team", models.SET_NULL, null=True, blank=True)
    at_work = models.CharField(max_length=10, default="now")
    most_open = models.IntegerField(null=True, blank=True)
    previous_first = models.BooleanField(default=False)
    by_territory = models.BooleanField(default=False)
    skill_from = models.CharField(
        max_length=100, blank=True, help_text="object.field whose value names the skill needed"
    )
    least_level = models.SmallIntegerField(null=True, blank=True)
    fallback = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True, blank=True)
    when_away = models.CharField(max_length=10, default="keep", help_text="keep, deputy or pool")
    comes_back = models.BooleanField(default=True)

    class Meta(Record.Meta):
        db_table = "assignment_rule"
        indexes: ClassVar[list[Any]] = [index_here("object", "position", name="assignment_rule_order")]

    def __str__(self) -> str:
        return self.name


class AssignmentSeat(Record):
    """A place in a rule's pool: of one user, or of everybody in a team, each with this weight."""

    rule = WorkspaceForeignKey(AssignmentRule, models.CASCADE)
    user = WorkspaceForeignKey("identity.User", models.CASCADE, null=True, blank=True)
    team = WorkspaceForeignKey("identity.Team", models.CASCADE, null=True, blank=True)
    weight = models.SmallIntegerField(default=1)
    most_open = models.IntegerField(null=True, blank=True)

    class Meta(Record.Meta):
        db_table = "assignment_seat"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            models.CheckConstraint(condition=Q(user=None) ^ Q(team=None), name="assignment_seat_holder"),
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=20), name="assignment_seat_weight"),
        ]
        indexes: ClassVar[list[Any]] = [index_here("rule", name="assignment_seat_of")]

    def __str__(self) -> str:
        return str(self.id)


class Skill(Record):
    """What a user can do or speak, and how well (1 to 5)."""

    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    name = models.CharField(max_length=100)
    level = models.SmallIntegerField(default=3)

    class Meta(Record.Meta):
        db_table = "user_skill"
        indexes: ClassVar[list[Any]] = [index_here("user", name="user_skill_of")]

    def __str__(self) -> str:
        return self.name


class AssignmentTurns(WorkspaceModel):
    """Whose turn it is in a rule: the place at which each last got a record (turns.py)."""

    rule = WorkspaceForeignKey(AssignmentRule, models.CASCADE)
    places = models.JSONField(default=dict)

    class Meta:
        db_table = "assignment_turns"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("rule", name="assignment_turns_of")]


class AssignmentEntry(WorkspaceModel):
    """That a record was given to somebody, and why to them; ``user`` is empty where nobody could take it.

    ``why`` is {"code", "params"} and ``passed`` a list of {"user", "name", "code", "params"}: reasons.py says them.
    """

    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    rule = WorkspaceForeignKey(AssignmentRule, models.SET_NULL, null=True)
    rule_name = models.CharField(max_length=150)
    user = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    from_user = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    absence_id = models.BigIntegerField(null=True, help_text="the absence through which it changed hands")
    why = models.JSONField(default=dict)
    passed = models.JSONField(default=list)
    # {"user id": weight} of everybody whose turn it could have been: what their share is reckoned from.
    shares = models.JSONField(default=dict)
    is_back = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)

    class Meta:
        db_table = "assignment_entry"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            index_here("object", "object_id", "-id", name="assignment_entry_of"),
            index_here("rule", "at", name="assignment_entry_by_rule"),
            index_here("absence_id", name="assignment_entry_away", condition=Q(absence_id__isnull=False)),
        ]
