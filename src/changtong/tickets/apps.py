from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "changtong.tickets"
    label = "tickets"
