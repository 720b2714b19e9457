from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "peyvand.administration.governance"
    label = "governance"
