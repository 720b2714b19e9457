"""The card alone, for it follows changes; and the dialog that records what a person said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from peyvand.kernel.errors import Invalid, NotAllowed, Problem, RuleViolation, msg
from peyvand.operational.consents.actions import give_consent, withdraw_consent
from peyvand.operational.consents.channels import FIELDS, GRANTED, KEYS, REFUSED
from peyvand.operational.consents.models import Purpose
from peyvand.operational.consents.objects import CONSENT
from peyvand.operational.consents.standing import Standing, say, standings_of
from peyvand.operational.consents.web.card import card_context, may_know, may_record, sign_of
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field, whole_id
from peyvand.platform.objects.cleaning import clean
from peyvand.platform.objects.queries import load_record
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say as words_of
from peyvand.web.objects.pages.access import may_write
from peyvand.web.objects.pages.answers import page_url, with_events
from peyvand.web.objects.pages.drawn import draw_field, loose_problems, with_titles
from peyvand.web.objects.pages.forms import problems_of
from peyvand.web.shell.middleware import context_of

# What the dialog asks at once, and what only when it is unfolded.
_SCOPE: Final = ("channel", "purpose")
_FIRST: Final = ("source", "words")
_MORE: Final = ("given_at", "expires_at", "proof", "basis")


@require_safe
def consents(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """The card of a person's page."""
    ctx = context_of(request)
    demand(ctx.actor, CONSENT.permission("view"))
    person = load_record(PERSON, ctx.actor, id)
    return render(request, "consents/card.html", {"card": card_context(ctx, person)})


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """GET: the dialog, for one channel and purpose where the address names them; POST: write the entry."""
    ctx = context_of(request)
    person = load_record(PERSON, ctx.actor, id)
    if not may_record(ctx, person):
        raise NotAllowed
    if request.method != "POST":
        typed = {"channel": request.GET.get("channel", ""), "purpose": request.GET.get("purpose", "")}
        return _dialog(request, ctx, person, typed, is_scoped=all(typed.values()))
    raw = read_inputs(_fields(ctx, (*_SCOPE, *_FIRST, *_MORE)), request.POST, ctx.reader)
    state = REFUSED if request.POST.get("state") == REFUSED else GRANTED
    try:
        with transaction.atomic():
            _write(ctx, person, state, raw, request)
    except (Invalid, RuleViolation) as error:
        scoped = request.POST.get("scoped") == "1"
        return _dialog(request, ctx, person, raw, problems_of(error), is_scoped=scoped)
    words = gettext("Consent recorded.") if state == GRANTED else gettext("Refusal recorded.")
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(page_url(ctx, PERSON, id))
    # Nothing is left for the dialog itself, so it stays closed.
    return with_events(
        HttpResponse(),
        closeDialog=True,
        toast={"text": words, "kind": "good"},
        changed={"object": CONSENT.key, "ids": None},
    )


def _write(ctx: Context, person: Any, state: str, raw: Mapping[str, Any], request: HttpRequest) -> None:
    values = clean(ctx, CONSENT, {**raw, "person": person.id, "state": state})
    given = {key: value for key, value in values.items() if key not in ("person", "state")}
    if state == GRANTED and not given.get("source") and _fields(ctx, ["source"]):
        # Whoever is asked later must be able to say where it came from. A refusal holds without.
        raise Invalid.of(
            msg("Say how they agreed: nobody can show later what has no source."), "source", "required"
        )
    files = [(one.name or "", one.chunks()) for one in request.FILES.getlist("file")]
    if state == REFUSED:
        given.pop("basis", None)
        withdraw_consent(ctx, person, files=files, **given)
    else:
        give_consent(ctx, person, files=files, **given)


def _fields(ctx: Context, keys: Sequence[str]) -> list[Field]:
    return [field for key in keys if may_write(ctx, CONSENT, field := CONSENT.field(key))]


def _dialog(
    request: HttpRequest, ctx: Context, person: Any, typed: Mapping[str, Any], problems: Sequence[Problem] = (), *, is_scoped: bool
) -> HttpResponse:  # fmt: skip
    standing = _standing(ctx, person.id, typed) if is_scoped else None
    fields = _fields(ctx, (*_SCOPE, *_FIRST, *_MORE))
    values = with_titles(ctx, fields, typed)

    def drawn(keys: Sequence[str]) -> list[Any]:
        return [draw_field(f, values.get(f.key), ctx.reader, problems) for f in fields if f.key in keys]

    more = drawn(_MORE)
    context = {
        "person": person,
        "standing": standing,
        # What a role sees masked or not at all stands nowhere else either.
        "address": standing.address
        if standing and FIELDS[standing.channel] not in ctx.actor.grants.hides(PERSON.key)
        else "",
        "says": say(standing, ctx.reader) if standing else "",
        "sign": sign_of(standing) if standing else None,
        "channel": CONSENT.field("channel").show(typed.get("channel"), ctx.reader),
        "purpose": values.get("purpose"),
        "typed": typed,
        "scope": [] if standing else drawn(_SCOPE),
        "fields": drawn(_FIRST),
        "more": more,
        "is_open": any(f.is_wrong for f in more),
        "loose": [words_of(p.message) for p in loose_problems(problems, fields)],
    }
    return render(request, "consents/record.html", context, status=422 if problems else 200)


def _standing(ctx: Context, person_id: int, typed: Mapping[str, Any]) -> Standing | None:
    """The present answer for the channel and purpose that the dialog is about; None where there are no such, or the
    actor may not know it."""
    if typed.get("channel") not in KEYS or not may_know(ctx, typed["channel"]):
        return None
    purpose = Purpose.objects.filter(id=whole_id(typed.get("purpose")), deleted_at__isnull=True).first()
    if purpose is None:
        return None
    asked = (
        s for s in standings_of(person_id) if (s.purpose, s.channel) == (purpose.word, typed.get("channel"))
    )
    return next(asked, None)
