"""The XML that WebDAV speaks: bodies that programs send, read without trust, and answers of several parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.http import HttpResponse

from peyvand.kernel.errors import Invalid, msg

D, C, CS, A = (
    "{DAV:}",
    "{urn:ietf:params:xml:ns:caldav}",
    "{http://calendarserver.org/ns/}",
    "{http://apple.com/ns/ical/}",
)
for prefix, namespace in (("D", D), ("C", C), ("CS", CS), ("A", A)):
    register_namespace(prefix, namespace[1:-1])
MOST_BYTES: Final = 1_000_000
_WORDS: Final = {200: "OK", 403: "Forbidden", 404: "Not Found", 507: "Insufficient Storage"}
# The properties of one thing: those it has, and the names of those it has not, by status.
Found = Mapping[int, Iterable[Element]]


class Refused(Exception):
    """A refusal that programs know by name: the precondition that was not met."""

    def __init__(self, status: int, condition: str = "", sentence: str = "") -> None:
        super().__init__(sentence or condition)
        self.status, self.condition, self.sentence = status, condition, sentence


def read(body: bytes) -> Element | None:
    """The body of a request; None where it is empty.

    Raises:
        Invalid: no XML, or one that declares entities or a document type. Refused: too long.
    """
    if not body.strip():
        return None
    if len(body) > MOST_BYTES:
        raise Refused(413)
    try:
        found: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Invalid.of(msg("The body is no XML that can be read.")) from error
    return found


def element(name: str, *inner: Element, text: str = "") -> Element:
    """An element with what is in it."""
    made = Element(name)
    made.text = clean(text) or None
    made.extend(inner)
    return made


def href(path: str) -> Element:
    return element(f"{D}href", text=path)


def clean(text: str) -> str:
    """The text without the signs that XML cannot carry."""
    return "".join(
        c
        for c in text
        if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )


def response(path: str, found: Found) -> Element:
    """What one thing answers: its properties, by status."""
    made = element(f"{D}response", href(path))
    for status, properties in found.items():
        if kept := list(properties):
            prop = element(f"{D}prop", *kept)
            made.append(element(f"{D}propstat", prop, _status(status)))
    if len(made) == 1:
        made.append(element(f"{D}propstat", element(f"{D}prop"), _status(200)))
    return made


def missing(path: str, status: int = 404, *inner: Element) -> Element:
    """That a thing is not there, or what else is to be said of the whole of it."""
    return element(f"{D}response", href(path), _status(status), *inner)


def multistatus(responses: Iterable[Element], *more: Element) -> HttpResponse:
    return answer(207, element(f"{D}multistatus", *responses, *more))


def refusal(error: Refused) -> HttpResponse:
    """The answer that names what was not met."""
    if not error.condition and not error.sentence:
        return HttpResponse(status=error.status)
    body = element(f"{D}error")
    if error.condition:
        SubElement(body, error.condition)
    if error.sentence:
        body.append(element(f"{D}responsedescription", text=error.sentence))
    return answer(error.status, body)


def answer(status: int, body: Element) -> HttpResponse:
    raw = tostring(body, encoding="utf-8", xml_declaration=True)
    return HttpResponse(raw, status=status, content_type="application/xml; charset=utf-8")


def path_to(*names: object, is_folder: bool = True) -> str:
    """The address of a thing; folders end with a slash."""
    path = "/".join(["/dav", *(quote(str(name), safe="@") for name in names)])
    return f"{path}/" if is_folder else path


def _status(status: int) -> Element:
    return element(f"{D}status", text=f"HTTP/1.1 {status} {_WORDS[status]}")
