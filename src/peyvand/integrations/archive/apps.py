from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "peyvand.integrations.archive"
    label = "archive"
