from django.apps import AppConfig


class InfraConfig(AppConfig):
    name = "changtong.infra"
    label = "infra"
