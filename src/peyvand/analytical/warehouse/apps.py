from importlib import import_module

from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    name = "peyvand.analytical.warehouse"
    label = "warehouse"

    def ready(self) -> None:
        # The page among the settings is registered by importing it, and with it the right to ask.
        import_module("peyvand.analytical.warehouse.web")
