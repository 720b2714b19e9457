"""Letters to those who look after a workspace's webhooks."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from peyvand.integrations.webhooks.models import Webhook
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import Role, User


def tell_disabled(tenant: Tenant, webhook: Webhook) -> None:
    """Write to everybody who may change webhooks that this one was switched off, and since when it failed."""
    roles = [
        r.id
        for r in Role.objects.filter(deleted_at__isnull=True)
        if r.rights.scope("webhook.update") is Scope.ALL
    ]
    users = User.objects.filter(role_id__in=roles, is_active=True, deleted_at__isnull=True)
    readers = users.exclude(email="").exclude(account=None)
    path = f"/w/{tenant.slug}/settings/webhooks/{webhook.id}"
    context = {
        "webhook": webhook,
        "workspace": tenant.name,
        "link": f"{settings.PUBLIC_URL.rstrip('/')}{path}" if settings.PUBLIC_URL else "",
    }
    for email, language in readers.values_list("email", "account__language"):
        with translation.override(language or tenant.language):
            title = gettext("The webhook “%(name)s” was switched off") % {"name": webhook.name}
            EmailMultiAlternatives(
                title, render_to_string("webhooks/mail/disabled.txt", context), to=[email]
            ).send()
