from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "peyvand.platform.identity"
    label = "identity"
