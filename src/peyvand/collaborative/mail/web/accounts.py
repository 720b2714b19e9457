"""The settings' page of mailboxes: which one has, how they fare, and what could not be taken in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from peyvand.collaborative.mail import actions
from peyvand.collaborative.mail.models import MailAccount, PassedMail
from peyvand.collaborative.mail.objects import MAIL_ACCOUNT
from peyvand.collaborative.mail.reasons import said
from peyvand.collaborative.mail.web import ACCOUNTS
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.queries import ListQuery, load_record
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.settings_pages import render_settings

MOST_PASSED = 20


@require_safe
def accounts(request: HttpRequest, workspace: str) -> HttpResponse:
    """All that the actor may see; with ``part`` only the list, for it follows changes."""
    ctx = context_of(request)
    demand(ctx.actor, ACCOUNTS.operation)
    rows = ListQuery(MAIL_ACCOUNT, ctx.actor, ()).rows().select_related("owner").order_by("address", "id")
    shown = [_shown(ctx, account) for account in rows]
    if "part" in request.GET:
        return render(request, "mail/_accounts.html", {"accounts": shown})
    return render_settings(request, ACCOUNTS, "mail/accounts.html", {"accounts": shown})


@require_safe
def account(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """One mailbox: its servers, what the last attempts came to, and mails that could not be taken in."""
    ctx, row = context_of(request), _account(request, id)
    passed = PassedMail.objects.filter(account=row).order_by("-id")[:MOST_PASSED]
    shown = _shown(ctx, row) | {"passed": [(each, said(each.reason)) for each in passed]}
    if "part" in request.GET:
        return render(request, "mail/_account.html", shown)
    return render_settings(request, ACCOUNTS, "mail/account.html", shown)


@require_POST
def test(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Try both servers; the page shows what came of it as soon as it is known."""
    actions.test_account(context_of(request), _account(request, id))
    return _done(request, id, gettext("Both servers are being tried."))


@require_POST
def fetch(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Fetch at once."""
    actions.fetch_account_now(context_of(request), _account(request, id))
    return _done(request, id, gettext("New e-mails are being fetched."))


def _account(request: HttpRequest, id: int) -> MailAccount:
    ctx = context_of(request)
    demand(ctx.actor, ACCOUNTS.operation)
    row: MailAccount = load_record(MAIL_ACCOUNT, ctx.actor, id)
    return row


def _shown(ctx: Context, account: MailAccount) -> dict[str, Any]:
    return {
        "account": account,
        "sending": said(account.sending_problem),
        "receiving": said(account.receiving_problem),
        "is_checked": account.receiving_checked_at is not None and account.sending_checked_at is not None,
        "can_update": bool(decide(ctx.actor, "mail_account.update", account)),
    }


def _done(request: HttpRequest, id: int, words: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(here(context_of(request), f"settings/mail-accounts/{id}"))
    response = HttpResponse()
    response["HX-Reswap"] = "none"
    changed = {"object": MAIL_ACCOUNT.key, "ids": [id]}
    return with_events(response, closeDialog=True, toast={"text": words, "kind": "good"}, changed=changed)
