"""Canned texts: words with variables that a case fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from changtong.kernel.errors import Refused


# What may stand in braces; the case fills it in.
VARIABLES = (
    "客户姓名",
    "工单号",
    "标题",
    "业务号码",
    "地址",
    "时限",
    "办理人",
    "我的姓名",
    "今天",
)
TEXT_AT_MOST = 1000
NAME_AT_MOST = 24
KEYWORD_AT_MOST = 16
_VARIABLE = re.compile(r"\{([^{}\s]{1,12})\}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text that is checked and can be kept."""

    name: str
    keyword: str
    text: str


def checked(name: str, keyword: str, text: str) -> Phrase:
    """
    Return a canned text as it is kept.

    :raises Refused: ``phrase.incomplete``, ``phrase.variable_unknown``
    """
    name, keyword, text = " ".join(name.split()), "".join(keyword.split()).lower(), text.strip()
    if not name or not text:
        raise Refused("phrase.incomplete")
    require_known(text)
    return Phrase(name[:NAME_AT_MOST], keyword[:KEYWORD_AT_MOST], text[:TEXT_AT_MOST])


def require_known(text: str) -> None:
    """
    Check that a text names no variable that a case could not fill in.

    :raises Refused: ``phrase.variable_unknown``
    """
    unknown = [one for one in _VARIABLE.findall(text) if one not in VARIABLES]
    if unknown:
        raise Refused("phrase.variable_unknown", variable=unknown[0])


def unfilled(text: str) -> str:
    """Return the first variable that a text still names; nothing if all are filled in."""
    return next((one for one in _VARIABLE.findall(text) if one in VARIABLES), "")


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with what the case says; a variable without a value stays to be seen."""
    return _VARIABLE.sub(lambda found: values.get(found[1]) or found[0], text)
