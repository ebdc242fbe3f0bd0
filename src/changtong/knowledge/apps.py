from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "changtong.knowledge"
    label = "knowledge"
