"""Read one TOML file key by key, so that every mistake is reported by file and key."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from changtong.kernel.errors import Refused
from changtong.standard.domain.calendars import Within
from changtong.standard.domain.selecting import Origin


# An edition as plain values: the name of each file and what it contains.
Body = Mapping[str, Mapping[str, Any]]

_SPAN_UNITS = {"minute": "minutes", "hour": "hours", "day": "days"}
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake of an author: what is wrong, in which file, at which key."""

    code: str
    file: str
    key: str = ""
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)


class Unreadable(Refused):
    """Tell the author everything in the files that cannot be understood."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("edition.unreadable", count=len(problems))
        self.problems = tuple(problems)


def parse(texts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """
    Turn the text of TOML files into plain values, dates written as text.

    :raises Unreadable: if a file is not TOML
    """
    body = {}
    problems = []
    for name in sorted(texts):
        try:
            body[name] = _plain(tomllib.loads(texts[name]))
        except tomllib.TOMLDecodeError as error:
            problems.append(Problem("file.not_toml", name, facts={"error": str(error)}))
    if problems:
        raise Unreadable(problems)
    return body


def canonical(body: Body) -> str:
    """Return the one JSON text that stands for a body."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(body: Body) -> str:
    """Return the SHA-256 of a body."""
    return sha256(canonical(body).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


class Section:
    """
    Read one table of a file.

    A mistake is noted, and a harmless value returned, so that one reading finds all of them;
    nothing that was read may be used unless `problems` is empty in the end.
    """

    def __init__(
        self, file: str, values: Mapping[str, Any], problems: list[Problem], path: str = ""
    ) -> None:
        self.file = file
        self.path = path
        self.problems = problems
        self._values = values
        self._read: set[str] = set()
        self._children: list[Section] = []

    def __contains__(self, key: str) -> bool:
        return key in self._values

    @property
    def origin(self) -> Origin:
        """Return where this table stands, for whoever must find it again."""
        return Origin(self.file, self.path)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, str, _NOTHING if default is None else default)
        if value == "" and default is None and key in self._values:
            self.note("value.empty", key)
        return str(value or "")

    def optional(self, key: str) -> str | None:
        return self.text(key) if key in self._values else None

    def flag(self, key: str, *, default: bool) -> bool:
        return bool(self._take(key, bool, default))

    def whole(self, key: str, *, at_least: int = 0) -> int:
        value = self._take(key, int, _NOTHING)
        if value is None:
            return at_least
        if value < at_least:
            self.note("value.too_small", key, value=value, at_least=at_least)
        return int(value)

    def share(self, key: str) -> float:
        value = self._take(key, (int, float), _NOTHING)
        return 0.0 if value is None else self._checked_share(key, value)

    def shares(self, key: str, default: Sequence[float] = ()) -> tuple[float, ...]:
        values = self._take(key, list, list(default)) or []
        return tuple(self._checked_share(key, value) for value in values)

    def texts(self, key: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        values = self._take(key, list, _NOTHING if default is None else list(default)) or []
        if not all(isinstance(value, str) for value in values):
            self.note("value.wrong_type", key, wanted="list of texts")
            return ()
        return tuple(values)

    def one_of(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value and value not in allowed:
            self.note("value.not_allowed", key, value=value, allowed=list(allowed))
        return value

    def some_of(
        self, key: str, allowed: Sequence[str], default: Sequence[str] | None = None
    ) -> tuple[str, ...]:
        values = self.texts(key, default)
        for value in values:
            if value not in allowed:
                self.note("value.not_allowed", key, value=value, allowed=list(allowed))
        return values

    def day(self, key: str) -> date:
        text = self.text(key)
        try:
            return date.fromisoformat(text)
        except ValueError:
            if text:
                self.note("value.not_a_date", key, value=text)
            return date.min

    def days(self, key: str) -> frozenset[date]:
        found = set()
        for text in self.texts(key, ()):
            try:
                found.add(date.fromisoformat(text))
            except ValueError:
                self.note("value.not_a_date", key, value=text)
        return frozenset(found)

    def within(self, key: str) -> Within:
        text = self.text(key)
        try:
            return Within.parse(text)
        except Refused:
            if text:
                self.note("value.not_a_limit", key, value=text)
            return Within(1, "minute")

    def span(self, key: str) -> timedelta:
        """Read a length of time that runs around the clock."""
        within = self.within(key)
        if within.unit not in _SPAN_UNITS:
            self.note("value.not_a_span", key, value=str(within))
            return timedelta(0)
        return timedelta(**{_SPAN_UNITS[within.unit]: within.value})

    def table(self, key: str) -> "Section":
        value = self._take(key, dict, _NOTHING) or {}
        return self._child(value, key)

    def tables(self, key: str) -> list["Section"]:
        values = self._take(key, list, _NOTHING) or []
        if not all(isinstance(value, dict) for value in values):
            self.note("value.wrong_type", key, wanted="list of tables")
            return []
        return [self._child(value, f"{key}[{index}]") for index, value in enumerate(values, 1)]

    def raw(self) -> Mapping[str, Any]:
        """Return all values as they are and count them as read."""
        self._read.update(self._values)
        return self._values

    def note(self, code: str, key: str, /, **facts: object) -> None:
        self.problems.append(Problem(code, self.file, self._path_of(key), facts))

    def close(self) -> None:
        """Note every key that nobody asked for, here and below."""
        for key in self._values.keys() - self._read:
            self.note("key.unused", key)
        for child in self._children:
            child.close()

    def _take(self, key: str, wanted: type | tuple[type, ...], default: object) -> Any:
        self._read.add(key)
        if key not in self._values:
            if default is _NOTHING:
                self.note("key.missing", key)
                return None
            return default
        value = self._values[key]
        # A flag is a number to Python but not to an author.
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            names = wanted if isinstance(wanted, tuple) else (wanted,)
            self.note("value.wrong_type", key, wanted=" or ".join(kind.__name__ for kind in names))
            return None
        return value

    def _checked_share(self, key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self.note("value.not_a_share", key, value=value)
            return 0.0
        return float(value)

    def _child(self, values: Mapping[str, Any], path: str) -> "Section":
        child = Section(self.file, values, self.problems, self._path_of(path))
        self._children.append(child)
        return child

    def _path_of(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key
