"""Stop waiting for the applicant, and close what is complete."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from changtong.feedback import queries
from changtong.feedback.domain import survey
from changtong.feedback.models import Evaluation
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.operations import closing


ACTOR = "system:feedback"
SILENCE = "system:silence"
SWEPT_AT_MOST = 500


@transaction.atomic
def close_if_complete(*, number: str, at: datetime) -> bool:
    """Close a ticket that is confirmed and no longer waits for a rating, if the standard lets."""
    ticket = tickets.locked(number)
    evaluation = queries.evaluation_of(ticket)
    answered = evaluation is not None and evaluation.answered_at is not None
    if ticket.state != State.RESOLVED or ticket.confirmed_at is None or not answered:
        return False
    silent = ticket.confirmed_by == SILENCE
    because = "silent_consent" if silent else "confirmed"
    try:
        closing.close(number=number, actor=ACTOR, at=at, because=because)
    except Refused as refused:
        if refused.code not in {"closing.unmet", "closing.children_open"}:
            raise
        # The console shows what is missing; the sweep tries again.
        return False
    return True


def take_silence_as_consent(*, at: datetime) -> int:
    """
    Stop waiting for those whose time is over, and close what is complete.

    Whoever confirmed but did not rate is waited for until the evaluation's window is over;
    whoever said nothing, until the limit of silent consent. Returns how many fell silent.
    """
    unanswered = Evaluation.objects.filter(answered_at=None, withdrawn_at=None)
    over = unanswered.filter(
        Q(silent_consent_at__lte=at) | Q(over_at__lte=at, ticket__confirmed_at__isnull=False)
    )
    ids = list(over.order_by("over_at").values_list("pk", flat=True)[:SWEPT_AT_MOST])
    silent = sum(_stop_waiting(pk, at=at) for pk in ids)
    complete = Evaluation.objects.filter(
        answered_at__isnull=False,
        ticket__state=State.RESOLVED,
        ticket__confirmed_at__isnull=False,
        round=F("ticket__reopened_count"),
    )
    numbers = complete.order_by("answered_at").values_list("ticket__number", flat=True)
    for number in list(numbers[:SWEPT_AT_MOST]):
        close_if_complete(number=number, at=at)
    return silent


def take_one_silence(*, number: str, at: datetime) -> bool:
    """Stop waiting for one applicant whose time is over; say whether it was."""
    evaluation = queries.evaluation_of(tickets.locked(number))
    return evaluation is not None and _stop_waiting(evaluation.pk, at=at)


@transaction.atomic
def _stop_waiting(evaluation_id: int, *, at: datetime) -> bool:
    number = Evaluation.objects.values_list("ticket__number", flat=True).get(pk=evaluation_id)
    ticket = tickets.locked(number)
    evaluation = Evaluation.objects.get(pk=evaluation_id)
    waiting = evaluation.answered_at is None and evaluation.withdrawn_at is None
    confirmed = ticket.confirmed_at is not None
    if not waiting or not survey.is_over(times=evaluation.times, confirmed=confirmed, at=at):
        return False
    since = survey.over_since(times=evaluation.times, confirmed_at=ticket.confirmed_at)
    if ticket.state == State.RESOLVED and not confirmed:
        if ticket.told_at is None:
            # Whoever has not heard the result cannot agree to it by saying nothing.
            return False
        closing.confirm(number=number, actor=SILENCE, at=since, clause=evaluation.clause)
    evaluation.answered_at, evaluation.by = since, Evaluation.By.SILENCE
    evaluation.actor = SILENCE
    evaluation.save(update_fields=["answered_at", "by", "actor"])
    closing.note_evaluation(number=number, actor=SILENCE, at=since)
    journal.record(
        tag="evaluation.lapsed",
        subject=number,
        actor=SILENCE,
        at=since,
        evaluation=evaluation.pk,
        clause=evaluation.clause,
    )
    close_if_complete(number=number, at=at)
    return True
