"""The pages of reports by mail: when and to whom one is sent, and what somebody gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from peyvand.analytical.reports.actions import EVERY, WEEKDAYS, send_now, send_regularly, stop_sending
from peyvand.analytical.reports.models import Delivery, Receiver, Report, Sending
from peyvand.analytical.reports.objects import REPORT
from peyvand.analytical.reports.question import of_json
from peyvand.analytical.reports.rights import demand_question, is_off
from peyvand.analytical.reports.sending.delivering import FAILED, LEFT_OUT, SENT, WAITING
from peyvand.analytical.warehouse.public import figures_context
from peyvand.kernel import clock, numbers
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, PeyvandError, RuleViolation
from peyvand.kernel.persian.calendar import period
from peyvand.kernel.persian.text import sort_key
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field, Option, whole_id
from peyvand.platform.identity.actor import Actor, actors_of
from peyvand.platform.identity.models import User
from peyvand.platform.insights.telling import said as said_again
from peyvand.platform.objects.queries import load_record
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card

SEND: Final = "report.send_regularly"
SHOWN: Final = 60
STATES: Final = {
    WAITING: (_("on its way"), "info"), SENT: (_("sent"), "good"), LEFT_OUT: (_("left out"), "warn"), FAILED: (_("failed"), "bad"),
}  # fmt: skip


@dataclass(frozen=True)
class Member:
    """Somebody it can be sent to, and whether they may know what it counts."""

    id: int
    name: str
    is_in: bool
    has_left: bool
    may_have: bool


@record_card(REPORT.key, order=20)
def card(ctx: Context, opened: Opened) -> Card | None:
    """Whether it is sent, and the way there."""
    sending = Sending.objects.filter(report=opened.record).first()
    if sending is None and not decide(ctx.actor, SEND, opened.record):
        return None
    count = Receiver.objects.filter(report=opened.record, left_at__isnull=True).count()
    place = here(ctx, f"reports/{opened.record.id}/sending")
    return Card("reports/sending_card.html", {"sending": sending, "count": count, "place": place})


@require_http_methods(["GET", "HEAD", "POST"])
def sending(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """When, to whom and how a report is sent, and what was sent; POST ``do``: save, now or stop."""
    ctx = context_of(request)
    report: Report = load_record(REPORT, ctx.actor, id)
    problem = ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                _do(ctx, report, request)
        except (Invalid, RuleViolation, NotAllowed) as refusal:
            problem = say(refusal.problems[0].message if isinstance(refusal, Invalid) else refusal.message)
        else:
            return HttpResponseRedirect(
                f"{here(ctx, f'reports/{id}/sending')}?done={request.POST.get('do', '')}"
            )
    return _drawn(request, ctx, report, problem)


@require_http_methods(["GET", "HEAD", "POST"])
def received(request: HttpRequest, workspace: str) -> HttpResponse:
    """What is sent to whoever looks; POST ``do``: leave, or back."""
    ctx = context_of(request)
    if is_off(ctx.actor):
        raise NotFound
    mine = Receiver.objects.filter(user=ctx.actor.user_id, report__deleted_at__isnull=True, is_chosen=True)
    if request.method == "POST":
        # One's own choice about one's own mail, as with notifications: it asks for no right.
        left = clock.now() if request.POST.get("do") == "leave" else None
        mine.filter(report=whole_id(request.POST.get("report", ""))).update(left_at=left)
        return HttpResponseRedirect(here(ctx, "reports/received"))
    return render(
        request, "reports/received.html", {"received": mine.select_related("report").order_by("-id")}
    )


def _do(ctx: Context, report: Report, request: HttpRequest) -> None:
    match request.POST.get("do", "save"):
        case "now":
            send_now(ctx, report)
        case "me":
            files = {key: key in request.POST for key in ("as_pdf", "as_xlsx")}
            send_now(ctx, report, only_me=True, **files)
        case "stop":
            stop_sending(ctx, report)
        case _:
            verb = action_named(SEND)
            assert verb is not None
            send_regularly(ctx, report, **{one.key: _read(ctx, one, request) for one in verb.inputs})


def _read(ctx: Context, field: Field, request: HttpRequest) -> Any:
    try:
        if field.key == "members":
            return field.parse(request.POST.getlist(field.key), ctx.reader)
        if field.key.startswith("as_"):
            return field.key in request.POST
        return field.parse(request.POST.get(field.key, ""), ctx.reader)
    except Invalid as error:
        raise error.at(field.key) from error


def _weekdays(ctx: Context) -> Sequence[Option]:
    """The days of the week from the first of the workspace's week on."""
    context = figures_context(ctx.actor)
    start, _after = period("week", context.today, context.calendar)
    first = next(n for n, option in enumerate(WEEKDAYS) if option.key == str(start.isoweekday()))
    return (*WEEKDAYS[first:], *WEEKDAYS[:first])


def _drawn(request: HttpRequest, ctx: Context, report: Report, problem: str) -> HttpResponse:
    sending = Sending.objects.filter(report=report).first()
    weekdays = _weekdays(ctx)
    plan = sending or Sending(every="week", weekday=int(weekdays[0].key), day=1, hour=8)
    may_send = bool(decide(ctx.actor, SEND, report))
    done = {
        "save": gettext("It is sent from now on."), "now": gettext("It is on its way."), "me": gettext("It is on its way."),
        "stop": gettext("It is no longer sent."),
    }.get(request.GET.get("done", ""), "")  # fmt: skip
    return render(request, "reports/sending.html", {
        "report": report, "place": f"{here(ctx, 'reports/build')}?report={report.pk}", "sending": sending, "may_send": may_send,
        "plan": {**{key: getattr(plan, key) for key in ("every", "day", "hour", "as_pdf", "as_xlsx")}, "weekday": str(plan.weekday)},
        "every": EVERY, "weekdays": weekdays, "days": range(1, 32), "problem": problem, "done": "" if problem else done,
        "hours": [(n, numbers.localize(f"{n:02}:00", ctx.reader.language)) for n in range(24)],
        "members": _members(ctx, report) if may_send else [],
        "deliveries": [_told(ctx, one) for one in Delivery.objects.filter(report=report).select_related("user").order_by("-id")[:SHOWN]],
    }, status=422 if problem else 200)  # fmt: skip


def _members(ctx: Context, report: Report) -> list[Member]:
    """Everybody who works here; beside whoever may not know what it counts it says so before it is sent."""
    chosen = dict(Receiver.objects.filter(report=report, is_chosen=True).values_list("user_id", "left_at"))
    if not Sending.objects.filter(report=report).exists():
        # Whoever sets it up mostly wants it, too.
        chosen.setdefault(ctx.actor.user_id, None)
    users = User.objects.filter(is_active=True, deleted_at__isnull=True).values_list("id", "name")
    names = dict(sorted(users, key=lambda user: (sort_key(user[1]), user[0])))
    actors = actors_of(ctx.tenant.id, names.keys())
    return [
        Member(
            id,
            name,
            id in chosen,
            chosen.get(id) is not None,
            _may_have(actors.get(id), report),
        )
        for id, name in names.items()
    ]


def _may_have(actor: Actor | None, report: Report) -> bool:
    try:
        if actor is not None:
            demand_question(actor, of_json(report.question))
    except PeyvandError:
        return False
    return True


def _told(ctx: Context, one: Delivery) -> dict[str, Any]:
    says, tone = STATES[one.state]
    return {
        "user": one.user, "asked_at": one.asked_at, "ended_at": one.ended_at, "rows": one.rows, "says": says, "tone": tone,
        "because": said_again(one.why, ctx.reader) if one.why else "",
    }  # fmt: skip
