"""What the telephone system says of calls, so that the desk knows who calls."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.intake.domain.calls import KEPT_FOR, CallState, goes_on
from changtong.intake.models import Call
from changtong.journal import operations as journal
from changtong.parties.domain import phones


@transaction.atomic
def announce(
    *,
    reference: str,
    staff_id: int,
    caller: str,
    called: str,
    state: CallState,
    actor: str,
    at: datetime,
) -> Call:
    """
    Note that a call rings at somebody's telephone, was answered there, or is over.

    :param reference: the telephone system's own; told twice it has its effect once
    """
    call, new = Call.objects.get_or_create(
        source=actor,
        reference=reference,
        staff_id=staff_id,
        defaults={
            "caller": phones.normalized(caller) or "",
            "called": called.strip(),
            "state": state,
            "told_at": at,
        },
    )
    if not new:
        call = Call.objects.select_for_update().get(pk=call.pk)
        if not goes_on(current=CallState(call.state), told=state):
            return call
        call.state, call.told_at = state, at
        call.save(update_fields=["state", "told_at"])
    # The numbers stay out of the journal, which cannot forget them.
    journal.record(
        tag="call.announced",
        subject=f"call:{call.pk}",
        actor=actor,
        at=at,
        staff=staff_id,
        state=state.value,
    )
    if state is CallState.ANSWERED:
        _stop_ringing_elsewhere(call, at=at)
    return call


def _stop_ringing_elsewhere(call: Call, *, at: datetime) -> None:
    """End what rings at the colleagues of a group, one of whom has answered."""
    others = Call.objects.filter(source=call.source, reference=call.reference)
    others = others.filter(state=CallState.RINGING).exclude(pk=call.pk)
    others.update(state=CallState.ENDED, told_at=at)


@transaction.atomic
def forget(*, at: datetime) -> int:
    """Delete the calls of which nothing was told for a day; return how many."""
    deleted, _ = Call.objects.filter(told_at__lt=at - KEPT_FOR).delete()
    return deleted
