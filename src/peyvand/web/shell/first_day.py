"""The first steps in a new workspace, on Today until they are done or put away: each is ticked by facts, not by hand.

A slice registers a step beside its screens, in its ``web`` module:

    @first_step(order=10)
    def import_data(ctx: Context) -> FirstStep | None: ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.views.decorators.http import require_http_methods

from peyvand.kernel import clock
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.models import Membership
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

# Who may take fewer of the steps did not come to set the workspace up.
FEWEST = 2


@dataclass(frozen=True)
class FirstStep:
    """One thing to do. ``path`` lies within the workspace; ``in_dialog``: it is a form that opens over the page."""

    label: str | Promise
    help: str | Promise
    icon: str
    path: str
    is_done: bool
    in_dialog: bool = False


@dataclass(frozen=True)
class Checklist:
    steps: list[FirstStep]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def following(self) -> FirstStep | None:
        """The first step that is not done yet."""
        return next((step for step in self.steps if not step.is_done), None)


StepSource = Callable[[Context], FirstStep | None]
_sources: list[tuple[int, StepSource]] = []


def first_step(*, order: int) -> Callable[[StepSource], StepSource]:
    """Put a step on the checklist; a source returns None for whoever may not take it."""

    def register(source: StepSource) -> StepSource:
        _sources.append((order, source))
        return source

    return register


def checklist_of(ctx: Context) -> Checklist | None:
    """What is left to do, for those who may do it; once all is done it never comes back."""
    mine = Membership.objects.filter(account_id=ctx.actor.account_id or 0, workspace_id=ctx.tenant.id)
    if not mine.filter(settled_at=None).exists():
        return None
    found = (source(ctx) for _, source in sorted(_sources, key=lambda pair: pair[0]))
    checklist = Checklist([step for step in found if step is not None])
    if len(checklist.steps) < FEWEST:
        return None
    if checklist.following is None:
        settle(ctx)
        return None
    return checklist


def settle(ctx: Context) -> None:
    """Put the checklist away for this person."""
    mine = Membership.objects.filter(account_id=ctx.actor.account_id or 0, workspace_id=ctx.tenant.id)
    mine.update(settled_at=clock.now())


@require_http_methods(["GET", "POST"])
def first_day(request: HttpRequest, workspace: str) -> HttpResponse:
    """GET: the checklist drawn anew, empty once it is over. POST: put it away."""
    ctx = context_of(request)
    if request.method == "POST":
        settle(ctx)
        if not request.headers.get("HX-Request"):
            return HttpResponseRedirect(here(ctx))
    checklist = checklist_of(ctx)
    return render(request, "shell/_first_day.html", {"first": checklist}) if checklist else HttpResponse()
