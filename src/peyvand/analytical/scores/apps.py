from django.apps import AppConfig


class ScoresConfig(AppConfig):
    name = "peyvand.analytical.scores"
    label = "scores"
