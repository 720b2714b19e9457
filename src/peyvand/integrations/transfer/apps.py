from django.apps import AppConfig


class TransferConfig(AppConfig):
    name = "peyvand.integrations.transfer"
    label = "transfer"
