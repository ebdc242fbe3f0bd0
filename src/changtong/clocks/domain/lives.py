"""
The clocks of one subject from their start to their end, without a database.

What the operations do to rows, and a sweep that never sleeps would notice, is done here to values,
by the same rules. Nothing else uses it: it stands between a counting of every minute, which agrees
with it on a million histories, and the operations, which write what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from changtong.clocks.domain import pausing, regrading
from changtong.clocks.domain.planning import Limit
from changtong.clocks.domain.regrading import Begun
from changtong.kernel.time import Period
from changtong.standard.domain.calendars import Calendar
from changtong.standard.domain.rules import PauseReason, Target


State = Literal["running", "paused", "stopped", "void"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What an edition grants a subject: its limits, and the calendars that they name."""

    edition: int
    targets: tuple[Target, ...]
    calendars: Mapping[str, Calendar]


@dataclass(slots=True, eq=False)
class Hold:
    """A stretch in which a promise does not run; it ends at its cap if not before."""

    reason: str
    started_at: datetime
    ends_latest_at: datetime
    ended_at: datetime | None = None

    @property
    def period(self) -> Period:
        """Return the stretch that does not count."""
        return Period(self.started_at, self.ended_at or self.ends_latest_at)


@dataclass(slots=True, eq=False)
class Run:
    """One limit of one subject, and what has become of it."""

    target: Target
    edition: int
    calendar: Calendar
    started_at: datetime
    applies_from: datetime
    holds: list[Hold] = field(default_factory=list)
    state: State = "running"
    due_at: datetime = field(init=False)
    warn_at: datetime | None = field(init=False, default=None)
    warned: int = 0
    warnings: list[tuple[datetime, float]] = field(default_factory=list)
    seen_from: datetime = field(init=False)
    breached_at: datetime | None = None
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        self.seen_from = self.applies_from
        if self.started_at < self.applies_from:
            self.warned = self.limit.warned_by(self.applies_from)
        self.plan()

    @property
    def limit(self) -> Limit:
        """Return the limit that is measured, with its pauses as they are now."""
        return Limit(
            started_at=self.started_at,
            within=self.target.within,
            calendar=self.calendar,
            warn_shares=self.target.warn_at,
            pauses=tuple(hold.period for hold in self.holds),
        )

    @property
    def is_open(self) -> bool:
        return self.state in ("running", "paused")

    @property
    def limited(self) -> tuple[str, str]:
        return self.target.metric, self.target.basis

    @property
    def begun(self) -> Begun:
        return Begun(*self.limited, self.target.starts_on, self.started_at, self.is_open)

    def measures(self, target: Target, edition: int) -> bool:
        """Say whether this is the clock that the target would make."""
        ours = regrading.measure(self.target, self.edition)
        return ours == regrading.measure(target, edition)

    @property
    def _is_watched(self) -> bool:
        # A limit that was over before the pause began is broken for all that: one that a new
        # grade put in the place of a longer one that was on hold.
        return self.state == "running" or self.due_at < self.open_hold().started_at

    def open_hold(self) -> Hold:
        return next(hold for hold in self.holds if hold.ended_at is None)

    def plan(self) -> None:
        plan = self.limit.plan(warned=self.warned)
        self.due_at = plan.due_at
        self.warn_at = None if self.breached_at else plan.warn_at

    def settle(self, at: datetime) -> None:
        """Let come true what is true at an instant: a cap reached, warnings, a breach."""
        if self.state == "paused" and (cap := self.open_hold().ends_latest_at) <= at:
            self.resume(cap)
        if self.breached_at is not None or not self._is_watched:
            return
        while self.warn_at is not None:
            told_at = max(self.warn_at, self.seen_from)
            if told_at > at or self.due_at < told_at:
                break
            share = self.target.warn_at[self.warned]
            self.warnings.append((max(self.warn_at, self.applies_from), share))
            self.warned += 1
            self.warn_at = self.limit.warning_at(self.warned)
        if self.due_at < at:
            self.breached_at = max(self.due_at, self.applies_from)
            self.warn_at = None

    def pause(self, hold: Hold, *, at: datetime) -> None:
        was_over_at = self.due_at
        self.holds.append(hold)
        self.state = "paused"
        if self.breached_at is not None and hold.started_at <= was_over_at:
            # Approved only now, it began before the limit ended: that was not broken after all.
            self.breached_at = None
            # Nobody can be warned of what was over before it was known.
            self.seen_from = at
            if was_over_at < self.applies_from:
                # It came too late for any warning, and is not too late now.
                self.warned = self.limit.warned_by(self.applies_from)
        self.plan()

    def resume(self, at: datetime) -> None:
        hold = self.open_hold()
        hold.ended_at = max(at, hold.started_at)
        self.state = "running"
        self.plan()

    def end(self, state: State, at: datetime) -> None:
        # A pause that is still open ends first, or the time on hold would count as time worked.
        if self.state == "paused":
            self.resume(at)
        self.state = state
        self.ended_at = at


class Life:
    """The clocks of one subject; every change settles first what has come true by then."""

    def __init__(self) -> None:
        self.runs: list[Run] = []

    def settle(self, at: datetime) -> None:
        """Let come true what is true at an instant."""
        for run in self.runs:
            if run.is_open:
                run.settle(at)

    def start(self, terms: Terms, *, at: datetime) -> None:
        """Start a clock for each target."""
        self.runs += [
            Run(target, terms.edition, terms.calendars[target.calendar], at, at)
            for target in terms.targets
        ]

    def stop(self, metrics: Iterable[str] | None = None, *, at: datetime) -> None:
        """Stop the open clocks of these metrics, or all."""
        for run in self._settled(metrics, at):
            run.end("stopped", at)

    def renew(self, metrics: Iterable[str], *, at: datetime) -> None:
        """Stop the open clocks of these metrics and start each again, on hold if it was."""
        for run in self._settled(metrics, at):
            holds = [replace(hold) for hold in run.holds if hold.ended_at is None]
            run.end("stopped", at)
            again = Run(run.target, run.edition, run.calendar, at, at, holds)
            again.state = "paused" if holds else "running"
            self.runs.append(again)

    def void(self, metrics: Iterable[str] | None = None, *, at: datetime) -> None:
        """Declare the open clocks of these metrics void, or all."""
        for run in self._settled(metrics, at):
            run.end("void", at)

    def pause(self, reason: PauseReason, *, at: datetime, since: datetime | None = None) -> None:
        """
        Pause the running promises that may pause, up to the cap of the reason.

        :param since: from when, if it was asked for then and is approved only now
        :raises Refused: if earlier pauses for the same reason have used its allowance up
        """
        runs = [
            run
            for run in self._settled(None, at)
            if run.state == "running" and pausing.may_pause(run.target)
        ]
        if not runs:
            return
        earlier = [hold.period for hold in self._holds() if hold.reason == reason.code]
        latest = pausing.ends_at_latest(reason=reason, at=at, earlier=earlier, since=since)
        for run in runs:
            run.pause(Hold(reason.code, since or at, latest), at=at)
            run.settle(at)

    def resume(self, *, at: datetime) -> None:
        """Let paused clocks run again."""
        for run in self._settled(None, at):
            if run.state == "paused":
                run.resume(at)

    def regrade(self, terms: Terms, *, at: datetime) -> None:
        """Put new limits in the place of open ones that differ, from the original start."""
        open_runs = self._settled(None, at)
        valid = sorted(self.runs, key=lambda run: run.started_at)
        origins = regrading.origins(
            (run.begun for run in valid if run.state != "void"), terms.targets
        )
        # Copied before the old clocks end, so that a pause that is still open stays open.
        holds = [replace(hold) for hold in self._holds()]
        regrading.leave_longest_open(holds, at=at)
        kept = [
            target
            for target in origins
            if any(run.measures(target, terms.edition) for run in open_runs)
        ]
        for run in open_runs:
            if not any(run.measures(target, terms.edition) for target in kept):
                run.end("void", at)
        for target, since in origins.items():
            if target in kept:
                continue
            new = Run(
                target,
                terms.edition,
                terms.calendars[target.calendar],
                since,
                max(at, since),
                [replace(hold) for hold in holds] if pausing.may_pause(target) else [],
            )
            new.state = "paused" if any(hold.ended_at is None for hold in new.holds) else "running"
            self.runs.append(new)

    def reopen(self, metrics: Sequence[str], *, at: datetime) -> None:
        """Let stopped clocks run again as if they had never been stopped."""
        latest: dict[tuple[str, str, str], Run] = {}
        for run in self.runs:
            if run.state == "stopped" and run.target.metric in metrics:
                key = (*run.limited, run.target.clause)
                if key not in latest or run.ended_at >= latest[key].ended_at:  # type: ignore[operator]
                    latest[key] = run
        for run in self._settled(metrics, at):
            latest.pop((*run.limited, run.target.clause), None)
        for run in latest.values():
            if pausing.may_pause(run.target) and run.ended_at is not None and run.ended_at < at:
                run.holds.append(Hold(pausing.REOPENED, run.ended_at, at, at))
            run.state, run.ended_at, run.seen_from = "running", None, at
            run.plan()
            run.settle(at)

    def _settled(self, metrics: Iterable[str] | None, at: datetime) -> list[Run]:
        found = [
            run
            for run in self.runs
            if run.is_open and (metrics is None or run.target.metric in metrics)
        ]
        for run in found:
            run.settle(at)
        return found

    def _holds(self) -> list[Hold]:
        """Return each stretch in which anything paused, once, in order."""
        holds = regrading.each_once(hold for run in self.runs for hold in run.holds)
        return sorted(holds, key=lambda hold: hold.started_at)
