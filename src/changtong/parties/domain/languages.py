"""The languages that people who work here can choose."""

from __future__ import annotations


LANGUAGES = ("zh-hans", "en")
