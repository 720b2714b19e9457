from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "peyvand.platform.audit"
    label = "audit"
