from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "peyvand.platform.notifications"
    label = "notifications"

    def ready(self) -> None:
        from peyvand.platform.notifications import jobs, mail  # noqa: F401  # they register themselves
