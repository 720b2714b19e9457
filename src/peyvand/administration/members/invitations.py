"""Invitations: a colleague exists once they are invited, and can sign in once they accept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from peyvand.administration.members.actions import add_user, set_password, token_hash
from peyvand.administration.members.cover import demand_cover
from peyvand.administration.members.events import InvitationAccepted, InvitationRevoked, InvitationSent
from peyvand.administration.members.roles import set_presence
from peyvand.kernel import clock
from peyvand.kernel.email import email as parse_email
from peyvand.kernel.errors import Conflict, Invalid, NotFound, msg
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.models import Account, Invitation, Membership, Team, User
from peyvand.platform.objects.changes import record_changes
from peyvand.platform.objects.spec import object_named

VALID_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Invited:
    """A user who was invited, and the secret of the letter: it is told this once, only its hash is kept."""

    user: User
    secret: str


@action("user.invite", label=_("Invite a user"), on="none", icon="uplus", button=False)
def invite_user(
    ctx: Context,
    *,
    email: str,
    name: str = "",
    role: str = "member",
    team: Team | None = None,
    manager: User | None = None,
    title: str = "",
) -> Invited:
    """Add a user who may join by a letter to this address within a week. Sending the letter is the caller's part."""
    address = parse_email(email)
    user = add_user(ctx, name=name, email=address, role=role, team=team, manager=manager, title=title)
    return Invited(user, _issue(ctx, user))


@action("user.resend", label=_("Send the invitation again"), icon="mail", button=False)
def resend(ctx: Context, user: User) -> Invited:
    """Make a new letter for someone who did not join yet; the old one is worth nothing from now on. Somebody whose
    invitation was withdrawn is switched on again by it.

    Raises:
        Conflict: they joined already.
    """
    demand_cover(ctx, user.role)
    if user.account_id is not None:
        raise Conflict(msg("%(name)s joined already.", name=user.name))
    if not user.email:
        raise Invalid.of(msg("Give this user an e-mail first."), "email")
    _open_invitations(ctx, user).delete()
    if not user.is_active:
        set_presence(ctx, user, is_active=True)
    return Invited(user, _issue(ctx, user))


@action("user.revoke", label=_("Withdraw the invitation"), icon="xc", tone="danger", button=False)
def revoke(ctx: Context, user: User) -> None:
    """Make the letter worthless and switch the user off.

    Raises:
        NotFound: nothing is open for them.
    """
    demand_cover(ctx, user.role)
    if not _open_invitations(ctx, user).delete()[0]:
        raise NotFound
    ctx.record(InvitationRevoked(object="user", object_id=user.id, title=user.name))
    set_presence(ctx, user, is_active=False)


def open_invitation(secret: str) -> Invitation | None:
    """The invitation of a letter, unless it was used, withdrawn or is too old. Needs no workspace's scope."""
    found = Invitation.objects.select_related("workspace").filter(
        token_hash=token_hash(secret), accepted_at=None
    )
    return found.filter(expires_at__gt=clock.now()).first()


@action("user.accept_invitation", label=_("Accept an invitation"), on="none", icon="check", button=False)
def accept_invitation(
    ctx: Context,
    invitation: Invitation,
    *,
    account: Account | None = None,
    name: str = "",
    password: str = "",
    language: str = "",
) -> Account:
    """Join: with the account that the person proved to have, or with a new one for the invited address.

    ``language`` is what a new account reads; empty: the workspace's.

    Raises:
        Conflict: the letter was used meanwhile, or the address has an account that must be proved first.
        Invalid: no name, or a weak password.
    """
    used = Invitation.objects.filter(id=invitation.pk, accepted_at=None, workspace_id=ctx.tenant.id)
    if not used.update(accepted_at=clock.now()):
        raise Conflict(msg("This invitation was used already."))
    user = User.objects.filter(id=invitation.user_id, is_active=True, deleted_at=None).first()
    if user is None:
        raise NotFound
    if account is None:
        account = _new_account(invitation.email, name, password, language)
        before, user.name = user.name, account.name
        if before != user.name:
            changes = {"name": [before, user.name]}
            record_changes(ctx, object_named("user"), [(user, changes)], told={user.id: ("name",)})
    if Membership.objects.filter(account=account, workspace_id=ctx.tenant.id).exists():
        raise Conflict(msg("%(email)s is in this workspace already.", email=account.email))
    user.account = account
    user.save(update_fields=["name", "account"])
    Membership.objects.create(account=account, workspace_id=ctx.tenant.id, user_id=user.id)
    ctx.record(InvitationAccepted(object="user", object_id=user.id, title=user.name))
    ctx.touch("user", user.id)
    return account


def _new_account(email: str, name: str, password: str, language: str) -> Account:
    if Account.objects.filter(email=email).exists():
        raise Conflict(
            msg("There is an account for %(email)s already; sign in with it to accept.", email=email)
        )
    if not name.strip():
        raise Invalid.of(msg("Write your name."), "name")
    account = Account(email=email, name=name.strip()[:200], language=language)
    set_password(account, password)
    account.save()
    return account


def _issue(ctx: Context, user: User) -> str:
    secret = secrets.token_urlsafe(32)
    Invitation.objects.create(
        token_hash=token_hash(secret), workspace_id=ctx.tenant.id, email=user.email, user_id=user.id,
        invited_by=ctx.actor.user_id, expires_at=clock.now() + VALID_FOR,
    )  # fmt: skip
    ctx.record(InvitationSent(object="user", object_id=user.id, title=user.name, email=user.email))
    ctx.touch("user", user.id)
    return secret


def _open_invitations(ctx: Context, user: User) -> QuerySet[Invitation]:
    return Invitation.objects.filter(workspace_id=ctx.tenant.id, user_id=user.id, accepted_at=None)
