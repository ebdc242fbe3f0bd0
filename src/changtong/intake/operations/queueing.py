"""Numbers of a service hall: taken at the door, called and served at a counter."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from changtong.intake.domain.queueing import (
    NumberState,
    move,
    require_called_enough,
    require_put_back,
)
from changtong.intake.models import CounterCase, Hall, QueueNumber
from changtong.intake.queries import queueing as queries
from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.parties.domain import phones
from changtong.standard import queries as standard


if TYPE_CHECKING:
    from changtong.catalog.models import Region
    from changtong.standard.domain.counters import CounterRule
    from changtong.tickets.models import Ticket


@transaction.atomic
def open_hall(
    *, code: str, name: str, region: Region, counters: int, actor: str, at: datetime
) -> Hall:
    """
    Register a service hall and how many counters it has.

    :raises Refused: ``hall.exists``
    """
    hall, created = Hall.objects.get_or_create(
        code=code, defaults={"name": name, "region": region, "counters": counters}
    )
    if not created:
        raise Refused("hall.exists", hall=code)
    journal.record(
        tag="hall.opened", subject=f"hall:{code}", actor=actor, at=at, counters=counters
    )
    return hall


@transaction.atomic
def take(
    *,
    hall: str,
    class_code: str,
    actor: str,
    at: datetime,
    priority: str = "",
    phone: str = "",
) -> QueueNumber:
    """
    Give somebody the next number of a class of matters, counted from one each day.

    :raises Missing: ``hall.unknown``
    :raises Refused: ``queue_number.not_given``, ``queue_number.class_unknown``,
        ``queue_number.priority_unknown``, ``queue_number.phone_invalid``
    """
    # One hall gives one number at a time; the constraint is there for whoever forgets this.
    row = Hall.objects.select_for_update(no_key=True).filter(code=hall).first()
    if row is None:
        raise Missing("hall.unknown", hall=hall)
    edition_id, rule = _rule(at=at)
    chosen = rule.class_of(class_code)
    if chosen is None:
        raise Refused("queue_number.class_unknown", clause=rule.clause)
    if priority and priority not in {one.code for one in rule.priorities}:
        raise Refused("queue_number.priority_unknown", clause=rule.clause)
    digits = phones.normalized(phone) or ""
    if phone.strip() and not digits:
        raise Refused("queue_number.phone_invalid")
    given = QueueNumber.objects.filter(hall=row, day=queries.hall_day(at), letter=chosen.letter)
    last = given.aggregate(last=Max("sequence"))["last"] or 0
    number = QueueNumber.objects.create(
        hall=row,
        day=queries.hall_day(at),
        edition_id=edition_id,
        class_code=chosen.code,
        letter=chosen.letter,
        sequence=last + 1,
        priority=priority,
        phone=digits,
        taken_at=at,
    )
    # Neither the telephone number nor why somebody is called first: the journal cannot forget.
    facts = {"class": chosen.code, "called_first": bool(priority), "clause": rule.clause}
    _record(
        tag="queue_number.taken", number=number, actor=actor, at=at, day=str(number.day), **facts
    )
    return number


@transaction.atomic
def call_next(
    *, hall: str, counter: int, actor: str, at: datetime, class_code: str = ""
) -> QueueNumber:
    """
    Call whoever waits longest, those whom the standard puts first before all others.

    Two counters at the same instant get different numbers.

    :param class_code: of one class only; by default of any
    :raises Missing: ``hall.unknown``, ``counter.unknown``
    :raises Refused: ``counter.busy``, ``queue_number.nobody_waits``
    """
    row = Hall.objects.filter(code=hall).first()
    if row is None:
        raise Missing("hall.unknown", hall=hall)
    if not 1 <= counter <= row.counters:
        raise Missing("counter.unknown", counter=counter)
    day = queries.hall_day(at)
    if (present := queries.at_counter(row, counter, day=day)) is not None:
        raise Refused("counter.busy", counter=counter, number=present.label)
    of_class = Q(class_code=class_code) if class_code else Q()
    waiting = queries.waiting_in(row, day=day).filter(of_class)
    # What another counter is calling at this very moment is passed over.
    number = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if number is None:
        raise Refused("queue_number.nobody_waits")
    number.state = move(current=NumberState(number.state), wanted=NumberState.CALLED).value
    number.counter, number.calls = counter, 1
    number.called_at = number.last_called_at = at
    try:
        number.save(update_fields=["state", "counter", "calls", "called_at", "last_called_at"])
    except IntegrityError as error:
        # The same counter called from another screen.
        raise Refused("counter.busy", counter=counter, number="") from error
    waited = int((at - number.waits_since).total_seconds())
    _record(
        tag="queue_number.called",
        number=number,
        actor=actor,
        at=at,
        counter=counter,
        waited_seconds=waited,
    )
    return number


@transaction.atomic
def recall(*, number: int, actor: str, at: datetime) -> QueueNumber:
    """
    Call a number again that nobody has come with.

    :raises Missing: ``queue_number.unknown``
    :raises Refused: ``queue_number.cannot_move``
    """
    row = queries.locked_number(number)
    if row.state != NumberState.CALLED:
        raise Refused("queue_number.cannot_move", queue_state=row.state)
    row.calls, row.last_called_at = row.calls + 1, at
    row.save(update_fields=["calls", "last_called_at"])
    _record(
        tag="queue_number.called_again",
        number=row,
        actor=actor,
        at=at,
        counter=row.counter,
        calls=row.calls,
    )
    return row


@transaction.atomic
def miss(*, number: int, actor: str, at: datetime) -> QueueNumber:
    """
    Give up a number that was called as often as its edition says.

    :raises Missing: ``queue_number.unknown``
    :raises Refused: ``queue_number.cannot_move``, ``queue_number.called_too_little``
    """
    row = queries.locked_number(number)
    wanted = move(current=NumberState(row.state), wanted=NumberState.MISSED)
    rule = standard.read(row.edition_id).counters
    if rule is not None:
        require_called_enough(calls=row.calls, at_least=rule.called_at_least, clause=rule.clause)
    row.state, row.ended_at = wanted.value, at
    row.save(update_fields=["state", "ended_at"])
    _record(
        tag="queue_number.missed",
        number=row,
        actor=actor,
        at=at,
        counter=row.counter,
        calls=row.calls,
    )
    return row


@transaction.atomic
def put_back(*, number: int, actor: str, at: datetime) -> QueueNumber:
    """
    Let whoever missed their turn wait once more that day, behind as many as the edition says.

    :raises Missing: ``queue_number.unknown``
    :raises Refused: ``queue_number.cannot_move``, ``queue_number.day_over``,
        ``queue_number.put_back_already``, ``queue_number.not_put_back``
    """
    row = queries.locked_number(number)
    wanted = move(current=NumberState(row.state), wanted=NumberState.WAITING)
    rule = standard.read(row.edition_id).counters
    clause = rule.clause if rule else ""
    behind = require_put_back(
        day=row.day,
        today=queries.hall_day(at),
        put_back_at=row.put_back_at,
        behind=rule.put_back_behind if rule else None,
        clause=clause,
    )
    row.comes_after = queries.last_of_first(row, behind)
    row.state, row.put_back_at = wanted.value, at
    row.counter, row.calls = None, 0
    row.called_at = row.last_called_at = row.ended_at = None
    row.save()
    _record(tag="queue_number.put_back", number=row, actor=actor, at=at, clause=clause)
    return row


@transaction.atomic
def start(*, number: int, actor: str, at: datetime) -> QueueNumber:
    """
    Begin to serve whoever came with a number that was called.

    :raises Missing: ``queue_number.unknown``
    :raises Refused: ``queue_number.cannot_move``
    """
    row = queries.locked_number(number)
    row.state = move(current=NumberState(row.state), wanted=NumberState.SERVING).value
    row.started_at = at
    row.save(update_fields=["state", "started_at"])
    _record(tag="queue_number.started", number=row, actor=actor, at=at, counter=row.counter)
    return row


@transaction.atomic
def end(*, number: int, actor: str, at: datetime) -> QueueNumber:
    """
    Let go whoever was served, and free the counter.

    :raises Missing: ``queue_number.unknown``
    :raises Refused: ``queue_number.cannot_move``
    """
    row = queries.locked_number(number)
    row.state = move(current=NumberState(row.state), wanted=NumberState.SERVED).value
    row.ended_at = at
    row.save(update_fields=["state", "ended_at"])
    served = int((at - row.started_at).total_seconds()) if row.started_at else 0
    _record(
        tag="queue_number.served",
        number=row,
        actor=actor,
        at=at,
        counter=row.counter,
        served_seconds=served,
    )
    return row


@transaction.atomic
def link(*, number: int, ticket: Ticket, actor: str, at: datetime) -> CounterCase:
    """
    Write down that a case was taken in from whoever came with a number; twice is once.

    :raises Missing: ``queue_number.unknown``
    :raises Refused: ``queue_number.not_served``
    """
    row = queries.locked_number(number)
    if row.started_at is None:
        raise Refused("queue_number.not_served")
    case, new = CounterCase.objects.get_or_create(number=row, ticket=ticket)
    if new:
        waited = int((row.called_at - row.waits_since).total_seconds()) if row.called_at else 0
        journal.record(
            tag="queue_number.linked",
            subject=ticket.number,
            actor=actor,
            at=at,
            queue=row.pk,
            queue_number=row.label,
            counter=row.counter,
            waited_seconds=waited,
        )
    return case


@transaction.atomic
def forget(*, at: datetime) -> int:
    """Forget who came with the numbers of earlier days, and why they came first."""
    past = QueueNumber.objects.filter(~Q(phone="", priority=""), day__lt=queries.hall_day(at))
    return past.update(phone="", priority="")


def _rule(*, at: datetime) -> tuple[int, CounterRule]:
    edition_id = standard.edition_in_force(at=at).pk
    rule = standard.read(edition_id).counters
    if rule is None:
        raise Refused("queue_number.not_given")
    return edition_id, rule


def _record(*, tag: str, number: QueueNumber, actor: str, at: datetime, **facts: object) -> None:
    subject = f"queue:{number.pk}"
    journal.record(tag=tag, subject=subject, actor=actor, at=at, number=number.label, **facts)
