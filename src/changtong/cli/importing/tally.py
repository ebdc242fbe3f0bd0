"""What an import did, and the tables in which it is told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from django.db.models import Count
from rich.console import Console
from rich.table import Table

from changtong.archive.queries import ARCHIVIST
from changtong.cli.importing import wording
from changtong.clocks import queries as clocks
from changtong.tickets import queries as tickets


if TYPE_CHECKING:
    from django.db.models import QuerySet

    from changtong.clocks.models import Clock
    from changtong.tickets.models import Ticket


ERRORS_SHOWN = 20
SUBJECTS_AT_ONCE = 1_000
RESULTS = ("met", "breached", "void", "open")


@dataclass(slots=True)
class Tally:
    """What a share of an import did."""

    opened: int = 0
    filed: int = 0
    refused: list[str] = field(default_factory=list)
    # Whatever else is worth counting, by its name.
    notes: Counter[str] = field(default_factory=Counter)

    def add(self, other: Self) -> None:
        """Add what another share did."""
        self.opened += other.opened
        self.filed += other.filed
        self.refused += other.refused
        self.notes += other.notes


def of_source(source: str) -> QuerySet[Ticket]:
    """Return every ticket that was taken over from a source."""
    return tickets.newest(ARCHIVIST).filter(source=source)


def known(source: str) -> set[str]:
    """Return the references of a source that have been taken over already."""
    return set(of_source(source).order_by().values_list("source_reference", flat=True))


def result_of(clock: Clock) -> str:
    """Return what became of a clock, in one word."""
    if clock.voided_at is not None:
        return "void"
    if clock.breached_at is not None:
        return "breached"
    return "met" if clock.is_met else "open"


def clock_results(numbers: Sequence[str]) -> Iterator[Clock]:
    """Return the clocks of many tickets."""
    for start in range(0, len(numbers), SUBJECTS_AT_ONCE):
        yield from clocks.of_all(numbers[start : start + SUBJECTS_AT_ONCE]).iterator()


def print_tables(source: str, console: Console) -> None:
    """Print how the tickets of a source are distributed, and what became of their clocks."""
    taken = of_source(source).order_by()
    edition_id = taken.values_list("edition_id", flat=True).first()
    for title, column in (
        ("类别", "category"),
        ("渠道", "channel"),
        ("优先级", "priority"),
        ("状态", "state"),
    ):
        counts = taken.values_list(column).annotate(count=Count("pk")).order_by("-count", column)
        named = {
            wording.category(code, edition_id=edition_id or 0)
            if column == "category"
            else wording.word(column, code): count
            for code, count in counts
        }
        print_counts(title, named, console)
    numbers = list(taken.values_list("number", flat=True))
    print_clocks(clock_results(numbers), console)


def print_counts(title: str, counts: Mapping[str, int], console: Console) -> None:
    """Print one table of counts."""
    table = Table(title)
    table.add_column("件", justify="right")
    for name, count in counts.items():
        table.add_row(name, f"{count:,}")
    console.print(table)


def print_clocks(found: Iterable[Clock], console: Console) -> None:
    """Print what became of clocks, by metric and basis, and why some are void."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    reasons: Counter[str] = Counter()
    for clock in found:
        counts[clock.metric, clock.basis][result_of(clock)] += 1
        if clock.void_reason:
            reasons[clock.void_reason] += 1
    table = Table("时限", "依据")
    for result in RESULTS:
        table.add_column(wording.word("result", result), justify="right")
    for (metric, basis), row in sorted(counts.items()):
        table.add_row(
            wording.word("metric", metric),
            wording.word("basis", basis),
            *(f"{row[result]:,}" for result in RESULTS),
        )
    console.print(table)
    why = {wording.word("void_reason", reason): n for reason, n in reasons.most_common()}
    if why:
        print_counts("作废的原因", why, console)


def print_refused(refused: Sequence[str], console: Console) -> None:
    """Print the first of the rows that could not be taken over."""
    for text in refused[:ERRORS_SHOWN]:
        console.print(text, style="yellow", markup=False, soft_wrap=True)
    if len(refused) > ERRORS_SHOWN:
        console.print(f"……另有 {len(refused) - ERRORS_SHOWN:,} 行未能导入", style="yellow")


def print_total(
    tally: Tally,
    *,
    read: int,
    known: int,
    replay_took: float,
    filing_took: float,
    console: Console,
) -> None:
    """Print what this run did and how fast."""
    notes = "".join(
        f"，{wording.word('note', name)} {count:,}" for name, count in sorted(tally.notes.items())
    )
    console.print(
        f"读取 {read:,}：新开 {tally.opened:,}，已有 {known:,}，未能导入 {len(tally.refused):,}，"
        f"归档 {tally.filed:,}{notes}。",
        soft_wrap=True,
    )
    console.print(
        f"回放用时 {replay_took:.0f} 秒（{_rate(tally.opened, replay_took)}），"
        f"归档用时 {filing_took:.0f} 秒（{_rate(tally.filed, filing_took)}）。"
    )


def _rate(count: int, seconds: float) -> str:
    return f"每秒 {count / seconds:.1f} 件" if count and seconds else "无"
