from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "changtong.archive"
    label = "archive"
