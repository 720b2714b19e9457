from django.apps import AppConfig


class SchemaConfig(AppConfig):
    name = "peyvand.platform.schema"
    label = "schema"
