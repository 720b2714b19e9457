from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "peyvand.administration.members"
    label = "members"

    def ready(self) -> None:
        from peyvand.administration.members import invitations  # noqa: F401 (its verbs are registered by importing it)
