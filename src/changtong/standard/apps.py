from django.apps import AppConfig


class StandardConfig(AppConfig):
    name = "changtong.standard"
    label = "standard"
