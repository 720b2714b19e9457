"""Notifications by the installation's own mail."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from peyvand.platform.identity.actor import Tenant
from peyvand.platform.notifications.channels import Channel, Letter, brief, register_channel


def send(tenant: Tenant, letter: Letter) -> None:
    """Send a letter to its reader's address, in their language."""
    title = brief(letter)
    about = {
        "letter": letter,
        "title": title,
        "workspace": tenant.name,
        "language": letter.language,
        "direction": "rtl" if letter.language == "fa" else "ltr",
    }
    mail = EmailMultiAlternatives(
        title, render_to_string("notifications/mail.txt", about), to=[letter.address]
    )
    mail.attach_alternative(render_to_string("notifications/mail.html", about), "text/html")
    mail.send()


MAIL = register_channel(Channel("mail", _("E-mail"), send))
