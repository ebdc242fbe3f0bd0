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
    "到最后结果": lambda lasted: lasted.to_result,
    "扣除等待": lambda lasted: lasted.without_waiting,
    "到首次结果": lambda lasted: lasted.to_first_result,
    "到关闭": lambda lasted: lasted.to_closing,
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
    "our_limit_is_shorter": "我方超时、对方达标：我方时限更短",
    "waiting_beyond_allowance": "我方超时、对方达标：等待超出标准允许暂停的时间",
    "reopened": "我方超时、对方达标：结果按时给出，但被退回",
    "closed_late": "我方达标、对方未达标：按时解决，但关闭得晚，对方计到关闭",
    "other_counting": "其他：双方计时方法不同",
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
    table = Table("两个结论不同的原因")
    table.add_column("件", justify="right")
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


def _print_verdicts(by_priority: Mapping[str, Sequence[Judged]], console: Console) -> None:
    console.print("恢复是否按时：我方时限与来源自己的结论")
    table = Table("来源的优先级", "我方承诺", "件")
    for heading in ("都按时", "仅我方", "仅对方", "都超时", "结论一致", "法定按时"):
        table.add_column(heading, justify="right")
    everything = [one for some in by_priority.values() for one in some]
    for name, some in [*sorted(by_priority.items()), ("合计", everything)]:
        cells = Counter((one.kept, one.made) for one in some)
        shortest, longest = min(one.within for one in some), max(one.within for one in some)
        promised = f"{shortest / HOUR:g}" + (
            f"–{longest / HOUR:g} 小时" if longest > shortest else " 小时"
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
    table = Table("来源的优先级")
    for name in COUNTED:
        table.add_column(name, justify="right")
    limits = {}
    for priority, some in sorted(by_priority.items()):
        cells = []
        for counted in COUNTED.values():
            limit, share = estimate((counted(one.lasted), one.made) for one in some)
            cells.append(f"{limit / HOUR:.1f} 小时（{share:.1%}）")
            # The last way of counting is the one to the closing.
            limits[priority] = limit
        table.add_row(priority, *cells)
    console.print("最能说明来源结论的时限，按四种计时方法")
    console.print(table)
    return limits
