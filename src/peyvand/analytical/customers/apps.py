from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "peyvand.analytical.customers"
    label = "customers"
