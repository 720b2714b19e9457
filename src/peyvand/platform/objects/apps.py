from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import autodiscover_modules

from peyvand.platform.workspaces.modules import register_module


class ObjectsConfig(AppConfig):
    name = "peyvand.platform.objects"
    label = "objects"

    def ready(self) -> None:
        # Every slice's declarations, verbs and reactions are known before the first request or job.
        autodiscover_modules("objects", "actions", "reactions", "notifying", "jobs", "seeds")
        import_module("peyvand.platform.objects.indexing")
        import_module("peyvand.platform.objects.views")
        import_module("peyvand.platform.objects.habits")
        import_module("peyvand.platform.objects.own")
        import_module("peyvand.platform.objects.rollups")
        for config in apps.get_app_configs():
            if manifest := getattr(config, "manifest", None):
                register_module(manifest)
