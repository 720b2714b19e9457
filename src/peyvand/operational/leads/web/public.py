"""The public page of a form: for people on any site, without a login and without scripts; and as JSON for sites with forms
of their own, from the origins that the form names and from no other."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

import orjson
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import csrf_exempt

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, Problem, msg
from peyvand.operational.leads import submissions
from peyvand.operational.leads.fields import UTM, origin_of
from peyvand.operational.leads.models import LeadForm
from peyvand.platform.fields.reader import Reader, said
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.components.inputs import choices, labelled
from peyvand.web.components.reading import read_by
from peyvand.web.components.tags import say

# Nobody fills a form in sooner; a page that was open longer is asked to be sent once more.
QUICKEST, LONGEST = 2, 24 * 3600
# A field that people do not see: who fills it in is a machine.
TRAP: Final = "homepage"
_SALT: Final = "leads.form"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action {form}; frame-ancestors {frames}"
)


@csrf_exempt
def public_form(request: HttpRequest, token: str) -> HttpResponse:
    """GET: the page; POST: what it sends, or JSON; OPTIONS: whether a site may send JSON."""
    if (tenant := submissions.workspace_of(token)) is None:
        raise NotFound
    with workspace_scope(tenant.id):
        form = submissions.form_of(token)
        if form is None or not form.is_active:
            raise NotFound(msg("This form is closed."))
        language = (get_language() or "en")[:2] if form.language == "visitor" else form.language
        reader = Reader(language, tenant.timezone, tenant.currency, tenant.money_unit, tenant.slug)
        with translation.override(language), read_by(reader):
            response = _answer(request, tenant, form, reader)
    response.setdefault("Cache-Control", "no-store")
    return response


def _answer(request: HttpRequest, tenant: Tenant, form: LeadForm, reader: Reader) -> HttpResponse:
    origin = request.headers.get("Origin", "")
    is_json = request.content_type == "application/json"
    if request.method in ("GET", "HEAD"):
        return drawn(request, form, reader, _whence(request))
    if request.method == "OPTIONS":
        return _allowing(HttpResponse(status=204), form, origin)
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "GET, POST, OPTIONS"})
    if origin and origin != f"{request.scheme}://{request.get_host()}" and origin not in form.sites.split():
        refusal = NotAllowed(msg("This form does not take messages from that site."))
        if is_json:
            return JsonResponse({"error": said(refusal.message)}, status=403)
        raise refusal
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not (length.isascii() and length.isdecimal()):
        return JsonResponse({"error": gettext("This is not JSON.")}, status=400)
    if int(length[:20]) > submissions.MOST_BYTES:
        return JsonResponse({"error": gettext("This is too large.")}, status=413)
    return (
        _allowing(_taken_json(request, tenant, form, reader), form, origin)
        if is_json
        else _taken(request, tenant, form, reader)
    )


def _allowing(response: HttpResponse, form: LeadForm, origin: str) -> HttpResponse:
    """With what lets a browser of a listed site read the answer."""
    response["Vary"] = "Origin"
    if origin and origin in form.sites.split():
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Methods"] = "POST"
        response["Access-Control-Allow-Headers"] = "Content-Type"
        response["Access-Control-Max-Age"] = "3600"
    return response


def _taken_json(request: HttpRequest, tenant: Tenant, form: LeadForm, reader: Reader) -> HttpResponse:
    try:
        raw = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return JsonResponse({"error": gettext("This is not JSON.")}, status=400)
    if not isinstance(raw, Mapping):
        return JsonResponse({"error": gettext("Send a JSON object.")}, status=400)
    if raw.get(TRAP):
        submissions.hold_back(form, _sender(request))
        return JsonResponse({"ok": True, "thanks": _thanks(form)})
    ticket = raw.get("ticket")
    try:
        values = submissions.read(form, raw, reader)
        sent = submissions.Sent(
            values,
            _sender(request),
            ticket.replace("\x00", "")[:32] if isinstance(ticket, str) else "",
            raw.get("consent") is True,
        )
        with transaction.atomic():
            submissions.take(tenant, form, sent)
    except Invalid as error:
        errors = [{"field": p.field, "code": p.code, "message": said(p.message)} for p in error.problems]
        return JsonResponse({"errors": errors}, status=422)
    except submissions.Flood as error:
        return JsonResponse(
            {"error": said(error.message)}, status=429, headers={"Retry-After": str(error.seconds)}
        )
    return JsonResponse({"ok": True, "thanks": _thanks(form)})


def _taken(request: HttpRequest, tenant: Tenant, form: LeadForm, reader: Reader) -> HttpResponse:
    raw = {key: request.POST.get(key, "") for key in request.POST}
    if raw.get(TRAP):
        submissions.hold_back(form, _sender(request))
        return _done(request, form)
    try:
        ticket = _ticket(raw.get("ticket", ""))
        values = submissions.read(form, raw, reader)
        with transaction.atomic():
            submissions.take(
                tenant, form, submissions.Sent(values, _sender(request), ticket, raw.get("consent") == "1")
            )
    except (Invalid, submissions.Flood) as error:
        problems = (
            error.problems if isinstance(error, Invalid) else [Problem(None, error.message, error.code)]
        )
        response = drawn(request, form, reader, raw, problems, status=error.status)
        if isinstance(error, submissions.Flood):
            response["Retry-After"] = str(error.seconds)
        return response
    return _done(request, form)


def drawn(
    request: HttpRequest, form: LeadForm, reader: Reader, raw: Mapping[str, Any], problems: Any = (), *, status: int = 200,
    is_preview: bool = False,
) -> HttpResponse:  # fmt: skip
    """The page with the form, as it was filled in so far."""
    fields: list[dict[str, Any]] = []
    for field in submissions.inputs_of(form):
        is_product = field.key == "product"
        products = (
            choices([("", "—"), *submissions.products_of()], raw.get("product")) if is_product else None
        )
        fields.append({**labelled(field, raw.get(field.key), problems, reader), "products": products})
    shown = {f["field"].key for f in fields}
    context = {
        "form": form,
        "fields": fields,
        "loose": [say(p.message) for p in problems if p.field not in shown],
        "hidden": [(key, raw.get(key)) for key in (*UTM, "referrer", "landing_page") if raw.get(key)],
        "ticket": _kept_ticket(raw.get("ticket", "")),
        "consented": raw.get("consent") == "1",
        "trap": TRAP,
        "is_preview": is_preview,
    }
    return _guarded(render(request, "leads/public.html", context, status=status), form)


def _done(request: HttpRequest, form: LeadForm) -> HttpResponse:
    if form.redirect_url:
        return _guarded(HttpResponseRedirect(form.redirect_url), form)
    return _guarded(render(request, "leads/thanks.html", {"form": form, "thanks": _thanks(form)}), form)


def _guarded(response: HttpResponse, form: LeadForm) -> HttpResponse:
    to = origin_of(form.redirect_url)
    sites = " ".join(("'self'", *form.sites.split()))
    response["Content-Security-Policy"] = _POLICY.format(form=f"'self' {to}".strip(), frames=sites)
    return response


def _thanks(form: LeadForm) -> str:
    return form.thanks or gettext("Thank you. We will be in touch soon.")


def _new_ticket() -> str:
    return signing.dumps([secrets.token_hex(12), clock.now().timestamp()], salt=_SALT)


def _kept_ticket(signed: Any) -> str:
    """The ticket that the page was opened with, so that whoever mends a field at once does not count as quick; or a new one."""
    try:
        _, since = signing.loads(str(signed), salt=_SALT)
    except signing.BadSignature:
        return _new_ticket()
    return str(signed) if clock.now().timestamp() - since <= LONGEST else _new_ticket()


def _ticket(signed: str) -> str:
    """What the page was told apart by, when it was open as long as a person needs.

    Raises:
        Invalid: it was not: it has to be sent once more.
    """
    again = msg("Please press the button once more.")
    try:
        ticket, since = signing.loads(signed, salt=_SALT)
    except signing.BadSignature as error:
        raise Invalid.of(again, code="stale") from error
    if not QUICKEST <= clock.now().timestamp() - since <= LONGEST:
        raise Invalid.of(again, code="stale")
    return str(ticket)


def _whence(request: HttpRequest) -> dict[str, str]:
    """Where the visitor came from: what the address says of a campaign, and the page before."""
    found = {key: request.GET[key][:200] for key in UTM if request.GET.get(key)}
    page = request.headers.get("Referer", "")[:500]
    return {**found, **({"landing_page": page} if origin_of(page) else {})}


def _sender(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "")
