from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "peyvand.administration.members"
    label = "members"

    def ready(self) -> None:
        # Verbs and pages are registered by importing what declares them.
        from peyvand.administration.members import invitations, roles, web  # noqa: F401 importing registers
