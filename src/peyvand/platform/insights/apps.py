from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "peyvand.platform.insights"
    label = "insights"
