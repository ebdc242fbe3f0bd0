"""Addresses of the kit itself, under ``/ui/``."""

from __future__ import annotations

from django.urls import path

from changtong.web.ui import kit


urlpatterns = [
    path("kit", kit.kit, name="ui_kit"),
    path("kit/clause", kit.clause, name="ui_kit_clause"),
    path("kit/queue", kit.queue, name="ui_kit_queue"),
    path("kit/answer", kit.answer, name="ui_kit_answer"),
]
