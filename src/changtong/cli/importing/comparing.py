"""
Set what became of our clocks beside what a service desk's log says of its own.

The log tells whether a promise was kept, but neither how long it was nor how it was counted. How
long it must have been is estimated: the limit that would explain most of the log's own verdicts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from changtong.cli.importing import tally
from changtong.intake.domain import incidents as log
from changtong.intake.domain.incidents import Incident
from changtong.standard.domain.calendars import Within


if TYPE_CHECKING:
    from changtong.clocks.models import Clock

METRIC = "restoration"
HOUR = timedelta(hours=1)
UNITS: Mapping[str, timedelta] = {"minute": timedelta(minutes=1), "hour": HOUR}


@dataclass(frozen=True, slots=True)
class Lasted:
    """How long an incident took, in several ways of counting."""

    to_first_result: timedelta
    to_result: timedelta
    without_waiting: timedelta
    to_closing: timedelta


@dataclass(frozen=True, slots=True)
class Judged:
    """One incident with both verdicts."""

    priority: str
    made: bool
    kept: bool
    lawful: bool
    within: timedelta
    reopened: bool
    lasted: Lasted

    @property
    def agrees(self) -> bool:
        return self.made == self.kept


COUNTED: Mapping[str, Callable[[Lasted], timedelta]] = {
    "to the result": lambda lasted: lasted.to_result,
    "without waiting": lambda lasted: lasted.without_waiting,
    "to the first result": lambda lasted: lasted.to_first_result,
    "to closing": lambda lasted: lasted.to_closing,
}


def lasted(incident: Incident) -> Lasted | None:
    """Return how long a resolved incident took."""
    results = []
    waiting, since, closed_at = timedelta(), None, None
    for step in log.steps(incident):
        match step.what:
            case "resolve":
                results.append(step.at)
            case "pause":
                since = step.at
            case "resume" if since is not None:
                waiting += step.at - since
                since = None
            case "close":
                closed_at = step.at
    if not results:
        return None
    begun = incident.opened_at
    return Lasted(
        to_first_result=results[0] - begun,
        to_result=results[-1] - begun,
        without_waiting=results[-1] - begun - waiting,
        to_closing=(closed_at or results[-1]) - begun,
    )


def estimate(verdicts: Iterable[tuple[timedelta, bool]]) -> tuple[timedelta, float]:
    """
    Return the limit that explains most verdicts, and the share that it explains.

    A verdict is a duration and whether it was in time; every duration that occurs is tried.
    """
    made: list[timedelta] = []
    missed: list[timedelta] = []
    for duration, in_time in verdicts:
        (made if in_time else missed).append(duration)
    made.sort()
    missed.sort()

    def explained(limit: timedelta) -> int:
        return bisect_right(made, limit) + len(missed) - bisect_right(missed, limit)

    limits = {timedelta(), *made}
    best = max(limits, key=lambda limit: (explained(limit), -limit))
    return best, explained(best) / max(1, len(made) + len(missed))


def explanation(one: Judged, *, their_limit: timedelta) -> str:
    """Return why the verdicts of one incident differ; the first reason that suffices."""
    if one.kept:
        slow_to_close = one.lasted.to_closing > their_limit
        return "closed_late" if slow_to_close else "other_counting"
    if one.reopened and one.lasted.to_first_result <= one.within:
        return "reopened"
    if one.lasted.without_waiting <= one.within:
        return "waiting_beyond_allowance"
    return "our_limit_is_shorter" if one.lasted.to_closing <= their_limit else "other_counting"


EXPLANATIONS = {
    "our_limit_is_shorter": "我方超时、对方达标:我方时限更短 · breached here, made there:"
    " our limit is shorter",
    "waiting_beyond_allowance": "我方超时、对方达标:等待超出可中止的上限 · breached here, made"
    " there: it waited longer than our standard lets a promise pause",
    "reopened": "我方超时、对方达标:结果被退回 · breached here, made there: the first result"
    " was in time, but was taken back",
    "closed_late": "我方达标、对方未达标:对方计至关闭 · kept here, missed there: solved in time,"
    " closed late, and they count to the closing",
    "other_counting": "其他 · neither, so they count otherwise",
}


def print_comparison(incidents: Sequence[Incident], console: Console) -> None:
    """Print both verdicts by the log's priorities, and what explains where they differ."""
    judged = _judged(incidents)
    if not judged:
        return
    by_priority: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_priority[one.priority].append(one)
    _print_verdicts(by_priority, console)
    limits = _print_estimates(by_priority, console)
    differing = Counter(
        explanation(one, their_limit=limits[one.priority]) for one in judged if not one.agrees
    )
    table = Table("两个结论不同的原因 · why the verdicts differ")
    table.add_column("件 · tickets", justify="right")
    for reason, count in differing.most_common():
        table.add_row(EXPLANATIONS[reason], f"{count:,}")
    console.print(table)


def _judged(incidents: Sequence[Incident]) -> list[Judged]:
    """Join the log with the clocks of those of its incidents that were replayed and solved."""
    by_reference = {one.number: one for one in incidents}
    rows = tally.of_source(log.SOURCE).order_by("pk")
    tickets = {
        number: (reference, reopened)
        for number, reference, reopened in rows.values_list(
            "number", "source_reference", "reopened_count"
        )
    }
    promises: dict[str, Clock] = {}
    laws: dict[str, Clock] = {}
    for clock in tally.clock_results(list(tickets)):
        if clock.metric == METRIC and tally.result_of(clock) in {"met", "breached"}:
            (laws if clock.basis == "legal" else promises)[clock.subject] = clock
    judged = []
    for number, promise in promises.items():
        reference, reopened = tickets[number]
        incident = by_reference.get(reference)
        took = lasted(incident) if incident else None
        if incident is None or took is None or number not in laws:
            continue
        judged.append(
            Judged(
                priority=incident.priority,
                made=incident.made_sla,
                kept=promise.breached_at is None,
                lawful=laws[number].breached_at is None,
                # A promise in minutes or hours around the clock is as long as it says.
                within=Within.parse(promise.within).value
                * UNITS[Within.parse(promise.within).unit],
                reopened=reopened > 0,
                lasted=took,
            )
        )
    return judged


def _length(within: Within) -> timedelta:
    """Return how long a promise around the clock is; those are in minutes or hours."""
    return within.value * UNITS[within.unit]


def _print_verdicts(by_priority: Mapping[str, Sequence[Judged]], console: Console) -> None:
    console.print("恢复承诺达标:我方、对方 · restoration in time: by our clocks and by the log")
    table = Table("priority there", "promise", "件")
    for heading in ("both", "ours", "theirs", "neither", "agree", "lawful"):
        table.add_column(heading, justify="right")
    everything = [one for some in by_priority.values() for one in some]
    for name, some in [*sorted(by_priority.items()), ("all", everything)]:
        cells = Counter((one.kept, one.made) for one in some)
        shortest, longest = min(one.within for one in some), max(one.within for one in some)
        promised = f"{shortest / HOUR:g}" + (
            f"-{longest / HOUR:g} h" if longest > shortest else " h"
        )
        table.add_row(
            name,
            promised,
            f"{len(some):,}",
            f"{cells[True, True]:,}",
            f"{cells[True, False]:,}",
            f"{cells[False, True]:,}",
            f"{cells[False, False]:,}",
            f"{sum(one.agrees for one in some) / len(some):.1%}",
            f"{sum(one.lawful for one in some) / len(some):.1%}",
        )
    console.print(table)


def _print_estimates(
    by_priority: Mapping[str, Sequence[Judged]], console: Console
) -> dict[str, timedelta]:
    """Print the limits that would explain the log's verdicts; return those to the closing."""
    table = Table("priority there")
    for name in COUNTED:
        table.add_column(name, justify="right")
    limits = {}
    for priority, some in sorted(by_priority.items()):
        cells = []
        for counted in COUNTED.values():
            limit, share = estimate((counted(one.lasted), one.made) for one in some)
            cells.append(f"{limit / HOUR:.1f} h ({share:.1%})")
            # The last way of counting is the one to the closing.
            limits[priority] = limit
        table.add_row(priority, *cells)
    console.print("最能说明来源结论的时限 · the limit that explains most of their verdicts")
    console.print(table)
    return limits
