"""Tickets as feedback meets them, and the reactions to what happened, at the test's own time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.factories import people
from tests.factories.intake import AT, report

from changtong.journal import queries as journal
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.operations import closing, opening, working


def after(**passed: float) -> datetime:
    return AT + timedelta(**passed)


def opened(town: Any, **changes: Any) -> Any:
    changes.setdefault("category", "fault.broadband.no_link")
    contact = changes.pop("customer", town.customer)
    return opening.open_ticket(
        report=report(**changes),
        region=town.region,
        customer=contact,
        line=town.line,
        actor="phone:13800001111",
        at=AT,
        by_agent=True,
    )


def assigned(town: Any, **changes: Any) -> tuple[Any, Any]:
    ticket = opened(town, **changes)
    worker = people.staff("li", "technician")
    team = people.team("field", worker, mode="field")
    working.assign(
        number=ticket.number,
        team_id=team.pk,
        assignee_id=worker.pk,
        clause="6.1",
        actor="system:dispatch",
        at=after(minutes=2),
    )
    return queries.locked(ticket.number), worker


def resolved(town: Any, *, again: Any = None, **changes: Any) -> tuple[Any, Any]:
    ticket, worker = assigned(town, **changes)
    working.start(number=ticket.number, actor=worker.actor, at=after(minutes=3))
    return resolve(ticket, worker, at=after(hours=1)), worker


def resolve(ticket: Any, worker: Any, *, at: datetime) -> Any:
    edition = standard.read(ticket.edition_id)
    closing.resolve(
        number=ticket.number,
        cause=edition.causes(kind=ticket.kind)[0].code,
        fix=edition.fixes(kind=ticket.kind)[0].code,
        result="更换尾纤，光功率恢复。\n网速测试正常。",
        advice="请勿弯折尾纤。",
        retest_passed=True,
        actor=worker.actor,
        at=at,
    )
    return queries.locked(ticket.number)


def entry(ticket: Any, tag: str) -> Any:
    return journal.timeline(ticket.number).filter(tag=tag).last()


def tags(ticket: Any) -> list[str]:
    return [one.tag for one in journal.timeline(ticket.number)]
