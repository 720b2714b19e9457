"""The addresses beneath /dav/: who asks, what is asked for, and the answer, in one transaction that a refusal rolls back."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from peyvand.api.limits import is_within
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, PeyvandError, RuleViolation
from peyvand.operational.calendars import storing
from peyvand.operational.calendars.entries import holds_uid
from peyvand.operational.calendars.models import Entry
from peyvand.operational.calendars.passwords import user_with, workspace_of
from peyvand.operational.calendars.reading import demand_few, gathered, parts
from peyvand.operational.calendars.web.dav import properties as has
from peyvand.operational.calendars.web.dav import reports, xml
from peyvand.operational.calendars.web.dav.properties import PLURALS, Place
from peyvand.operational.calendars.web.dav.xml import C, D, Refused
from peyvand.operational.calendars.writing import body_of
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import said
from peyvand.platform.identity.actor import ActorKind, tenant_by, user_actor
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.components.reading import read_by

ALLOWED: Final = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, REPORT"
# Of an address in a minute: a whole office may stand behind one, and a first look takes a few hundred.
PER_MINUTE, FAILED_PER_MINUTE = 3000, 20
_MODULES: Final = frozenset({"calendars", "scheduling"})


def well_known(request: HttpRequest) -> HttpResponse:
    """Where programs look first; they are led on."""
    response = HttpResponsePermanentRedirect("/dav/")
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt
def serve(request: HttpRequest, path: str = "") -> HttpResponse:
    """Everything beneath /dav/."""
    if request.method == "OPTIONS":
        return _told(HttpResponse(status=200))
    try:
        if not is_within(request, "dav", PER_MINUTE):
            raise Refused(429)
        return _told(_entered(request, [part for part in path.split("/") if part]))
    except Refused as error:
        response = xml.refusal(error)
        if error.status == 401:
            response["WWW-Authenticate"] = 'Basic realm="Peyvand", charset="UTF-8"'
        if error.status == 429:
            response["Retry-After"] = "60"
        return _told(response)
    except RequestDataTooBig:
        return _told(HttpResponse(status=413))
    except PeyvandError as error:
        return _told(_refused(error))


def _entered(request: HttpRequest, path: list[str]) -> HttpResponse:
    """The answer for whoever the password belongs to."""
    name, password = _credentials(request)
    found = workspace_of(password)
    tenant = tenant_by(id=found[0]) if found else None
    if found is None or tenant is None or _MODULES & set(tenant.modules_off):
        raise _unknown(request)
    with workspace_scope(tenant.id):
        user_id = user_with(found[1], name, request.headers.get("User-Agent", ""))
        if user_id is None:
            raise _unknown(request)
        try:
            actor = user_actor(tenant.id, user_id, ActorKind.TOKEN)
        except NotAllowed:
            raise _unknown(request) from None
        if not decide(actor, "meeting.make_calendar_password"):
            raise Refused(403, f"{D}need-privileges")
        ctx = Context(actor, "calendar", ip=request.META.get("REMOTE_ADDR") or None)
        with translation.override(actor.language), read_by(ctx.reader):
            try:
                response = _answer(request, ctx, Place(actor), path)
            except PeyvandError as error:
                response = _refused(error)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            return response


def _unknown(request: HttpRequest) -> Refused:
    """Who guesses is soon told to wait."""
    return Refused(401 if is_within(request, "dav-failed", FAILED_PER_MINUTE) else 429)


def _credentials(request: HttpRequest) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise Refused(401)
    try:
        name, _, password = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (NotBase64, ValueError):
        raise Refused(401) from None
    return name, password


def _answer(request: HttpRequest, ctx: Context, place: Place, path: list[str]) -> HttpResponse:
    """One of: the place to begin, a user's folder, a calendar, a thing in it."""
    if path[:2] not in ([], [ctx.tenant.slug, str(ctx.actor.user_id)]) or len(path) > 4:
        raise NotFound
    if len(path) < 3:
        if request.method != "PROPFIND":
            return _not_here(request, "OPTIONS, PROPFIND")
        return _folders(request, place, is_home=bool(path))
    kind = PLURALS.get(path[2])
    if kind is None or kind not in place.kinds():
        raise NotFound
    if len(path) == 3:
        return _calendar(request, place, kind)
    return _thing(request, ctx, place, kind, path[3])


def _folders(request: HttpRequest, place: Place, *, is_home: bool) -> HttpResponse:
    asked, depth = _asked(request), _depth(request)
    path = place.home if is_home else xml.path_to()
    own = has.of_home(place) if is_home else has.of_root(place)
    found = [xml.response(path, _properties(own, asked))]
    if depth and is_home:
        found += [
            xml.response(place.path(kind), _properties(has.of_calendar(place, kind), asked))
            for kind in place.kinds()
        ]
    elif depth:
        found.append(xml.response(place.home, _properties(has.of_home(place), asked)))
    return xml.multistatus(found)


def _calendar(request: HttpRequest, place: Place, kind: str) -> HttpResponse:
    if request.method == "REPORT":
        return reports.answer(place, kind, xml.read(request.body))
    if request.method == "PROPPATCH":
        return _not_changed(request, place.path(kind))
    if request.method != "PROPFIND":
        return _not_here(request, "OPTIONS, PROPFIND, PROPPATCH, REPORT")
    asked = _asked(request)
    found = [xml.response(place.path(kind), _properties(has.of_calendar(place, kind), asked))]
    if _depth(request):
        entries = place.calendar(kind).entries.values()
        names = asked if isinstance(asked, list) else None
        known = has.known_of(place, kind, entries) if has.needs_content(names) else {}
        found += [
            xml.response(
                place.path(kind, e.name), _properties(has.of_entry(place, e, known.get(e.object_id)), asked)
            )
            for e in entries
        ]
    return xml.multistatus(found)


def _thing(request: HttpRequest, ctx: Context, place: Place, kind: str, name: str) -> HttpResponse:
    if not name.isprintable():
        raise NotFound
    entry = place.things(kind, [name]).get(name)
    if request.method == "PUT":
        return _put(request, ctx, place, kind, name, entry)
    if entry is None:
        raise NotFound
    if request.method == "DELETE":
        _demand_match(request, entry)
        storing.remove(ctx, entry)
        return HttpResponse(status=204)
    known = has.known_of(place, kind, [entry])[entry.object_id]
    if request.method == "PROPFIND":
        own = has.of_entry(place, entry, known)
        return xml.multistatus([xml.response(place.path(kind, name), _properties(own, _asked(request)))])
    if request.method == "PROPPATCH":
        return _not_changed(request, place.path(kind, name))
    if request.method not in ("GET", "HEAD"):
        return _not_here(request, ALLOWED)
    response = HttpResponse(body_of(known), content_type="text/calendar; charset=utf-8")
    response["ETag"] = has.etag(entry)
    return response


def _put(
    request: HttpRequest, ctx: Context, place: Place, kind: str, name: str, entry: Entry | None
) -> HttpResponse:  # fmt: skip
    """What is written is kept in our own words, so no ETag is answered: programs read it again, as they should."""
    _demand_match(request, entry)
    if len(request.body) > has.MOST_BYTES:
        raise Refused(403, f"{C}max-resource-size")
    if len(name) > 200:
        raise Refused(403)
    try:
        found = gathered(parts(request.body), ctx.tenant.tz)
        for read in found:
            demand_few(read)
    except Invalid as error:
        raise Refused(403, f"{C}valid-calendar-data", said(error.message)) from error
    if len(found) != 1 or not found[0].master.uid:
        raise Refused(403, f"{C}valid-calendar-object-resource")
    [read] = found
    if read.master.kind != kind:
        raise Refused(403, f"{C}supported-calendar-component")
    if entry is not None:
        if read.master.uid != entry.uid:
            raise Refused(403, f"{C}no-uid-conflict")
        storing.change(ctx, entry, read)
        return HttpResponse(status=204)
    if holds_uid(ctx.actor, kind, read.master.uid):
        raise Refused(403, f"{C}no-uid-conflict")
    storing.create(ctx, read, name)
    return HttpResponse(status=201)


def _demand_match(request: HttpRequest, entry: Entry | None) -> None:
    """Refuse to write over what changed since the program read it.

    Raises:
        Refused: 412.
    """
    wanted, unwanted = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    if wanted is not None and (entry is None or not _names(wanted, entry)):
        raise Refused(412)
    if unwanted is not None and entry is not None and _names(unwanted, entry):
        raise Refused(412)


def _names(header: str, entry: Entry) -> bool:
    tags = [tag.strip() for tag in header.split(",")]
    return "*" in tags or has.etag(entry) in tags


def _asked(request: HttpRequest) -> list[str] | str | None:
    """The names that a PROPFIND asks for; None: all; "names": only what there is."""
    body = xml.read(request.body)
    if body is None:
        return None
    if body.tag != f"{D}propfind":
        raise Refused(400)
    return "names" if body.find(f"{D}propname") is not None else reports.asked_in(body)


def _properties(own: Mapping[str, has.Writes], asked: list[str] | str | None) -> xml.Found:
    if asked == "names":
        return {200: [xml.element(name) for name in own]}
    return has.chosen(own, asked if isinstance(asked, list) else None)


def _depth(request: HttpRequest) -> int:
    depth = request.headers.get("Depth", "0").strip().lower()
    if depth not in ("0", "1"):
        raise Refused(403, f"{D}propfind-finite-depth")
    return int(depth)


def _not_changed(request: HttpRequest, path: str) -> HttpResponse:
    """Colours and names of calendars are each device's own: none is kept here."""
    body = xml.read(request.body)
    if body is None or body.tag != f"{D}propertyupdate":
        raise Refused(400)
    names = [one.tag for prop in body.iter(f"{D}prop") for one in prop]
    return xml.multistatus([xml.response(path, {403: [xml.element(name) for name in names]})])


def _not_here(request: HttpRequest, allowed: str) -> HttpResponse:
    response = HttpResponse(status=405)
    response["Allow"] = allowed
    return response


def _refused(error: PeyvandError) -> HttpResponse:
    """A refusal of ours, as these programs understand it: what cannot be accepted is a 403, with the reason in words."""
    if not isinstance(error, Invalid | RuleViolation):
        return xml.refusal(Refused(error.status, "", said(error.message)))
    problems = error.problems if isinstance(error, Invalid) else [error]
    sentence = " ".join(said(problem.message) for problem in problems)
    return xml.refusal(Refused(403, f"{C}valid-calendar-data", sentence))


def _told(response: HttpResponse) -> HttpResponse:
    response["DAV"] = "1, 3, calendar-access"
    response.setdefault("Allow", ALLOWED)
    response.setdefault("Cache-Control", "no-store")
    return response
