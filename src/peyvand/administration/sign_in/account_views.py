"""My account: name, password, language, second factor, sessions."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.administration.members.public import set_password
from peyvand.administration.sign_in import second_factor, sessions, throttle
from peyvand.administration.sign_in.actions import rename_myself
from peyvand.administration.sign_in.passwords import has_password
from peyvand.kernel.errors import Invalid, Message, NotFound, PeyvandError, msg
from peyvand.platform.identity.models import Account
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

PREPARED = "second_factor"


def _account(request: HttpRequest) -> Account:
    account_id = context_of(request).actor.account_id
    assert account_id is not None  # these pages are for those who signed in
    return Account.objects.get(id=account_id)


def _page(request: HttpRequest, problem: PeyvandError | None = None, **context: Any) -> HttpResponse:
    account = _account(request)
    problems: dict[str, Message] = {}
    if isinstance(problem, Invalid):
        problems = {p.field or "form": p.message for p in problem.problems}
    elif problem is not None:
        problems = {"form": problem.message}
    seen = sessions.sessions_of(account.pk, request.session.session_key)
    shown = {
        "account": account,
        "sessions": seen,
        "problems": problems,
        "said": request.GET.get("said", ""),
        **context,
    }
    # A refusal is a 200 here: an answer of 400 or more would roll back the count of wrong passwords with the rest.
    status = problem.status if isinstance(problem, throttle.TooManyAttempts) else 200
    return render(request, "sign_in/account.html", shown, status=status)


def _back(request: HttpRequest, said: str) -> HttpResponse:
    return HttpResponseRedirect(here(context_of(request), f"account/?said={said}"))


def _prove(request: HttpRequest, account: Account, field: str) -> None:
    """Ask for the password again before anything that a borrowed screen could misuse.

    Raises:
        Invalid: it is wrong. TooManyAttempts: it was guessed too often.
    """
    throttle.attempt((throttle.account_key(account.email),))
    if not has_password(account, request.POST.get(field, "")[:1000]):
        raise Invalid.of(msg("This is not your password."), field)
    throttle.succeeded(throttle.account_key(account.email))


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest, workspace: str) -> HttpResponse:
    if request.method == "GET":
        return _page(request)
    try:
        with transaction.atomic():  # a refusal takes back this much, and the page can still be drawn
            rename_myself(context_of(request), name=request.POST.get("name", ""))
    except Invalid as error:
        return _page(request, error)
    return _back(request, "saved")


@sensitive_post_parameters("old", "password")
@require_POST
def password(request: HttpRequest, workspace: str) -> HttpResponse:
    """Change the password; every other session ends."""
    account = _account(request)
    try:
        _prove(request, account, "old")
        set_password(account, request.POST.get("password", "")[:1000])
    except (Invalid, throttle.TooManyAttempts) as error:
        return _page(request, error)
    sessions.end_others(account.pk, request.session.session_key)
    request.session.cycle_key()
    return _back(request, "password")


@require_POST
def end_session(request: HttpRequest, workspace: str, id: str) -> HttpResponse:
    if not sessions.end(_account(request).pk, id):
        raise NotFound
    return _back(request, "ended")


@require_POST
def end_other_sessions(request: HttpRequest, workspace: str) -> HttpResponse:
    sessions.end_others(_account(request).pk, request.session.session_key)
    return _back(request, "ended")


@sensitive_post_parameters("confirm")
@require_POST
def prepare_second_factor(request: HttpRequest, workspace: str) -> HttpResponse:
    """Make a secret and show it; it counts only once a code of it came back."""
    account = _account(request)
    try:
        _prove(request, account, "confirm")
    except (Invalid, throttle.TooManyAttempts) as error:
        return _page(request, error)
    request.session[PREPARED] = second_factor.new_secret()
    return HttpResponseRedirect(here(context_of(request), "account/second-factor"))


@require_http_methods(["GET", "POST"])
def confirm_second_factor(request: HttpRequest, workspace: str) -> HttpResponse:
    sealed = request.session.get(PREPARED)
    if sealed is None:
        return HttpResponseRedirect(here(context_of(request), "account/"))
    shown: dict[str, Any] = {"secret": second_factor.readable(sealed), "problems": {}}
    status = 200
    if request.method == "POST":
        account = _account(request)
        try:
            throttle.attempt((throttle.account_key(account.email),))
            shown["codes"] = second_factor.turn_on(account, sealed, request.POST.get("code", "")[:40])
        except (Invalid, throttle.TooManyAttempts) as error:
            shown["problems"], status = (
                {"code": error.message},
                200 if isinstance(error, Invalid) else error.status,
            )
        else:
            throttle.succeeded(throttle.account_key(account.email))
            del request.session[PREPARED]
            sessions.end_others(account.pk, request.session.session_key)
    return render(request, "sign_in/second_factor.html", shown, status=status)


@require_GET
@never_cache
def second_factor_picture(request: HttpRequest, workspace: str) -> HttpResponse:
    """The QR code of the secret being set up."""
    sealed = request.session.get(PREPARED)
    if sealed is None:
        raise NotFound
    return HttpResponse(second_factor.picture(_account(request), sealed), content_type="image/svg+xml")


@sensitive_post_parameters("confirm")
@require_POST
def stop_second_factor(request: HttpRequest, workspace: str) -> HttpResponse:
    account = _account(request)
    try:
        _prove(request, account, "confirm")
    except (Invalid, throttle.TooManyAttempts) as error:
        return _page(request, error)
    second_factor.turn_off(account)
    return _back(request, "factor-off")
