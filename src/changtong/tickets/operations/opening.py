"""Register, classify and accept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from changtong.infra import hot, quick
from changtong.journal import operations as journal
from changtong.journal.operations import Happening
from changtong.kernel.errors import Refused
from changtong.kernel.ids import dated_number
from changtong.standard import queries as standard
from changtong.standard.domain.edition import Edition
from changtong.tickets import queries
from changtong.tickets.domain import lifecycle, triage
from changtong.tickets.domain.decisions import decision
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.domain.report import TITLE_AT_MOST, Report, check, missing
from changtong.tickets.models import Ticket
from changtong.tickets.operations import merging, timing


if TYPE_CHECKING:
    from changtong.catalog.models import Region
    from changtong.parties.models import Customer, Line
    from changtong.standard.domain.rules import Category


DEFAULT_IMPACT = "single"
DEFAULT_URGENCY = "normal"
# The rejection reason of every edition that stands for a question left without an answer.
NOT_SUPPLIED = "not_supplied"


@transaction.atomic
def open_ticket(
    *,
    report: Report,
    region: Region,
    actor: str,
    at: datetime,
    customer: Customer | None = None,
    line: Line | None = None,
    edition_id: int | None = None,
    by_agent: bool = False,
    accepted_later: bool = False,
) -> Ticket:
    """
    Register a matter, classify and grade it, start its clocks and, where the standard lets a
    program do so, accept it.

    :param edition_id: the edition to replay history under; by default the one in force
    :param by_agent: an agent chose the category, which is as good as acceptance
    :param accepted_later: whoever opens it accepts it at another moment
    :raises Refused: ``report.untitled``, ``report.unreachable``
    :raises Missing: ``category.unknown``
    """
    check(report)
    edition_id = edition_id or standard.edition_in_force(at=at).pk
    edition = standard.read(edition_id)
    ticket = _described(report, region=region, customer=customer, line=line)
    ticket.edition_id = edition_id
    ticket.opened_by, ticket.opened_at = actor, at
    if by_agent or not report.category:
        queries.expect_categories_of_line(ticket.line_id)
    ticket.pk, ticket.number = _next_number(at)
    confidence = _classify(
        ticket, report, edition=edition, at=at, confirmed_by=actor if by_agent else ""
    )
    _grade(ticket, edition=edition, at=at)
    known = frozenset(
        name
        for name, value in (("customer", customer), ("line", line), ("region", region))
        if value
    )
    rule = edition.acceptance(kind=ticket.kind)
    lacking = missing(report=report, rule=rule, known=known)
    accepted = bool(ticket.category) and not lacking and not accepted_later
    accepted = accepted and (by_agent or confidence >= rule.confident_at_least)
    moments = ["ticket.opened"]
    if accepted:
        ticket.state, ticket.accepted_at = State.ACCEPTED, at
        moments.append("ticket.accepted")
        ticket.decisions.append(
            decision(
                about="acceptance",
                value="by_agent" if by_agent else "automatic",
                clause=rule.clause,
                at=at,
                why={"confidence": confidence, "required_at_least": rule.confident_at_least},
            )
        )
    timing.mark(ticket, *moments, at=at, actor=actor, opened_now=True)
    hot.write([ticket])
    _record_opening(ticket, actor=actor, at=at, lacking=lacking)
    return ticket


def _described(
    report: Report, *, region: Region, customer: Customer | None, line: Line | None
) -> Ticket:
    return quick.new(
        Ticket,
        kind=lifecycle.Kind(report.kind),
        state=State.ACKNOWLEDGED,
        channel=report.channel,
        title=report.title.strip()[:TITLE_AT_MOST],
        description=report.description,
        language=report.language,
        customer=customer,
        line=line,
        contact_name=report.contact_name or (customer.name if customer else ""),
        contact_phone=report.contact_phone,
        contact_email=report.contact_email or (customer.email if customer else ""),
        wanted_at=report.wanted_at,
        special_needs=report.special_needs,
        address=report.address or (line.address if line else ""),
        region=region,
        region_path=region.path,
        region_type=region.region_type,
        family=(line.family if line else report.family) or "broadband",
        tier=customer.tier if customer else "standard",
        source=report.source,
        source_reference=report.source_reference,
        complained_of_id=report.complained_of_id,
        decisions=[],
    )


def _classify(
    ticket: Ticket, report: Report, *, edition: Edition, at: datetime, confirmed_by: str
) -> float:
    """Set the category and what follows from it; return how sure the choice is."""
    proposal = None
    if confirmed_by or not report.category:
        proposal = triage.propose(
            edition=edition,
            kind=ticket.kind,
            text=f"{report.title} {report.description}",
            family=ticket.family if ticket.line_id or report.family else None,
            history=queries.categories_of_line(ticket.line_id),
        )
    if report.category:
        category, confidence = edition.category(report.category), 1.0
        why: dict[str, object] = {"chosen": True}
        if proposal is not None and proposal.category == category:
            why = {**proposal.why, "confirmed_by": confirmed_by}
    else:
        if proposal is None:
            ticket.impact = report.impact or DEFAULT_IMPACT
            ticket.urgency = report.urgency or DEFAULT_URGENCY
            return 0.0
        category, confidence = proposal.category, proposal.confidence
        why = proposal.why
        if category.families and ticket.family not in category.families and not ticket.line_id:
            ticket.family = category.families[0]
    ticket.category = category.code
    ticket.impact = report.impact or category.impact
    ticket.urgency = report.urgency or category.urgency
    ticket.decisions.append(
        decision(about="category", value=category.code, clause=category.clause, at=at, why=why)
    )
    return confidence


def _grade(ticket: Ticket, *, edition: Edition, at: datetime) -> None:
    case = {"impact": ticket.impact, "urgency": ticket.urgency, "tier": ticket.tier}
    graded = edition.priority(**case, region=ticket.region_path, region_type=ticket.region_type)
    ticket.priority = graded.priority
    ticket.decisions.append(
        decision(about="priority", value=graded.priority, clause=graded.clause, at=at, why=case)
    )


def _record_opening(ticket: Ticket, *, actor: str, at: datetime, lacking: tuple[str, ...]) -> None:
    opened: dict[str, object] = {
        "kind": ticket.kind,
        "channel": ticket.channel,
        "category": ticket.category,
        "priority": ticket.priority,
        "edition": ticket.edition_id,
        "lacking": list(lacking),
    }
    classified = next((one for one in ticket.decisions if one["about"] == "category"), None)
    if classified and "confirmed_by" in classified["why"]:
        # The system proposed it and a person agreed: the reasons are the system's.
        opened |= {"confirmed": True, "reasons": classified["why"]["reasons"]}
    accepted: dict[str, object] = {"category": ticket.category, "priority": ticket.priority}
    happened = {"ticket.opened": opened}
    if ticket.state == State.ACCEPTED:
        happened["ticket.accepted"] = accepted
    journal.record_all(
        [
            Happening(tag=tag, subject=ticket.number, actor=actor, at=at, facts=facts)
            for tag, facts in happened.items()
        ]
    )


def _next_number(at: datetime) -> tuple[int, str]:
    """Return a key and a number that no other ticket has."""
    ((key, serial),) = hot.rows(
        "SELECT nextval('tickets_ticket_id_seq'), nextval('ticket_number')"
    )
    return key, dated_number("GD", at.astimezone(ZoneInfo(settings.TIME_ZONE)).date(), serial)


@transaction.atomic
def accept(
    *, number: str, category: str, actor: str, at: datetime, impact: str = "", urgency: str = ""
) -> Ticket:
    """
    Accept a registered matter under the category that a person confirms.

    :raises Refused: ``ticket.cannot_move``, ``category.kind_differs``
    """
    ticket = queries.locked(number)
    ticket.state = lifecycle.move(current=State(ticket.state), wanted=State.ACCEPTED)
    edition = standard.read(ticket.edition_id)
    confirmed = _confirm(ticket, category, actor=actor, at=at)
    _reclassify(
        ticket,
        category=category,
        impact=impact,
        urgency=urgency,
        edition=edition,
        actor=actor,
        at=at,
    )
    ticket.accepted_at = at
    ticket.decisions.append(
        decision(
            about="acceptance",
            value="by_agent",
            clause=edition.acceptance(kind=ticket.kind).clause,
            at=at,
        )
    )
    timing.mark(ticket, "ticket.accepted", at=at, actor=actor)
    ticket.save(
        update_fields=[
            "state",
            "accepted_at",
            "category",
            "impact",
            "urgency",
            "priority",
            "decisions",
            "due_at",
        ]
    )
    journal.record(
        tag="ticket.accepted",
        subject=number,
        actor=actor,
        at=at,
        category=ticket.category,
        priority=ticket.priority,
        **confirmed,
    )
    return ticket


def _confirm(ticket: Ticket, category: str, *, actor: str, at: datetime) -> dict[str, object]:
    """Note that a person leaves the category as it was proposed; return what to tell of it."""
    kept = [one for one in ticket.decisions if one["about"] == "category"]
    if category != ticket.category or not kept or "reasons" not in kept[-1]["why"]:
        return {}
    confirmed = {**kept[-1]["why"], "confirmed_by": actor}
    ticket.decisions.append(
        decision(about="category", value=category, clause=kept[-1]["clause"], at=at, why=confirmed)
    )
    return {"confirmed": True, "reasons": confirmed["reasons"]}


@transaction.atomic
def reclassify(
    *, number: str, category: str, impact: str, urgency: str, reason: str, actor: str, at: datetime
) -> Ticket:
    """
    Change category and grade of an unfinished ticket; its clocks follow from the start.

    Whoever registered it may have taken it for another kind; until there is a result it becomes
    one of the kind to which the category belongs.

    :raises Refused: ``ticket.finished``, ``reclassification.unreasoned``,
        ``reclassification.too_late``
    """
    ticket = queries.locked(number)
    if State(ticket.state) in lifecycle.FINAL:
        raise Refused("ticket.finished", state=ticket.state)
    if not reason.strip():
        raise Refused("reclassification.unreasoned")
    before = (ticket.kind, ticket.category, ticket.priority)
    edition = standard.read(ticket.edition_id)
    _change_kind(ticket, edition.category(category), actor=actor, at=at)
    _reclassify(
        ticket,
        category=category,
        impact=impact,
        urgency=urgency,
        edition=edition,
        actor=actor,
        at=at,
    )
    ticket.save(
        update_fields=[
            "kind",
            "category",
            "impact",
            "urgency",
            "priority",
            "decisions",
            "due_at",
            "family",
        ]
    )
    journal.record(
        tag="ticket.reclassified",
        subject=number,
        actor=actor,
        at=at,
        **({"kind": [before[0], ticket.kind]} if before[0] != ticket.kind else {}),
        category=[before[1], ticket.category],
        priority=[before[2], ticket.priority],
        reason=reason,
        clause=edition.category(ticket.category).clause,
    )
    return ticket


def _change_kind(ticket: Ticket, category: Category, *, actor: str, at: datetime) -> None:
    if category.kind == ticket.kind:
        return
    if State(ticket.state) is State.RESOLVED:
        # Its result names causes and remedies of the kind that it has had.
        raise Refused("reclassification.too_late", clause=category.clause, state=ticket.state)
    ticket.decisions.append(
        decision(
            about="kind",
            value=category.kind,
            clause=category.clause,
            at=at,
            why={"chosen": True, "by": actor, "before": ticket.kind},
        )
    )
    ticket.kind = lifecycle.Kind(category.kind)


def _reclassify(
    ticket: Ticket,
    *,
    category: str,
    impact: str,
    urgency: str,
    edition: Edition,
    actor: str,
    at: datetime,
) -> None:
    chosen = edition.category(category)
    if chosen.kind != ticket.kind:
        raise Refused("category.kind_differs", category=category, kind=ticket.kind)
    changed = chosen.code != ticket.category
    ticket.category = chosen.code
    ticket.impact = impact or (chosen.impact if changed else ticket.impact)
    ticket.urgency = urgency or (chosen.urgency if changed else ticket.urgency)
    if changed:
        ticket.decisions.append(
            decision(
                about="category",
                value=chosen.code,
                clause=chosen.clause,
                at=at,
                why={"chosen": True, "by": actor},
            )
        )
    priority_before = ticket.priority
    _grade(ticket, edition=edition, at=at)
    if ticket.priority == priority_before:
        ticket.decisions.pop()
    if changed or ticket.priority != priority_before:
        timing.regrade(ticket, at=at, actor=actor)


@transaction.atomic
def reject(*, number: str, reason: str, actor: str, at: datetime) -> Ticket:
    """
    Refuse to handle a registered matter, for one of the standard's reasons.

    :raises Refused: ``ticket.cannot_move``, ``rejection.not_allowed``, ``rejection.too_early``
    """
    ticket = queries.locked(number)
    if ticket.state_before not in {"", State.ACKNOWLEDGED}:
        # What waits for an answer was accepted before.
        raise Refused("ticket.cannot_move", current=ticket.state_before, wanted=State.REJECTED)
    allowed = {
        one.code: one for one in standard.read(ticket.edition_id).rejections(kind=ticket.kind)
    }
    if reason not in allowed:
        raise Refused("rejection.not_allowed", reason=reason)
    if reason == NOT_SUPPLIED:
        _check_overdue(ticket, at=at)
    ticket.state = lifecycle.move(current=State(ticket.state), wanted=State.REJECTED)
    ticket.decisions.append(
        decision(about="rejection", value=reason, clause=allowed[reason].clause, at=at)
    )
    return _finish(ticket, tag="ticket.rejected", because=reason, actor=actor, at=at)


def _check_overdue(ticket: Ticket, *, at: datetime) -> None:
    rule = standard.read(ticket.edition_id).supplement(kind=ticket.kind)
    asked = ticket.supplements.filter(answered_at=None).first()
    if asked is None or at < asked.due_at:
        raise Refused("rejection.too_early", clause=rule.clause, answer_by=asked and asked.due_at)


@transaction.atomic
def cancel(*, number: str, reason: str, actor: str, at: datetime) -> Ticket:
    """
    End an unfinished ticket because the applicant withdrew it.

    :raises Refused: ``ticket.cannot_move``, ``cancellation.unreasoned``
    """
    if not reason.strip():
        raise Refused("cancellation.unreasoned")
    ticket = queries.locked(number)
    ticket.state = lifecycle.move(current=State(ticket.state), wanted=State.CANCELLED)
    return _finish(ticket, tag="ticket.cancelled", because=reason[:64], actor=actor, at=at)


def _finish(ticket: Ticket, *, tag: str, because: str, actor: str, at: datetime) -> Ticket:
    ticket.finished_because = because
    ticket.closed_at = at
    timing.void(ticket, at=at, actor=actor, reason=tag)
    ticket.due_at = None
    ticket.save(update_fields=["state", "finished_because", "closed_at", "due_at", "decisions"])
    journal.record(tag=tag, subject=ticket.number, actor=actor, at=at, reason=because)
    if ticket.carries:
        merging.follow(number=ticket.number, tag=tag, actor=actor, at=at)
    return ticket
