"""Call whoever is dissatisfied, and write down what came of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.feedback.domain import survey
from changtong.feedback.models import Evaluation, FollowUp
from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.standard import queries as standard


@transaction.atomic
def open_follow_up(evaluation: Evaluation, *, number: str, actor: str, at: datetime) -> FollowUp:
    """Make sure that somebody calls the applicant about a low score."""
    ticket = evaluation.ticket
    rule = standard.read(ticket.edition_id).evaluation(kind=ticket.kind)
    follow_up = FollowUp.objects.create(
        ticket=ticket,
        evaluation=evaluation,
        reason=FollowUp.Reason.LOW_SCORE,
        due_at=survey.follow_up_due_at(answered_at=at, rule=rule),
        clause=rule.clause,
        opened_at=at,
    )
    journal.record(
        tag="follow_up.opened",
        subject=number,
        actor=actor,
        at=at,
        follow_up=follow_up.pk,
        reason=follow_up.reason,
        due_at=follow_up.due_at.isoformat(),
        clause=rule.clause,
    )
    return follow_up


@transaction.atomic
def handle_follow_up(*, follow_up_id: int, outcome: str, actor: str, at: datetime) -> FollowUp:
    """
    Note what came of calling a dissatisfied applicant.

    :raises Refused: ``follow_up.handled_already``, ``follow_up.outcome_empty``
    :raises Missing: ``follow_up.unknown``
    """
    follow_up = (
        FollowUp.objects.select_for_update(of=("self",))
        .select_related("ticket")
        .filter(pk=follow_up_id)
        .first()
    )
    if follow_up is None:
        raise Missing("follow_up.unknown")
    if follow_up.handled_at is not None:
        raise Refused("follow_up.handled_already", clause=follow_up.clause)
    if not outcome.strip():
        raise Refused("follow_up.outcome_empty", clause=follow_up.clause)
    follow_up.outcome, follow_up.handled_by = outcome.strip(), actor
    follow_up.handled_at = at
    follow_up.save(update_fields=["outcome", "handled_by", "handled_at"])
    journal.record(
        tag="follow_up.handled",
        subject=follow_up.ticket.number,
        actor=actor,
        at=at,
        follow_up=follow_up.pk,
        in_time=at <= follow_up.due_at,
        clause=follow_up.clause,
    )
    return follow_up
