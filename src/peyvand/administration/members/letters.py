"""Letters that bring someone in: a new password, an invitation. Text and HTML, in the reader's language."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from peyvand.administration.members.invitations import Invited
from peyvand.platform.actions.context import Context

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


def link(path: str, request: HttpRequest | None = None) -> str | None:
    """The full address of a path: under PEYVAND_URL, or as this request reached the installation.

    A Host header is whatever its sender likes, and a letter must not carry someone to a stranger's site:
    without PEYVAND_URL it is believed only if PEYVAND_HOSTS names it or it lies in a private network; else None.
    """
    if settings.PUBLIC_URL:
        return f"{settings.PUBLIC_URL.rstrip('/')}{path}"
    if request is not None and (settings.ALLOWED_HOSTS != ["*"] or _is_private(request.get_host())):
        return request.build_absolute_uri(path)
    log.error("no letter was sent: set PEYVAND_URL to this installation's address")
    return None


def _is_private(host: str) -> bool:
    name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    if name == "localhost":
        return True
    try:
        return ip_address(name.strip("[]")).is_private
    except ValueError:
        return False


def send_invitation(ctx: Context, invited: Invited, request: HttpRequest) -> bool:
    """Send the letter of an invitation, in the workspace's language, once the invitation is committed: no transaction
    waits for a mail server. False where no link can be made."""
    path = link(f"/invite/{invited.secret}", request)
    if path is None:
        return False
    about = {"link": path, "name": invited.user.name, "inviter": ctx.actor.name, "workspace": ctx.tenant.name}
    subject = gettext_noop("%(inviter)s invites you to %(workspace)s")
    to, language = invited.user.email, ctx.tenant.language
    transaction.on_commit(lambda: send_later(to, language, subject, "invite", about))
    return True
