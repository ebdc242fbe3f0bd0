"""What must hold before a ticket may be closed."""

from __future__ import annotations

from dataclasses import dataclass

from changtong.kernel.errors import Refused
from changtong.standard.domain.rules import ClosingCondition


@dataclass(frozen=True, slots=True)
class Situation:
    """The facts about a ticket that the closing conditions ask for."""

    resolution_recorded: bool
    cause_coded: bool
    fix_coded: bool
    retest_passed: bool
    applicant_told: bool
    applicant_confirmed_or_silent: bool
    no_open_work_order: bool
    no_hold: bool
    evaluation_requested: bool
    answer_delivered: bool


# What only the result can say: nobody can add it to a ticket that is resolved.
SAID_BY_RESULT = ("cause_coded", "fix_coded")


def unsaid(
    *, conditions: tuple[ClosingCondition, ...], cause: str, fix: str
) -> tuple[ClosingCondition, ...]:
    """Return the conditions that a result with these codes would leave unmet for ever."""
    said = dict(zip(SAID_BY_RESULT, (cause, fix), strict=True))
    return tuple(one for one in conditions if said.get(one.code) == "")


def unmet(
    *, conditions: tuple[ClosingCondition, ...], situation: Situation
) -> tuple[ClosingCondition, ...]:
    """
    Return the conditions that do not hold, in the standard's order.

    :raises AttributeError: if the edition names a condition that nobody can check
    """
    return tuple(one for one in conditions if not getattr(situation, one.code))


def refusal(code: str, conditions: tuple[ClosingCondition, ...]) -> Refused:
    """Return the refusal that names the conditions, under the clause of the first."""
    return Refused(
        code,
        clause=conditions[0].clause,
        conditions=[one.code for one in conditions],
        names=[one.name for one in conditions],
        names_en=[one.name_en for one in conditions],
    )
