from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, cast

from django.db.models import Count, F, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from changtong.clocks.domain import explaining, planning, recalling, regrading
from changtong.clocks.domain.recalling import Known
from changtong.clocks.domain.replaying import Paused, Recorded
from changtong.clocks.models import OPEN, Clock, ClockQuerySet, Pause, State
from changtong.infra import hot
from changtong.infra.hot import Compiled, Slot
from changtong.journal import queries as journal
from changtong.standard import queries as standard
from changtong.standard.domain.calendars import Within


LISTED_AT_MOST = 200
# Entries of one subject from which the story of a clock is told.
RECALLED_AT_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    A clock, what happened to it, and the sum that makes its due time.

    It governs if no other limit of its subject is due earlier.
    """

    clock: Clock
    steps: tuple[explaining.Step, ...]
    arithmetic: explaining.Arithmetic
    governs: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How the open clocks stand, for a dashboard."""

    running: int
    paused: int
    at_risk: int
    breached: int


@dataclass(frozen=True, slots=True)
class Conformity:
    """How the limits of one clause were kept: those that ended in time, and those broken."""

    met: int
    late: int

    @property
    def share(self) -> float | None:
        """Return the share that was kept, or nothing if none ended."""
        total = self.met + self.late
        return self.met / total if total else None


def of(subject: str) -> QuerySet[Clock]:
    """Return a subject's clocks with their pauses, the most urgent first."""
    clocks = Clock.objects.filter(subject=subject).prefetch_related("pauses")
    return clocks.order_by("due_at", "pk")


def of_all(subjects: Sequence[str]) -> QuerySet[Clock]:
    """Return the clocks of many subjects, without their pauses."""
    return Clock.objects.filter(subject__in=subjects).order_by("subject", "pk")


def still_open() -> QuerySet[Clock]:
    """Return all clocks that have not ended, by the index of those."""
    return Clock.objects.filter(state__in=OPEN).order_by("pk")


def locked_open(subject: str) -> list[Clock]:
    """Return a subject's open clocks in the order of their start, locked until the end."""
    return _locked_open(subject=subject)


_locked_open = Compiled(
    lambda: (
        Clock.objects.select_for_update()
        .filter(subject=Slot("subject"), state__in=OPEN)
        .order_by("pk")
    )
)


def running_earliest_due(subject: str) -> datetime | None:
    """Return when the most urgent of a subject's running clocks is due; the earliest governs."""
    first = _running_due.first(subject=subject)
    return first[0] if first else None


def paused_among(subjects: Sequence[str]) -> set[str]:
    """Return those of which a clock is paused."""
    rows = Clock.objects.filter(subject__in=subjects, state=State.PAUSED)
    return set(rows.values_list("subject", flat=True))


def is_paused(subject: str) -> bool:
    """Say whether any of a subject's clocks is paused."""
    return Clock.objects.filter(subject=subject, state=State.PAUSED).exists()


_running_due = Compiled(
    lambda: (
        Clock.objects.filter(subject=Slot("subject"), state=State.RUNNING)
        .order_by("due_at")
        .values_list("due_at")[:1]
    )
)


def earliest_due_among(clocks: Iterable[Clock]) -> datetime | None:
    """Return when the most urgent of those that run is due."""
    return min((clock.due_at for clock in clocks if clock.state == State.RUNNING), default=None)


def recorded(subjects: Sequence[str]) -> Mapping[str, list[Recorded]]:
    """Return all clocks of many subjects in plain values: to replay a million cases."""
    found: dict[str, list[Recorded]] = {subject: [] for subject in subjects}
    for row in hot.lines(*_RECORDED, [list(subjects)]):
        values: list[Any] = list(row)
        values[0], values[6] = int(row[0]), row[6] == "true"
        values[9:12] = map(instant, row[9:12])
        values[13:16] = [instant(text) if text else None for text in row[13:16]]
        found[row[1]].append(Recorded._make(values))
    return found


def recorded_pauses(clocks: Sequence[int]) -> Mapping[int, list[Paused]]:
    """Return the pauses of many clocks in plain values; one still open ends at its cap."""
    found: dict[int, list[Paused]] = defaultdict(list)
    for clock, reason, started_at, ended_at in hot.lines(*_RECORDED_PAUSES, [list(clocks)]):
        found[int(clock)].append(
            Paused(int(clock), reason, instant(started_at), instant(ended_at))
        )
    return found


instant = datetime.fromisoformat

_RECORDED = ("id", *Recorded._fields[1:]), "clocks_clock WHERE subject = ANY(%s)"
_RECORDED_PAUSES = (
    ("clock_id", "reason", "started_at", "coalesce(ended_at, ends_latest_at)"),
    "clocks_pause WHERE clock_id = ANY(%s)",
)


def breached(*, since: datetime) -> QuerySet[Clock]:
    """Return breaches that became true since an instant, the latest first."""
    return Clock.objects.filter(breached_at__gte=since).order_by("-breached_at", "-pk")[
        :LISTED_AT_MOST
    ]


def counts(*, at: datetime, within: timedelta) -> Counts:
    """Count the open clocks; those due within the given time are at risk."""
    late = Q(breached_at__isnull=False) | Q(state=State.RUNNING, due_at__lt=at)
    soon = Q(state=State.RUNNING, breached_at__isnull=True, due_at__gte=at)
    found = Clock.objects.filter(state__in=OPEN).aggregate(
        running=Count("pk", filter=Q(state=State.RUNNING)),
        paused=Count("pk", filter=Q(state=State.PAUSED)),
        at_risk=Count("pk", filter=soon & Q(due_at__lt=at + within)),
        breached=Count("pk", filter=late),
    )
    return Counts(**found)


def conformity(
    *,
    edition_id: int,
    since: datetime,
    until: datetime,
    subjects: QuerySet[Any, Any] | None = None,
) -> Mapping[str, Conformity]:
    """
    Return how each clause was kept in a period, in two passes over indexes alone.

    A kept limit counts when it stopped, a broken one when it broke, whether or not it still runs.

    :param subjects: only the limits of these
    """
    kept, broken = _ended(edition_id, since, until)
    if subjects is not None:
        kept, broken = kept.filter(subject__in=subjects), broken.filter(subject__in=subjects)
    return _together(_counted(kept, F("clause")), _counted(broken, F("clause")))


def conformity_by(
    by: Subquery, *, edition_id: int, clause: str, since: datetime, until: datetime
) -> Mapping[Any, Conformity]:
    """Return how one clause was kept in a period, by what is asked about each clock."""
    kept, broken = (found.filter(clause=clause) for found in _ended(edition_id, since, until))
    return _together(_counted(kept, by), _counted(broken, by))


def _together(met: Mapping[Any, int], late: Mapping[Any, int]) -> dict[Any, Conformity]:
    return {key: Conformity(met.get(key, 0), late.get(key, 0)) for key in {**met, **late}}


def conformity_by_day(
    *, edition_id: int, clause: str, since: datetime, until: datetime, tz: tzinfo
) -> Mapping[date, Conformity]:
    """Return how one clause was kept on each day on which a limit of it ended."""
    kept, broken = (found.filter(clause=clause) for found in _ended(edition_id, since, until))
    met = _counted(kept, TruncDate("stopped_at", tzinfo=tz))
    late = _counted(broken, TruncDate("breached_at", tzinfo=tz))
    return {day: Conformity(met.get(day, 0), late.get(day, 0)) for day in sorted(met | late)}


def open_under(*, edition_id: int, clause: str) -> int:
    """Count the limits of a clause that have not ended."""
    return Clock.objects.filter(edition=edition_id, clause=clause, state__in=OPEN).count()


def broken_under(*, edition_id: int, clause: str, since: datetime) -> QuerySet[Clock]:
    """Return the limits of a clause that were broken, the latest first."""
    _kept, broken = _ended(edition_id, since, None)
    return broken.filter(clause=clause).order_by("-breached_at", "-pk")[:LISTED_AT_MOST]


def _ended(
    edition_id: int, since: datetime, until: datetime | None
) -> tuple[ClockQuerySet, ClockQuerySet]:
    """Return what was kept and what was broken in a period."""
    clocks = Clock.objects.filter(edition=edition_id)
    kept = clocks.filter(state=State.STOPPED, breached_at__isnull=True, stopped_at__gte=since)
    broken = clocks.filter(breached_at__gte=since).exclude(state=State.VOID)
    if until is not None:
        kept, broken = kept.filter(stopped_at__lt=until), broken.filter(breached_at__lt=until)
    return kept, broken


def _counted(clocks: ClockQuerySet, by: F | TruncDate | Subquery) -> dict[Any, int]:
    rows = clocks.annotate(by=by).values_list("by").annotate(count=Count("*")).order_by()
    return dict(rows)


def explanation(clock: Clock, *, at: datetime) -> Explanation:
    """Say why a clock is due when it is, as seen at an instant."""
    pauses = list(clock.pauses.order_by("started_at", "pk"))
    ended_at = clock.stopped_at or clock.voided_at
    return Explanation(
        clock=clock,
        steps=recalling.steps(
            Known(
                clock=clock,
                pauses=tuple(pauses),
                replaced=_replaced(clock),
                entries=tuple(journal.timeline(clock.subject).order_by("id")[:RECALLED_AT_MOST]),
                first_due_at=_limit(clock, ()).plan().due_at,
                is_renewed=Clock.objects.filter(
                    subject=clock.subject, metric=clock.metric, stopped_at=clock.started_at
                )
                .exclude(pk=clock.pk)
                .exists(),
            )
        ),
        arithmetic=explaining.arithmetic(
            _limit(clock, pauses),
            at=at if ended_at is None else min(at, ended_at),
            reasons={found.period: found.reason for found in pauses},
        ),
        governs=clock.is_open and clock.due_at == running_earliest_due(clock.subject),
    )


def _replaced(clock: Clock) -> tuple[Clock, ...]:
    """Return the clocks in whose place this one came, the first first."""
    earlier = Clock.objects.filter(
        subject=clock.subject,
        metric=clock.metric,
        basis=clock.basis,
        started_at=clock.started_at,
        void_reason="regraded",
        voided_at__lte=clock.applies_from,
    )
    return tuple(earlier.exclude(pk=clock.pk).order_by("voided_at", "pk"))


def limits_of(clocks: Iterable[Clock]) -> Mapping[int, planning.Limit]:
    """Return the limit that each clock measures, with its pauses as they are now."""
    clocks = list(clocks)
    if not clocks:
        return {}
    pauses: dict[int, list[Pause]] = defaultdict(list)
    for found in _pauses_of_clocks(clocks=[clock.pk for clock in clocks]):
        pauses[found.clock_id].append(found)
    return {clock.pk: _limit(clock, pauses[clock.pk]) for clock in clocks}


_pauses_of_clocks = Compiled(
    lambda: Pause.objects.filter(hot.among("clock_id", Slot("clocks"))).order_by(
        "started_at", "pk"
    )
)


def all_pauses_of(subject: str) -> QuerySet[Pause]:
    """Return every pause of each of a subject's clocks."""
    return Pause.objects.filter(clock__subject=subject)


def pauses_of(subject: str) -> tuple[Pause, ...]:
    """Return each stretch in which anything of a subject paused, once, in order."""
    return tuple(regrading.each_once(_pauses_of_subject(subject=subject)))


_pauses_of_subject = Compiled(
    lambda: all_pauses_of(cast("str", Slot("subject"))).order_by("started_at", "pk")
)


def capped_pauses(clocks: Iterable[int], *, at: datetime) -> list[Pause]:
    """Return the pauses of clocks that have reached their cap and are still open, in order."""
    return _capped_pauses(clocks=list(clocks), at=at)


_capped_pauses = Compiled(
    lambda: Pause.objects.filter(
        hot.among("clock_id", Slot("clocks")),
        ended_at__isnull=True,
        ends_latest_at__lte=Slot("at"),
    ).order_by("ends_latest_at", "pk")
)


def subjects_with_capped_pauses(*, at: datetime, limit: int) -> list[str]:
    """Return subjects with a pause that has reached its cap and is still open."""
    capped = Pause.objects.filter(ended_at__isnull=True, ends_latest_at__lte=at)
    subjects = capped.order_by("ends_latest_at", "pk").values_list("clock__subject", flat=True)
    return list(dict.fromkeys(subjects[:limit]))


def _limit(clock: Clock, pauses: Sequence[Pause]) -> planning.Limit:
    return planning.Limit(
        started_at=clock.started_at,
        within=Within.parse(clock.within),
        calendar=standard.read(clock.edition_id).calendar(clock.calendar),
        warn_shares=tuple(clock.warn_shares),
        pauses=tuple(pause.period for pause in pauses),
    )
