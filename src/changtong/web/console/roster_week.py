"""A week of duties as it is drawn: days as the standard knows them, chips, and what stays open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.dispatch.domain.rosters import LeaveReason, uncovered
from changtong.dispatch.queries import rosters
from changtong.kernel.time import Period


if TYPE_CHECKING:
    from changtong.dispatch.queries.rosters import Roster, Rostered
    from changtong.parties.models import Team
    from changtong.standard.domain.calendars import Calendar
    from changtong.standard.domain.edition import Edition
    from changtong.standard.domain.rules import VisitHours


A_DAY = timedelta(days=1)
VISITED = "fault"
REASONS = {
    LeaveReason.ANNUAL: gettext_lazy("年休假"),
    LeaveReason.SICK: gettext_lazy("病假"),
    LeaveReason.PERSONAL: gettext_lazy("事假"),
    LeaveReason.TRAINING: gettext_lazy("培训"),
    LeaveReason.OTHER: gettext_lazy("其他"),
}


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week: whether it is a holiday or made up for, and when visits are open."""

    on: date
    is_holiday: bool
    is_made_up: bool
    is_known: bool
    is_today: bool
    is_over: bool
    hours: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A duty in a cell; one that stands is cut at midnight when a day of it is taken."""

    words: str
    period: Period
    stands: bool

    @property
    def code(self) -> str:
        """Return how a form names the duty."""
        ends = self.period.end.isoformat() if self.period.end else ""
        return f"{self.period.start.isoformat()}/{ends}"


@dataclass(frozen=True, slots=True)
class Cell:
    """Somebody's day."""

    day: Day
    chips: tuple[Chip, ...]
    leave: str
    booked: int


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody's week."""

    one: Rostered
    cells: tuple[Cell, ...]
    hours: float


@dataclass(frozen=True, slots=True)
class TeamWeek:
    """A team's week, and for each day the hours in which nobody is on duty."""

    team: Team
    rows: tuple[Row, ...]
    gaps: tuple[tuple[Day, tuple[str, ...]], ...]


def days_of(edition: Edition, monday: date, at: datetime) -> list[Day]:
    """Return the days of a week as the standard's calendars know them."""
    knowing = [one for one in edition.calendars.values() if one.years]
    visits = visiting(edition)
    today = localtime(at).date()
    return [
        Day(
            on=day,
            is_holiday=any(day in one.holidays for one in knowing),
            is_made_up=any(day in one.workdays for one in knowing),
            is_known=any(day.year in one.years for one in knowing),
            is_today=day == today,
            is_over=day < today,
            hours=tuple(
                Period(_minute(day, start), _minute(day, end))
                for start, end in visits.hours_of(day)
            ),
        )
        for day in (monday + A_DAY * count for count in range(7))
    ]


def visiting(edition: Edition) -> Calendar:
    """Return the calendar of visits that holds where no row of the table says otherwise."""
    return edition.calendar(visit_hours(edition).calendar)


def visit_hours(edition: Edition) -> VisitHours:
    """Return the hours of visits that hold where no row of the table says otherwise."""
    return next(row for row in edition.visit(kind=VISITED).hours if not row.when).then


def drawn(
    roster: Roster, days: Sequence[Day], booked: Mapping[int, Sequence[Period]], at: datetime
) -> TeamWeek:
    """Return a team's week as the page draws it."""
    return TeamWeek(
        roster.team,
        tuple(_row(one, days, booked.get(one.person.pk, ())) for one in roster.people),
        tuple((day, _gaps(day, roster.duties, at)) for day in days),
    )


def chips(duties: Sequence[Period], day: date) -> tuple[Chip, ...]:
    """Return the duties that begin on a day, and the day's part of those that stand."""
    midnight = rosters.midnight(day)
    whole = Period(midnight, midnight + A_DAY)
    return tuple(
        Chip(_("常设"), Period(max(one.start, whole.start), whole.end), stands=True)
        if one.end is None
        else Chip(hours_words(one), one, stands=False)
        for one in duties
        if (one.end is None and one.overlaps(whole)) or one.start in whole
    )


def hours_words(period: Period) -> str:
    """Word a stretch of hours: 08:00–17:30."""
    start, end = localtime(period.start), localtime(period.end or period.start)
    if end.date() > start.date() and end != rosters.midnight(start.date()) + A_DAY:
        return _("%(start)s–次日%(end)s") % {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
    return f"{start:%H:%M}–{'24:00' if end.date() > start.date() else f'{end:%H:%M}'}"


def _row(one: Rostered, days: Sequence[Day], booked: Sequence[Period]) -> Row:
    cells = tuple(_cell(one, day, booked) for day in days)
    worked = {chip.period for cell in cells for chip in cell.chips if not chip.stands}
    seconds = sum(
        (period.end - period.start).total_seconds() for period in worked if period.end is not None
    )
    return Row(one, cells, round(seconds / 3600, 1))


def _cell(one: Rostered, day: Day, booked: Sequence[Period]) -> Cell:
    whole = Period(rosters.midnight(day.on), rosters.midnight(day.on) + A_DAY)
    away = next((why for period, why in one.leaves if period.overlaps(whole)), "")
    return Cell(
        day,
        chips(one.duties, day.on),
        str(REASONS[LeaveReason(away)]) if away else "",
        sum(period.start in whole for period in booked),
    )


def _gaps(day: Day, duties: Sequence[Period], at: datetime) -> tuple[str, ...]:
    """Return the hours still to come in which visits are open and nobody is on duty."""
    to_come = uncovered(day.hours, [Period(min(at, hours.start), at) for hours in day.hours])
    return tuple(hours_words(one) for one in uncovered(to_come, duties))


def _minute(day: date, minute: int) -> datetime:
    return rosters.midnight(day) + timedelta(minutes=minute)
