"""A conversation as a page, and the HTML of a stranger in a frame that can do nothing."""

from __future__ import annotations

import base64
import re
from itertools import pairwise
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.views.decorators.http import require_safe

from peyvand.collaborative.mail.cleaning import loads_pictures, reads_from_right
from peyvand.collaborative.mail.models import MailMessage
from peyvand.collaborative.mail.objects import MAIL_MESSAGE
from peyvand.collaborative.mail.reasons import said
from peyvand.kernel.errors import NotFound
from peyvand.platform.access.decisions import decide, demand, visible
from peyvand.platform.actions.action import actions_of
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice
from peyvand.platform.files.models import File
from peyvand.platform.files.storage import path_of
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.sight import named
from peyvand.web.objects.pages.shown import record_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

MOST: Final = 50
_SHOWN: Final = frozenset({"subject", "sender", "to", "cc", "text"})
# Pictures inside a letter are shown up to so many bytes together.
_MOST_PICTURES: Final = 3 * 1024 * 1024
# Nothing runs, nothing is sent, nothing is fetched; pictures from elsewhere only once somebody asks for them. «sandbox» holds
# also where the address is opened by itself, outside its frame.
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:{pictures}; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_LOOK: Final = (
    "body{margin:0;padding:8px;font:15px/1.7 Vazirmatn,Tahoma,sans-serif;overflow-wrap:anywhere;background:#fff;color:#1c2024}"
    "img{max-width:100%;height:auto}table{max-width:100%}blockquote{margin-inline:0;padding-inline-start:12px;border-inline-start:2px solid #ccc}"
)


@require_safe
def conversation(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """A mail with all of its conversation that the actor may see; with ``part`` only what follows changes."""
    ctx = context_of(request)
    mail: MailMessage = load_record(MAIL_MESSAGE, ctx.actor, id)
    hidden = ctx.actor.grants.hides(MAIL_MESSAGE.key)
    rows = MailMessage.objects.filter(thread_id=mail.thread_id or mail.id, deleted_at__isnull=True)
    around = list(visible(ctx.actor, MAIL_MESSAGE.key, rows).order_by("id")[:MOST])
    # The same letter may lie in two mailboxes of ours.
    mails = list({each.message_key: each for each in [*around, mail]}.values())
    mails.sort(key=lambda each: (each.sent_at or each.send_at or each.created_at, each.id))
    for each in mails:
        for key in hidden & _SHOWN:
            setattr(each, key, "")
        if "text" in hidden:
            each.html = ""
    files: dict[int, list[File]] = {each.id: [] for each in mails}
    hung = File.objects.filter(object=MAIL_MESSAGE.key, object_id__in=list(files), removed_at__isnull=True)
    for file in hung.order_by("id"):
        files[file.object_id].append(file)
    refs = [ref for each in mails if (ref := each.about)]
    abouts = named(ctx.actor, refs)
    shown = [_shown(ctx, each, files[each.id], abouts) for each in mails]
    for before, each in pairwise(shown):
        # Said once for as long as it stays the same.
        each["says_about"] = each["about"] != before["about"]
    last = next((each for each in reversed(shown) if each["may_reply"]), None)
    context = {
        "mail": mail,
        "mails": shown,
        "last": last,
        "at": here(ctx, "mail_messages/"),
        "page": here(ctx, "mail/"),
    }
    template = "mail/_conversation.html" if "part" in request.GET else "mail/conversation.html"
    return render(request, template, context)


@require_safe
def frame(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """The HTML of one mail, closed up; ``pictures=1`` lets those from elsewhere be fetched."""
    ctx = context_of(request)
    demand(ctx.actor, MAIL_MESSAGE.permission("view"))
    mail: MailMessage = load_record(MAIL_MESSAGE, ctx.actor, id)
    if not mail.html or "text" in ctx.actor.grants.hides(MAIL_MESSAGE.key):
        raise NotFound
    is_asked = request.GET.get("pictures") == "1"
    body = _with_pictures(ctx, mail)
    direction = "rtl" if reads_from_right(mail.text) else "ltr"
    response = HttpResponse(
        f'<!doctype html><html dir="{direction}"><head><meta charset="utf-8"><title>{escape(mail.subject)}</title>'
        f"<style>{_LOOK}</style></head><body>{body}</body></html>"
    )
    response["Content-Security-Policy"] = _POLICY.format(pictures=" https: http:" if is_asked else "")
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _shown(ctx: Context, mail: MailMessage, files: list[File], abouts: Any) -> dict[str, Any]:
    about = abouts.get(mail.about) if mail.about else None
    inside = set(mail.pictures.values())
    return {
        "mail": mail,
        "at": mail.sent_at or mail.send_at or mail.created_at,
        "state": MAIL_MESSAGE.field("state", Choice).option(mail.state),
        "why": said(mail.problem) if mail.problem else "",
        "files": [file for file in files if file.id not in inside],
        "has_html": bool(mail.html),
        "loads": loads_pictures(mail.html),
        "says_about": True,
        "about": about if about and not about.is_unseen else None,
        "about_url": record_url(about.object, about.id, ctx.reader) if about else "",
        "may_reply": mail.state in (MailMessage.RECEIVED, MailMessage.SENT)
        and bool(decide(ctx.actor, "mail_message.reply", mail)),
        "may_call_back": mail.state == MailMessage.QUEUED
        and bool(decide(ctx.actor, "mail_message.call_back", mail)),
        "may_write_again": mail.direction == "out"
        and mail.state in (MailMessage.FAILED, MailMessage.BOUNCED, MailMessage.CANCELLED)
        and bool(decide(ctx.actor, "mail_message.write_again", mail)),
        "may_edit": bool(decide(ctx.actor, "mail_message.update", mail)),
        # What other slices add.
        "verbs": [
            verb
            for verb in actions_of(MAIL_MESSAGE.key)
            if verb.aside and verb.on == "one" and verb.offered(mail) and decide(ctx.actor, verb.key, mail)
        ],
    }


def _with_pictures(ctx: Context, mail: MailMessage) -> str:
    """The HTML with the pictures that came with it inside it: a closed frame could not fetch them."""
    if not mail.pictures:
        return mail.html
    kept = {
        file.id: file for file in File.objects.filter(id__in=list(mail.pictures.values()), object_id=mail.id)
    }
    left = _MOST_PICTURES

    def put(match: re.Match[str]) -> str:
        nonlocal left
        file = kept.get(mail.pictures.get(match[1], 0))
        if (
            file is None
            or not file.media_type.startswith("image/")
            or "svg" in file.media_type
            or file.size > left
        ):
            return match[0]
        try:
            content = path_of(ctx.tenant.id, file.sha256).read_bytes()
        except FileNotFoundError:
            return match[0]
        left -= file.size
        return f'src="data:{file.media_type};base64,{base64.b64encode(content).decode()}"'

    return re.sub(r'src="cid:([^"<>\s]+)"', put, mail.html)
