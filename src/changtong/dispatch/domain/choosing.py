"""Whom to give a piece of work, why them, and why not each of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from changtong.dispatch.domain import slots
from changtong.dispatch.domain.slots import Frame, Pool, Slot, earliest
from changtong.kernel.geo import distance_km
from changtong.kernel.time import Period
from changtong.parties.domain.qualifications import Held, standing


class Why(StrEnum):
    """Why somebody was not chosen."""

    INACTIVE = "inactive"
    COMPLAINED_OF = "complained_of"
    OUT_OF_REGION = "out_of_region"
    QUALIFICATION_MISSING = "qualification_missing"
    QUALIFICATION_EXPIRED = "qualification_expired"
    AT_CAPACITY = "at_capacity"
    OUT_OF_HOURS = "out_of_hours"
    OFF_SHIFT = "off_shift"
    ALREADY_BOOKED = "already_booked"
    ON_THE_WAY = "on_the_way"
    RESOURCE_UNAVAILABLE = "resource_unavailable"
    LESS_SUITED = "less_suited"


# What a person who gives a reason may overrule. Qualification, fairness and the hours of visits
# are not among it, and two places at one time are impossible.
OVERRULABLE = frozenset(
    {Why.OUT_OF_REGION, Why.AT_CAPACITY, Why.OFF_SHIFT, Why.ON_THE_WAY, Why.RESOURCE_UNAVAILABLE}
)


@dataclass(frozen=True, slots=True)
class Weights:
    """What one hour of waiting, one kilometer and a full desk cost."""

    hour: float
    kilometer: float
    full: float


# How the preference is made is a property of this transparent method, not of any clause; who
# may be chosen at all (qualification, load limit) is set by clauses and comes from the edition.
WEIGHTS: Mapping[str, Weights] = {
    "P1": Weights(hour=60, kilometer=0.5, full=5),
    "P2": Weights(hour=20, kilometer=1, full=10),
    "P3": Weights(hour=4, kilometer=1, full=20),
    "P4": Weights(hour=1, kilometer=1, full=30),
}
PREFERRED_TIERS = frozenset({"gold", "platinum"})
# Somebody whose place is not known is neither the nearest nor the farthest.
UNKNOWN_DISTANCE_KM = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """
    Somebody who might do the work.

    :param areas: paths of the regions in which they may be given work
    :param busy: what their time is booked for; empty for those who do several things at once
    :param ways: when they are on the way between what is booked and the place of this work
    """

    staff_id: int
    name: str
    team_id: int | None
    active: bool = True
    areas: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    shifts: tuple[Period, ...] = ()
    busy: tuple[Period, ...] = ()
    ways: tuple[Period, ...] = ()
    open_count: int = 0
    place: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """
    What the work needs, and the clauses that say how it is given out.

    A visit takes all of a person's time; of desk work, people do several things at once, except
    while they meet somebody in a room.
    """

    skill: str
    mode: str
    region_path: str
    priority: str
    tier: str
    open_at_most: int
    frame: Frame
    clause: str
    load_clause: str
    booking_clause: str
    qualification_clause: str
    hours_clause: str = ""
    pools: tuple[Pool, ...] = ()
    place: tuple[float, float] | None = None
    complained_of_id: int | None = None
    skill_name: str = ""
    skill_name_en: str = ""
    wished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """What speaks against somebody who could do it; the lowest cost is chosen."""

    cost: float
    wait_minutes: int
    distance_km: float | None
    load: float


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate with the result: when and how well they could do it, or why they cannot."""

    candidate: Candidate
    why: Why | None = None
    slot: Slot | None = None
    score: Score | None = None
    lacking: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        return self.slot is not None and self.score is not None

    def keeps(self, wished_at: datetime | None) -> bool:
        """Say whether the work would begin exactly when it was wished for."""
        return self.slot is not None and self.slot.period.start == wished_at

    @property
    def order(self) -> tuple[float, float, int]:
        cost = self.score.cost if self.score else float("inf")
        return (cost, self.candidate.open_count, self.candidate.staff_id)


@dataclass(frozen=True, slots=True)
class Choice:
    """Who was chosen, if anybody could be, and all others with the reason, nearest miss first."""

    chosen: Considered | None
    others: tuple[Considered, ...]

    def counts(self) -> dict[str, int]:
        """Return how many were not chosen for each reason."""
        return dict(sorted(Counter(str(one.why) for one in self.others).items()))


def choose(candidates: Iterable[Candidate], needs: Needs, at: datetime) -> Choice:
    """Choose the one with the lowest cost among those who can; equal costs by load, then by id."""
    # Whoever can come when the customer asked for comes before whoever is only nearer.
    considered = sorted(
        (consider(candidate, needs, at) for candidate in candidates),
        key=lambda one: (not one.keeps(needs.wished_at), one.order),
    )
    chosen = considered[0] if considered and considered[0].possible else None
    rest = considered[1:] if chosen else considered
    others = tuple(_less_suited(one) if one.possible else one for one in rest)
    return Choice(chosen, others)


def able(candidates: Iterable[Candidate], needs: Needs, at: datetime) -> list[Candidate]:
    """Return those whom nothing excludes but perhaps their time."""
    return [one for one in candidates if _excluded(one, needs, at) is None]


def on_offer(candidate: Candidate, needs: Needs, every: timedelta) -> list[Slot]:
    """Return the round times at which somebody could do the work with all that it needs."""
    required = tuple(pool.for_team(candidate.team_id) for pool in needs.pools if pool.required)
    return slots.on_offer(
        frame=needs.frame,
        every=every,
        shifts=candidate.shifts,
        busy=_diary(candidate, needs),
        pools=required,
    )


def consider(candidate: Candidate, needs: Needs, at: datetime) -> Considered:
    """Say how well a candidate could do the work, or why not."""
    why = _excluded(candidate, needs, at)
    if why is not None:
        return Considered(candidate, why)
    required = tuple(pool.for_team(candidate.team_id) for pool in needs.pools if pool.required)
    wished = tuple(pool.for_team(candidate.team_id) for pool in needs.pools if not pool.required)
    slot, lacking = _planned(candidate, needs, required, wished)
    if slot is None:
        return _without_slot(candidate, needs, required)
    # The day of the work counts, not the day of the choice.
    result = standing(
        skill=needs.skill, held=candidate.held, on=needs.frame.day(slot.period.start)
    )
    if result != "valid":
        return Considered(candidate, Why(f"qualification_{result}"))
    return Considered(candidate, None, slot, _score(candidate, needs, slot), lacking)


def _excluded(candidate: Candidate, needs: Needs, at: datetime) -> Why | None:
    if not candidate.active:
        return Why.INACTIVE
    if candidate.staff_id == needs.complained_of_id:
        return Why.COMPLAINED_OF
    result = standing(skill=needs.skill, held=candidate.held, on=needs.frame.day(at))
    if result != "valid":
        return Why(f"qualification_{result}")
    if not any(needs.region_path.startswith(area) for area in candidate.areas):
        return Why.OUT_OF_REGION
    if candidate.open_count >= needs.open_at_most:
        return Why.AT_CAPACITY
    return None


def _planned(
    candidate: Candidate, needs: Needs, required: tuple[Pool, ...], wished: tuple[Pool, ...]
) -> tuple[Slot | None, tuple[str, ...]]:
    """Return the slot with everything, or else the one with only what is indispensable."""
    frame, shifts, busy = needs.frame, candidate.shifts, _diary(candidate, needs)
    if wished:
        pools = (*required, *wished)
        slot = earliest(frame=frame, shifts=shifts, busy=candidate.busy, pools=pools)
        if slot is not None:
            return slot, ()
    slot = earliest(frame=frame, shifts=shifts, busy=busy, pools=required)
    return slot, tuple(pool.type for pool in wished)


def _diary(candidate: Candidate, needs: Needs) -> tuple[Period, ...]:
    if needs.mode == "field":
        return (*candidate.busy, *candidate.ways)
    return candidate.busy if _required(needs) else ()


def _required(needs: Needs) -> bool:
    return any(pool.required for pool in needs.pools)


def _without_slot(candidate: Candidate, needs: Needs, required: tuple[Pool, ...]) -> Considered:
    """Find out what stood in the way: the hours, the roster, the diary or the resources."""
    frame, shifts, busy = needs.frame, candidate.shifts, _diary(candidate, needs)
    if earliest(frame=frame, shifts=(Period(frame.after),)) is None:
        return Considered(candidate, Why.OUT_OF_HOURS)
    if earliest(frame=frame, shifts=shifts) is None:
        return Considered(candidate, Why.OFF_SHIFT)
    if earliest(frame=frame, shifts=shifts, busy=busy) is None:
        booked = earliest(frame=frame, shifts=shifts, busy=candidate.busy) is None
        return Considered(candidate, Why.ALREADY_BOOKED if booked else Why.ON_THE_WAY)
    alone = [
        pool.type
        for pool in required
        if earliest(frame=frame, shifts=shifts, busy=busy, pools=(pool,)) is None
    ]
    lacking = tuple(alone or [pool.type for pool in required])
    return Considered(candidate, Why.RESOURCE_UNAVAILABLE, lacking=lacking)


def _score(candidate: Candidate, needs: Needs, slot: Slot) -> Score:
    weights = WEIGHTS.get(_urgency(needs), WEIGHTS["P4"])
    wait = slot.period.start - needs.frame.after
    distance = None
    if needs.mode == "field" and needs.place and candidate.place:
        distance = round(distance_km(candidate.place, needs.place), 1)
    far = UNKNOWN_DISTANCE_KM if distance is None else distance
    load = candidate.open_count / needs.open_at_most
    cost = (
        weights.hour * wait.total_seconds() / 3600
        + weights.kilometer * (far if needs.mode == "field" else 0.0)
        + weights.full * load
    )
    return Score(round(cost, 3), int(wait.total_seconds() // 60), distance, round(load, 3))


def _urgency(needs: Needs) -> str:
    """Return the priority to weigh by: customers of a high tier count as one step more urgent."""
    if needs.tier not in PREFERRED_TIERS:
        return needs.priority
    steps = sorted(WEIGHTS)
    place = steps.index(needs.priority) if needs.priority in steps else len(steps) - 1
    return steps[max(place - 1, 0)]


def overruled(
    candidate: Candidate, needs: Needs, at: datetime, *, may: frozenset[Why] = OVERRULABLE
) -> tuple[Considered, tuple[Why, ...]]:
    """
    Consider somebody whom a person wants to have the work, setting aside what `may` be.

    Return the result with what was set aside; it is possible unless something else speaks
    against it.
    """
    despite: list[Why] = []
    while True:
        one = consider(candidate, needs, at)
        if one.why is None or one.why not in may or one.why in despite:
            return one, tuple(despite)
        despite.append(one.why)
        candidate, needs = _set_aside(one.why, candidate, needs)


def _set_aside(why: Why, candidate: Candidate, needs: Needs) -> tuple[Candidate, Needs]:
    match why:
        case Why.OUT_OF_REGION:
            return replace(candidate, areas=(needs.region_path,)), needs
        case Why.AT_CAPACITY:
            return candidate, replace(needs, open_at_most=candidate.open_count + 1)
        case Why.OFF_SHIFT:
            return replace(candidate, shifts=(Period(needs.frame.after),)), needs
        case Why.ON_THE_WAY:
            return replace(candidate, ways=()), needs
        case _:
            wished = tuple(replace(pool, required=False) for pool in needs.pools)
            return candidate, replace(needs, pools=wished)


def _less_suited(one: Considered) -> Considered:
    return Considered(one.candidate, Why.LESS_SUITED, one.slot, one.score, one.lacking)
