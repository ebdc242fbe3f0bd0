"""What happened to a clock, from its rows and the journal: by whom, why, and what shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from changtong.clocks.domain.explaining import Step, in_order
from changtong.clocks.domain.pausing import REOPENED


if TYPE_CHECKING:
    from changtong.clocks.models import Clock, Pause
    from changtong.journal.models import Entry


@dataclass(frozen=True, slots=True)
class Known:
    """All that is written down about a clock; `replaced` are those in whose place it came."""

    clock: Clock
    pauses: tuple[Pause, ...]
    replaced: tuple[Clock, ...]
    entries: tuple[Entry, ...]
    first_due_at: datetime
    # It began when another clock of its limit was stopped: what it limits is owed again and again.
    is_renewed: bool = False

    @property
    def line(self) -> tuple[Clock, ...]:
        """Return the clock after those that it replaced."""
        return (*self.replaced, self.clock)

    def entry(self, tag: str, at: datetime) -> Entry | None:
        """Return the entry that told something at an instant."""
        return next((e for e in self.entries if e.tag == tag and e.happened_at == at), None)

    def mentions(self, tag: str) -> Iterator[tuple[Entry, Mapping[str, Any]]]:
        """Yield the entries of a tag about this clock or a replaced one, with what they say."""
        keys = {clock.pk for clock in self.line}
        for entry in self.entries:
            if entry.tag != tag:
                continue
            told = entry.facts.get("clocks", [entry.facts])
            found = next((one for one in told if one.get("clock") in keys), None)
            if found is not None:
                yield entry, found

    def mention(self, tag: str, at: datetime) -> tuple[Entry | None, Mapping[str, Any]]:
        """Return the entry of an instant about this clock, and what it says."""
        found = (pair for pair in self.mentions(tag) if pair[0].happened_at == at)
        return next(found, (None, {}))


def steps(known: Known) -> tuple[Step, ...]:
    """Return everything that happened to a clock, in order."""
    return in_order(_steps(known))


def _steps(known: Known) -> Iterator[Step]:
    yield _started(known)
    yield from _regraded(known)
    for pause in known.pauses:
        if pause.reason != REOPENED:
            yield from _paused(known, pause)
    yield from _reopened(known)
    for entry, told in known.mentions("clock.at_risk"):
        share = f"{entry.facts.get('share', 0):.0%}"
        yield Step(
            "warned",
            entry.happened_at,
            entry.actor,
            known.clock.clause,
            share,
            due_at=_due(told),
            entry=entry.pk,
        )
    yield from _ended(known)


def _started(known: Known) -> Step:
    first = known.line[0]
    moment = first.stops_on if known.is_renewed else first.starts_on
    entry = known.entry(moment, first.started_at)
    return Step(
        "started",
        first.started_at,
        entry.actor if entry else "",
        first.clause,
        moment,
        limit=first.within,
        due_at=None if known.replaced else known.first_due_at,
        entry=entry.pk if entry else None,
    )


def _regraded(known: Known) -> Iterator[Step]:
    for old, new in zip(known.line, known.line[1:], strict=False):
        at = old.voided_at or new.applies_from
        entry, told = known.mention("clock.regraded", at)
        yield _step("regraded", at, old.voided_by, new.clause, entry, told, limit=new.within)
    first = known.line[0]
    if first.applies_from != first.started_at:
        entry, told = known.mention("clock.regraded", first.applies_from)
        actor = entry.actor if entry else ""
        yield _step("regraded", first.applies_from, actor, first.clause, entry, told)


def _paused(known: Known, pause: Pause) -> Iterator[Step]:
    began = pause.started_at.isoformat()
    # A pause that was approved later is told of when it was approved.
    entry, told = next(
        (
            pair
            for pair in known.mentions("clock.paused")
            if pair[0].facts.get("since", pair[0].happened_at.isoformat()) == began
        ),
        (None, {}),
    )
    note = known.entry("ticket.paused", entry.happened_at if entry else pause.started_at)
    evidence = str(note.facts.get("note", "")) if note else ""
    yield _step(
        "paused",
        pause.started_at,
        pause.actor,
        pause.clause,
        entry,
        told,
        reason=pause.reason,
        evidence=evidence,
    )
    if pause.ended_at is not None:
        entry, told = known.mention("clock.resumed", pause.ended_at)
        yield _step("resumed", pause.ended_at, pause.ended_by, pause.clause, entry, told)


def _reopened(known: Known) -> Iterator[Step]:
    clause, stops_on = known.clock.clause, known.clock.stops_on
    for entry, told in known.mentions("clock.reopened"):
        before = [e for e in known.entries if e.tag == stops_on and e.pk < entry.pk]
        if before:
            yield Step(
                "stopped",
                before[-1].happened_at,
                before[-1].actor,
                clause,
                stops_on,
                entry=before[-1].pk,
            )
        yield _step(REOPENED, entry.happened_at, entry.actor, clause, entry, told)


def _ended(known: Known) -> Iterator[Step]:
    clock = known.clock
    for seen, told in known.mentions("clock.breach_withdrawn"):
        yield _step("unbroken", seen.happened_at, seen.actor, clock.clause, seen, told)
    if clock.breached_at is not None:
        entry, told = known.mention("clock.breached", clock.breached_at)
        yield _step("breached", clock.breached_at, "", clock.clause, entry, told)
    if clock.stopped_at is not None:
        moment, entry = _ending(known, clock.stops_on, clock.stopped_at)
        yield _step(
            "stopped",
            clock.stopped_at,
            clock.stopped_by,
            clock.clause,
            entry,
            {},
            reason=moment,
        )
    if clock.voided_at is not None:
        entry, _ = known.mention("clock.voided", clock.voided_at)
        yield _step(
            "voided",
            clock.voided_at,
            clock.voided_by,
            clock.clause,
            entry,
            {},
            reason=clock.void_reason,
            evidence=clock.void_evidence,
        )


def _ending(known: Known, stops_on: str, at: datetime) -> tuple[str, Entry | None]:
    """Return the moment that stopped a clock: its own, or the one that ends all work."""
    for moment in (stops_on, "ticket.resolved", "ticket.closed"):
        entry = known.entry(moment, at)
        if entry is not None:
            return moment, entry
    return stops_on, None


def _step(
    what: str,
    at: datetime,
    actor: str,
    clause: str,
    entry: Entry | None,
    told: Mapping[str, Any],
    **more: Any,
) -> Step:
    key = entry.pk if entry else None
    return Step(what, at, actor, clause, due_at=_due(told), entry=key, **more)


def _due(told: Mapping[str, Any]) -> datetime | None:
    text = told.get("due_at")
    return datetime.fromisoformat(text) if text else None
