"""What a customer can look at and try before somebody is sent, question by question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from changtong.kernel.errors import Refused
from changtong.standard.domain import words
from changtong.standard.domain.parsing import Problem, Section


# Where a path ends: it works again, or somebody has to look at it.
SOLVED: Final = "solved"
REPORT: Final = "report"
ENDS: Final = frozenset({SOLVED, REPORT})
FILE: Final = "tables/self_checks.toml"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer, and what comes of it: another step, or an end."""

    name: str
    name_en: str
    next: str
    category: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One question, or one thing to try."""

    code: str
    name: str
    name_en: str
    advice: str
    advice_en: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """The questions of one kind of fault; the first step is where it begins."""

    code: str
    name: str
    name_en: str
    families: tuple[str, ...]
    steps: tuple[Step, ...]
    clause: str

    def step(self, code: str) -> Step | None:
        """Return a step by its code, or nothing for an end."""
        return next((one for one in self.steps if one.code == code), None)

    def walked(self, path: Sequence[int]) -> list[tuple[Step, Option]]:
        """
        Return the steps and answers of a path of options counted from nought.

        :raises Refused: ``self_check.path_unknown``
        """
        found: list[tuple[Step, Option]] = []
        step: Step | None = self.steps[0]
        for chosen in path:
            if step is None or not 0 <= chosen < len(step.options):
                raise Refused("self_check.path_unknown", clause=self.clause)
            option = step.options[chosen]
            found.append((step, option))
            step = self.step(option.next)
        return found

    def reached(self, path: Sequence[int]) -> str:
        """
        Return the code of the step, or of the end, that a path leads to.

        :raises Refused: ``self_check.path_unknown``
        """
        walked = self.walked(path)
        return walked[-1][1].next if walked else self.steps[0].code


def read(section: Section) -> SelfCheck:
    """Read one check of the table."""
    steps = tuple(map(_step, section.tables("step")))
    if not steps:
        section.note("self_check.without_steps", "step")
    return SelfCheck(
        code=section.text("code"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        families=section.some_of("families", words.FAMILIES),
        steps=steps,
        clause=section.text("clause"),
    )


def _step(section: Section) -> Step:
    return Step(
        code=section.text("code"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        advice=section.text("advice", ""),
        advice_en=section.text("advice_en", ""),
        options=tuple(
            Option(
                name=one.text("name"),
                name_en=one.text("name_en"),
                next=one.text("next"),
                category=one.text("category", ""),
            )
            for one in section.tables("option")
        ),
    )


def problems(checks: Sequence[SelfCheck], categories: frozenset[str]) -> Iterator[Problem]:
    """Every reference leads somewhere, every path ends, and every step is on one."""
    for check in checks:
        yield from _references(check, categories)
        reachable = _reachable(check)
        for step in check.steps:
            facts = {"check": check.code, "step": step.code, "clause": check.clause}
            if not step.options:
                yield Problem("self_check.dead_end", FILE, check.code, facts)
            if step.code not in reachable:
                yield Problem("self_check.unreachable", FILE, check.code, facts)
        yield from _circles(check)


def _references(check: SelfCheck, categories: frozenset[str]) -> Iterator[Problem]:
    known = {step.code for step in check.steps} | ENDS
    if len(known) != len(check.steps) + len(ENDS):
        yield Problem("code.repeated", FILE, check.code, {"code": check.code})
    for option in (option for step in check.steps for option in step.options):
        if option.next not in known:
            yield Problem("reference.unknown", FILE, "next", {"code": option.next})
        if option.category and option.category not in categories:
            yield Problem("reference.unknown", FILE, "category", {"code": option.category})


def _reachable(check: SelfCheck) -> set[str]:
    seen: set[str] = set()
    waiting = [check.steps[0].code] if check.steps else []
    while waiting:
        step = check.step(waiting.pop())
        if step is not None and step.code not in seen:
            seen.add(step.code)
            waiting += [option.next for option in step.options]
    return seen


def _circles(check: SelfCheck) -> Iterator[Problem]:
    """Take away, again and again, what only leads to ends; what is left goes in circles."""
    ended = set(ENDS) | {
        option.next
        for step in check.steps
        for option in step.options
        if check.step(option.next) is None
    }
    left = list(check.steps)
    while True:
        rest = [s for s in left if not all(option.next in ended for option in s.options)]
        if len(rest) == len(left):
            break
        ended |= {step.code for step in left} - {step.code for step in rest}
        left = rest
    for step in left:
        facts = {"check": check.code, "step": step.code, "clause": check.clause}
        yield Problem("self_check.circular", FILE, check.code, facts)
