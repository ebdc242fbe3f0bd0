"""Message texts from their templates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.template import Context, Engine

from changtong.feedback.domain.choosing import Channel
from changtong.feedback.domain.wording import one_line


FOLDER = Path(__file__).resolve().parents[1] / "templates" / "feedback" / "messages"
# Shown where a template asks for what nobody provided; no message with it leaves the house.
HOLE = "\x00missing:%s\x00"


class Letter(NamedTuple):
    subject: str
    body: str


class IncompleteError(LookupError):
    """Tell the developer which value a template asked for in vain."""


def write(*, tag: str, channel: str, language: str, facts: Mapping[str, object]) -> Letter:
    """
    Return a message in words; an e-mail's subject is the template's first line.

    :raises IncompleteError: if the facts lack a value that the template shows
    :raises TemplateDoesNotExist: if there is no template for the tag
    """
    text = _filled(f"{tag}.{channel}.{language}.txt", facts)
    if channel == Channel.SMS:
        return Letter("", one_line(text))
    subject, _, body = text.partition("\n")
    return Letter(one_line(subject), body.strip() + "\n")


def word(name: str, code: str, language: str) -> str:
    """Return the word for a code from the list ``_<name>.<language>.txt``."""
    return one_line(_filled(f"_{name}.{language}.txt", {"code": code}))


def names() -> frozenset[str]:
    """Return the names of all templates of messages."""
    return frozenset(path.name for path in FOLDER.glob("*.txt") if not path.name.startswith("_"))


def _filled(name: str, facts: Mapping[str, object]) -> str:
    text = _engine().get_template(name).render(Context(facts, autoescape=False))
    if "\x00" in text:
        raise IncompleteError(f"{name} {text.split(chr(0))[1]}")
    return text


@cache
def _engine() -> Engine:
    # Plain text: escaping for HTML would show people &quot;.
    return Engine(dirs=[str(FOLDER)], autoescape=False, string_if_invalid=HOLE)
