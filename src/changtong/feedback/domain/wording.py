"""Values as they stand in messages: times in local words, texts that cannot break out."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo


CHINESE = "zh-hans"
ENGLISH = "en"
LANGUAGES = (CHINESE, ENGLISH)

_BLANKS = re.compile(r"\s+")


def language_of(code: str) -> str:
    """Return the language of ours that is nearest to the one wanted."""
    return ENGLISH if code.casefold().startswith("en") else CHINESE


def moment(at: datetime | None, *, language: str, zone: tzinfo) -> str:
    """Return an instant as people say it: 11月22日14:05, 22 Nov 14:05; nothing for none."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    if language == ENGLISH:
        return f"{local.day} {MONTHS[local.month - 1]} {local:%H:%M}"
    return f"{local.month}月{local.day}日{local:%H:%M}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def one_line(text: str) -> str:
    """Return the text on one line without anything invisible: fit for a subject or an SMS."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return _BLANKS.sub(" ", shown).strip()


def plain(text: str) -> str:
    """Return the text with its lines but without control characters."""
    lines = (one_line(line) for line in text.splitlines())
    return "\n".join(lines).strip()


def shortened(text: str, *, at_most: int) -> str:
    """Return the text on one line of at most so many characters."""
    line = one_line(text)
    return line if len(line) <= at_most else f"{line[: at_most - 1]}…"
