"""Walking through a check of the standard: one question at a time, the path in the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from changtong.standard.domain.self_checks import REPORT, SOLVED
from changtong.web.ui.formats import localized


if TYPE_CHECKING:
    from changtong.standard.domain.self_checks import Option, SelfCheck, Step


STEPS_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a path through a check has led, and what was answered on the way."""

    path: str
    step: Step | None
    walked: tuple[tuple[Step, Option], ...]
    end: str

    @property
    def place(self) -> int:
        return len(self.walked) + 1

    @property
    def before(self) -> str:
        return self.path.rpartition(".")[0]

    @property
    def is_solved(self) -> bool:
        return self.end == SOLVED

    @property
    def is_over(self) -> bool:
        return self.end in {SOLVED, REPORT}

    @property
    def options(self) -> list[tuple[str, Option]]:
        """Return the path that each answer leads on, and the answer."""
        stem = f"{self.path}." if self.path else ""
        shown = self.step.options if self.step else ()
        return [(f"{stem}{place}", one) for place, one in enumerate(shown)]

    @property
    def category(self) -> str:
        """Return the category that the last telling answer points to."""
        return next((one.category for _, one in reversed(self.walked) if one.category), "")

    @property
    def said(self) -> str:
        """Return questions and answers in the reader's language, one to a line."""
        return "\n".join(f"{localized(step)} → {localized(one)}" for step, one in self.walked)


def walk(check: SelfCheck, path: str) -> Walk:
    """
    Return where a path leads.

    :raises Refused: ``self_check.path_unknown``
    """
    taken = path_of(path)
    end = check.reached(taken)
    return Walk(path, check.step(end), tuple(check.walked(taken)), end)


def path_of(taken: str) -> list[int]:
    """Return the options that a path names; what is no number names none that exists."""
    parts = taken.split(".")[:STEPS_AT_MOST] if taken else []
    return [int(one) if one.isascii() and one.isdigit() else -1 for one in parts]
