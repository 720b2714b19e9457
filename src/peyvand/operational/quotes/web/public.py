"""The page on which a customer reads a quote and answers it. Whoever has the address has the right; nobody signs in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from peyvand.kernel import clock
from peyvand.kernel.errors import NotFound, RuleViolation
from peyvand.kernel.invoicing import in_words
from peyvand.kernel.money import Unit, currency
from peyvand.kernel.persian.text import fold
from peyvand.operational.documents.public import seller
from peyvand.operational.quotes.actions import accept_quote, note_view, reject_quote, want_again
from peyvand.operational.quotes.agreeing import digest_of, file_name, paper_of, quote_pdf
from peyvand.operational.quotes.hooks import is_over, lines_field, valid_on
from peyvand.operational.quotes.models import OPEN, WANTED, Quote, QuoteTrace
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.identity.models import User
from peyvand.platform.identity.sessions import ACCOUNT
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.components.reading import read_by
from peyvand.web.components.tags import say
from peyvand.web.shell.guests import guarded, read_token

PER_MINUTE: Final = 60
PAPERS_PER_MINUTE: Final = 10


@dataclass
class Guest:
    """Somebody who came with the address of a quote."""

    request: HttpRequest
    ctx: Context
    quote: Quote
    unit: Unit
    typed: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def is_ours(self) -> bool:
        """Whether a colleague looks, of whom the customer's trail says nothing, and who does not answer for the customer."""
        account = self.request.session.get(ACCOUNT)
        return bool(account) and User.objects.filter(account_id=account, deleted_at__isnull=True).exists()


@contextmanager
def _opened(request: HttpRequest, token: str) -> Iterator[Guest]:
    """The quote of an address, in its workspace and its language."""
    tenant, secret = read_token(token, "quotes")
    with workspace_scope(tenant.id):
        quote = Quote.objects.filter(secret=secret, deleted_at__isnull=True).first()
        if quote is None or quote.status in OPEN:
            raise NotFound
        actor = system_actor(tenant).speaking(quote.language)
        ctx = Context(actor, "web", ip=request.META.get("REMOTE_ADDR") or None)
        # As on the paper.
        unit = paper_of(tenant, quote).unit
        reader = Reader(quote.language, tenant.timezone, quote.currency, unit, tenant.slug)
        with translation.override(quote.language), read_by(reader):
            yield Guest(request, ctx, quote, unit)


@require_safe
@guarded(_opened, "quote", PER_MINUTE)
def page(guest: Guest) -> HttpResponse:
    """The quote as it was sent, with the two answers while they are awaited."""
    if guest.request.method == "GET" and guest.quote.viewed_at is None and not guest.is_ours:
        note_view(guest.ctx, guest.quote, agent=_agent(guest))
    return _shown(guest)


@require_POST
@guarded(_opened, "quote", PER_MINUTE)
def accept(guest: Guest) -> HttpResponse:
    """Accept with one's name, typed once more as signature, and the tick of consent."""
    post, quote = guest.request.POST, guest.quote
    guest.typed = {key: _typed(guest, key, 200) for key in ("signer", "signature")}
    if quote.status == "accepted":
        return _back(guest)
    if guest.is_ours:
        return _not_yours(guest)
    if not guest.typed["signer"]:
        guest.problems.append(gettext("Write your name."))
    elif fold(guest.typed["signature"]) != fold(guest.typed["signer"]):
        guest.problems.append(gettext("Sign by writing your name once more, the same as above."))
    if "consent" not in post:
        guest.problems.append(gettext("Tick that you agree."))
    if post.get("digest") != quote.digest or digest_of(quote, quote.sides) != quote.digest:
        guest.problems.append(gettext("This is not the quote that you were shown; reload the page."))
    if guest.problems:
        return _shown(guest, 422)
    return _done(guest, lambda: accept_quote(guest.ctx, quote, agent=_agent(guest), **guest.typed))


@require_POST
@guarded(_opened, "quote", PER_MINUTE)
def reject(guest: Guest) -> HttpResponse:
    """Reject, with a reason if one likes."""
    if guest.quote.status == "rejected":
        return _back(guest)
    if guest.is_ours:
        return _not_yours(guest)
    reason, name = _typed(guest, "reason", 500), _typed(guest, "signer", 200)
    return _done(
        guest, lambda: reject_quote(guest.ctx, guest.quote, reason=reason, signer=name, agent=_agent(guest))
    )


@require_POST
@guarded(_opened, "quote", PER_MINUTE)
def again(guest: Guest) -> HttpResponse:
    """Ask for a new edition of what can no longer be accepted, with a word if one likes."""
    if guest.is_ours:
        return _not_yours(guest)
    note = _typed(guest, "note", 500)
    return _done(guest, lambda: want_again(guest.ctx, guest.quote, note=note, agent=_agent(guest)))


@require_GET
@guarded(_opened, "quote-paper", PAPERS_PER_MINUTE)
def paper(guest: Guest) -> HttpResponse:
    """The quote as PDF."""
    response = HttpResponse(quote_pdf(guest.ctx.tenant, guest.quote), content_type="application/pdf")
    name = f"{file_name(guest.quote)}.pdf"
    response["Content-Disposition"] = content_disposition_header(False, name) or ""
    return response


def _typed(guest: Guest, key: str, most: int) -> str:
    """What a stranger wrote into a field, in one line. PostgreSQL keeps no NUL."""
    return " ".join(guest.request.POST.get(key, "").replace("\x00", "").split())[:most]


def _not_yours(guest: Guest) -> HttpResponse:
    guest.problems.append(gettext("You are signed in as a colleague: here only the customer answers."))
    return _shown(guest, 403)


def _done(guest: Guest, do: Callable[[], None]) -> HttpResponse:
    try:
        with transaction.atomic():
            do()
    except RuleViolation as error:
        guest.quote.refresh_from_db()
        if guest.quote.status in ("accepted", "rejected"):
            return _back(guest)
        guest.problems.append(say(error.message))
        return _shown(guest, 422)
    return _back(guest)


def _back(guest: Guest) -> HttpResponse:
    return HttpResponseRedirect(guest.request.path.rpartition("/")[0])


def _agent(guest: Guest) -> str:
    return guest.request.headers.get("User-Agent", "")[:300]


def _shown(guest: Guest, status: int = 200) -> HttpResponse:
    quote, tenant = guest.quote, guest.ctx.tenant
    own, footer, logo = seller(tenant)
    today = clock.today(tenant.tz)
    base = guest.request.path
    if status != 200:
        base = base.rpartition("/")[0]
    context = {
        "quote": quote, "sides": quote.sides, "lines": lines_field().load([quote.id]).get(quote.id, ()), "base": base,
        "footer": footer, "has_logo": bool(logo), "typed": guest.typed, "problems": guest.problems,
        "is_open": valid_on(quote, today), "is_over": is_over(quote, today),
        "wanted": QuoteTrace.objects.filter(quote_id=quote.id, what=WANTED).first(),
        # How the seller is reached by now, where the paper did not say it.
        "reach": {key: quote.sides["seller"].get(key) or getattr(own, key) for key in ("phone", "email", "address")},
        "words": in_words(quote.total, currency(quote.currency), guest.unit, quote.language),
        "language": quote.language, "direction": "rtl" if quote.language == "fa" else "ltr",
    }  # fmt: skip
    return render(guest.request, "quotes/public.html", context, status=status)
