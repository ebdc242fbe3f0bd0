"""Do to the children of a case what was done to it: tell, resolve, wait, go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from changtong.journal import operations as journal
from changtong.journal import queries as journal_queries
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.models import LogEntry, Resolution, Ticket
from changtong.tickets.operations import closing, pausing, working
from changtong.tickets.queries import relations


if TYPE_CHECKING:
    from changtong.standard.domain.rules import ChildRule


# As many as one transaction takes; the next ones are a transaction of their own.
AT_ONCE = 200
# Who assigned a child to its parent's people, by the same clause as the parent.
WITH_PARENT = "with_parent"


@transaction.atomic
def tell(*, number: str, text: str, public: bool, actor: str, at: datetime) -> LogEntry:
    """
    Write something down on a case and on all its open children.

    :raises Refused: ``children.none``, ``ticket.finished``, ``log.empty``
    """
    count = _count_children(number)
    type_ = LogEntry.Type.MESSAGE if public else LogEntry.Type.NOTE
    entry = working.log(
        number=number,
        type_=type_,
        text=text,
        public=public,
        details={"children": count},
        actor=actor,
        at=at,
    )
    _pass_on("children.told", number, actor=actor, at=at, entry=entry.pk, count=count)
    return entry


@transaction.atomic
def resolve(*, number: str, actor: str, at: datetime) -> Resolution:
    """
    Resolve the open children of a resolved case with its own cause, fix and result.

    :raises Refused: ``children.none``, ``ticket.not_resolved``
    """
    count = _count_children(number)
    ticket = queries.locked(number)
    resolution = ticket.resolutions.filter(refused_at=None).order_by("-id").first()
    if ticket.state != State.RESOLVED or resolution is None:
        raise Refused("ticket.not_resolved", state=ticket.state)
    _pass_on(
        "children.resolved", number, actor=actor, at=at, resolution=resolution.pk, count=count
    )
    return resolution


def _count_children(number: str) -> int:
    count = relations.count_open_children(queries.locked(number))
    if not count:
        raise Refused("children.none", number=number)
    return count


def _pass_on(tag: str, number: str, *, actor: str, at: datetime, **facts: object) -> None:
    journal.record(tag=tag, subject=number, actor=actor, at=at, **{"after": 0, **facts})


@transaction.atomic
def deliver(*, entry_id: int, at: datetime) -> int:
    """
    Carry out on the next children what an entry of their parent says; return on how many.

    What one child refuses is left to a person, and noted on it.
    """
    entry = journal_queries.latest().get(pk=entry_id)
    parent = queries.locked(entry.subject)
    children = list(relations.open_children(parent, after=entry.facts["after"])[:AT_ONCE])
    do = _DELIVERIES[entry.tag]
    for child in children:
        try:
            with transaction.atomic():
                do(parent, child.number, entry.facts, entry.actor, entry.happened_at)
        except Refused as refused:
            journal.record(
                tag="child.left",
                subject=child.number,
                actor=entry.actor,
                at=at,
                other=parent.number,
                because=refused.code,
            )
    if len(children) == AT_ONCE:
        facts = {**entry.facts, "after": children[-1].pk}
        _pass_on(entry.tag, parent.number, actor=entry.actor, at=entry.happened_at, **facts)
    return len(children)


def _tell(parent: Ticket, number: str, facts: dict[str, object], actor: str, at: datetime) -> None:
    entry = relations.message(parent, int(str(facts["entry"])))
    working.log(
        number=number,
        type_=entry.type,
        text=entry.text,
        public=entry.public,
        details={"parent": parent.number},
        actor=actor,
        at=at,
    )


def _resolve(
    parent: Ticket, number: str, facts: dict[str, object], actor: str, at: datetime
) -> None:
    resolution = parent.resolutions.get(pk=int(str(facts["resolution"])))
    child = queries.locked(number)
    if child.state == State.RESOLVED:
        return
    if child.state == State.HELD:
        child = pausing.resume(number=number, actor=actor, at=at)
    if child.state == State.ACCEPTED:
        child = working.assign(
            number=number,
            team_id=parent.team_id,
            assignee_id=parent.assignee_id,
            clause=_clause_of(child),
            why={"by": WITH_PARENT, "parent": parent.number},
            actor=actor,
            at=at,
        )
    if child.state == State.ASSIGNED:
        working.start(number=number, actor=actor, at=at)
    closing.resolve(
        number=number,
        cause=resolution.cause,
        fix=resolution.fix,
        result=resolution.result,
        advice=resolution.advice,
        retest_passed=resolution.retest_passed,
        actor=actor,
        at=at,
    )


@transaction.atomic
def follow(*, number: str, tag: str, reason: str, actor: str, at: datetime) -> list[str]:
    """
    Let children wait and go on with their parent, where their own edition says so.

    Only those that waited because of it go on with it.
    """
    parent = queries.locked(number)
    followed = []
    for child in relations.open_children(parent)[:AT_ONCE]:
        rule = _rule_of(child)
        if rule is None or not rule.pauses_with_parent:
            continue
        try:
            with transaction.atomic():
                if tag == "ticket.paused":
                    pausing.pause(
                        number=child.number, reason=reason, note=number, actor=actor, at=at
                    )
                elif _waits_for(child, number):
                    pausing.resume(number=child.number, actor=actor, at=at)
                else:
                    continue
        except Refused:
            # It stands where it cannot wait, or has waited enough: its promise runs on.
            continue
        followed.append(child.number)
    return followed


def _waits_for(child: Ticket, parent: str) -> bool:
    paused = journal_queries.timeline(child.number).filter(tag="ticket.paused")
    last = paused.order_by("-id").first()
    return child.state == State.HELD and last is not None and last.facts.get("note") == parent


def _rule_of(ticket: Ticket) -> ChildRule | None:
    return standard.read(ticket.edition_id).children(kind=ticket.kind)


def _clause_of(ticket: Ticket) -> str:
    rule = _rule_of(ticket)
    return rule.clause if rule else ""


_DELIVERIES: dict[str, Callable[[Ticket, str, dict[str, object], str, datetime], None]] = {
    "children.told": _tell,
    "children.resolved": _resolve,
}
