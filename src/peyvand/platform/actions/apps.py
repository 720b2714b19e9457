from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "peyvand.platform.actions"
    label = "actions"
