from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "changtong.web.console"
    label = "console"
