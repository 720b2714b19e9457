"""Above the form of a message: whom it goes to, at which number and by which line, and what is wrong before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.sms.actions import drafted, receiver_of
from peyvand.collaborative.sms.papers import purpose_here, words_for
from peyvand.collaborative.sms.web.pages import LINES
from peyvand.collaborative.sms.writing import line_here, reached, unsendable
from peyvand.kernel.errors import Invalid, Message, NotFound, RuleViolation
from peyvand.kernel.phone import show_phone
from peyvand.operational.consents.public import Purpose
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.forewords import Foreword, before_verb
from peyvand.web.shell.navigation import here

TEMPLATE = "sms/foreword.html"


def _receiver(ctx: Context, opened: Opened, given: Mapping[str, Any]) -> Foreword:
    try:
        line = line_here()
    except RuleViolation:
        settings = here(ctx, "settings/sms") if decide(ctx.actor, LINES.operation) else ""
        return Foreword(TEMPLATE, {"no_line": True, "settings": settings}, is_closed=True)
    try:
        person = receiver_of(ctx, opened.spec, opened.record)
    except RuleViolation as error:
        return Foreword(TEMPLATE, {"problem": say(error.message)}, is_closed=True)
    # Without a number no purpose helps.
    bare = reached(ctx, [person], None)[person.id]
    if isinstance(bare, Message):
        return Foreword(TEMPLATE, {"name": person.name, "problem": say(bare)}, is_closed=True)
    number, problem, preview = bare, "", ""
    text, template, purpose = given.get("text") or "", given.get("template"), given.get("purpose")
    wanted = Purpose.objects.filter(id=purpose, deleted_at__isnull=True).first() if purpose else None
    try:
        if text or template:
            draft, wanted = drafted(ctx, opened.spec, opened.record, text, template, purpose)
            problem = say(why) if (why := unsendable(draft.text)) else ""
            preview = draft.text if draft.text != text else ""
    except (Invalid, RuleViolation) as error:
        problem = say(error.problems[0].message if isinstance(error, Invalid) else error.message)
    except NotFound:
        problem = gettext("This template is not there any more.")
    found = reached(ctx, [person], wanted)[person.id]
    if isinstance(found, Message):
        problem = problem or say(found)
    else:
        number = found
    return Foreword(TEMPLATE, {
        "name": person.name, "number": _number(ctx, person, number), "line": line, "problem": problem, "preview": preview,
    }, button=_("Send"))  # fmt: skip


def _receiver_of_quote(ctx: Context, opened: Opened, given: Mapping[str, Any]) -> Foreword:
    """As for others; where no text is typed, what they will read is shown."""
    typed = given.get("text") or ""
    try:
        text = typed or words_for(opened.record)
    except RuleViolation as error:
        text, problem = "", say(error.message)
    else:
        problem = ""
    purpose = purpose_here()
    found = _receiver(ctx, opened, {"text": text, "purpose": purpose.id if purpose else None})
    if found.is_closed:
        return found
    data = {**found.data, "preview": "" if typed else text, "problem": problem or found.data["problem"]}
    return replace(found, data=data)


def _number(ctx: Context, person: Person, number: str) -> str:
    """The number as people read it; nothing where the role does not show it."""
    hides = {"phone", "phones"} & ctx.actor.grants.hides(PERSON.key)
    return "" if hides else show_phone(number, ctx.reader.language)


for _key in ("person", "lead", "deal"):
    before_verb(f"{_key}.write_sms")(_receiver)
before_verb("quote.write_sms")(_receiver_of_quote)
