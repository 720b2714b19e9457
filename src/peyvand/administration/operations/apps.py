from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "peyvand.administration.operations"
    label = "operations"
