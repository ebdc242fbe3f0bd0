"""Ask the applicant how it was, and take the answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from changtong.feedback import queries
from changtong.feedback.domain import survey
from changtong.feedback.models import Evaluation
from changtong.feedback.operations import ending, following_up, telling
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.operations import closing


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


ACTOR = "system:feedback"
SWEPT_AT_MOST = 500


@transaction.atomic
def ask_evaluation(*, number: str, at: datetime, actor: str = ACTOR) -> Evaluation:
    """
    Ask the applicant how it was, once after each result; the message with the result says it.

    :raises Refused: ``ticket.not_resolved``
    """
    ticket = closing.request_evaluation(number=number, actor=actor, at=at)
    asked_at = ticket.evaluation_requested_at or at
    rule = standard.read(ticket.edition_id).evaluation(kind=ticket.kind)
    times = survey.times(asked_at=asked_at, rule=rule)
    evaluation, _ = Evaluation.objects.get_or_create(
        ticket=ticket,
        round=ticket.reopened_count,
        defaults={
            "asked_at": asked_at,
            "remind_at": times.remind_at,
            "over_at": times.over_at,
            "silent_consent_at": times.silent_consent_at,
            "clause": rule.clause,
        },
    )
    return evaluation


def remind(*, at: datetime) -> int:
    """Remind everyone who was asked long enough ago and has not answered; once each."""
    due = Evaluation.objects.filter(
        answered_at=None, withdrawn_at=None, reminded_at=None, remind_at__lte=at
    ).exclude(silent_consent_at__lte=at)
    ids = list(due.order_by("remind_at").values_list("pk", flat=True)[:SWEPT_AT_MOST])
    return sum(_remind_one(pk, at=at) for pk in ids)


@transaction.atomic
def _remind_one(evaluation_id: int, *, at: datetime) -> bool:
    reminded = Evaluation.objects.filter(
        pk=evaluation_id, answered_at=None, withdrawn_at=None, reminded_at=None
    ).update(reminded_at=at)
    if reminded:
        evaluation = Evaluation.objects.select_related("ticket").get(pk=evaluation_id)
        journal.record(
            tag="evaluation.reminded",
            subject=evaluation.ticket.number,
            actor=ACTOR,
            at=at,
            evaluation=evaluation_id,
            clause=evaluation.clause,
        )
    return bool(reminded)


@transaction.atomic
def record_evaluation(
    *, number: str, score: int, tags: Iterable[str], comment: str, actor: str, at: datetime
) -> Evaluation:
    """
    Take the applicant's rating; a low one opens a follow-up.

    :raises Refused: ``evaluation.not_asked``, ``evaluation.given_already``,
        ``evaluation.over``, ``evaluation.score_invalid``, ``evaluation.tag_unknown``,
        ``evaluation.by_staff_for_self``
    """
    ticket = tickets.locked(number)
    rule = standard.read(ticket.edition_id).evaluation(kind=ticket.kind)
    evaluation = queries.evaluation_of(ticket)
    if evaluation is None:
        raise Refused("evaluation.not_asked", clause=rule.clause)
    if evaluation.by == Evaluation.By.SILENCE:
        raise Refused("evaluation.over", clause=rule.clause, over_at=evaluation.answered_at)
    if evaluation.answered_at is not None:
        raise Refused("evaluation.given_already", clause=rule.clause)
    if actor.startswith("staff:") and actor in _handlers(ticket):
        raise Refused("evaluation.by_staff_for_self", clause=rule.clause)
    chosen = sorted(set(tags))
    survey.check(score=score, tags=chosen, rule=rule)
    by = Evaluation.By.AGENT if actor.startswith("staff:") else Evaluation.By.CUSTOMER
    evaluation.score, evaluation.tags, evaluation.comment = score, chosen, comment.strip()
    evaluation.answered_at, evaluation.by, evaluation.actor = at, by, actor
    evaluation.save(update_fields=["score", "tags", "comment", "answered_at", "by", "actor"])
    closing.note_evaluation(number=number, actor=actor, at=at)
    low = survey.is_low(score=score, rule=rule)
    journal.record(
        tag="evaluation.given",
        subject=number,
        actor=actor,
        at=at,
        evaluation=evaluation.pk,
        score=score,
        tags=chosen,
        low=low,
        clause=rule.clause,
    )
    if low:
        following_up.open_follow_up(evaluation, number=number, actor=actor, at=at)
    ending.close_if_complete(number=number, at=at)
    return evaluation


def _handlers(ticket: Ticket) -> set[str]:
    """Return who must not speak for the applicant: whoever did the work or is complained of."""
    people = {ticket.assignee_id, ticket.complained_of_id} - {None}
    resolvers = ticket.resolutions.filter(refused_at=None).values_list("actor", flat=True)
    return {f"staff:{pk}" for pk in people} | set(resolvers)


@transaction.atomic
def confirm_and_evaluate(
    *, number: str, score: int, tags: Iterable[str], comment: str, actor: str, at: datetime
) -> Evaluation:
    """
    Take the applicant's word that the result is right, and their rating.

    Whoever answers on the page has been told and asked there, whatever became of the mail.

    :raises Refused: ``ticket.not_resolved``; as `record_evaluation`
    """
    ticket = closing.confirm(number=number, actor=actor, at=at)
    telling.note_told(ticket, at=at)
    ask_evaluation(number=number, at=at)
    return record_evaluation(
        number=number, score=score, tags=tags, comment=comment, actor=actor, at=at
    )


@transaction.atomic
def withdraw_evaluation(*, number: str, at: datetime) -> int:
    """Take the question back, since the applicant does not accept the result."""
    ticket = tickets.locked(number)
    return Evaluation.objects.filter(
        ticket=ticket, round__lt=ticket.reopened_count, answered_at=None, withdrawn_at=None
    ).update(withdrawn_at=at)
