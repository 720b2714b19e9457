"""Letters to those who look after a workspace's webhooks."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from peyvand.integrations.webhooks.models import Webhook
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import Role, User
from peyvand.platform.workspaces.addresses import full_address
from peyvand.platform.workspaces.scope import workspace_scope


def tell_disabled(tenant: Tenant, webhook_id: int) -> None:
    """Write to everybody who may change webhooks that this one was switched off; no transaction waits for the mail server."""
    with workspace_scope(tenant.id):
        webhook = Webhook.objects.filter(id=webhook_id).first()
        readers = _keepers()
    if webhook is None:
        return
    path = f"/w/{tenant.slug}/settings/webhooks/{webhook.id}"
    context = {
        "webhook": webhook,
        "workspace": tenant.name,
        "link": full_address(path) or "",
    }
    for email, language in readers:
        with translation.override(language or tenant.language):
            title = gettext("The webhook “%(name)s” was switched off") % {"name": webhook.name}
            EmailMultiAlternatives(
                title, render_to_string("webhooks/mail/disabled.txt", context), to=[email]
            ).send()


def _keepers() -> list[tuple[str, str]]:
    """E-mail and language of those who may change webhooks."""
    roles = [
        r.id
        for r in Role.objects.filter(deleted_at__isnull=True)
        if r.rights.scope("webhook.update") is Scope.ALL
    ]
    users = User.objects.filter(role_id__in=roles, is_active=True, deleted_at__isnull=True)
    return list(users.exclude(email="").exclude(account=None).values_list("email", "account__language"))
