from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "changtong.web.api"
    label = "api"
