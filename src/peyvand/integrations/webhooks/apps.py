from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "peyvand.integrations.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        # The page of the settings is registered by importing it.
        from peyvand.integrations.webhooks import web  # noqa: F401 importing registers
