"""Say what two editions say differently: clause by clause, limit by limit, table by table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import islice
from typing import Any, Literal

from changtong.standard.domain import law, lengths, reading, selecting, words
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.parsing import Body, canonical
from changtong.standard.domain.rules import Clause, Limit, Target


How = Literal["added", "removed", "changed"]
Judged = Literal["stricter", "looser", "mixed", "neutral"]

CLAUSES = "clauses/"
LIMITS = "tables/targets/"

# Enough cases to judge any table that a person writes, and an end to those that a mistake makes.
CASES_AT_MOST = 20_000

# A Chinese character is a word of its own; letters and digits stay together.
_TOKEN = re.compile(r"[A-Za-z0-9_.%-]+|\s+|.", re.DOTALL)

_BINDING = frozenset({"title", "text", "enforced", "kinds", "families", "legal_basis"})
# What an author may put right without changing what anybody is owed.
_WORDING = frozenset(
    {"name_en", "title", "title_en", "meaning_en", "text_en", "note", "notice", "keywords"}
    | {"owner", "review_on", "areas"}
)
# What follows from a clause's text, and so needs no telling.
_DERIVED = ("terms",)
# What every edition says about itself.
_OWN = ("version", "effective_from", "replaces")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both have, or only one of them."""

    how: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value of something, before and after."""

    key: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause as it is, or was before it was removed, with both versions of it."""

    how: How
    clause: Clause
    old: Clause | None
    new: Clause | None
    fields: tuple[FieldChange, ...] = ()

    @property
    def number(self) -> str:
        return self.clause.number

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Return the Chinese text with what was taken out and put in."""
        return pieces(self.old.text if self.old else "", self.new.text if self.new else "")

    @property
    def pieces_en(self) -> tuple[Piece, ...]:
        """Return the English text with what was taken out and put in."""
        return pieces(self.old.text_en if self.old else "", self.new.text_en if self.new else "")


@dataclass(frozen=True, slots=True)
class LimitChange:
    """What a row of limits says now, and what held before for the cases that it governs."""

    how: How
    limit: str
    kinds: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]
    before: tuple[Target, ...]
    after: tuple[Target, ...]
    judged: Judged

    @property
    def target(self) -> Target:
        """Return the row's own target."""
        return (self.before if self.how == "removed" else self.after)[0]


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry of any other file: of a list, a calendar, a rule, a figure, an example."""

    how: How
    file: str
    table: str
    name: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything in which one edition differs from another."""

    clauses: tuple[ClauseChange, ...]
    limits: tuple[LimitChange, ...]
    entries: tuple[EntryChange, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.clauses or self.limits or self.entries)

    @property
    def step(self) -> Literal["major", "minor", "patch"]:
        """
        Say how far the version moves.

        Taking something away is a new edition in the full sense; any other change of what people
        are owed is a smaller one; putting words right that bind nobody is the smallest.
        """
        gone = any(change.how == "removed" for change in self.clauses)
        if gone or any(change.judged == "looser" for change in self.limits):
            return "major"
        binding = any(
            change.how == "added" or _BINDING & {field.key for field in change.fields}
            for change in self.clauses
        )
        if binding or self.limits or any(map(_binds, self.entries)):
            return "minor"
        return "patch"


def compare(old: Body, new: Body) -> Comparison:
    """
    Return what the new body says differently.

    :raises Unreadable: if either cannot be understood
    """
    return Comparison(
        clauses=tuple(_clauses(reading.edition(old), reading.edition(new))),
        limits=_limits(reading.edition(old), reading.edition(new)),
        entries=tuple(_entries(old, new)),
    )


def next_version(version: str, step: str) -> str:
    """Return the version that follows by a step: 1.2.3 becomes 2.0.0, 1.3.0 or 1.2.4."""
    numbers = [int(part) if part.isdigit() else 0 for part in version.split(".")]
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    match step:
        case "major":
            return f"{major + 1}.0.0"
        case "minor":
            return f"{major}.{minor + 1}.0"
        case _:
            return f"{major}.{minor}.{patch + 1}"


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """Return a text with what was taken out and what was put in, in reading order."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    found = []
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for how, start, end, new_start, new_end in matcher.get_opcodes():
        if how == "equal":
            found.append(Piece("same", "".join(before[start:end])))
            continue
        if end > start:
            found.append(Piece("removed", "".join(before[start:end])))
        if new_end > new_start:
            found.append(Piece("added", "".join(after[new_start:new_end])))
    return tuple(found)


# -----------------------------------------------------------------------------------------
# Clauses
# -----------------------------------------------------------------------------------------


def _clauses(old: Edition, new: Edition) -> Iterator[ClauseChange]:
    for number in sorted({**old.clauses, **new.clauses}, key=in_order):
        before, after = old.clauses.get(number), new.clauses.get(number)
        if before is None or after is None:
            only = before or after
            if only is not None:
                yield ClauseChange("removed" if before else "added", only, before, after)
        elif before != after:
            fields = tuple(
                FieldChange(key, getattr(before, key), getattr(after, key))
                for key in Clause.__dataclass_fields__
                if key not in _DERIVED and getattr(before, key) != getattr(after, key)
            )
            yield ClauseChange("changed", after, before, after, fields)


def in_order(number: str) -> tuple[tuple[int, str], ...]:
    """Return what sorts numbers of clauses as people count: 2.9 before 2.10."""
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in number.split("."))


# -----------------------------------------------------------------------------------------
# Limits
# -----------------------------------------------------------------------------------------


def _limits(old: Edition, new: Edition) -> tuple[LimitChange, ...]:
    before = {(limit.code, limit.kind): limit for limit in old.limits}
    after = {(limit.code, limit.kind): limit for limit in new.limits}
    found: list[LimitChange] = []
    for key in dict.fromkeys((*before, *after)):
        for change in _rows(_Pair(*key, before.get(key), after.get(key), old, new)):
            _join(found, change)
    return tuple(found)


def _join(found: list[LimitChange], change: LimitChange) -> None:
    """Add a change, or its kind to one that is the same for another kind of case."""
    for position, known in enumerate(found):
        if replace(known, kinds=change.kinds) == change:
            found[position] = replace(known, kinds=(*known.kinds, *change.kinds))
            return
    found.append(change)


@dataclass(frozen=True, slots=True)
class _Pair:
    """One limit for one kind of case in both editions; either may lack it."""

    code: str
    kind: str
    before: Limit | None
    after: Limit | None
    old: Edition
    new: Edition

    def change(
        self,
        how: How,
        key: "_Key",
        held: tuple[Target, ...],
        holds: tuple[Target, ...],
        outcomes: "_Outcomes",
    ) -> LimitChange:
        """Return the change of one row, judged by all cases that it governs or governed."""
        judgments = {self._judged(*outcome) for outcome in outcomes} - {"neutral"}
        judged: Judged = "neutral"
        if judgments:
            judged = judgments.pop() if len(judgments) == 1 else "mixed"
        return LimitChange(how, self.code, (self.kind,), dict(key), held, holds, judged)

    def _judged(self, old: Target | None, new: Target | None) -> Judged:
        """Say whether the new target asks more of the operator than the old one."""
        if old is None or new is None:
            return "stricter" if old is None and new is not None else "looser"
        length, was = _minutes(new, self.new), _minutes(old, self.old)
        signs = {(length > was) - (length < was), new.pausable - old.pausable} - {0}
        if not signs:
            return "neutral"
        if len(signs) > 1:
            return "mixed"
        return "looser" if signs == {1} else "stricter"


def _rows(pair: _Pair) -> Iterator[LimitChange]:
    olds, news = _keyed(pair.before), _keyed(pair.after)
    keys = {key for key in (*olds, *news) if olds.get(key) != news.get(key)}
    effects = _effects(pair, {key for key in keys if (key in olds) != (key in news)})
    for key in dict.fromkeys((*olds, *news)):
        before, after = olds.get(key), news.get(key)
        if key not in keys:
            continue
        if before and after:
            outcome = (before.then, after.then)
            yield pair.change("changed", key, outcome[:1], outcome[1:], {outcome: None})
        elif after:
            outcomes = effects.get(key, {})
            held = _distinct(was for was, _ in outcomes)
            yield pair.change("added", key, held, (after.then,), outcomes)
        elif before:
            outcomes = effects.get(key, {})
            holds = _distinct(now for _, now in outcomes)
            yield pair.change("removed", key, (before.then,), holds, outcomes)


_Key = tuple[tuple[str, tuple[str, ...]], ...]
_Outcomes = dict[tuple[Target | None, Target | None], None]


def _keyed(limit: Limit | None) -> dict[_Key, selecting.Row[Target]]:
    rows = limit.rows if limit else ()
    return {_key(row): row for row in rows}


def _key(row: selecting.Row[Target]) -> _Key:
    return tuple(sorted((name, tuple(sorted(values))) for name, values in row.when.items()))


def _effects(pair: _Pair, keys: set[_Key]) -> dict[_Key, _Outcomes]:
    """Return for each new or removed row what holds before and after where it decides."""
    old = pair.before.rows if pair.before else ()
    new = pair.after.rows if pair.after else ()
    found: dict[_Key, _Outcomes] = {}
    if not keys:
        return found
    every = selecting.cases((*old, *new), words.ATTRIBUTES)
    for case in islice(every, CASES_AT_MOST):
        was, now = selecting.best(old, case), selecting.best(new, case)
        held = was[0].then if was else None
        holds = now[0].then if now else None
        for row in (*was[:1], *now[:1]):
            if _key(row) in keys:
                found.setdefault(_key(row), {})[(held, holds)] = None
    return found


def _distinct(targets: Iterator[Target | None]) -> tuple[Target, ...]:
    return tuple(dict.fromkeys(target for target in targets if target is not None))


def _minutes(target: Target, edition: Edition) -> float:
    calendar = edition.calendars.get(target.calendar)
    return lengths.ordinary_minutes(target.within, calendar) if calendar else 0.0


# -----------------------------------------------------------------------------------------
# Everything else
# -----------------------------------------------------------------------------------------


def _entries(old: Body, new: Body) -> Iterator[EntryChange]:
    for file in sorted({*old, *new}):
        if law.within_pack(file).startswith(LIMITS):
            continue
        before, after = _named(file, old.get(file, {})), _named(file, new.get(file, {}))
        for key in dict.fromkeys((*before, *after)):
            if before.get(key) != after.get(key):
                yield _entry(file, key, before.get(key), after.get(key))


def _entry(
    file: str,
    key: tuple[str, str],
    was: Mapping[str, Any] | None,
    now: Mapping[str, Any] | None,
) -> EntryChange:
    if was is None or now is None:
        return EntryChange("added" if was is None else "removed", file, *key)
    return EntryChange("changed", file, *key, field_changes(was, now))


def field_changes(old: Any, new: Any) -> tuple[FieldChange, ...]:
    """Return every single value that differs, by the path that leads to it."""
    before, after = flattened(old), flattened(new)
    return tuple(
        FieldChange(key, before.get(key), after.get(key))
        for key in dict.fromkeys((*before, *after))
        if before.get(key) != after.get(key)
    )


def _named(file: str, values: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the entries of a file by the name of their list and their own."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    rest = {}
    for table, value in values.items():
        if law.within_pack(file) == law.HEAD and table in _OWN:
            continue
        if not _is_list_of_tables(value):
            rest[table] = value
        elif not law.within_pack(file).startswith(CLAUSES):
            for position, entry in enumerate(value, 1):
                name = name_of(entry) or str(position)
                key = (
                    (table, name) if (table, name) not in found else (table, f"{name} #{position}")
                )
                found[key] = entry
    if rest:
        found[("", "")] = rest
    return found


def name_of(entry: Mapping[str, Any]) -> str:
    """Return by what an entry of a list is known: its code, its kinds, or what it selects."""
    for key in ("code", "number", "year", "name"):
        if key in entry:
            return str(entry[key])
    if "kinds" in entry:
        return " ".join(entry["kinds"])
    return canonical(entry["when"]) if "when" in entry else ""


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def flattened(value: Any, prefix: str = "") -> dict[str, Any]:
    """Return every single value below a table by the path that leads to it."""
    found: dict[str, Any] = {}
    inner: Sequence[tuple[str, Any]]
    if isinstance(value, Mapping):
        inner = [(str(key), one) for key, one in value.items()]
    elif _is_list_of_tables(value):
        inner = [(name_of(one) or str(at), one) for at, one in enumerate(value, 1)]
    else:
        return {prefix: value}
    for key, one in inner:
        found.update(flattened(one, f"{prefix}.{key}" if prefix else key))
    return found


def _binds(change: EntryChange) -> bool:
    if law.within_pack(change.file).startswith("examples/"):
        return False
    if change.how != "changed":
        return True
    return any(field.key.rsplit(".", 1)[-1] not in _WORDING for field in change.fields)
