"""The way in and out: sign-in with its second factor, a forgotten password, an invitation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_noop
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from peyvand.administration.members.public import accept_invitation, letters, open_invitation, set_password
from peyvand.administration.sign_in import second_factor, sessions, throttle
from peyvand.administration.sign_in.passwords import account_by
from peyvand.administration.sign_in.resets import account_of, reset_token
from peyvand.kernel.errors import Conflict, Invalid, Message, NotFound, PeyvandError, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import system_actor, tenant_by
from peyvand.platform.identity.models import Account, Invitation
from peyvand.platform.identity.sessions import ACCOUNT
from peyvand.platform.workspaces.addresses import full_address
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.shell.views import last_workspace, safe_next

Answer = HttpResponse


class Page(View):
    """A page with one form: shown, and shown again with what was typed and why it was refused."""

    template = ""
    next_url = ""

    def form(self, request: HttpRequest, problem: PeyvandError | None = None, **context: Any) -> Answer:
        problems: dict[str, Message] = {}
        if isinstance(problem, Invalid):
            problems = {p.field or "form": p.message for p in problem.problems}
        elif problem is not None:
            problems = {"form": problem.message}
        shown = {"problems": problems, "typed": request.POST, "next": safe_next(request, ""), **context}
        response = render(request, self.template, shown, status=problem.status if problem else 200)
        if isinstance(problem, throttle.TooManyAttempts):
            response["Retry-After"] = str(problem.seconds)
        return response


def _email(request: HttpRequest) -> str:
    """The address that was typed, as accounts are found by it."""
    return request.POST.get("email", "").replace("\x00", "").strip().lower()[:254]


def _go_in(request: HttpRequest, account: Account, next_url: str) -> Answer:
    """Sign in and go on: where the person wanted to, else to the workspace entered last."""
    sessions.begin(request, account)
    slug = last_workspace(account.pk)
    return HttpResponseRedirect(next_url or (f"/w/{slug}/" if slug else "/"))


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class SignIn(Page):
    template = "sign_in/sign_in.html"

    def get(self, request: HttpRequest) -> Answer:
        if request.session.get(ACCOUNT) is not None:
            return HttpResponseRedirect(safe_next(request, "/"))
        return self.form(request)

    def post(self, request: HttpRequest) -> Answer:
        email, password = (
            _email(request),
            request.POST.get("password", "")[:1000],
        )
        guarded, address = throttle.account_key(email), throttle.address_key(sessions.ip_of(request))
        try:
            throttle.attempt((guarded, address))
        except throttle.TooManyAttempts as error:
            return self.form(request, error)
        account = account_by(email, password)
        if account is None:
            return self.form(request, Invalid.of(msg("The e-mail or the password is wrong.")))
        throttle.take_back(address)
        next_url = safe_next(request, "")
        if account.totp_secret:
            sessions.await_second_factor(request, account, next_url)
            return HttpResponseRedirect("/sign-in/code")
        throttle.succeeded(guarded)
        return _go_in(request, account, next_url)


class Code(Page):
    """The second step for those who set it up."""

    template = "sign_in/code.html"

    def get(self, request: HttpRequest) -> Answer:
        return self.form(request) if sessions.pending(request) else HttpResponseRedirect("/sign-in")

    def post(self, request: HttpRequest) -> Answer:
        held = sessions.pending(request)
        if held is None:
            return HttpResponseRedirect("/sign-in")
        account, next_url = held
        guarded, address = throttle.account_key(account.email), throttle.address_key(sessions.ip_of(request))
        try:
            throttle.attempt((guarded, address))
            second_factor.accept(account, request.POST.get("code", "")[:40])
        except (throttle.TooManyAttempts, Invalid) as error:
            return self.form(request, error)
        throttle.take_back(address)
        throttle.succeeded(guarded)
        return _go_in(request, account, next_url)


@require_POST
def sign_out(request: HttpRequest) -> Answer:
    """End this session; the next page is a stranger's."""
    request.session.flush()
    return HttpResponseRedirect("/sign-in")


class Forgot(Page):
    """Asks for a letter with a link. The answer is the same whether or not there is such an account."""

    template = "sign_in/forgot.html"

    def get(self, request: HttpRequest) -> Answer:
        return self.form(request)

    def post(self, request: HttpRequest) -> Answer:
        email = _email(request)
        try:
            throttle.attempt((throttle.letter_key(email), throttle.address_key(sessions.ip_of(request))))
        except throttle.TooManyAttempts as error:
            return self.form(request, error)
        account = Account.objects.filter(email=email).first()
        if account is not None and (link := full_address(f"/reset/{reset_token(account)}", request)):
            language = account.language or translation.get_language() or "en"
            about = {"link": link, "name": account.name}
            letters.send_later(
                account.email, language, gettext_noop("Your new password in Peyvand"), "reset", about
            )
        return self.form(request, sent=True)


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class Reset(Page):
    """Sets a new password by the link of a letter, and ends every session of the account."""

    template = "sign_in/reset.html"

    def get(self, request: HttpRequest, token: str) -> Answer:
        account = account_of(token)
        return self.form(request, email=account.email if account else "")

    def post(self, request: HttpRequest, token: str) -> Answer:
        account = account_of(token)
        if account is None:
            return self.form(request, email="")
        try:
            set_password(account, request.POST.get("password", "")[:1000])
        except Invalid as error:
            return self.form(request, error, email=account.email)
        sessions.end_others(account.pk, None)
        throttle.succeeded(throttle.account_key(account.email))
        if account.totp_secret:
            sessions.await_second_factor(request, account, "")
            return HttpResponseRedirect("/sign-in/code")
        return _go_in(request, account, "")


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class Invite(Page):
    """Joins a workspace by the link of an invitation: with a new account, or as the account of that address."""

    template = "sign_in/invite.html"

    def get(self, request: HttpRequest, secret: str) -> Answer:
        return self._page(request, open_invitation(secret))

    def post(self, request: HttpRequest, secret: str) -> Answer:
        invitation = open_invitation(secret)
        if invitation is None:
            return self._page(request, None)
        owner = self._owner(invitation)
        if owner is not None and request.session.get(ACCOUNT) != owner.pk:
            return self._page(request, invitation)
        tenant = tenant_by(id=invitation.workspace_id)
        assert tenant is not None  # the invitation would be gone with it
        name, password = request.POST.get("name", ""), request.POST.get("password", "")[:1000]
        try:
            with workspace_scope(tenant.id):
                ctx = Context(system_actor(tenant), "web", ip=sessions.ip_of(request) or None)
                account = accept_invitation(
                    ctx,
                    invitation,
                    account=owner,
                    name=name,
                    password=password,
                    language=translation.get_language() or "",
                )
        except (Invalid, Conflict, NotFound) as error:
            return self._page(request, invitation, error)
        if owner is None:
            sessions.begin(request, account)
        return HttpResponseRedirect(f"/w/{tenant.slug}/")

    def _page(
        self, request: HttpRequest, invitation: Invitation | None, problem: PeyvandError | None = None
    ) -> Answer:
        owner = self._owner(invitation) if invitation else None
        signed_in = owner is not None and request.session.get(ACCOUNT) == owner.pk
        return self.form(request, problem, invitation=invitation, owner=owner, signed_in=signed_in)

    @staticmethod
    def _owner(invitation: Invitation) -> Account | None:
        return Account.objects.filter(email=invitation.email).first()
