from django.apps import AppConfig


class SchemaScreensConfig(AppConfig):
    name = "peyvand.administration.schema"
    label = "schema_screens"
