"""When customers are left alone: hours in which nobody turns to them unasked."""

from __future__ import annotations

from dataclasses import dataclass

from changtong.standard.domain import words
from changtong.standard.domain.parsing import Section


@dataclass(frozen=True, slots=True)
class ContactRule:
    """
    In whose open time a customer is turned to unasked.

    :param told_in: the calendar of these hours
    :param at_any_hour: the priorities whose cases do not wait for them
    """

    told_in: str
    at_any_hour: tuple[str, ...]
    clause: str


def read(section: Section) -> ContactRule:
    """Read a rule from its table."""
    return ContactRule(
        told_in=section.text("told_in"),
        at_any_hour=section.some_of("at_any_hour", words.PRIORITIES, ()),
        clause=section.text("clause"),
    )
