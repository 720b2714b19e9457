from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from peyvand.operational.catalog.public import Product
from peyvand.operational.contacts.public import Company, Person, sorted_copy
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord, Record

if TYPE_CHECKING:
    from peyvand.operational.sales.transitions import Transition

PRESENT = Q(deleted_at__isnull=True)


class Pipeline(Record):
    """A way that deals take, stage by stage."""

    name = models.CharField(max_length=100)
    is_default = models.BooleanField(default=False)
    position = models.SmallIntegerField(default=0)
    # Days without movement after which a deal is rotting, where its stage says nothing else.
    rots_after = models.IntegerField(null=True, blank=True)
    # Whether an open deal without a next step is pointed out, to its owner too.
    wants_step = models.BooleanField(default=False, db_default=False)
    # From this amount on a deal's owner's manager is told.
    big_deal = models.BigIntegerField(null=True, blank=True)
    # Whether whoever is in a deal's team sees it, however little their role shows them.
    team_sees = models.BooleanField(default=True, db_default=True)
    # Days between two activities about its deals that were won, at the median; reckoned nightly.
    usual_pause = models.IntegerField(null=True, blank=True)

    class Meta(Record.Meta):
        db_table = "pipeline"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("name", name="pipeline_name_here", condition=PRESENT),
        ]

    def __str__(self) -> str:
        return self.name


class Stage(Record):
    """A step of a pipeline. Of kind open, or one of the two ends: won and lost."""

    pipeline = WorkspaceForeignKey(Pipeline, models.CASCADE)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, default="open")
    position = models.SmallIntegerField(default=0)
    probability = models.SmallIntegerField(default=0)
    rots_after = models.IntegerField(null=True, blank=True)
    # Forecast category of deals that enter; empty: by the stage's kind.
    forecast = models.CharField(max_length=10, blank=True, default="", db_default="")
    # Days that deals which were won spent here, at the median; reckoned nightly.
    usual_days = models.IntegerField(null=True, blank=True)
    # Keys of the deal's fields that must be filled before a deal may enter.
    required = models.JSONField(default=list, blank=True)

    class Meta(Record.Meta):
        db_table = "stage"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("pipeline", "name", name="stage_name_here", condition=PRESENT),
            models.CheckConstraint(
                name="stage_probability", condition=Q(probability__gte=0, probability__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LostReason(Record):
    name = models.CharField(max_length=100)
    position = models.SmallIntegerField(default=0)

    class Meta(Record.Meta):
        db_table = "lost_reason"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("name", name="lost_reason_name_here", condition=PRESENT),
        ]

    def __str__(self) -> str:
        return self.name


class Competitor(Record):
    name = models.CharField(max_length=200)
    website = models.CharField(max_length=300, blank=True)
    strengths = models.TextField(blank=True)
    weaknesses = models.TextField(blank=True)

    class Meta(Record.Meta):
        db_table = "competitor"

    def __str__(self) -> str:
        return self.name


class Deal(OwnedRecord):
    """A sale under way, or how it ended. Money is in minor units of the workspace's currency."""

    name = models.CharField(max_length=300)
    name_sort = sorted_copy("name")
    company = WorkspaceForeignKey(Company, models.SET_NULL, null=True, blank=True)
    person = WorkspaceForeignKey(Person, models.SET_NULL, null=True, blank=True)
    pipeline = WorkspaceForeignKey(Pipeline, models.PROTECT)
    stage = WorkspaceForeignKey(Stage, models.PROTECT)
    # The stage's kind, copied so that lists and sums need no join.
    status = models.CharField(max_length=10, default="open")
    amount = models.BigIntegerField(null=True, blank=True)
    probability = models.SmallIntegerField(default=0)
    # amount × probability ÷ 100 without overflowing on the way.
    weighted = models.GeneratedField(
        expression=RawSQL("amount / 100 * probability + mod(amount, 100) * probability / 100", []),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    # Whether somebody gave the deal a probability of its own.
    has_own_probability = models.BooleanField(default=False, db_default=False)
    forecast = models.CharField(max_length=10, default="pipeline", db_default="pipeline")
    # Its lines' amounts less what their products cost, each once; empty where a cost is not known.
    margin = models.BigIntegerField(null=True, blank=True)
    # What its repeating lines come to in a month, and all lines over their whole time.
    recurring = models.BigIntegerField(null=True, blank=True)
    total_value = models.BigIntegerField(null=True, blank=True)
    # The most that it was ever worth, and how often its expected day was put off while it was open.
    amount_high = models.BigIntegerField(null=True, blank=True)
    pushes = models.SmallIntegerField(default=0, db_default=0)
    # 0 to 100 and why, of open deals; reckoned aside, without a new version (health.py).
    health = models.SmallIntegerField(null=True, blank=True)
    health_why = models.JSONField(default=list, db_default=[], blank=True)
    expected_on = models.DateField(null=True, blank=True)
    engaged_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    lost_reason = WorkspaceForeignKey(LostReason, models.SET_NULL, null=True, blank=True)
    competitor = WorkspaceForeignKey(Competitor, models.SET_NULL, null=True, blank=True)
    lost_note = models.TextField(blank=True)
    source = models.CharField(max_length=20, blank=True)
    description = models.TextField(blank=True)
    # The nearest open task or planned meeting about it, copied by a reaction.
    next_activity_at = models.DateTimeField(null=True, blank=True)
    next_activity_kind = models.CharField(max_length=20, blank=True)
    next_activity_title = models.CharField(max_length=300, blank=True)
    stage_since = models.DateTimeField()
    # Higher is nearer the top of its column; with gaps, so that a card fits between two others (ranks.py).
    board_rank = models.BigIntegerField(default=0)

    # What the writing now under way does to its stage and owner: set by prepare, told by after (transitions.py).
    transition: Transition | None = None

    class Meta(OwnedRecord.Meta):
        db_table = "deal"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="deal_probability", condition=Q(probability__gte=0, probability__lte=100)
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("name_sort", "id", name="deal_by_name"),
            index_here("stage", "board_rank", "id", name="deal_board", condition=PRESENT),
            # Sums of a board's heads, whoever's deals they are, without touching the table.
            index_here("owner", "stage", name="deal_sums", condition=PRESENT, include=("amount", "weighted")),
            index_here("status", "expected_on", "id", name="deal_by_expected"),
            index_here("status", "closed_on", "owner", name="deal_by_closed", condition=PRESENT),
            index_here("amount", "id", name="deal_by_amount"),
            index_here("status", "health", "id", name="deal_by_health"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.status == "open"


class DealLine(WorkspaceModel):
    """A product on a deal. ``amount`` is price × quantity less the discount, rounded half up; empty where no price is known."""

    deal = WorkspaceForeignKey(Deal, models.CASCADE)
    product = WorkspaceForeignKey(Product, models.PROTECT)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    price = models.BigIntegerField(null=True)
    discount = models.DecimalField(max_digits=5, decimal_places=2, help_text="percent")
    amount = models.BigIntegerField(null=True)
    # Repeats every month, quarter or year; so many times, or until somebody ends it.
    every = models.CharField(max_length=10, default="", db_default="")
    times = models.SmallIntegerField(null=True)
    position = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "deal_line"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("deal", "position", name="deal_line_place")]


class StageMove(WorkspaceModel):
    """That a deal entered a stage; the first has no stage before it."""

    # Two deals that were one are not two ways through the pipeline.
    history_of: ClassVar[str] = "deal"

    deal = WorkspaceForeignKey(Deal, models.CASCADE)
    from_stage = WorkspaceForeignKey(Stage, models.SET_NULL, null=True)
    # A stage that deals have passed stays in the bin: what happened keeps its name.
    to_stage = WorkspaceForeignKey(Stage, models.PROTECT)
    at = models.DateTimeField()
    by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    seconds = models.BigIntegerField(null=True, help_text="spent in the stage before")

    class Meta:
        db_table = "stage_move"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            index_here("deal", "at", name="stage_move_of_deal"),
            index_here("to_stage", "at", name="stage_move_into"),
        ]


class DealContact(WorkspaceModel):
    """A person who has a say in a deal, beside its main contact."""

    deal = WorkspaceForeignKey(Deal, models.CASCADE)
    person = WorkspaceForeignKey(Person, models.CASCADE)
    role = models.CharField(max_length=20, blank=True)
    attitude = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=300, blank=True)
    position = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "deal_contact"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("deal", "position", name="deal_contact_place")]


class DealMember(WorkspaceModel):
    """A colleague who works on a deal, and the percentage of it that is counted as theirs."""

    deal = WorkspaceForeignKey(Deal, models.CASCADE)
    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    share = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    part = models.CharField(max_length=100, blank=True)
    position = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "deal_member"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("deal", "position", name="deal_member_place")]


class DealRival(WorkspaceModel):
    """A competitor who wants the same deal, and how they stand."""

    deal = WorkspaceForeignKey(Deal, models.CASCADE)
    competitor = WorkspaceForeignKey(Competitor, models.CASCADE)
    standing = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=300, blank=True)
    position = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "deal_rival"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("deal", "position", name="deal_rival_place")]


class PlaybookItem(Record):
    """What is to be done, or known, in a stage before a deal goes on."""

    stage = WorkspaceForeignKey(Stage, models.CASCADE)
    name = models.CharField(max_length=300)
    link = models.CharField(max_length=500, blank=True)
    is_required = models.BooleanField(default=False)
    position = models.SmallIntegerField(default=0)

    class Meta(Record.Meta):
        db_table = "playbook_item"

    def __str__(self) -> str:
        return self.name


class PlaybookTick(WorkspaceModel):
    """That an item of the playbook is done for a deal: by whom, and when."""

    history_of: ClassVar[str] = "deal"

    deal = WorkspaceForeignKey(Deal, models.CASCADE)
    item = WorkspaceForeignKey(PlaybookItem, models.CASCADE)
    at = models.DateTimeField()
    by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)

    class Meta:
        db_table = "playbook_tick"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("deal", "item", name="playbook_tick_once")]
