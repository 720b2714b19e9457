from importlib import import_module

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "peyvand.administration.quality"
    label = "quality"

    def ready(self) -> None:
        import_module("peyvand.administration.quality.asking")
