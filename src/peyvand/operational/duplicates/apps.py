from importlib import import_module

from django.apps import AppConfig


class DuplicatesConfig(AppConfig):
    name = "peyvand.operational.duplicates"
    label = "duplicates"

    def ready(self) -> None:
        import_module("peyvand.operational.duplicates.similar")
