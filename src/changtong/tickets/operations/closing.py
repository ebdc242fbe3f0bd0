"""Resolve, hear the applicant, close."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.infra import hot
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.standard.domain.rules import Choice
from changtong.tickets import queries
from changtong.tickets.domain import closing as rules
from changtong.tickets.domain import lifecycle, structure
from changtong.tickets.domain.decisions import decision
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.models import Resolution, Ticket
from changtong.tickets.operations import aftercare, merging, ticking, timing
from changtong.tickets.queries import relations


@transaction.atomic
def resolve(
    *,
    number: str,
    cause: str,
    fix: str,
    result: str,
    advice: str,
    actor: str,
    at: datetime,
    retest_passed: bool = False,
    provisional: bool = False,
    provisional_because: str = "",
) -> Resolution:
    """
    Record what was found and done; the applicant will be told and asked.

    :param provisional: the service works again, but the repair for good is still to come
    :raises Refused: ``ticket.cannot_move``, ``resolution.empty``, ``resolution.cause_unknown``,
        ``resolution.fix_unknown``; ``resolution.incomplete`` with the closing conditions that
        nobody could meet afterwards; ``checklist.unfinished``; ``repair.not_provisional``,
        ``repair.unreasoned``
    """
    if not result.strip():
        raise Refused("resolution.empty")
    ticket = queries.locked(number)
    edition = standard.read(ticket.edition_id)
    _check_code(cause, edition.causes(kind=ticket.kind), "resolution.cause_unknown")
    _check_code(fix, edition.fixes(kind=ticket.kind), "resolution.fix_unknown")
    conditions = edition.closing_conditions(kind=ticket.kind)
    if unsaid := rules.unsaid(conditions=conditions, cause=cause, fix=fix):
        raise rules.refusal("resolution.incomplete", unsaid)
    ticking.require_ticked(ticket)
    ticket.state = lifecycle.move(current=State(ticket.state), wanted=State.RESOLVED)
    resolution = Resolution(
        ticket=ticket,
        cause=cause,
        fix=fix,
        result=result.strip(),
        advice=advice.strip(),
        retest_passed=retest_passed,
        actor=actor,
        resolved_at=at,
    )
    hot.insert([resolution])
    ticket.resolved_at = at
    # What had been restored provisionally before is done for good now, unless it is so again.
    repair = "repair.provisional" if provisional else "repair.completed"
    if provisional:
        aftercare.note_provisional(ticket, because=provisional_because.strip(), actor=actor, at=at)
    timing.void_for_cause(ticket, cause=cause, evidence=result.strip(), at=at, actor=actor)
    timing.mark(ticket, "ticket.resolved", repair, at=at, actor=actor)
    ticket.save(update_fields=["state", "resolved_at", "due_at"])
    journal.record(
        tag="ticket.resolved",
        subject=number,
        actor=actor,
        at=at,
        resolution=resolution.pk,
        cause=cause,
        fix=fix,
        retest_passed=retest_passed,
    )
    if ticket.carries:
        merging.follow(number=number, tag="ticket.resolved", actor=actor, at=at)
    return resolution


def _check_code(code: str, allowed: tuple[Choice, ...], refusal: str) -> None:
    if code and code not in {choice.code for choice in allowed}:
        raise Refused(refusal, given=code)


@transaction.atomic
def tell(*, number: str, actor: str, at: datetime) -> Ticket:
    """
    Note that the applicant has been told the result.

    :raises Refused: ``ticket.not_resolved``
    """
    ticket = _resolved(number)
    if ticket.told_at is not None:
        return ticket
    ticket.told_at = at
    if ticket.responded_at is None:
        ticket.responded_at = at
        timing.mark(ticket, "ticket.responded", at=at, actor=actor)
    ticket.save(update_fields=["told_at", "responded_at", "due_at"])
    journal.record(tag="ticket.told", subject=number, actor=actor, at=at)
    return ticket


@transaction.atomic
def confirm(*, number: str, actor: str, at: datetime, clause: str = "") -> Ticket:
    """
    Note that the applicant accepts the result, or is taken to by the clause on silence.

    :raises Refused: ``ticket.not_resolved``
    """
    ticket = _resolved(number)
    if ticket.confirmed_at is not None:
        return ticket
    if ticket.told_at is None:
        # No message has reached them, but whoever accepts a result knows it.
        ticket = tell(number=number, actor=actor, at=at)
    ticket.confirmed_at, ticket.confirmed_by = at, actor
    if clause:
        ticket.decisions.append(
            decision(about="confirmation", value="silent_consent", clause=clause, at=at)
        )
    ticket.save(update_fields=["confirmed_at", "confirmed_by", "decisions"])
    journal.record(tag="ticket.confirmed", subject=number, actor=actor, at=at, silent=bool(clause))
    return ticket


@transaction.atomic
def refuse(*, number: str, reason: str, actor: str, at: datetime) -> Ticket:
    """
    Open the ticket again because the applicant does not accept the result.

    :raises Refused: ``ticket.not_resolved``, ``refusal.unreasoned``, ``reopening.too_late``,
        ``reopening.too_often``
    """
    if not reason.strip():
        raise Refused("refusal.unreasoned")
    ticket = _resolved(number)
    _check_reopening(ticket, at=at)
    ticket.resolutions.filter(refused_at=None).update(
        refused_at=at, refused_because=reason.strip()
    )
    team_or_person = ticket.assignee_id or ticket.team_id
    wanted = State.ASSIGNED if team_or_person else State.ACCEPTED
    ticket.state = lifecycle.move(current=State.RESOLVED, wanted=wanted)
    ticket.reopened_count += 1
    ticket.resolved_at = ticket.told_at = ticket.confirmed_at = None
    ticket.evaluation_requested_at = None
    ticket.confirmed_by = ""
    timing.reopen(ticket, at=at, actor=actor)
    ticket.save(
        update_fields=[
            "state",
            "reopened_count",
            "resolved_at",
            "told_at",
            "confirmed_at",
            "confirmed_by",
            "evaluation_requested_at",
            "due_at",
        ]
    )
    journal.record(
        tag="ticket.reopened",
        subject=number,
        actor=actor,
        at=at,
        count=ticket.reopened_count,
    )
    return ticket


def _check_reopening(ticket: Ticket, *, at: datetime) -> None:
    rule = standard.read(ticket.edition_id).reopening(kind=ticket.kind)
    if ticket.reopened_count >= rule.at_most:
        raise Refused("reopening.too_often", clause=rule.clause, at_most=rule.at_most)
    if ticket.resolved_at is not None and at > ticket.resolved_at + rule.within:
        raise Refused("reopening.too_late", clause=rule.clause, within=rule.within)


@transaction.atomic
def request_evaluation(*, number: str, actor: str, at: datetime) -> Ticket:
    """
    Note that the applicant has been asked for an evaluation; its clock starts.

    :raises Refused: ``ticket.not_resolved``
    """
    ticket = _resolved(number)
    if ticket.evaluation_requested_at is not None:
        return ticket
    ticket.evaluation_requested_at = at
    timing.mark(ticket, "evaluation.requested", at=at, actor=actor)
    ticket.save(update_fields=["evaluation_requested_at", "due_at"])
    journal.record(tag="evaluation.requested", subject=number, actor=actor, at=at)
    return ticket


@transaction.atomic
def note_evaluation(*, number: str, actor: str, at: datetime) -> Ticket:
    """Stop the evaluation clock: the applicant has answered, or silence was taken as consent."""
    ticket = queries.locked(number)
    timing.mark(ticket, "evaluation.given", at=at, actor=actor)
    ticket.save(update_fields=["due_at"])
    return ticket


@transaction.atomic
def close(*, number: str, actor: str, at: datetime, because: str = "") -> Ticket:
    """
    Close a resolved ticket once every condition of the standard holds.

    :raises Refused: ``ticket.not_resolved``; ``closing.unmet`` with the conditions' codes and
        the clause of the first; ``closing.children_open``
    """
    ticket = _resolved(number)
    edition = standard.read(ticket.edition_id)
    structure.check_ending(
        rule=edition.children(kind=ticket.kind),
        open_children=relations.count_open_children(ticket),
    )
    conditions = edition.closing_conditions(kind=ticket.kind)
    unmet = rules.unmet(conditions=conditions, situation=queries.situation(ticket))
    if unmet:
        raise rules.refusal("closing.unmet", unmet)
    ticket.state = lifecycle.move(current=State.RESOLVED, wanted=State.CLOSED)
    ticket.closed_at, ticket.finished_because = at, because
    timing.stop_all(ticket, at=at, actor=actor)
    ticket.save(update_fields=["state", "closed_at", "finished_because", "due_at"])
    journal.record(tag="ticket.closed", subject=number, actor=actor, at=at, because=because)
    if ticket.carries:
        merging.follow(number=number, tag="ticket.closed", actor=actor, at=at)
    return ticket


def _resolved(number: str) -> Ticket:
    ticket = queries.locked(number)
    if ticket.state != State.RESOLVED:
        raise Refused("ticket.not_resolved", state=ticket.state)
    return ticket
