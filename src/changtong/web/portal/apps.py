from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "changtong.web.portal"
    label = "portal"
