from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "changtong.feedback"
    label = "feedback"
