from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "peyvand.operational.activities"
    label = "activities"
