from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.operational.catalog.public import Product
from peyvand.operational.consents.public import Purpose
from peyvand.operational.contacts.public import Company, Person, sorted_copy
from peyvand.operational.sales.public import Deal
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord, Record

if TYPE_CHECKING:
    from peyvand.operational.leads.transitions import Transition

PRESENT = Q(deleted_at__isnull=True)


class LeadReason(Record):
    """Why a lead came to nothing, chosen from by whoever disqualifies one."""

    name = models.CharField(max_length=100)
    position = models.SmallIntegerField(default=0)

    class Meta(Record.Meta):
        db_table = "lead_reason"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("name", name="lead_reason_name_here", condition=PRESENT),
        ]

    def __str__(self) -> str:
        return self.name


class LeadForm(Record):
    """A form on a public page, through which strangers become leads."""

    name = models.CharField(max_length=100)
    # What its address is known by: the workspace and a secret that nobody guesses (web/public.py).
    token = models.CharField(max_length=60)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, default="visitor")
    heading = models.CharField(max_length=200, blank=True)
    intro = models.TextField(blank=True)
    asked = models.JSONField(default=list, help_text="keys of what it asks for (fields.ASKED)")
    needed = models.JSONField(default=list, help_text="keys of what must be filled in")
    thanks = models.TextField(blank=True)
    redirect_url = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=20, default="website")
    campaign = models.CharField(max_length=200, blank=True)
    gives_to = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True, blank=True)
    purpose = WorkspaceForeignKey(Purpose, models.SET_NULL, null=True, blank=True)
    consent_text = models.TextField(blank=True)
    # Web pages that may show it or send to it, one origin a line.
    sites = models.TextField(blank=True)

    class Meta(Record.Meta):
        db_table = "lead_form"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("token", name="lead_form_token_here"),
        ]

    def __str__(self) -> str:
        return self.name


class Lead(OwnedRecord):
    """An inquiry of a person, and how far it was qualified. Who they are is the person's; here stands what they wrote."""

    name = models.CharField(max_length=300)
    name_sort = sorted_copy("name")
    person = WorkspaceForeignKey(Person, models.CASCADE)
    company = WorkspaceForeignKey(Company, models.SET_NULL, null=True, blank=True)
    deal = WorkspaceForeignKey(Deal, models.SET_NULL, null=True, blank=True)
    # As they were given with the inquiry: by them the person was found, or made.
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)
    company_name = models.CharField(max_length=300, blank=True)
    job_title = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    message = models.TextField(blank=True)
    product = WorkspaceForeignKey(Product, models.SET_NULL, null=True, blank=True)
    budget = models.BigIntegerField(null=True, blank=True)
    source = models.CharField(max_length=20, blank=True)
    campaign = models.CharField(max_length=200, blank=True)
    form = WorkspaceForeignKey(LeadForm, models.SET_NULL, null=True, blank=True)
    utm_source = models.CharField(max_length=200, blank=True)
    utm_medium = models.CharField(max_length=200, blank=True)
    utm_campaign = models.CharField(max_length=200, blank=True)
    utm_term = models.CharField(max_length=200, blank=True)
    utm_content = models.CharField(max_length=200, blank=True)
    referrer = models.CharField(max_length=500, blank=True)
    landing_page = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=15, default="new")
    state_since = models.DateTimeField()
    reason = WorkspaceForeignKey(LeadReason, models.SET_NULL, null=True, blank=True)
    reason_note = models.TextField(blank=True)
    nurture_until = models.DateField(null=True, blank=True)
    # How often the same person asked, and how often the lead was taken up again.
    inquiries = models.IntegerField(default=1)
    recycled = models.IntegerField(default=0)
    qualified_at = models.DateTimeField(null=True, blank=True)
    converted_at = models.DateTimeField(null=True, blank=True)
    # When one of us last did something about it.
    touched_at = models.DateTimeField(null=True, blank=True)
    fit = models.SmallIntegerField(default=0)
    engagement = models.SmallIntegerField(default=0)
    score = models.SmallIntegerField(default=0)
    grade = models.CharField(max_length=1, default="D")
    # The moment as of which the score is reckoned.
    scored_at = models.DateTimeField(null=True, blank=True)

    # What the writing now under way does to its state and owner: set by prepare, told by after (transitions.py).
    transition: Transition | None = None
    # Whether a verb of its own sets the state, which tells it itself: converting, waking.
    by_verb: bool = False

    class Meta(OwnedRecord.Meta):
        db_table = "lead"
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("name_sort", "id", name="lead_by_name"),
            index_here("state", "id", name="lead_by_state", condition=PRESENT),
            index_here("score", "id", name="lead_by_score"),
            index_here("state", "nurture_until", name="lead_to_wake", condition=PRESENT),
            index_here("person", "state", name="lead_of_person"),
            index_here("deal", "id", name="lead_of_deal"),
            index_here("created_at", "id", name="lead_by_age"),
        ]

    def __str__(self) -> str:
        return self.name


class Conversion(WorkspaceModel):
    """What turning a lead into a deal made and linked, so that it can be taken back."""

    history_of: ClassVar[str] = "lead"

    lead = WorkspaceForeignKey(Lead, models.CASCADE)
    at = models.DateTimeField()
    by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    state_before = models.CharField(max_length=15)
    deal = WorkspaceForeignKey(Deal, models.SET_NULL, null=True)
    deal_version = models.IntegerField()
    company = WorkspaceForeignKey(Company, models.SET_NULL, null=True)
    # The company's version where the conversion made it; null where it was there.
    company_version = models.IntegerField(null=True)
    # Which links to the company the conversion made.
    linked_lead = models.BooleanField(default=False)
    linked_person = models.BooleanField(default=False)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "lead_conversion"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("lead", "-id", name="lead_conversion_of")]


class ScoreRule(Record):
    """So many points for a lead that meets a condition, or for something that its person did, wearing off with time."""

    name = models.CharField(max_length=150)
    side = models.CharField(max_length=10, default="fit")
    # JSON of kernel.conditions, for what a lead is; or the key of what somebody did (scoring/happenings.py).
    condition = models.TextField(blank=True)
    event = models.CharField(max_length=40, blank=True)
    points = models.SmallIntegerField()
    half_life = models.IntegerField(null=True, blank=True, help_text="days; null: the points stay")
    is_active = models.BooleanField(default=True)
    position = models.SmallIntegerField(default=0)

    class Meta(Record.Meta):
        db_table = "score_rule"

    def __str__(self) -> str:
        return self.name


class Submission(WorkspaceModel):
    """That a form was sent: taken, or held for a machine's work. Of whoever sent it a keyed hash of the address is kept, for a day."""

    form = WorkspaceForeignKey(LeadForm, models.CASCADE)
    lead = WorkspaceForeignKey(Lead, models.SET_NULL, null=True)
    at = models.DateTimeField()
    sender = models.CharField(max_length=32, blank=True)
    # What its page was told apart by: a form that is sent twice is taken once.
    ticket = models.CharField(max_length=32, null=True)
    is_taken = models.BooleanField()

    class Meta:
        db_table = "lead_submission"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("form", "ticket", name="lead_submission_once")]
        indexes: ClassVar[list[Any]] = [
            index_here("form", "at", name="lead_submission_of"),
            index_here("sender", "at", name="lead_submission_from"),
        ]
