from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "peyvand.platform.workspaces"
    label = "workspaces"
