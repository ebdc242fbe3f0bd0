"""What a document is found by: its characters, pairs of them, words, numbers, names, scope."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

from changtong.search.domain import folding, names


# What stands before a lexeme says what it is; words hold letters and digits only.
SCOPE, BACKWARDS, NAME, PRIVATE = "@", "<", "%", "~"
LONGEST = 48
# A number of so many digits is also found by its end.
DIGITS_BACKWARDS = 5
TITLE = "A"

_PARTS = re.compile(r"[^\W\d_]+|\d+")
_SEPARATORS = re.compile(r"[-._/=]")


def of_text(text: str) -> set[str]:
    """Return the lexemes of a text."""
    plain = folding.folded(text)
    found: set[str] = set()
    for piece, is_han in folding.pieces(plain):
        found |= set(of_han(piece)) if is_han else set(of_word(piece))
    for _start, _end, digits in folding.grouped_numbers(plain):
        found |= set(of_number(digits))
    return found


def of_han(run: str) -> Iterator[str]:
    """Yield the characters of a Chinese run and its overlapping pairs."""
    yield from run
    yield from map("".join, pairwise(run))


def of_word(word: str) -> Iterator[str]:
    """Yield a word of another script: joined, its parts, and the letters and digits of these."""
    parts = _SEPARATORS.split(word)
    if len(parts) > 1:
        yield "".join(parts)[:LONGEST]
    for part in parts:
        yield part[:LONGEST]
        smaller = _PARTS.findall(part)
        for one in smaller:
            if len(smaller) > 1:
                yield one[:LONGEST]
            if one.isdecimal() and len(one) >= DIGITS_BACKWARDS:
                yield backwards(one)


def of_number(digits: str) -> Iterator[str]:
    """Yield a number, forwards and backwards."""
    yield digits[:LONGEST]
    yield backwards(digits)


def backwards(digits: str) -> str:
    return BACKWARDS + digits[: -LONGEST - 1 : -1]


@lru_cache(maxsize=4_096)
def of_name(name: str) -> frozenset[str]:
    """Return the lexemes by which a name is found in pinyin, whole and by initials."""
    return frozenset(f"{NAME}{reading}"[:LONGEST] for reading in names.readings(name))


def of_private(number: str) -> Iterator[str]:
    """Yield how a telephone number or address for mail is found by those who may see it."""
    for one in of_text(number):
        yield f"{PRIVATE}{one}"[:LONGEST]


def of_region(path: str) -> Iterator[str]:
    """Yield a place and all that it lies in."""
    steps = [one for one in path.split("/") if one]
    for depth in range(1, len(steps) + 1):
        yield scope("r", "/".join(steps[:depth]))


def of_time(at: datetime) -> tuple[str, str]:
    """Return the month and the day of a document."""
    return of_month(at), of_day(at)


def of_month(at: datetime) -> str:
    return scope("m", f"{at.astimezone(UTC):%Y%m}")


def of_day(at: datetime) -> str:
    return scope("d", f"{at.astimezone(UTC):%Y%m%d}")


def scope(sort: str, value: object) -> str:
    """Return a lexeme that no text can hold."""
    return f"{SCOPE}{sort}{value}"[:LONGEST]


def vector(*, title: Iterable[str], text: Iterable[str], scopes: Iterable[str]) -> str:
    """Return what PostgreSQL reads as a tsvector; what stands in the title weighs more."""
    first = set(title)
    # Without a place a lexeme weighs least, and takes two thirds of the room.
    weighed = [f"{quoted(one)}:1{TITLE}" for one in first]
    return " ".join([*weighed, *(quoted(one) for one in (set(text) | set(scopes)) - first)])


def quoted(lexeme: str) -> str:
    """Return a lexeme as tsvector and tsquery read it, whatever it holds."""
    plain = lexeme.replace("\0", "").replace("\\", "\\\\").replace("'", "''")
    return f"'{plain}'"
