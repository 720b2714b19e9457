"""The composer above a timeline: a short form for each kind of activity, sent without leaving the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from peyvand.kernel.errors import Invalid, Problem, RuleViolation
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.types import Choice, Field, Instant, LongText, Number, Ref, Text
from peyvand.platform.identity.models import User
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import Opened, form_fields, open_record
from peyvand.web.objects.pages.answers import page_url, with_events
from peyvand.web.objects.pages.drawn import DrawnField, draw_field, loose_problems, with_titles
from peyvand.web.objects.pages.entries import timeline_context
from peyvand.web.objects.pages.forms import next_hour, problems_of
from peyvand.web.objects.pages.timeline import ORDER, about_field, activity_objects
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.offers import offer

SHORT = 4


@dataclass(frozen=True)
class Panel:
    """The short form of one kind of activity: what is written, and a few fields beneath it."""

    spec: ObjectSpec
    title: Field | None
    body: Field | None
    fields: list[DrawnField]
    values: Mapping[str, Any]
    problems: list[str]

    @property
    def title_value(self) -> str:
        return str(self.values.get(self.title.key) or "") if self.title else ""

    @property
    def body_value(self) -> str:
        return str(self.values.get(self.body.key) or "") if self.body else ""


def composer_panels(ctx: Context, opened: Opened) -> list[Panel]:
    """A form for each kind of activity that the actor may enter about this record; none about an activity itself."""
    if about_field(opened.spec):
        return []
    specs = [s for s in activity_objects() if s.creatable and decide(ctx.actor, s.permission("create"))]
    return [_panel(ctx, spec) for spec in sorted(specs, key=lambda s: ORDER.get(s.key, len(ORDER)))]


@require_POST
def compose(request: HttpRequest, workspace: str, plural: str, id: int, kind: str) -> HttpResponse:
    """Enter an activity about the record; the answer is the timeline with it, or the form with what is wrong."""
    ctx = context_of(request)
    opened = open_record(ctx, spec_for(ctx, plural), id, ())
    spec = spec_for(ctx, kind, "create")
    about = about_field(spec)
    fields = _short_fields(ctx, spec)
    raw = read_inputs(fields, request.POST, ctx.reader)
    _write_mentions(spec, raw, request.POST.getlist("mentions"))
    # Left blank means: as the object itself would begin. Boxes that were shown and are unticked are no blank.
    ticked = {field.key for field in fields if isinstance(field, Choices)}
    given = {key: value for key, value in raw.items() if value not in ("", []) or key in ticked}
    url = page_url(ctx, opened.spec, id)
    try:
        with transaction.atomic():
            record = create_record(
                ctx, spec, {**given, about.key: f"{opened.spec.key}:{id}"} if about else given
            )
    except (Invalid, RuleViolation) as error:
        panel = _panel(ctx, spec, with_titles(ctx, fields, raw), problems_of(error))
        response = render(request, "objects/pages/_panel.html", {"panel": panel, "url": url}, status=422)
        response["HX-Retarget"] = f"#c-{spec.key} form"
        response["HX-Reswap"] = "outerHTML"
        return response
    context = timeline_context(ctx, opened.spec, id) | {"opened": opened, "spec": opened.spec, "url": url}
    response = render(request, "objects/pages/_timeline.html", context)
    return with_events(
        response,
        toast={"text": gettext("Logged."), "kind": "good"},
        **offer(ctx, spec.permission("create"), record),
    )


def _panel(
    ctx: Context, spec: ObjectSpec, values: Mapping[str, Any] | None = None, problems: Sequence[Problem] = ()
) -> Panel:
    fields = _short_fields(ctx, spec)
    if values is None:
        values = {
            f.key: f.default() if callable(f.default) else f.default for f in fields if f.default is not None
        }
        values |= {
            f.key: next_hour(ctx)
            for f in fields
            if isinstance(f, Instant) and f.required and f.default is None
        }
        if any(f.key == "owner" for f in fields) and ctx.actor.user_id is not None:
            values["owner"] = Ref("user", ctx.actor.user_id, ctx.actor.name)
    title, body = _title_of(spec, fields), _body_of(fields)
    rest = [f for f in fields if f not in (title, body)]
    above = [p for p in problems if p.field in {f.key for f in (title, body) if f}] + loose_problems(
        problems, fields
    )
    return Panel(
        spec,
        title,
        body,
        [draw_field(f, values.get(f.key), ctx.reader, problems) for f in rest],
        values,
        [say(p.message) for p in above],
    )


def _short_fields(ctx: Context, spec: ObjectSpec) -> list[Field]:
    """What is written, and the few fields that matter when one writes it down."""
    allowed = [f for f in form_fields(ctx, spec) if not f.is_compound]
    title, body = _title_of(spec, allowed), _body_of(allowed)
    small = [f for f in allowed if f not in (title, body) and _is_small(f)]
    owner = [
        f
        for f in allowed
        if f.key == "owner"
        and body is not None
        and title is not None
        and title.required
        and spec.key == "task"
    ]
    wanted = [*owner, *sorted(small, key=lambda f: not f.required and not isinstance(f, Instant))]
    kept = [f for f in wanted if f.key not in ("status", "kind")][:SHORT]
    return [*(f for f in (title, body) if f), *kept]


def _is_small(field: Field) -> bool:
    return isinstance(field, Instant | Choice | Number) or (isinstance(field, Choices) and field.folded)


def _title_of(spec: ObjectSpec, fields: Sequence[Field]) -> Field | None:
    return next((f for f in fields if f.key == spec.title and isinstance(f, Text) and f.required), None)


def _body_of(fields: Sequence[Field]) -> Field | None:
    return next((f for f in fields if isinstance(f, LongText)), None)


def _write_mentions(spec: ObjectSpec, raw: dict[str, Any], ids: Sequence[str]) -> None:
    """Turn "@Name" into the mention of a user, where the writer chose one from the list."""
    chosen = [int(id) for id in ids if id.isascii() and id.isdigit() and len(id) < 19][:50]
    names = (
        dict(User.objects.filter(id__in=chosen, is_active=True).values_list("id", "name")) if chosen else {}
    )
    for field in spec.own_fields:
        if isinstance(field, LongText) and isinstance(raw.get(field.key), str):
            for id, name in names.items():
                raw[field.key] = raw[field.key].replace(f"@{name}", f"@[{name}](user:{id})")
