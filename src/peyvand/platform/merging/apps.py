from django.apps import AppConfig


class MergingConfig(AppConfig):
    name = "peyvand.platform.merging"
    label = "merging"
