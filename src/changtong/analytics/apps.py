from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "changtong.analytics"
    label = "analytics"
