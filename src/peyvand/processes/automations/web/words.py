"""An automation in plain words: when it acts, about what, and what it does."""

from __future__ import annotations

import re
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from peyvand.analytical.methods.effect import Effect
from peyvand.kernel.errors import msgid
from peyvand.kernel.numbers import format_number, format_percent
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice
from peyvand.platform.objects.spec import find_object
from peyvand.processes.automations import models as m
from peyvand.processes.automations.fields import event_name
from peyvand.processes.automations.models import Automation, AutomationStep
from peyvand.processes.automations.objects import AUTOMATION, STEP
from peyvand.processes.automations.texts import OFFER, REASON
from peyvand.processes.automations.wording import verdict
from peyvand.web.components.tags import say
from peyvand.web.objects.lists.condition import in_words

_PLACE: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_WORDS: Final = {
    REASON: msgid("the reason"),
    OFFER: msgid("the next offer"),
    "event.title": msgid("what it happened to"),
}


def verdict_in_words(ctx: Context, effect: Effect) -> str:
    """What an effect comes to, as the reader writes figures."""
    language = ctx.reader.language
    return say(verdict(effect, lambda n: format_number(n, language)))


def points_in_words(ctx: Context, effect: Effect) -> tuple[str, str, str]:
    """The difference of an effect in percentage points, and between which it truly lies."""
    found = effect.difference
    value, low, high = (
        format_number(round(100 * n, 1), ctx.reader.language) for n in (found.value, found.low, found.high)
    )
    return value, low, high


def when(ctx: Context, one: Automation) -> list[tuple[str, str]]:
    """When it acts and what it is for, as (label, words) lines; what is not asked is left out."""
    spec, days = find_object(one.object), format_number(one.quiet_days, ctx.reader.language)
    again = gettext("after %(n)s days") % {"n": days} if one.quiet_days else gettext("every time")
    lines = [
        (gettext("When this happens"), AUTOMATION.field("event", Choice).show(one.event, ctx.reader)),
        (gettext("Only if this field changed"), _label(one.changed)),
        (gettext("Insight"), " · ".join(filter(None, (_label(one.insight), AUTOMATION.field("direction").show(one.direction, ctx.reader))))),
        (gettext("About"), str(spec.label_plural) if spec else one.object),
        (gettext("Only those for which"), in_words(ctx, AUTOMATION, one) if one.condition else ""),
        (gettext("Again for the same record"), again),
        (gettext("It has helped when"), _outcome(ctx, one)),
        (gettext("Control group, for comparison"), format_percent(one.held_out / 100, ctx.reader.language) if one.held_out else gettext("nobody")),
    ]  # fmt: skip
    return [(label, words) for label, words in lines if words]


def _outcome(ctx: Context, one: Automation) -> str:
    what = in_words(ctx, AUTOMATION, one, "outcome") if one.outcome else event_name(one.outcome_event) if one.outcome_event else ""  # fmt: skip
    if not what:
        return ""
    return gettext("%(what)s, within %(n)s days") % {"what": what, "n": format_number(one.outcome_days, ctx.reader.language)}  # fmt: skip


def _label(path: str) -> str:
    object_key, _, key = path.partition(".")
    spec = find_object(object_key)
    return str(spec.field(key).label) if spec and key in spec.all_fields else key


def with_names(text: str) -> SafeString:
    """A text with its places told by what stands in them, as chips: the name of a field and not {{company.name}}."""
    parts: list[tuple[str, str]] = []
    end = 0
    for match in _PLACE.finditer(text):
        parts += [
            ("{}", text[end : match.start()]),
            ('<span class="bdg acc">{}</span>', _place_name(match[1])),
        ]
        end = match.end()
    parts.append(("{}", text[end:]))
    return mark_safe("".join(format_html(shape, words) for shape, words in parts))  # noqa: S308 each part is escaped


def _place_name(place: str) -> str:
    name, _, fallback = (part.strip() for part in place.partition("|"))
    object_key, _, key = name.partition(".")
    spec = find_object(object_key)
    if name in _WORDS:
        words = gettext(_WORDS[name])
    elif object_key == "event":
        words = gettext("from the event: %(name)s") % {"name": key}
    elif object_key == "user" and key == "name":
        words = gettext("name of the user")
    elif spec is not None and key in spec.all_fields:
        words = gettext("%(field)s of the %(object)s") % {
            "field": spec.field(key).label,
            "object": spec.label,
        }
    else:
        words = name
    return (
        gettext("%(words)s, or “%(fallback)s”") % {"words": words, "fallback": fallback}
        if fallback
        else words
    )


def step_lines(ctx: Context, step: AutomationStep) -> dict[str, Any]:
    """What a step does: its kind, a line, and its text as it was written."""
    kind = next(o for o in STEP.field("kind", Choice).options if o.key == step.kind)
    due = {
        "d": format_number(step.days, ctx.reader.language),
        "h": format_number(step.hours, ctx.reader.language),
    }
    line: list[str] = []
    if step.kind in (m.TASK, m.NOTIFY, m.GIVE):
        name = step.user.name if step.whom == m.USER and step.user else ""
        line.append(name or STEP.field("whom").show(step.whom, ctx.reader))
    if step.kind == m.TASK:
        sentence = gettext("due in %(d)s working days and %(h)s working hours") if step.hours else gettext("due in %(d)s working days")  # fmt: skip
        line.append(sentence % due)
        line.append(gettext("priority: %(name)s") % {"name": STEP.field("priority").show(step.priority, ctx.reader)})  # fmt: skip
    if step.kind == m.SET:
        line.append(f"{_label(step.field)}: {step.value or '—'}")
    if step.kind == m.ENROL and step.sequence:
        line.append(step.sequence.name)
    return {
        "step": step,
        "kind": kind,
        "title": with_names(step.title) or str(kind.label),
        "line": " · ".join(line),
        "text": with_names(step.text),
    }
