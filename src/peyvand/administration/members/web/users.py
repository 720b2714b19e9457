"""Who works here: invited, given a role, a team and a manager, switched off and on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.administration.members.invitations import invite_user, resend, revoke
from peyvand.administration.members.letters import send_invitation
from peyvand.administration.members.roles import give_role, switch_off, switch_on
from peyvand.administration.members.web import USERS
from peyvand.kernel import clock
from peyvand.platform.access.decisions import demand
from peyvand.platform.fields.types import Choice, Email, Field, Link, Option, Text, UserLink
from peyvand.platform.identity.models import Invitation, Role, Team, User
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.records import update_record
from peyvand.platform.objects.spec import object_named
from peyvand.web.objects.dialogs import answered, done
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

NAME = Text(key="name", label=_("Name"), required=True)
TITLE = Text(key="title", label=_("Job title"))
EMAIL = Email(key="email", label=_("E-mail"), required=True)
TEAM = Link(key="team", label=_("Team"), to="team")
MANAGER = UserLink(
    key="manager", label=_("Manager"), help=_("Sees what this user sees, where a role says “team”.")
)


def role_field() -> Field:
    """The roles there are, as a choice."""
    options = tuple(Option(role.key, role.name) for role in Role.objects.order_by("-is_builtin", "id"))
    return Choice(key="role", label=_("Role"), options=options, required=True)


@require_GET
def users(request: HttpRequest, workspace: str) -> HttpResponse:
    """Everybody; with ``part`` only the list, for it follows changes."""
    ctx = context_of(request)
    demand(ctx.actor, USERS.operation)
    found = (
        User.objects.select_related("role", "team", "manager")
        .filter(deleted_at=None)
        .order_by("-is_active", "name")
    )
    open_letters = Invitation.objects.filter(workspace_id=ctx.tenant.id, accepted_at=None)
    invited = dict(open_letters.values_list("user_id", "expires_at"))
    rows = [
        {
            "user": user,
            "role": user.role.name,
            "is_invited": user.id in invited and invited[user.id] > clock.now(),
            # Their letter was lost, withdrawn or grew too old, or they came by an import.
            "may_be_invited": user.account_id is None and bool(user.email),
            "is_me": user.id == ctx.actor.user_id,
        }
        for user in found
    ]
    if "part" in request.GET:
        return render(request, "members/_users.html", {"rows": rows})
    return render_settings(request, USERS, "members/users.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, workspace: str) -> HttpResponse:
    """The dialog that invites by a letter."""
    ctx = context_of(request)
    demand(ctx.actor, "user.invite")
    fields = (EMAIL, NAME, role_field(), TEAM, MANAGER, TITLE)

    def send(values: dict[str, Any]) -> HttpResponse:
        invited = invite_user(
            ctx, email=values["email"], name=values["name"], role=values["role"] or "member", title=values["title"],
            team=_linked("team", ctx, values["team"]), manager=_linked("user", ctx, values["manager"]),
        )  # fmt: skip
        words = (
            gettext("An invitation is on its way to %(email)s.")
            if send_invitation(ctx, invited, request)
            else gettext("%(email)s was added, but no letter could be sent.")
        ) % {"email": invited.user.email}
        return done(request, words, USERS.path, object="user", ids=[invited.user.id])

    return answered(
        request, _("Invite a colleague"), fields, {"role": "member"}, send, button=_("Send the invitation")
    )


@require_http_methods(["GET", "POST"])
def user(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """The dialog about one user: name, role, team, manager."""
    ctx = context_of(request)
    record: User = load_record(object_named("user"), ctx.actor, id)
    demand(ctx.actor, USERS.operation)
    fields = (NAME, role_field(), TEAM, MANAGER, TITLE)
    values: dict[str, Any] = {
        "name": record.name, "role": record.role.key, "team": record.team_id, "manager": record.manager_id, "title": record.title,
    }  # fmt: skip

    def save(wanted: dict[str, Any]) -> HttpResponse:
        if wanted["role"] and wanted["role"] != record.role.key:
            give_role(ctx, record, role=wanted["role"])
        plain = {key: wanted[key] for key in ("name", "team", "manager", "title")}
        update_record(ctx, object_named("user"), record, plain)
        return done(request, "", USERS.path, object="user", ids=[id])

    return answered(request, record.name, fields, values, save, button=_("Save"), lead=record.email)


@require_POST
def switch(request: HttpRequest, workspace: str, id: int, way: str) -> HttpResponse:
    """Switch a user off or on, send their letter again, or withdraw it."""
    ctx = context_of(request)
    record: User = load_record(object_named("user"), ctx.actor, id)
    if way == "resend":
        sent = send_invitation(ctx, resend(ctx, record), request)
        words = gettext("The invitation was sent again.") if sent else gettext("No letter could be sent.")
    else:
        verbs = {
            "off": (switch_off, gettext("Switched off.")),
            "on": (switch_on, gettext("Switched on.")),
            "withdraw": (revoke, gettext("Withdrawn.")),
        }
        verb, words = verbs[way]
        verb(ctx, record)
    return done(request, words, USERS.path, object="user", ids=[id])


def _linked(key: str, ctx: Any, id: int | None) -> Any:
    return load_record(object_named(key), ctx.actor, id) if id else None


def teams_of(ctx: Any) -> list[dict[str, Any]]:
    """Teams in the order of their tree, with depth and the number of their people."""
    found = list(Team.objects.filter(deleted_at=None).select_related("lead").order_by("name"))
    sizes: dict[int | None, int] = {}
    for team_id in User.objects.filter(deleted_at=None, is_active=True).values_list("team_id", flat=True):
        sizes[team_id] = sizes.get(team_id, 0) + 1
    children: dict[int | None, list[Team]] = {}
    known = {team.id for team in found}
    for team in found:
        children.setdefault(team.parent_id if team.parent_id in known else None, []).append(team)
    out: list[dict[str, Any]] = []

    def walk(parent: int | None, depth: int) -> None:
        for team in children.pop(parent, []):
            out.append({"team": team, "depth": min(depth, 4), "size": sizes.get(team.id, 0)})
            walk(team.id, depth + 1)

    walk(None, 0)
    return out
