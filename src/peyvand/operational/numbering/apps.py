from django.apps import AppConfig


class NumberingConfig(AppConfig):
    name = "peyvand.operational.numbering"
    label = "numbering"
