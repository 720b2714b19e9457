"""Letters that bring someone in: a new password, an invitation. Text and HTML, in the reader's language."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from peyvand.administration.members.invitations import Invited
from peyvand.platform.actions.context import Context
from peyvand.platform.workspaces.addresses import full_address

log = logging.getLogger(__name__)
_post = ThreadPoolExecutor(2, thread_name_prefix="letters")


def send(to: str, language: str, subject: str, name: str, context: dict[str, Any]) -> bool:
    """Send ``members/mail/<name>.txt`` and ``.html``; ``subject`` is a msgid. Whether the server took it."""
    with translation.override(language):
        about = {**context, "language": language, "direction": "rtl" if language == "fa" else "ltr"}
        title = gettext(subject) % context
        letter = EmailMultiAlternatives(title, render_to_string(f"members/mail/{name}.txt", about), to=[to])
        letter.attach_alternative(
            render_to_string(f"members/mail/{name}.html", {**about, "title": title}), "text/html"
        )
        try:
            letter.send()
        except (SMTPException, OSError):
            log.exception("a letter (%s) could not be sent", name)
            return False
    return True


def send_later(to: str, language: str, subject: str, name: str, context: dict[str, Any]) -> None:
    """Send without the caller waiting: how long an answer takes must not tell whether there was a letter."""
    _post.submit(send, to, language, subject, name, context)


def send_invitation(ctx: Context, invited: Invited, request: HttpRequest) -> bool:
    """Send the letter of an invitation, in the workspace's language, once the invitation is committed: no transaction
    waits for a mail server. False where no link can be made."""
    link = full_address(f"/invite/{invited.secret}", request)
    if link is None:
        return False
    about = {"link": link, "name": invited.user.name, "inviter": ctx.actor.name, "workspace": ctx.tenant.name}
    subject = gettext_noop("%(inviter)s invites you to %(workspace)s")
    to, language = invited.user.email, ctx.tenant.language
    transaction.on_commit(lambda: send_later(to, language, subject, "invite", about))
    return True
