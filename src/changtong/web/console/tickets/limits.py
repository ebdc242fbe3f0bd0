"""Why each limit of a case is due when it is, and why others do not run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from changtong.clocks import queries as clocks
from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.standard import queries as standard
from changtong.standard.domain.calendars import Within
from changtong.tickets import queries
from changtong.web.console import notices, wording
from changtong.web.console.frame import show
from changtong.web.ui import explained
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from changtong.clocks.domain.explaining import Step
    from changtong.clocks.models import Clock
    from changtong.standard.domain.considering import Considered
    from changtong.standard.domain.edition import Edition
    from changtong.tickets.models import Ticket


SHOWN_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class ClockShown:
    clock: Clock
    state: str
    url: str


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened to a clock, in words."""

    step: Step
    words: str
    icon: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A limit that was looked at for a case, and where its clock is."""

    considered: Considered
    within: str
    reasons: Sequence[str]
    shown: ClockShown | None
    waits_for: str


@staff_only("tickets.view")
def clock(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Explain one clock: what happened to it and the sum that makes its due time."""
    ticket = queries.by_number(staff_viewer(request), number)
    found = clocks.of(ticket.number).filter(pk=pk).first()
    if found is None:
        raise Missing("clock.unknown", number=number)
    edition = standard.read(found.edition_id)
    why = clocks.explanation(found, at=now())
    total = why.arithmetic
    context = {
        **_around(ticket, found.pk),
        "clock": found,
        "ladder": notices.ladder_of(found.pk, ticket, staff_viewer(request)),
        "shown": clock_shown(found, number),
        "governs": why.governs,
        "limit": explained.within(Within.parse(found.within)),
        "calendar": wording.calendar(found.calendar, edition),
        "steps": _told(why.steps, edition, kind=ticket.kind),
        "sum": total,
        "lines": [explained.line(one, edition, kind=ticket.kind) for one in total.lines],
        "allowed": explained.length(total.allowed),
        "counted": explained.length(total.counted),
        "remarks": [
            (explained.remark(one), edition.article(one.source, one.article))
            for one in total.remarks
        ],
    }
    return show(request, "tickets/clock.html", context, part="explanation")


@staff_only("tickets.view")
def limits(request: HttpRequest, number: str) -> HttpResponse:
    """Say of every limit of the standard whether it runs for a case, and why not."""
    ticket = queries.by_number(staff_viewer(request), number)
    edition = standard.read(ticket.edition_id)
    running = {one.clock.key: one for one in reversed(shown(ticket.number))}
    judged = [
        Judged(
            considered=one,
            within=explained.within(one.target.within),
            reasons=explained.reasons(one, edition),
            shown=running.get(key) if one.applies else None,
            waits_for=str(explained.MOMENTS.get(one.target.starts_on, one.target.starts_on)),
        )
        for one in queries.limits_considered(ticket)
        for key in [(one.target.metric, one.target.basis, one.target.clause)]
    ]
    context = {
        **_around(ticket, 0),
        "judged": sorted(judged, key=lambda one: (not one.considered.applies, not one.shown)),
        "edition": edition,
    }
    return show(request, "tickets/limits.html", context, part="limits")


def shown(number: str) -> list[ClockShown]:
    """
    Return a case's clocks, what runs before what is over, without those that became void.

    Of what is owed again and again only the last is shown.
    """
    # Their pauses are only needed for the explanation.
    found = list(clocks.of(number).prefetch_related(None).exclude(state="void"))
    last = {one.key: one for one in sorted(found, key=attrgetter("started_at", "pk"))}
    kept = [one for one in found if last[one.key] is one]
    kept.sort(key=lambda one: not one.is_open)
    return [clock_shown(one, number) for one in kept[:SHOWN_AT_MOST]]


def clock_shown(clock: Clock, number: str) -> ClockShown:
    """Return a clock with the state that its badge shows."""
    state = str(clock.state)
    if clock.state == "stopped":
        late = clock.breached_at is not None
        state = "missed" if late else "met"
    elif clock.breached_at is not None:
        state = "breached"
    return ClockShown(clock, state, reverse("console:ticket_clock", args=[number, clock.pk]))


def _around(ticket: Ticket, pk: int) -> dict[str, Any]:
    """Return the limits before and after one, for the keys that lead through them."""
    urls = [one.url for one in shown(ticket.number)]
    here = reverse("console:ticket_clock", args=[ticket.number, pk])
    place = urls.index(here) if here in urls else -1
    following = urls[place + 1] if urls and place + 1 < len(urls) else ""
    return {
        "ticket": ticket,
        "previous_url": urls[place - 1] if place > 0 else "",
        "next_url": following,
        "limits_url": reverse("console:ticket_limits", args=[ticket.number]),
    }


def _told(steps: Sequence[Step], edition: Edition, *, kind: str) -> list[Told]:
    names = wording.names_in(step.actor for step in steps)
    return [_one_told(step, edition, names, kind=kind) for step in steps]


def _one_told(step: Step, edition: Edition, names: Mapping[int, str], *, kind: str) -> Told:
    words, icon = explained.STEPS.get(step.what, (step.what, "circle-dot"))
    why = step.reason
    if step.what == "paused":
        why = explained.pause_reason(step.reason, edition, kind=kind)
    elif step.reason in explained.MOMENTS:
        why = str(explained.MOMENTS[step.reason])
    if step.limit:
        limit = explained.within(Within.parse(step.limit))
        why = f"{why} · {limit}" if why else limit
    return Told(
        step, str(words), icon, wording.actor(step.actor, names) if step.actor else "", why
    )
