from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "peyvand.administration.applications"
    label = "applications"

    def ready(self) -> None:
        # The page of the settings is registered by importing it.
        from peyvand.administration.applications import web  # noqa: F401 importing registers
