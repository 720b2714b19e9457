from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.kernel import clock
from peyvand.operational.consents.public import Purpose
from peyvand.operational.contacts.public import Company, Person
from peyvand.platform.fields.types import Ref
from peyvand.platform.workspaces.models import (
    WorkspaceForeignKey,
    WorkspaceModel,
    index_here,
    unique_here,
)
from peyvand.platform.workspaces.records import OwnedRecord

PRESENT = Q(deleted_at__isnull=True)


class MailAccount(OwnedRecord):
    """A mailbox, of one user or of all: where it is fetched from and sent by, and how that fares."""

    address = models.CharField(max_length=254)
    name = models.CharField(max_length=254, blank=True, help_text="what receivers read beside the address")
    # Everybody may send by it and reads what came.
    is_shared = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    username = models.CharField(max_length=254, blank=True)
    password = models.TextField(blank=True, help_text="sealed")
    smtp_host = models.CharField(max_length=253, blank=True)
    smtp_port = models.IntegerField(null=True, blank=True)
    smtp_security = models.CharField(max_length=10, blank=True)
    # Where sending wants others than fetching.
    smtp_username = models.CharField(max_length=254, blank=True)
    smtp_password = models.TextField(blank=True, help_text="sealed")
    imap_host = models.CharField(max_length=253, blank=True)
    imap_port = models.IntegerField(null=True, blank=True)
    imap_security = models.CharField(max_length=10, blank=True)
    signature = models.TextField(blank=True)
    makes_leads = models.BooleanField(default=False)
    lead_source = models.CharField(max_length=20, blank=True)
    since = models.DateField(null=True, blank=True, help_text="mails from before are left where they are")
    # What the last attempts came to, in English words (reasons.said); empty: well.
    sending_problem = models.TextField(blank=True)
    receiving_problem = models.TextField(blank=True)
    sending_checked_at = models.DateTimeField(null=True, blank=True)
    receiving_checked_at = models.DateTimeField(null=True, blank=True)
    failures = models.IntegerField(default=0, help_text="of fetching, in a row")

    # Whether the writing now under way makes it another mailbox: said by prepare, read by after (hooks.py).
    begins_anew = False

    class Meta(OwnedRecord.Meta):
        db_table = "mail_account"
        constraints: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.constraints,
            unique_here("address", name="mail_account_address_here", condition=PRESENT),
        ]

    def __str__(self) -> str:
        return self.address


class MailFolder(WorkspaceModel):
    """How far a folder of a mailbox was read: IMAP's numbers hold only together with ``validity``."""

    account = WorkspaceForeignKey(MailAccount, models.CASCADE)
    kind = models.CharField(max_length=10, help_text="inbox or sent")
    name = models.TextField()
    validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)

    class Meta:
        db_table = "mail_folder"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("account", "kind", name="mail_folder_once")]


class PassedMail(WorkspaceModel):
    """A mail that could not be taken in, with the reason, so that somebody can look for it in the mailbox."""

    account = WorkspaceForeignKey(MailAccount, models.CASCADE)
    folder = models.CharField(max_length=10)
    uid = models.BigIntegerField()
    subject = models.CharField(max_length=300, blank=True)
    reason = models.TextField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "mail_passed"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("account", "-id", name="mail_passed_newest")]


class MailTemplate(OwnedRecord):
    """A letter to be sent often, with places for what is known of its reader."""

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, default="ordinary")
    language = models.CharField(max_length=5, default="fa")
    purpose = WorkspaceForeignKey(Purpose, models.SET_NULL, null=True, blank=True)
    subject = models.CharField(max_length=300)
    text = models.TextField()

    class Meta(OwnedRecord.Meta):
        db_table = "mail_template"

    def __str__(self) -> str:
        return self.name

    @property
    def is_marketing(self) -> bool:
        return self.kind == "marketing"


class MailMessage(OwnedRecord):
    """A mail that a customer wrote or gets. Its owner is the one of the account; nobody owns what a shared account has."""

    QUEUED, SENT, FAILED, BOUNCED, CANCELLED, RECEIVED = (
        "queued", "sent", "failed", "bounced", "cancelled", "received",
    )  # fmt: skip

    account = WorkspaceForeignKey(MailAccount, models.SET_NULL, null=True, blank=True)
    is_shared = models.BooleanField(default=False)
    is_private = models.BooleanField(default=False)
    direction = models.CharField(max_length=3, default="out")
    state = models.CharField(max_length=10, default=QUEUED)
    problem = models.TextField(blank=True, help_text="in English words (reasons.said)")
    subject = models.CharField(max_length=500, blank=True)
    sender = models.CharField(max_length=400, blank=True)
    # Lists of addresses as letters have them: «Sara <s@a.ir>, b@c.ir».
    to = models.TextField(blank=True)
    cc = models.TextField(blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True, help_text="sanitised")
    # Content-IDs that the HTML shows, with the ids of the files.
    pictures = models.JSONField(default=dict)
    about_object = models.CharField(max_length=40, blank=True)
    about_id = models.BigIntegerField(null=True, blank=True)
    person = WorkspaceForeignKey(Person, models.SET_NULL, null=True, blank=True)
    company = WorkspaceForeignKey(Company, models.SET_NULL, null=True, blank=True)
    template = WorkspaceForeignKey(MailTemplate, models.SET_NULL, null=True, blank=True)
    # Whoever gets it may be asked for their consent, and can take it back by it.
    purpose = WorkspaceForeignKey(Purpose, models.SET_NULL, null=True, blank=True)
    message_id = models.TextField(help_text="as in its header, without the angle brackets")
    # The hash of message_id, which has no limit: once in an account.
    message_key = models.CharField(max_length=64)
    in_reply_to = models.TextField(blank=True)
    references = models.TextField(blank=True)
    # The first message of the conversation; its own id there.
    thread_id = models.BigIntegerField(null=True, blank=True)
    # Our message that it answers.
    answers_id = models.BigIntegerField(null=True, blank=True)
    is_automatic = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    send_at = models.DateTimeField(null=True, blank=True)
    attempts = models.IntegerField(default=0)
    # Whether the mailbox has a copy among what was sent.
    is_filed = models.BooleanField(default=False)

    class Meta(OwnedRecord.Meta):
        db_table = "mail_message"
        constraints: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.constraints,
            unique_here("account", "message_key", name="mail_message_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("message_key", name="mail_message_key_here"),
            index_here("thread_id", "id", name="mail_message_thread_here"),
            index_here("about_object", "about_id", "id", name="mail_message_about_here"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def about(self) -> Ref | None:
        """The record it is about, by object and id; its title is not known here."""
        if not self.about_object or self.about_id is None:
            return None
        return Ref(self.about_object, self.about_id, "")

    @about.setter
    def about(self, value: Ref | None) -> None:
        self.about_object, self.about_id = (value.object, value.id) if value is not None else ("", None)
