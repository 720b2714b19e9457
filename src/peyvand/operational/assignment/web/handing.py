"""The page that hands over what one user has open, and the card on an absence that says what would change hands."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.kernel.errors import RuleViolation, msg
from peyvand.operational.assignment.actions import hand_over_all, move_for
from peyvand.operational.assignment.fields import KINDS
from peyvand.operational.assignment.handing import counts_of, is_on, preview
from peyvand.operational.assignment.jobs import HAND_OVER, MOVE
from peyvand.operational.assignment.web.pages import ASSIGNMENT
from peyvand.operational.availability.public import ABSENCE
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.models import User
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import moved
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.objects.resolve import address
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.settings_pages import render_settings
from peyvand.web.shell.today import Card


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, workspace: str) -> HttpResponse:
    """GET: choose whose records, see how many; POST: hand them over."""
    ctx = context_of(request)
    demand(ctx.actor, HAND_OVER)
    if request.method != "POST":
        return _page(request, ctx, whole_id(request.GET.get("user")))
    user, to = whole_id(request.POST.get("user")), request.POST.get("to", "")
    try:
        with transaction.atomic():
            if not to:
                raise RuleViolation(msg("Choose to whom it goes."), "to")
            kinds = [key for key in KINDS if key in request.POST.getlist("kinds")]
            hand_over_all(ctx, user_id=user, to_id=None if to == "rules" else whole_id(to), kinds=kinds)
    except RuleViolation as error:
        return _page(request, ctx, user, say(error.message))
    words = gettext("Handing over has begun; large numbers take a while.")
    return moved(request, f"{here(ctx, 'settings/assignment/hand-over')}?user={user}", words)


@require_POST
def move(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Give what somebody who is away has open to others, now."""
    ctx = context_of(request)
    move_for(ctx, id)
    return HttpResponseRedirect(f"{address(ctx, ABSENCE, id)}/")


@record_card("absence", order=20)
def changing_hands(ctx: Context, opened: Opened) -> Card | None:
    """What would change hands through an absence, for whoever runs the rules."""
    if not decide(ctx.actor, MOVE):
        return None
    found = preview(ctx, opened.record)
    return Card("assignment/absence.html", {
        "moves": found, "deputy": opened.record.deputy_id, "is_on": is_on(ctx, opened.record),
        "at": here(ctx, f"settings/assignment/move/{opened.record.id}"),
    }) if found else None  # fmt: skip


def _page(request: HttpRequest, ctx: Context, user_id: int, problem: str = "") -> HttpResponse:
    people = list(User.objects.filter(deleted_at__isnull=True).order_by("-is_active", "name"))
    user = next((each for each in people if each.id == user_id), None)
    context: dict[str, Any] = {
        "people": people, "user": user, "problem": problem, "counts": counts_of(ctx, user.id) if user else [],
        "others": [each for each in people if each.is_active and each.id != user_id], "base": here(ctx, "settings/assignment"),
    }  # fmt: skip
    status = 422 if problem else 200
    return render_settings(request, ASSIGNMENT, "assignment/hand_over.html", context, status=status)
