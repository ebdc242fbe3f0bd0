from django.apps import AppConfig


class ClocksConfig(AppConfig):
    name = "changtong.clocks"
    label = "clocks"
