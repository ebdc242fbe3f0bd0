from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "changtong.dispatch"
    label = "dispatch"
