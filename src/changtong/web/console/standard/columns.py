"""What a form of a file is made of: columns, and sheets of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


Sort = Literal[
    "text",
    "long",
    "lines",
    "words",
    "span",
    "limit",
    "percents",
    "whole",
    "share",
    "percent",
    "flag",
    "day",
    "clause",
    # One or several codes of those that `offers` names.
    "one",
    "some",
    # What selects a row, and what an example assumes and expects.
    "when",
    "given",
    "expect",
    # A list of tables inside this one.
    "rows",
]


@dataclass(frozen=True, slots=True)
class Column:
    """One value of an entry; a key with a point lies in a table of its own."""

    key: str
    sort: Sort = "text"
    required: bool = True
    offers: str = ""
    # Of `when`: what rows may be told apart by. Of `rows`: the columns of each.
    attributes: tuple[str, ...] = ()
    inner: tuple[Column, ...] = ()
    # Where the same key means something else than in most files.
    called: str = ""

    @property
    def words_key(self) -> str:
        """Return under which key its words and its explanation are found."""
        return self.called or self.key

    @property
    def name(self) -> str:
        """Return what its field is called."""
        return self.key.replace(".", "_")

    def of(self, values: Mapping[str, Any]) -> Any:
        """Return what an entry says in this column."""
        outer, _point, inner = self.key.partition(".")
        value = values.get(outer)
        return value.get(inner) if inner and isinstance(value, Mapping) else value


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as a form sees it: its own values, and one list of entries."""

    table: str = ""
    columns: tuple[Column, ...] = ()
    head: tuple[Column, ...] = ()
    # What only a new entry is asked; later that has screens of its own.
    begins: tuple[Column, ...] = ()
    # What a new file of this kind begins with, where entries have a screen of their own.
    first: Column | None = None

    @property
    def whole(self) -> tuple[Column, ...]:
        """Return the columns of a new file: its own values, and its first entries."""
        first = self.first or Column(self.table, "rows", inner=self.columns)
        return (*self.head, first) if first.key else self.head
