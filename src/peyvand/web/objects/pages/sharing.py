"""Opening one record to a colleague or a team: the dialog, and closing it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.kernel.errors import Invalid, NotAllowed, PeyvandError, RuleViolation
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Day, Field, Link, Option, UserLink
from peyvand.platform.objects.inputs import clean_inputs
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.sharing import VERB, end_share, share_record, shares_of
from peyvand.platform.objects.spec import object_named
from peyvand.web.components.inputs import read_inputs
from peyvand.web.objects.pages.access import Opened, open_record
from peyvand.web.objects.pages.answers import page_url, saved_in_place
from peyvand.web.objects.pages.drawn import draw_field, loose_problems, with_titles
from peyvand.web.objects.pages.forms import problems_of
from peyvand.web.objects.pages.page import title_of
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of

VIEW, EDIT = "view", "edit"


class Colleague(UserLink):
    """A user other than whoever looks: a record is shared with somebody else."""

    others: ClassVar[bool] = True


FIELDS: tuple[Field, ...] = (
    Colleague(key="user", label=_("Colleague")),
    Link(key="team", label=_("Or a team"), to="team"),
    Choice(
        key="access", label=_("They may"), options=(Option(VIEW, _("see it")), Option(EDIT, _("see and change it"))),
        default=VIEW, required=True,
    ),
    Day(key="until", label=_("Until the end of"), help=_("Empty: until you close it again.")),
)  # fmt: skip


@require_http_methods(["GET", "POST"])
def object_share(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """GET: to whom the record is open, and the form; POST: opens it."""
    ctx = context_of(request)
    opened = _opened(ctx, plural, id)
    if request.method != "POST":
        return _dialog(request, ctx, opened, {"access": VIEW})
    raw = read_inputs(FIELDS, request.POST, ctx.reader)
    try:
        with transaction.atomic():
            values = clean_inputs(
                ctx, FIELDS, {key: value for key, value in raw.items() if value not in (None, "")}
            )
            share_record(
                ctx, opened.spec, opened.record, user=_named(ctx, "user", values), team=_named(ctx, "team", values),
                may_update=values["access"] == EDIT, ends_at=_end_of(ctx, values.get("until")),
            )  # fmt: skip
    except (Invalid, RuleViolation, NotAllowed) as error:
        return _dialog(request, ctx, opened, raw, error)
    return saved_in_place(opened.spec, id, gettext("Shared."))


@require_POST
def object_unshare(request: HttpRequest, workspace: str, plural: str, id: int, share: int) -> HttpResponse:
    """Close the record again to one whom it was opened to."""
    ctx = context_of(request)
    opened = _opened(ctx, plural, id)
    end_share(ctx, opened.spec, opened.record, share)
    return _dialog(request, ctx, opened, {"access": VIEW})


def _opened(ctx: Context, plural: str, id: int) -> Opened:
    opened = open_record(ctx, spec_for(ctx, plural), id, ())
    demand(ctx.actor, opened.spec.permission(VERB), opened.record)
    return opened


def _named(ctx: Context, key: str, values: Mapping[str, Any]) -> Any:
    id = values.get(key)
    return load_record(object_named(key), ctx.actor, id) if id else None


def _end_of(ctx: Context, day: date | None) -> datetime | None:
    """The moment at which a day is over, by the workspace's clock."""
    return datetime.combine(day + timedelta(days=1), time(), ctx.tenant.tz) if day else None


def _dialog(
    request: HttpRequest,
    ctx: Context,
    opened: Opened,
    values: Mapping[str, Any],
    error: PeyvandError | None = None,
) -> HttpResponse:
    problems = problems_of(error) if isinstance(error, Invalid | RuleViolation) else []
    shown = with_titles(ctx, FIELDS, values)
    context = {
        "title": title_of(opened.spec, opened.row),
        "fields": [draw_field(f, shown.get(f.key), ctx.reader, problems) for f in FIELDS],
        "loose": [error.message]
        if isinstance(error, NotAllowed)
        else [p.message for p in loose_problems(problems, FIELDS)],
        "shares": shares_of(opened.spec, opened.record.id),
        "url": page_url(ctx, opened.spec, opened.record.id),
    }
    return render(request, "objects/pages/_share.html", context, status=422 if error else 200)
