from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WebConfig(AppConfig):
    name = "peyvand.web"
    label = "web"

    def ready(self) -> None:
        # Slices register their screens, sidebar links and cards in a module "web" of their own.
        autodiscover_modules("web")
        import_module("peyvand.web.notifications")
