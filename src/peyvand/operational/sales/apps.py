from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "peyvand.operational.sales"
    label = "sales"
