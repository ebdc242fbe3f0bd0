from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "changtong.journal"
    label = "journal"
