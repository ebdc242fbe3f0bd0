from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "changtong.search"
    label = "search"
