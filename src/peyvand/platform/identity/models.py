from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.platform.identity.grants import Grants
from peyvand.platform.identity.roles import grants_of
from peyvand.platform.workspaces.models import (
    Workspace,
    WorkspaceForeignKey,
    WorkspaceModel,
    index_here,
    unique_here,
)
from peyvand.platform.workspaces.records import Record


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email=(username or "").strip().lower())


class Account(AbstractBaseUser):
    """A person's way in: one e-mail and password, however many workspaces they work in. Outside row security."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, blank=True, help_text="empty: the workspace's")
    # Encrypted with the installation's key; empty until a second factor is set up.
    totp_secret = models.TextField(blank=True)
    totp_last_step = models.BigIntegerField(
        default=0, help_text="the last time step used, so that a code works once"
    )
    recovery_codes = models.JSONField(default=list, help_text="hashes of the codes not used yet")
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        db_table = "account"

    def __str__(self) -> str:
        return self.name or self.email


class Session(AbstractBaseSession):
    """A signed-in browser, tied to its account so that it can be listed and ended."""

    account_id = models.BigIntegerField(null=True, db_index=True)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    last_seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "account_session"

    @classmethod
    def get_session_store_class(cls) -> Any:
        from peyvand.platform.identity.sessions import SessionStore

        return SessionStore


class Role(Record):
    """What a user may do: operation patterns with a row scope, and rules for fields (see identity/grants.py)."""

    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)
    grants = models.JSONField(default=dict)
    fields = models.JSONField(default=dict)
    conditions = models.JSONField(
        default=dict, db_default={}, help_text="by pattern, where its scope is a condition"
    )
    is_builtin = models.BooleanField(default=False)

    class Meta(Record.Meta):
        db_table = "role"
        constraints = [*Record.Meta.constraints, unique_here("key", name="role_key_here")]

    def __str__(self) -> str:
        return self.name

    @property
    def rights(self) -> Grants:
        """What it allows."""
        return grants_of(self.key, self.is_builtin, self.grants, self.fields, self.conditions)


class Team(Record):
    """People who work together; teams may nest."""

    name = models.CharField(_("Name"), max_length=200)
    parent = WorkspaceForeignKey("self", models.SET_NULL, null=True, blank=True)
    lead = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True, blank=True)

    class Meta(Record.Meta):
        db_table = "team"

    def __str__(self) -> str:
        return self.name


class User(Record):
    """Someone who works in this workspace. Without an account they own records but cannot sign in."""

    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(_("Name"), max_length=200)
    email = models.EmailField(_("E-mail"), max_length=254, blank=True)
    title = models.CharField(_("Job title"), max_length=200, blank=True)
    role = WorkspaceForeignKey(Role, models.PROTECT)
    team = WorkspaceForeignKey(Team, models.SET_NULL, null=True, blank=True)
    manager = WorkspaceForeignKey("self", models.SET_NULL, null=True, blank=True)
    is_active = models.BooleanField(_("Active"), default=True)

    class Meta(Record.Meta):
        db_table = "app_user"
        constraints = [*Record.Meta.constraints, unique_here("account", name="user_account_here")]
        indexes = [index_here("name", name="user_name_here")]

    def __str__(self) -> str:
        return self.name


class Territory(Record):
    """A part of the market that some users work in; territories nest. What lies in it is said by a condition for each
    kind of record; of a kind without one, the records of its users lie in it."""

    name = models.CharField(_("Name"), max_length=200)
    parent = WorkspaceForeignKey("self", models.SET_NULL, null=True, blank=True)
    conditions = models.JSONField(default=dict, help_text="the JSON form of a condition, by object")

    class Meta(Record.Meta):
        db_table = "territory"

    def __str__(self) -> str:
        return self.name


class TerritoryMember(WorkspaceModel):
    """A user who works in a territory, and so in those beneath it."""

    territory = WorkspaceForeignKey(Territory, models.CASCADE)
    user = WorkspaceForeignKey(User, models.CASCADE)

    class Meta:
        db_table = "territory_member"
        base_manager_name = "everywhere"
        constraints = [unique_here("territory", "user", name="territory_member_once")]


class RecordShare(WorkspaceModel):
    """One record opened to one user or to one team, whatever their roles' scopes say; of verbs it gives none."""

    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    user = WorkspaceForeignKey(User, models.CASCADE, null=True)
    team = WorkspaceForeignKey(Team, models.CASCADE, null=True)
    may_update = models.BooleanField(default=False)
    ends_at = models.DateTimeField(null=True)
    shared_by = WorkspaceForeignKey(User, models.SET_NULL, null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "record_share"
        base_manager_name = "everywhere"
        constraints = [
            unique_here("user", "object", "object_id", name="record_share_user"),
            unique_here("team", "object", "object_id", name="record_share_team"),
            models.CheckConstraint(
                condition=models.Q(user=None) ^ models.Q(team=None), name="record_share_one_holder"
            ),
        ]
        indexes = [index_here("object", "object_id", name="record_share_record")]


class Elevation(WorkspaceModel):
    """Another role for a user, for a reason and for some hours: what support has instead of a permanent superuser."""

    user = WorkspaceForeignKey(User, models.CASCADE)
    role = WorkspaceForeignKey(Role, models.CASCADE)
    reason = models.CharField(max_length=500)
    granted_by = WorkspaceForeignKey(User, models.SET_NULL, null=True)
    granted_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="when it was taken back, if before its time")

    class Meta:
        db_table = "elevation"
        base_manager_name = "everywhere"


class Membership(models.Model):
    """Which workspaces an account may enter. Outside row security: it is read before any scope opens."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    user_id = models.BigIntegerField()
    last_entered_at = models.DateTimeField(null=True)
    # When this person had no more need of the first steps that Today shows.
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "membership"
        constraints = [models.UniqueConstraint(fields=["account", "workspace"], name="membership_once")]


class Invitation(models.Model):
    """A letter that lets its holder join a workspace once, until it expires. Only a hash of its secret is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    email = models.EmailField(max_length=254)
    user_id = models.BigIntegerField()
    invited_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "invitation"


class ApiToken(models.Model):
    """A key for programs, acting as one user of one workspace. Only its SHA-256 is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    user_id = models.BigIntegerField()
    name = models.CharField(max_length=100)
    hint = models.CharField(max_length=12, help_text="its first characters, to tell one from another")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    scopes = models.JSONField(
        null=True, help_text="patterns of operations it was given for; null: all of its user's"
    )
    grant_id = models.BigIntegerField(
        null=True, db_index=True, help_text="of an application's, whose consent it comes from"
    )

    class Meta:
        db_table = "api_token"


class SignInAttempt(models.Model):
    """Failed sign-ins, kept to slow down guessing by account and by address."""

    key = models.CharField(max_length=300, help_text="account:… or ip:…")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "sign_in_attempt"
        indexes = [models.Index(fields=["key", "at"], name="sign_in_attempt_key_at")]
