"""Exchange a subject's clocks for copies that follow another subject, and take them back."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from changtong.clocks import operations
from changtong.clocks.models import Clock, Pause, State
from changtong.infra import hot


class HandedOver(NamedTuple):
    """What was exchanged, by key: what taking it back needs."""

    ended: list[int]
    paused: list[int]
    carried: list[int]


@transaction.atomic
def hand_over(
    *,
    subject: str,
    fulfilled: Container[str],
    at: datetime,
    actor: str,
    reason: str,
    evidence: str,
) -> HandedOver:
    """
    Declare a subject's open clocks void, and let copies of them run in their place.

    The copies begin when the clocks began, with all pauses until now, and run: whatever the
    subject waited for, the other one does not.

    :param fulfilled: moments that the other subject has reached; what ran until them has no copy
    """
    clocks = operations.settled(subject, at=at)
    open_pauses = Pause.objects.filter(clock__in=clocks, ended_at=None)
    paused = list(open_pauses.order_by("pk").values_list("pk", flat=True))
    operations.mark_void(clocks, at=at, actor=actor, reason=reason, evidence=evidence)
    if clocks:
        operations.tell(
            "clock.voided", clocks, actor=actor, at=at, reason=reason, evidence=evidence
        )
    owed = [clock for clock in clocks if clock.stops_on not in fulfilled]
    copies = _copies(owed)
    if copies:
        operations.tell("clock.carried", copies, actor=actor, at=at, by=evidence)
    return HandedOver(_keys(clocks), paused, _keys(copies))


def _copies(clocks: list[Clock]) -> list[Clock]:
    copies = operations.write([_copy(clock) for clock in clocks])
    of = {clock.pk: copy for clock, copy in zip(clocks, copies, strict=True)}
    pauses = Pause.objects.filter(clock__in=clocks).order_by("started_at", "pk")
    Pause.objects.bulk_create(pause.copied_to(of[pause.clock_id]) for pause in pauses)
    operations.plan_again(copies, state=State.RUNNING)
    return copies


def _copy(clock: Clock) -> Clock:
    fields = (field.attname for field in Clock._meta.concrete_fields)  # noqa: SLF001
    copy = Clock(**{name: getattr(clock, name) for name in fields if name != "id"})
    copy.state, copy.voided_at = State.RUNNING, None
    copy.voided_by = copy.void_reason = copy.void_evidence = ""
    return copy


@transaction.atomic
def take_back(
    *,
    subject: str,
    handed_over: HandedOver,
    at: datetime,
    actor: str,
    reason: str,
    evidence: str,
) -> list[Clock]:
    """
    Let the clocks that were handed over run on as if they never had been.

    What has become true of them in the meantime comes true when it did: a pause ends at its
    cap, a limit is broken at its due time.
    """
    copies = [one for one in _locked(handed_over.carried) if one.state != State.VOID]
    if copies:
        operations.mark_void(copies, at=at, actor=actor, reason=reason, evidence=evidence)
        operations.tell(
            "clock.voided", copies, actor=actor, at=at, reason=reason, evidence=evidence
        )
    clocks = _locked(handed_over.ended)
    if not clocks:
        return []
    reopened = Pause.objects.filter(pk__in=handed_over.paused)
    waiting = set(reopened.values_list("clock_id", flat=True))
    reopened.update(ended_at=None, ended_by="")
    for clock in clocks:
        clock.voided_at = None
        clock.state = State.PAUSED if clock.pk in waiting else State.RUNNING
        clock.voided_by = clock.void_reason = clock.void_evidence = ""
    hot.update(clocks, ["voided_at", "voided_by", "void_reason", "void_evidence", "state"])
    for state in (State.PAUSED, State.RUNNING):
        alike = [clock for clock in clocks if (clock.pk in waiting) == (state == State.PAUSED)]
        if alike:
            operations.plan_again(alike, state=state)
    operations.tell("clock.restored", clocks, actor=actor, at=at)
    return operations.settled(subject, at=at)


def _locked(keys: list[int]) -> list[Clock]:
    return list(Clock.objects.select_for_update().filter(pk__in=keys).order_by("pk"))


def _keys(clocks: Iterable[Clock]) -> list[int]:
    return [clock.pk for clock in clocks]
