from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "peyvand.administration.retention"
    label = "retention"
