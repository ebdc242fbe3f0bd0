"""Why a clock is due when it is: what happened to it, and the arithmetic day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from changtong.clocks.domain import timer
from changtong.clocks.domain.planning import Limit


DAYS_AT_MOST = 400


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a clock, and on what ground."""

    what: str
    at: datetime
    actor: str
    clause: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """The stretches of one local day that count, in local time, and how much of it they are."""

    day: date
    kind: str
    stretches: tuple[tuple[datetime, datetime], ...]
    counted: timedelta


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """
    The sum that makes the due time, and how far it has come.

    `days` add up to `allowed` unless `is_cut` says that there are too many to list.
    `end_after_holiday` differs from the due time where 民法典 §203 would allow a later end.
    """

    days: tuple[Day, ...]
    is_cut: bool
    allowed: timedelta
    counted: timedelta
    left: timedelta
    due_at: datetime
    end_after_holiday: datetime
    is_provisional: bool


def arithmetic(limit: Limit, *, at: datetime) -> Arithmetic:
    """Return the sum for a limit, seen at an instant."""
    plan = limit.plan()
    allowed = timer.allowed(
        started_at=limit.started_at, within=limit.within, calendar=limit.calendar
    )
    counted = timer.elapsed(
        started_at=limit.started_at,
        until=at,
        calendar=limit.calendar,
        pauses=limit.pauses,
        unit=limit.applying.unit,
    )
    days: list[Day] = []
    is_cut = False
    for day in _days(limit, until=plan.due_at):
        if len(days) == DAYS_AT_MOST:
            is_cut = True
            break
        days.append(day)
    return Arithmetic(
        days=tuple(days),
        is_cut=is_cut,
        allowed=allowed,
        counted=counted,
        left=allowed - counted,
        due_at=plan.due_at,
        end_after_holiday=timer.end_after_holiday(
            started_at=limit.started_at, within=limit.within, calendar=limit.calendar
        ),
        is_provisional=plan.is_provisional,
    )


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps as they happened; what happened at one instant keeps its order."""
    return tuple(sorted(steps, key=lambda step: step.at))


def _days(limit: Limit, *, until: datetime) -> Iterator[Day]:
    """Yield every local day from the start to the end, also those on which nothing counts."""
    tz = limit.calendar.tz
    counted = timer.counted(
        started_at=limit.started_at,
        until=until,
        calendar=limit.calendar,
        pauses=limit.pauses,
        unit=limit.applying.unit,
    )
    pieces = _cut_at_midnight(limit, counted)
    piece = next(pieces, None)
    day = limit.started_at.astimezone(tz).date()
    last = (until - timedelta(microseconds=1)).astimezone(tz).date()
    while day <= last:
        stretches = []
        total = timedelta()
        while piece is not None and piece[0].astimezone(tz).date() == day:
            stretches.append((piece[0].astimezone(tz), piece[1].astimezone(tz)))
            total += piece[1] - piece[0]
            piece = next(pieces, None)
        yield Day(day=day, kind=_kind(limit, day), stretches=tuple(stretches), counted=total)
        day += timedelta(days=1)


def _cut_at_midnight(
    limit: Limit, counted: Iterable[tuple[datetime, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    for start, end in counted:
        cursor = start
        while cursor < end:
            midnight = timer.midnight_after(limit.calendar, cursor)
            yield cursor, min(midnight, end)
            cursor = midnight


def _kind(limit: Limit, day: date) -> str:
    calendar = limit.calendar
    if day in calendar.workdays:
        return "makeup_day"
    if day in calendar.holidays:
        return "holiday"
    return "working_day" if calendar.is_working_day(day) else "day_off"
