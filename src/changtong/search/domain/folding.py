"""One form for what people write in many: width, case, and traditional characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache


HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
# A word of another script with what people write inside it: E-RAB, L.E-RAB, QCI=4, 10.0.0.1.
_WORD = rf"(?:(?![{HAN}])[^\W_])+"
_PIECE = re.compile(rf"(?P<han>[{HAN}]+)|(?P<word>{_WORD}(?:[-._/=]{_WORD})*)")
_GROUPED_DIGITS = re.compile(r"(?<!\d)\d{3,4}(?:[ -]\d{3,4}){1,3}(?!\d)")


class _Folds(dict[int, str]):
    """What each character becomes, found when it is met for the first time."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKC", chr(code)).lower()
        folded = self[code] = plain.translate(_simplified())
        return folded


_folds = _Folds()


@cache
def _simplified() -> dict[int, str]:
    from opencc import OpenCC

    every = [
        chr(code)
        for start, end in ((0x3400, 0xA000), (0xF900, 0xFB00))
        for code in range(start, end)
    ]
    converted = OpenCC("t2s").convert("\n".join(every)).split("\n")
    return {ord(old): new for old, new in zip(every, converted, strict=True) if old != new}


def folded(text: str) -> str:
    """Return the text in one width, one case and simplified characters."""
    return text.translate(_folds)


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and for each of its characters where it stood."""
    parts = [_folds[ord(one)] for one in text]
    return "".join(parts), [place for place, part in enumerate(parts) for _ in part]


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the runs of a folded text: words of other scripts, and Chinese ones (True)."""
    for found in _PIECE.finditer(text):
        yield found.group(), found.lastgroup == "han"


def grouped_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where one number is written in groups, e.g. 138 0000 1234, and its digits."""
    for found in _GROUPED_DIGITS.finditer(text):
        yield *found.span(), re.sub(r"\D", "", found.group())
