from django.apps import AppConfig


class SettingsConfig(AppConfig):
    name = "peyvand.administration.settings"
    label = "settings"
