"""Put unfinished cases under another edition: see the effect, confirm it, move them (26.8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from changtong.analytics.models import Conversion
from changtong.analytics.queries import conversions
from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.tickets.operations import migrating
from changtong.tickets.operations.migrating import CLAUSE, Moved


BATCH = 200
EXAMPLES_AT_MOST = 50
State = Conversion.State


@transaction.atomic
def request(*, edition_id: int, region_path: str, viewer: Viewer, at: datetime) -> Conversion:
    """
    Ask what moving the unfinished cases of a place to an edition would change.

    :raises Refused: ``conversion.region_not_yours``, ``edition.withdrawn_already``
    :raises Missing: ``edition.unknown``
    """
    edition = standard.edition_by_id(edition_id)
    if edition.withdrawn_at is not None:
        raise Refused("edition.withdrawn_already", clause=CLAUSE, version=edition.version)
    if not conversions.sees(viewer, region_path):
        raise Refused("conversion.region_not_yours", clause=CLAUSE)
    conversion = Conversion.objects.create(
        edition_id=edition_id, region_path=region_path, requested_at=at, requested_by=viewer.actor
    )
    _record("requested", conversion, viewer.actor, at, edition=edition.version, region=region_path)
    return conversion


def measure(*, conversion_id: int, now: Callable[[], datetime]) -> Conversion:
    """
    Work out the effect of a conversion; nothing is written about any case.

    It may take minutes, so that no transaction spans it: a second run begins from the start.
    """
    conversion = conversions.by_id(conversion_id, conversions.EVERYTHING)
    if conversion.state != State.MEASURING:
        return conversion
    numbers = conversions.numbers(conversion)
    _set(conversion, cases=len(numbers), cases_done=0)
    at = now()
    effect: Counter[str] = Counter()
    examples: list[tuple[bool, list[object]]] = []
    for start in range(0, len(numbers), BATCH):
        for ticket in conversions.cases(numbers[start : start + BATCH]):
            try:
                moved = migrating.effect(ticket, edition_id=conversion.edition_id, at=at)
            except (Refused, Missing):
                effect["stays"] += 1
                continue
            effect["late"] += any(one.is_broken for one in moved)
            for one in moved:
                effect[one.how] += 1
                if one.how != "same":
                    examples.append((not one.is_broken, _example(ticket.number, one)))
        # Those that would be late come first; the rest is only the first of many.
        examples = sorted(examples, key=lambda each: each[0])[:EXAMPLES_AT_MOST]
        _set(conversion, cases_done=min(start + BATCH, len(numbers)))
    return _measured(conversion, effect, [one for _first, one in examples], now())


@transaction.atomic
def _measured(
    conversion: Conversion, effect: Counter[str], examples: list[list[object]], at: datetime
) -> Conversion:
    _set(conversion, state=State.MEASURED, effect=effect, examples=examples, measured_at=at)
    _record("measured", conversion, "system:analytics", at, cases=conversion.cases, **effect)
    return conversion


def _example(number: str, one: Moved) -> list[object]:
    sides = [moment and moment.isoformat() for moment in (one.before, one.after)]
    return [number, one.metric, one.basis, one.clause, *sides, one.is_broken]


@transaction.atomic
def confirm(*, conversion_id: int, reason: str, viewer: Viewer, at: datetime) -> Conversion:
    """
    Confirm a conversion whose effect has been seen; its cases are then moved one by one.

    :raises Refused: ``conversion.not_measured``, ``migration.unreasoned``
    :raises Missing: ``conversion.unknown``
    """
    conversions.by_id(conversion_id, viewer)
    conversion = Conversion.objects.select_for_update().get(pk=conversion_id)
    if conversion.state != State.MEASURED:
        raise Refused("conversion.not_measured", clause=CLAUSE)
    if not reason.strip():
        raise Refused("migration.unreasoned", clause=CLAUSE)
    _set(
        conversion,
        state=State.MOVING,
        reason=reason.strip(),
        confirmed_at=at,
        confirmed_by=viewer.actor,
        cases_done=0,
    )
    _record("confirmed", conversion, viewer.actor, at, reason=conversion.reason)
    return conversion


def move(*, conversion_id: int, now: Callable[[], datetime]) -> Conversion:
    """
    Move the cases of a confirmed conversion, each in a transaction and with an entry of its own.

    Interrupted, it goes on with those that are left; a case that refuses stays where it is.
    """
    conversion = conversions.by_id(conversion_id, conversions.EVERYTHING)
    if conversion.state != State.MOVING:
        return conversion
    numbers = conversions.numbers(conversion)
    # Some may have been moved before an interruption, others opened or closed since.
    done = conversion.moved
    refused: Counter[str] = Counter()
    _set(conversion, cases=done + len(numbers))
    for count, number in enumerate(numbers, 1):
        try:
            migrating.migrate(
                number=number,
                edition_id=conversion.edition_id,
                reason=conversion.reason,
                actor=conversion.confirmed_by,
                at=now(),
            )
        except (Refused, Missing) as refusal:
            refused[refusal.code] += 1
        if count % BATCH == 0 or count == len(numbers):
            moved = done + count - refused.total()
            _set(conversion, cases_done=done + count, moved=moved, refused=refused)
    return _ended(conversion, now())


@transaction.atomic
def _ended(conversion: Conversion, at: datetime) -> Conversion:
    _set(conversion, state=State.DONE, ended_at=at)
    _record(
        "finished",
        conversion,
        "system:analytics",
        at,
        moved=conversion.moved,
        refused=dict(conversion.refused),
    )
    return conversion


def _record(what: str, conversion: Conversion, actor: str, at: datetime, **facts: object) -> None:
    journal.record(
        tag=f"conversion.{what}",
        subject=f"conversion:{conversion.pk}",
        actor=actor,
        at=at,
        clause=CLAUSE,
        **facts,
    )


def _set(conversion: Conversion, **values: object) -> None:
    for name, value in values.items():
        setattr(conversion, name, value)
    conversion.save(update_fields=list(values))
