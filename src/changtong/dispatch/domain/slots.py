"""When a person and everything the work needs are free together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from changtong.kernel.time import Period


@dataclass(frozen=True, slots=True)
class Option:
    """One instrument, vehicle or room, and when it is taken; good until its calibration is due."""

    id: int
    code: str
    busy: tuple[Period, ...] = ()
    good_until: date | None = None
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """
    The resources of one type, of which the work needs one.

    :param required: work cannot be done without; otherwise it is only better with one
    """

    type: str
    kind: str
    options: tuple[Option, ...]
    required: bool = True

    def for_team(self, team_id: int | None) -> Pool:
        """Return what a team may use: what is everybody's and what is its own."""
        usable = tuple(one for one in self.options if one.team_id in (None, team_id))
        return Pool(type=self.type, kind=self.kind, options=usable, required=self.required)


@dataclass(frozen=True, slots=True)
class Frame:
    """
    How long the work takes and between which instants it may lie.

    :param after: it starts at this instant at the earliest
    :param start_by: somebody must have arrived by this instant, if there is such a limit
    :param end_by: it must be done by this instant
    :param timezone: in which the days of calibrations and qualifications are meant
    :param hours: outside of which it may not lie, in order; without them it may lie at any time
    """

    length: timedelta
    after: datetime
    end_by: datetime
    timezone: tzinfo
    start_by: datetime | None = None
    hours: tuple[Period, ...] | None = None

    def allows(self, start: datetime) -> bool:
        """Say whether work that starts at this instant lies within the frame."""
        wanted = Period(start, start + self.length)
        return (
            start >= self.after
            and start + self.length <= self.end_by
            and (self.start_by is None or start <= self.start_by)
            and (self.hours is None or any(_covers(one, wanted) for one in self.hours))
        )

    def day(self, at: datetime) -> date:
        """Return the local day of an instant."""
        return at.astimezone(self.timezone).date()


# How far ahead rosters are searched when no limit ends the search before; not a promise.
LOOK_AHEAD = timedelta(days=14)


def frame_for(
    *,
    length: timedelta,
    at: datetime,
    timezone: tzinfo,
    wanted_at: datetime | None = None,
    arrive_by: datetime | None = None,
    done_by: datetime | None = None,
    hours: tuple[Period, ...] | None = None,
) -> Frame:
    """
    Return the frame between now, or what the customer wished, and the limits still reachable.

    A limit that is already lost, or that ends before the next hours in which work may lie, does
    not make the work impossible, only late.
    """
    after = max(at, wanted_at or at)
    frame = Frame(
        length=length, after=after, end_by=after + LOOK_AHEAD, timezone=timezone, hours=hours
    )
    first = min(filter(frame.allows, (after, *(one.start for one in hours or ()))), default=after)
    if done_by is not None and done_by >= first + length:
        frame = replace(frame, end_by=min(frame.end_by, done_by))
    if arrive_by is not None and arrive_by >= first:
        frame = replace(frame, start_by=arrive_by)
    return frame


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time, and the resources that are free in it, one of each pool."""

    period: Period
    options: tuple[Option, ...] = ()


def earliest(
    *,
    frame: Frame,
    shifts: Iterable[Period],
    busy: Iterable[Period] = (),
    pools: Sequence[Pool] = (),
) -> Slot | None:
    """
    Return the earliest slot within one shift in which the person and one of each pool are free.

    Work can begin best either at once or when something ends that stood in its way: these
    instants are tried in order, so none earlier exists.
    """
    shifts, busy = tuple(shifts), tuple(busy)
    starts = sorted(_starts(frame, shifts, busy, pools))
    return next(_free(starts, frame, shifts, busy, pools), None)


def on_offer(
    *,
    frame: Frame,
    every: timedelta,
    shifts: Iterable[Period],
    busy: Iterable[Period] = (),
    pools: Sequence[Pool] = (),
) -> list[Slot]:
    """Return the slots that begin on the clock's round times, such as each full hour."""
    midnight = datetime.combine(frame.day(frame.after), time(), tzinfo=frame.timezone)
    start = midnight + -((midnight - frame.after) // every) * every
    starts = []
    while start + frame.length <= frame.end_by:
        if frame.allows(start):
            starts.append(start)
        start += every
    return list(_free(starts, frame, tuple(shifts), tuple(busy), pools))


def _free(
    starts: Iterable[datetime],
    frame: Frame,
    shifts: Sequence[Period],
    busy: Sequence[Period],
    pools: Sequence[Pool],
) -> Iterator[Slot]:
    for start in starts:
        wanted = Period(start, start + frame.length)
        if not any(_covers(shift, wanted) for shift in shifts) or _taken(busy, wanted):
            continue
        chosen = [_first_free(pool, wanted, frame) for pool in pools]
        options = tuple(one for one in chosen if one is not None)
        if len(options) == len(pools):
            yield Slot(wanted, options)


def _starts(
    frame: Frame, shifts: Sequence[Period], busy: Sequence[Period], pools: Sequence[Pool]
) -> set[datetime]:
    def moments() -> Iterator[datetime]:
        yield frame.after
        yield from (opening.start for opening in frame.hours or ())
        yield from (shift.start for shift in shifts)
        yield from (period.end for period in busy if period.end)
        for pool in pools:
            for option in pool.options:
                yield from (period.end for period in option.busy if period.end)

    return {moment for moment in moments() if frame.allows(moment)}


def _first_free(pool: Pool, wanted: Period, frame: Frame) -> Option | None:
    last_day = frame.day(wanted.start + frame.length)
    for option in pool.options:
        good = option.good_until is None or last_day <= option.good_until
        if good and not _taken(option.busy, wanted):
            return option
    return None


def _covers(shift: Period, wanted: Period) -> bool:
    ends_within = shift.end is None or (wanted.end is not None and wanted.end <= shift.end)
    return shift.start <= wanted.start and ends_within


def _taken(busy: Sequence[Period], wanted: Period) -> bool:
    return any(period.overlaps(wanted) for period in busy)
