"""A case from report to closing, with everything that a case file holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.factories import people
from tests.factories.intake import AT, PHONE, report

from changtong.feedback.operations import evaluating, telling
from changtong.intake import operations as intake
from changtong.journal import operations as journal
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.operations import closing, opening, working


PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8


@dataclass(frozen=True)
class Case:
    """A ticket that is finished, and who worked on it."""

    ticket: Any
    agent: Any

    @property
    def number(self) -> str:
        return str(self.ticket.number)


def after(minutes: int) -> datetime:
    return AT + timedelta(minutes=minutes)


def close_case(*, sealed: bool = True) -> Case:
    """Report, handle, resolve, confirm and close a fault; file nothing."""
    received = intake.receive(
        report=report(category="fault.broadband.no_link"),
        line_number="KD0001",
        actor=f"phone:{PHONE}",
        at=AT,
    )
    number = received.ticket.number
    if received.ticket.state == "acknowledged":
        opening.accept(number=number, category=received.ticket.category, actor="staff:1", at=AT)
    agent = people.staff("zhang", "agent")
    team = people.team("desk", agent)
    given = {"clause": "6.1", "actor": "system:dispatch", "at": after(2)}
    working.assign(number=number, team_id=team.pk, assignee_id=agent.pk, **given)
    _handle(number, agent)
    evaluating.confirm_and_evaluate(
        number=number, score=5, tags=(), comment="很快", actor=f"phone:{PHONE}", at=after(91)
    )
    assert tickets.is_final(tickets.locked(number))
    if sealed:
        seal(at=after(93))
    return Case(tickets.locked(number), agent)


def _handle(number: str, agent: Any) -> None:
    by = {"number": number, "actor": agent.actor}
    working.start(at=after(3), **by)
    working.attach(name="光猫 红灯.png", chunks=[PICTURE], at=after(4), **by)
    working.log(type_="call", text="已联系用户", public=True, at=after(5), **by)
    edition = standard.read(tickets.locked(number).edition_id)
    closing.resolve(
        cause=edition.causes(kind="fault")[0].code,
        fix=edition.fixes(kind="fault")[0].code,
        result="更换尾纤，光功率恢复",
        advice="请勿弯折尾纤",
        retest_passed=True,
        at=after(60),
        **by,
    )
    telling.note_told(tickets.locked(number), at=after(61))


def seal(*, at: datetime) -> None:
    """Seal and publish, as the worker does every minute."""
    journal.seal_pending(at=at)
    journal.publish_seals()
