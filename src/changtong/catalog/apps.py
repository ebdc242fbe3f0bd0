from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "changtong.catalog"
    label = "catalog"
