from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ObjectsConfig(AppConfig):
    name = "peyvand.platform.objects"
    label = "objects"

    def ready(self) -> None:
        # Every slice's declarations, verbs and reactions are known before the first request or job.
        autodiscover_modules("objects", "actions", "reactions", "jobs", "seeds")
        import_module("peyvand.platform.objects.views")
