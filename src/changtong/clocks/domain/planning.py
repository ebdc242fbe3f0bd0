"""What a clock is going to do: when it is due and when to warn of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from changtong.clocks.domain import timer
from changtong.kernel.time import Period
from changtong.standard.domain.calendars import Calendar, Within


@dataclass(frozen=True, slots=True)
class Plan:
    """The instants that follow from start, limit, calendar and pauses."""

    due_at: datetime
    warn_at: datetime | None
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that runs: from when, how long, by which calendar, and when to warn."""

    started_at: datetime
    within: Within
    calendar: Calendar
    warn_shares: tuple[float, ...] = ()
    pauses: tuple[Period, ...] = ()

    @property
    def applying(self) -> Within:
        """Return the limit without its cut-off: the one that holds for this start."""
        return timer.applying(self.started_at, self.within, self.calendar)

    def plan(self, *, warned: int = 0) -> Plan:
        """Return what follows, with so many warnings given already."""
        due_at = timer.due_at(
            started_at=self.started_at,
            within=self.within,
            calendar=self.calendar,
            pauses=self.pauses,
        )
        return Plan(
            due_at=due_at,
            warn_at=self.warning_at(warned),
            is_provisional=self.calendar.is_provisional(self.started_at, due_at),
        )

    def warning_at(self, warned: int) -> datetime | None:
        """Return when the next warning is due after so many, or None after the last."""
        if warned >= len(self.warn_shares):
            return None
        return timer.share_at(
            started_at=self.started_at,
            within=self.within,
            share=self.warn_shares[warned],
            calendar=self.calendar,
            pauses=self.pauses,
        )

    def warned_by(self, at: datetime) -> int:
        """
        Return how many warnings a clock set back in time skips, so that the last one still comes.

        A case regraded in the afternoon would otherwise send the morning's warnings all at once.
        """
        passed = 0
        for step in range(len(self.warn_shares)):
            warning = self.warning_at(step)
            if warning is None or warning > at:
                break
            passed = step
        return passed
