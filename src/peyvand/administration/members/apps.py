from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "peyvand.administration.members"
    label = "members"

    def ready(self) -> None:
        # Verbs and pages are registered by importing what declares them.
        from peyvand.administration.members import elevation, invitations, previews, roles, territories, web  # noqa: F401 importing registers
        from peyvand.administration.members.web import first_day  # noqa: F401 importing registers
