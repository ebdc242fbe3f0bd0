"""Why a clock is due when it is: what happened to it, and the arithmetic day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from changtong.clocks.domain import telling, timer
from changtong.clocks.domain.planning import Limit, Plan
from changtong.kernel.time import Period


DAYS_AT_MOST = 400
# The source of the articles on how periods are counted, as packs of law name it.
CIVIL_CODE = "civil-code"


@dataclass(frozen=True, slots=True)
class Step:
    """
    One thing that happened to a clock: on what ground, by whom, and what shows it.

    `entry` is the journal's; `due_at` is when the clock was due from then on.
    """

    what: str
    at: datetime
    actor: str
    clause: str
    reason: str = ""
    limit: str = ""
    evidence: str = ""
    due_at: datetime | None = None
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """What the law or the standard says about this sum, and the article where it says it."""

    code: str
    source: str = ""
    article: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


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
    lines: tuple[telling.Line, ...]
    remarks: tuple[Remark, ...]
    allowed: timedelta
    counted: timedelta
    left: timedelta
    due_at: datetime
    end_after_holiday: datetime
    is_provisional: bool


def arithmetic(
    limit: Limit, *, at: datetime, reasons: Mapping[Period, str] | None = None
) -> Arithmetic:
    """Return the sum for a limit, seen at an instant; pauses may have reasons."""
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
    end_after_holiday = timer.end_after_holiday(
        started_at=limit.started_at, within=limit.within, calendar=limit.calendar
    )
    return Arithmetic(
        days=tuple(days),
        is_cut=is_cut,
        lines=telling.lines(limit, until=plan.due_at, allowed=allowed, reasons=reasons),
        remarks=tuple(_remarks(limit, plan, end_after_holiday)),
        allowed=allowed,
        counted=counted,
        left=allowed - counted,
        due_at=plan.due_at,
        end_after_holiday=end_after_holiday,
        is_provisional=plan.is_provisional,
    )


def _remarks(limit: Limit, plan: Plan, end_after_holiday: datetime) -> Iterator[Remark]:
    """Yield the rules by which this limit was counted, in the order in which they apply."""
    tz = limit.calendar.tz
    start = limit.started_at.astimezone(tz)
    applying = limit.applying
    if limit.within.cut_off is not None:
        is_before = applying == limit.within.before_cut_off
        facts = {"time": str(limit.within.cut_off.time), "start": start, "limit": applying}
        yield Remark("before_cut_off" if is_before else "after_cut_off", facts=facts)
    if applying.unit in {"minute", "hour"}:
        yield Remark("from_the_moment", CIVIL_CODE, "201")
    elif applying.unit != "today":
        yield Remark("start_day_not_counted", CIVIL_CODE, "201", {"day": start.date()})
    if applying.unit == "month" and _last_day(limit).day != start.day and not limit.pauses:
        yield Remark("no_corresponding_day", CIVIL_CODE, "202", {"day": _last_day(limit)})
    if applying.ends_with_a_day:
        yield Remark("until_midnight", CIVIL_CODE, "203")
    if applying.ends_with_a_day and end_after_holiday != _end_without_pauses(limit):
        yield Remark("holiday_end_not_used", CIVIL_CODE, "203", {"end": end_after_holiday})
    if plan.is_provisional:
        yield Remark("provisional", facts={"year": plan.due_at.astimezone(tz).year})


def _end_without_pauses(limit: Limit) -> datetime:
    return timer.due_at(started_at=limit.started_at, within=limit.within, calendar=limit.calendar)


def _last_day(limit: Limit) -> date:
    last = _end_without_pauses(limit) - timedelta(microseconds=1)
    return last.astimezone(limit.calendar.tz).date()


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
        yield Day(
            day=day,
            kind=telling.kind_of(limit.calendar, day),
            stretches=tuple(stretches),
            counted=total,
        )
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
