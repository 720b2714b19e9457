from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "peyvand.operational.documents"
    label = "documents"
