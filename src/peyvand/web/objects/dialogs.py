"""Small forms in a dialog: drawn from fields, answered in place with their problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext

from peyvand.kernel.errors import Conflict, Invalid, NotAllowed, PeyvandError, Problem, RuleViolation
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.objects.pages.drawn import draw_field, loose_problems, with_titles
from peyvand.web.objects.pages.forms import problems_of
from peyvand.web.shell.middleware import context_of

# What a person can mend in the same form.
MENDABLE = (Invalid, RuleViolation, Conflict, NotAllowed)


def dialog(
    request: HttpRequest,
    title: str | Promise,
    fields: Sequence[Field],
    values: Mapping[str, Any],
    *,
    button: str | Promise,
    error: PeyvandError | None = None,
    tone: str = "primary",
    lead: str = "",
) -> HttpResponse:
    """The form; with ``error`` its problems stand at their fields and what was typed is kept."""
    ctx = context_of(request)
    problems = _problems(error)
    shown = with_titles(ctx, fields, values)
    drawn = [draw_field(f, shown.get(f.key), ctx.reader, problems) for f in fields]
    loose = [say(p.message) for p in loose_problems(problems, fields)]
    context = {"title": title, "fields": drawn, "loose": loose, "button": button, "tone": tone, "lead": lead}
    return render(request, "objects/_dialog.html", context, status=422 if error else 200)


def answered(
    request: HttpRequest, title: str | Promise, fields: Sequence[Field], begins: Mapping[str, Any],
    do: Callable[[dict[str, Any]], HttpResponse], *, button: str | Promise, lead: str = "",
) -> HttpResponse:  # fmt: skip
    """The form with what it begins with; once it is sent, what ``do`` answers to its values. Refused, nothing of it is kept,
    and the form comes back with its problems."""
    if request.method != "POST":
        return dialog(request, title, fields, begins, button=button, lead=lead)
    ctx = context_of(request)
    raw = read_inputs(fields, request.POST, ctx.reader)
    try:
        with transaction.atomic():
            return do(typed(ctx, fields, raw))
    except MENDABLE as error:
        return dialog(request, title, fields, raw, button=button, error=error, lead=lead)


def typed(ctx: Context, fields: Sequence[Field], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the fields, as their actions take them.

    Raises:
        Invalid: each that is wrong.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in fields:
        try:
            values[field.key] = field.parse(raw.get(field.key), ctx.reader)
        except Invalid as error:
            problems += error.at(field.key).problems
    if problems:
        raise Invalid(problems)
    return values


def done(request: HttpRequest, words: str, page: str, **changed: Any) -> HttpResponse:
    """Close the dialog and say so; a plain browser goes to this page of the settings ("users")."""
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"/w/{context_of(request).tenant.slug}/settings/{page}")
    response = HttpResponse()
    response["HX-Reswap"] = "none"
    return with_events(
        response,
        closeDialog=True,
        toast={"text": words or gettext("Saved."), "kind": "good"},
        **({"changed": changed} if changed else {}),
    )


def _problems(error: PeyvandError | None) -> Sequence[Problem]:
    if error is None:
        return ()
    if isinstance(error, Invalid | RuleViolation):
        return problems_of(error)
    return [Problem(None, error.message, error.code)]
