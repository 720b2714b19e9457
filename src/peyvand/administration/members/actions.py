"""Workspaces, the people in them, and their keys: every write."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from peyvand.administration.members.cover import TOO_MUCH, demand_cover
from peyvand.administration.members.events import TokenCreated, TokenRevoked, TokenRotated, UserAdded
from peyvand.administration.members.scopes import clean_scopes
from peyvand.kernel import clock
from peyvand.kernel.email import email as parse_email
from peyvand.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Problem, RuleViolation, msg
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.identity.actor import Tenant, access_changed, tenant_by
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import Account, ApiToken, Membership, Role, Team, User
from peyvand.platform.identity.roles import BUILTIN_ROLES, OWNER
from peyvand.platform.modules.seeds import sow
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
TOKEN_PREFIX = "pv_"  # noqa: S105 not a password
# What Django's validators refuse, in sentences of ours: theirs come without Persian.
WEAK = {
    "password_too_short": msg("This password is too short; use ten characters or more."),
    "password_too_common": msg("This password is too easy to guess; choose another."),
}


def create_workspace(
    slug: str, name: str = "", *, language: str = "fa", currency: str = "IRR", timezone: str = "Asia/Tehran"
) -> Tenant:
    """Create a workspace with its built-in roles and what each slice puts into a new one.

    Raises:
        Invalid: the slug is malformed. Conflict: it is taken.
    """
    if not SLUG.fullmatch(slug):
        raise Invalid.of(
            msg("A short name has only the letters a to z, digits and hyphens, 40 at most."), "slug"
        )
    if Workspace.objects.filter(slug=slug).exists():
        raise Conflict(msg("There is a workspace “%(slug)s” already.", slug=slug))
    row = Workspace.objects.create(
        slug=slug, name=name or slug, language=language, currency=currency, timezone=timezone
    )
    tenant = tenant_by(id=row.id)
    assert tenant is not None
    with workspace_scope(tenant.id), override(language):
        Role.objects.bulk_create(
            Role(workspace_id=tenant.id, key=key, name=str(title), grants=grants, is_builtin=True)
            for key, (title, grants) in BUILTIN_ROLES.items()
        )
        sow(job_context(tenant))
    return tenant


def role_named(key: str) -> Role:
    """The workspace's role with this key.

    Raises:
        Invalid: there is none; the message names those there are.
    """
    role: Role | None = Role.objects.filter(key=key).first()
    if role is None:
        known = ", ".join(Role.objects.order_by("id").values_list("key", flat=True))
        raise Invalid.of(
            msg("There is no role “%(key)s” here; there are: %(known)s.", key=key, known=known), "role"
        )
    return role


@action("user.create", label=_("Add a user"), on="none", icon="uplus", button=False)
def add_user(
    ctx: Context,
    *,
    name: str,
    email: str = "",
    role: str = "member",
    team: Team | None = None,
    manager: User | None = None,
    title: str = "",
    external_id: str | None = None,
    account: Account | None = None,
    password: str | None = None,
) -> User:
    """Add someone who works here. They own records, and can sign in once they accept an invitation.

    With ``password``, for a new account, or with the ``account`` they have, they can at once: only who runs the
    installation decides so for somebody else.

    Raises:
        Conflict: the address is in use here, or a password was given for somebody's account.
    """
    granted = role_named(role)
    if role == OWNER and ctx.actor.role not in (OWNER, "system"):
        raise RuleViolation(msg("Only an owner can make someone an owner."), "role")
    demand_cover(ctx, granted)
    email = parse_email(email).lower() if email else ""
    if email and User.objects.filter(email=email, deleted_at=None).exists():
        raise Conflict(msg("%(email)s is in this workspace already.", email=email))
    if account is None and password is not None:
        account = _new_account(email, name, password)
    user = User(
        name=name or email.partition("@")[0], email=email, role=granted, team=team, manager=manager, title=title,
        external_id=external_id, account=account, created_by_id=ctx.actor.user_id,
    )  # fmt: skip
    user.save()
    if account is not None:
        Membership.objects.create(account=account, workspace_id=ctx.tenant.id, user_id=user.id)
    access_changed(ctx.tenant.id)
    ctx.record(UserAdded(object="user", object_id=user.id, title=user.name, role=role))
    ctx.touch("user", user.id)
    return user


def _new_account(email: str, name: str, password: str) -> Account:
    if Account.objects.filter(email=email).exists():
        raise Conflict(msg("There is an account for %(email)s already; invite them instead.", email=email))
    account = Account(email=email, name=name)
    set_password(account, password)
    account.save()
    return account


def set_password(account: Account, password: str) -> None:
    """Set a password that is strong enough.

    Raises:
        Invalid: it is not; the message says why.
    """
    try:
        validate_password(password, account)
    except ValidationError as error:
        reasons = {
            reason.code: WEAK.get(str(reason.code), WEAK["password_too_common"])
            for reason in error.error_list
        }
        raise Invalid(Problem("password", reason) for reason in reasons.values()) from None
    account.set_password(password)
    if account.pk is not None:
        account.save(update_fields=["password"])


@action("token.create", label=_("Create an API token"), on="none", icon="key", button=False)
def create_token(
    ctx: Context,
    user: User,
    *,
    name: str = "",
    expires_at: datetime | None = None,
    scopes: Sequence[str] = (),
) -> str:
    """Make a key for programs that acts as ``user``; return it. It is shown this once, only a hash is kept.

    ``scopes`` narrow it to patterns of operations; none: it may whatever the user may.

    Raises:
        NotAllowed: for somebody else, by someone who may only do so for themselves, or who may less than that user.
    """
    _demand_own(ctx, "token.create", user.id)
    _demand_no_more(ctx, user)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        token_hash=token_hash(secret),
        workspace_id=ctx.tenant.id,
        user_id=user.id,
        name=name or "API",
        hint=secret[:8],
        expires_at=expires_at,
        scopes=clean_scopes(scopes),
    )
    ctx.record(
        TokenCreated(object="user", object_id=user.id, title=user.name, token_id=row.pk, name=row.name)
    )
    return secret


@action("token.revoke", label=_("Revoke an API token"), on="none", icon="key", button=False)
def revoke_token(ctx: Context, token_id: int) -> None:
    """Make a token useless from now on."""
    row = _living_token(ctx, "token.revoke", token_id)
    row.revoked_at = clock.now()
    row.save(update_fields=["revoked_at"])
    ctx.record(TokenRevoked(object="user", object_id=row.user_id, token_id=row.pk, name=row.name))


@action("token.rotate", label=_("Change an API token"), on="none", icon="key", button=False)
def rotate_token(ctx: Context, token_id: int) -> str:
    """Give a token a new secret and return it; the old one is useless from now on, all else stays as it is.

    Raises:
        NotAllowed: as for a new one, for whoever holds the secret acts as its user.
    """
    row = _living_token(ctx, "token.rotate", token_id)
    if row.grant_id is not None:
        raise NotFound
    _demand_no_more(ctx, User.objects.get(id=row.user_id))
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row.token_hash, row.hint = token_hash(secret), secret[:8]
    row.save(update_fields=["token_hash", "hint"])
    ctx.record(TokenRotated(object="user", object_id=row.user_id, token_id=row.pk, name=row.name))
    return secret


def _living_token(ctx: Context, operation: str, token_id: int) -> ApiToken:
    row = ApiToken.objects.filter(id=token_id, workspace_id=ctx.tenant.id, revoked_at=None).first()
    if row is None:
        raise NotFound
    _demand_own(ctx, operation, row.user_id)
    return row


def _demand_own(ctx: Context, operation: str, user_id: int) -> None:
    if ctx.actor.grants.scope(operation) is not Scope.ALL and user_id != ctx.actor.user_id:
        raise NotAllowed(msg("You may do this for yourself only."))


def _demand_no_more(ctx: Context, user: User) -> None:
    """Nobody gets a key in hand that may more than they: by a narrowed key none at all, else their own or one of less."""
    if ctx.actor.grants.only is not None:
        raise NotAllowed(TOO_MUCH)
    if user.id != ctx.actor.user_id:
        demand_cover(ctx, user.role)


def token_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
