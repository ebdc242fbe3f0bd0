from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "changtong.parties"
    label = "parties"
