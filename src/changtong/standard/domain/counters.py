"""How people wait in a service hall: classes of numbers, and whose turn comes first."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from changtong.standard.domain import building, words
from changtong.standard.domain.parsing import Problem, Section
from changtong.standard.domain.rules import Choice


FILE: Final = "tables/counters.toml"


@dataclass(frozen=True, slots=True)
class NumberClass:
    """A class of matters, whose numbers begin with a letter of their own."""

    code: str
    letter: str
    name: str
    name_en: str
    # What such a matter most often is; the desk begins with it.
    kind: str
    clause: str


@dataclass(frozen=True, slots=True)
class CounterRule:
    """
    How numbers are given and called.

    :param wait_within: who waits longer is shown as waiting too long
    :param called_at_least: so often a number is called before it counts as missed
    :param put_back_behind: behind how many of those who wait a missed number comes when its
        owner turns up, once; never, where an edition does not say
    :param priorities: who is called before the others
    """

    wait_within: timedelta
    called_at_least: int
    put_back_behind: int | None
    classes: tuple[NumberClass, ...]
    priorities: tuple[Choice, ...]
    clause: str

    def class_of(self, code: str) -> NumberClass | None:
        """Return a class by its code."""
        return next((one for one in self.classes if one.code == code), None)


def read(section: Section) -> CounterRule:
    """Read the table of a service hall's counters."""
    clause = section.text("clause")
    return CounterRule(
        wait_within=section.span("wait_within"),
        called_at_least=section.whole("called_at_least", at_least=1),
        put_back_behind=_put_back_behind(section),
        classes=tuple(_class(one, clause) for one in section.tables("class")),
        priorities=tuple(building.choice(one, clause) for one in section.tables("priority")),
        clause=clause,
    )


def _put_back_behind(section: Section) -> int | None:
    return section.whole("put_back_behind") if "put_back_behind" in section else None


def problems(rule: CounterRule | None) -> Iterator[Problem]:
    """No two classes share a code or a letter, or a number would mean two people."""
    if rule is None:
        return
    codes = [one.code for one in rule.classes], [one.code for one in rule.priorities]
    for repeated in (code for some in codes for code, count in Counter(some).items() if count > 1):
        yield Problem("code.repeated", FILE, repeated, {"code": repeated})
    for letter, count in Counter(one.letter for one in rule.classes).items():
        if count > 1 or not (len(letter) == 1 and letter.isascii() and letter.isupper()):
            yield Problem("counters.letter", FILE, letter, {"letter": letter})


def _class(section: Section, clause: str) -> NumberClass:
    return NumberClass(
        code=section.text("code"),
        letter=section.text("letter"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        kind=section.one_of("kind", words.KINDS),
        clause=section.text("clause", clause),
    )
