from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "peyvand.operational.catalog"
    label = "catalog"
