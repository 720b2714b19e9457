from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "peyvand.platform.events"
    label = "events"
