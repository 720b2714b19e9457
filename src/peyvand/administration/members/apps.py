from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "peyvand.administration.members"
    label = "members"
