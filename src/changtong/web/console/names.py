"""All that somebody may type for an action: its Chinese and English names, and its pinyin."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils import translation
from pypinyin import Style, lazy_pinyin


if TYPE_CHECKING:
    from django.utils.functional import Promise


def of(label: str | Promise) -> str:
    """Return all that somebody may type for a label: Chinese, English, pinyin, its initials."""
    with translation.override("zh-hans"):
        chinese = str(label)
    with translation.override("en"):
        english = str(label)
    return _names(chinese, english)


@lru_cache(maxsize=512)
def _names(chinese: str, english: str) -> str:
    initials = "".join(lazy_pinyin(chinese, style=Style.FIRST_LETTER))
    return " ".join((chinese, english, initials, "".join(lazy_pinyin(chinese)))).lower()
