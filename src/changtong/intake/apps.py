from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "changtong.intake"
    label = "intake"
