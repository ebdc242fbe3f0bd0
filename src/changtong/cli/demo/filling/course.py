"""The course that one matter takes: when what happens to it, as chance has it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


MINUTE, HOUR, DAY = 60, 3_600, 86_400

# Seven of ten report by themselves: web, app, text message, or a program of their own.
CHANNELS = {
    "app": 38,
    "web": 22,
    "api": 6,
    "sms": 4,
    "phone": 22,
    "counter": 5,
    "email": 3,
}
KINDS = {"fault": 45, "enquiry": 22, "service_request": 20, "complaint": 13}
# Median hours from the start of the work to its result, and how much they scatter.
WORK = {
    "fault": (3.0, 0.9),
    "enquiry": (0.4, 0.9),
    "service_request": (5.0, 0.9),
    "complaint": (14.0, 0.7),
}
BY_HOUR = (2, 1, 1, 1, 1, 2, 4, 7, 12, 15, 15, 13, 11, 11, 13, 13, 12, 11, 12, 14, 14, 11, 7, 4)
SCORES = {5: 62, 4: 20, 3: 9, 2: 4, 1: 5}

REJECTED, CANCELLED, LEFT_WAITING, SILENT = 0.008, 0.012, 0.14, 0.35
AT_ONCE, RECENT = 0.85, 30 * DAY
# What came in all at once, e.g. after a storm, and is not handled yet.
STORM_SHARE, STORM = 0.02, 36 * HOUR


@dataclass(slots=True)
class Course:
    """When what happened; what has not happened yet is missing."""

    opened_at: int
    moments: dict[str, int] = field(default_factory=dict)
    state: str = "acknowledged"
    state_before: str = ""
    silent: bool = False
    score: int = 0
    logged_at: list[int] = field(default_factory=list)
    waiting_since: int | None = None

    @property
    def ended_at(self) -> int | None:
        return self.moments.get(f"ticket.{self.state}") if self.is_final else None

    @property
    def told_at(self) -> list[int]:
        """Return when the applicant was told how the matter goes."""
        told = ("ticket.responded", "visit.arrived")
        return sorted({self.moments[one] for one in told if one in self.moments})

    @property
    def is_final(self) -> bool:
        return self.state in {"closed", "rejected", "cancelled"}


def opened_at(*, position: float, since: int, until: int) -> int:
    """Return when the ticket at a position from 0 to 1 was opened."""
    even = 1.0 - STORM_SHARE
    if position < even:
        return since + int((until - STORM - since) * position / even)
    return until - STORM + int(STORM * (position - even) / STORM_SHARE)


def hour_is_likely(at: int, chance: random.Random) -> bool:
    """Say whether somebody would report at this hour in China."""
    hour = (at // HOUR + 8) % 24
    return chance.random() * max(BY_HOUR) < BY_HOUR[hour]


def course(*, kind: str, visit: bool, at: int, until: int, chance: random.Random) -> Course:
    """Return what happened to a matter opened at an instant up to another."""
    new = Course(opened_at=at, moments={"ticket.opened": at})
    if not _accept(new, chance, until=until):
        return new
    waits = at > until - RECENT and chance.random() < LEFT_WAITING
    begun_at = _begin(new, chance, visit=visit, until=until)
    if begun_at is None:
        return new
    if waits:
        _wait(new, chance, begun_at=begun_at, until=until)
        return new
    median, scatter = WORK[kind]
    needed = median * HOUR * chance.lognormvariate(0, scatter)
    _finish(new, chance, kind=kind, at=begun_at + int(needed), until=until)
    return new


def _accept(new: Course, chance: random.Random, *, until: int) -> bool:
    drawn, at = chance.random(), new.opened_at
    if drawn < REJECTED + CANCELLED:
        ended_at = at + chance.randint(5, 180) * MINUTE
        wanted = "rejected" if drawn < REJECTED else "cancelled"
        if ended_at <= until:
            new.state, new.moments[f"ticket.{wanted}"] = wanted, ended_at
        return False
    accepted_at = at if chance.random() < AT_ONCE else at + chance.randint(2, 40) * MINUTE
    if accepted_at > until:
        return False
    new.state, new.moments["ticket.accepted"] = "accepted", accepted_at
    return True


def _begin(new: Course, chance: random.Random, *, visit: bool, until: int) -> int | None:
    assigned_at = new.moments["ticket.accepted"] + chance.randint(5, 300)
    if assigned_at > until:
        return None
    new.state, new.moments["ticket.assigned"] = "assigned", assigned_at
    if visit:
        new.moments["work_order.assigned"] = assigned_at
    begun_at = assigned_at + int(HOUR * chance.lognormvariate(-0.3, 0.9))
    if begun_at > until:
        return None
    new.state, new.moments["ticket.started"] = "in_progress", begun_at
    new.moments["ticket.responded"] = begun_at
    new.logged_at.append(begun_at)
    if visit and begun_at + 50 * MINUTE <= until:
        new.moments["visit.arrived"] = begun_at + chance.randint(10, 50) * MINUTE
    return begun_at


def _wait(new: Course, chance: random.Random, *, begun_at: int, until: int) -> None:
    # Not longer than the shortest pause that the standard allows.
    since = max(begun_at, until - chance.randint(1, 22) * HOUR)
    new.waiting_since, new.state_before = since, "in_progress"
    new.state = "held" if chance.random() < 0.5 else "pending"  # noqa: PLR2004


def _finish(new: Course, chance: random.Random, *, kind: str, at: int, until: int) -> None:
    moments = new.moments
    arrived_at = moments.get("visit.arrived", 0)
    at = max(at, arrived_at + 20 * MINUTE)
    if at > until:
        return
    if chance.random() < 0.4:  # noqa: PLR2004 - some write down what they did
        new.logged_at.append((moments["ticket.started"] + at) // 2)
    new.state = "resolved"
    moments["ticket.resolved"] = moments["ticket.told"] = at
    moments["evaluation.requested"] = at
    if kind == "complaint":
        moments["ticket.answered"] = at
    new.silent = chance.random() < SILENT
    answered_at = at + (
        3 * DAY if new.silent else min(23 * HOUR, int(chance.expovariate(1 / (6 * HOUR))))
    )
    if answered_at > until:
        return
    called_at = at + chance.randint(1, 40) * HOUR
    if called_at <= until:
        moments["callback.made"] = called_at
    moments["ticket.confirmed"] = moments["ticket.closed"] = answered_at
    moments["evaluation.given"] = answered_at
    new.state = "closed"
    if not new.silent:
        new.score = chance.choices(tuple(SCORES), tuple(SCORES.values()))[0]
