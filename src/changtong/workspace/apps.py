from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "changtong.workspace"
    label = "workspace"
