"""The handbook as values: what every format shows, in the order in which it is read."""

from dataclasses import dataclass
from typing import Literal


Lang = Literal["zh", "en", "both"]


@dataclass(frozen=True, slots=True)
class Table:
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    # How wide each column is beside the others.
    widths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One clause, and what stands in its margin."""

    number: str
    title: str
    paragraphs: tuple[str, ...]
    margin: tuple[str, ...]
    enforced: bool
    late: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of clauses, or an annex of tables."""

    heading: str
    entries: tuple[Entry, ...] = ()
    tables: tuple[Table, ...] = ()
    intro: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    lang: Lang
    title: str
    subtitle: str
    running_head: str
    facts: tuple[tuple[str, str], ...]
    contents: str
    # Written around the numbers of pages: before the first, between, after the last.
    pages: tuple[str, str, str]
    breaches: str
    sections: tuple[Section, ...]
