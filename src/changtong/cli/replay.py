"""
Live through history: the operations a person would use, and their consequences, at their times.

While history is replayed nothing reacts by itself (see `journal.operations.without_reactions`),
so what a reaction would do is done here, at the time at which it would have been done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from changtong.archive import operations as archive
from changtong.dispatch.operations import assigning, visiting
from changtong.feedback.operations import ending, evaluating, telling
from changtong.infra import hot
from changtong.infra.db import attempt
from changtong.journal import operations as journal
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.operations import closing, working


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


SYSTEM = "system:replay"


@contextmanager
def part() -> Iterator[None]:
    """Live through a part of a case that may be refused without undoing the rest."""
    # What was kept before is written before the savepoint, or it would be undone with the part.
    with hot.kept(), attempt(), journal.gathered():
        yield


def assign(*, number: str, at: datetime) -> bool:
    """Let dispatch choose somebody; say whether anybody could be chosen."""
    assigning.assign_automatically(number=number, actor=SYSTEM, at=at)
    return tickets.locked(number).assignee_id is not None


def begin(*, number: str, actor: str, at: datetime) -> None:
    """Begin to work on an assigned ticket."""
    working.start(number=number, actor=actor, at=at)


def resolve(
    *, number: str, actor: str, at: datetime, result: str, advice: str = "", cause: int = 0
) -> None:
    """Resolve a ticket in progress; the applicant is told and asked at the same instant."""
    ticket = tickets.locked(number)
    edition = standard.read(ticket.edition_id)
    causes, fixes = edition.causes(kind=ticket.kind), edition.fixes(kind=ticket.kind)
    if ticket.kind == "complaint":
        working.log(number=number, type_="answer", text=result, public=True, actor=actor, at=at)
    closing.resolve(
        number=number,
        cause=causes[cause % len(causes)].code if causes else "",
        fix=fixes[cause % len(fixes)].code if fixes else "",
        result=result,
        advice=advice,
        retest_passed=True,
        actor=actor,
        at=at,
    )
    visiting.finish(number=number, actor=SYSTEM, at=at)
    telling.note_told(tickets.locked(number), at=at)
    evaluating.ask_evaluation(number=number, at=at)


def rate(
    *, number: str, score: int, comment: str, tags: tuple[str, ...], actor: str, at: datetime
) -> bool:
    """Let the applicant accept and rate the result; say whether the ticket could be closed."""
    evaluating.confirm_and_evaluate(
        number=number, score=score, tags=tags, comment=comment, actor=actor, at=at
    )
    return ending.close_if_complete(number=number, at=at)


def file_all(numbers: list[str], *, at: datetime) -> int:
    """Seal the journal and file the case files of finished tickets; return how many."""
    journal.seal_pending(at=at)
    for number in numbers:
        archive.file_case(number=number, actor=SYSTEM, at=at)
    return len(numbers)


def take_silence(*, number: str, at: datetime) -> Ticket:
    """Close a resolved ticket whose applicant never said a word, by the clause on silence."""
    ending.take_one_silence(number=number, at=at)
    return tickets.locked(number)
