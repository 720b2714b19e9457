"""Facts about webhooks themselves."""

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("webhooks.webhook_disabled.v1", label=msg("A webhook was switched off"), icon="alert")
class WebhookDisabled(Event):
    def describe(self) -> Message:
        return msg("switched off the webhook %(title)s", title=self.title)


@fact("webhooks.secret_rotated.v1", label=msg("A webhook got a new secret"), icon="key")
class SecretRotated(Event):
    def describe(self) -> Message:
        return msg("gave the webhook %(title)s a new secret", title=self.title)


@fact("webhooks.secret_shown.v1", label=msg("A webhook's secret was looked at"), icon="eye")
class SecretShown(Event):
    def describe(self) -> Message:
        return msg("looked at the secret of the webhook %(title)s", title=self.title)
