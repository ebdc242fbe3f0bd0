"""What must hold before a ticket may be closed."""

from __future__ import annotations

from dataclasses import dataclass

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


def unmet(
    *, conditions: tuple[ClosingCondition, ...], situation: Situation
) -> tuple[ClosingCondition, ...]:
    """
    Return the conditions that do not hold, in the standard's order.

    :raises AttributeError: if the edition names a condition that nobody can check
    """
    return tuple(one for one in conditions if not getattr(situation, one.code))
