from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from changtong.clocks import queries as clocks
from changtong.infra import hot
from changtong.infra.hot import Compiled, Slot
from changtong.kernel.errors import Missing
from changtong.parties.domain.roles import Reach, Viewer
from changtong.standard import queries as standard
from changtong.standard.domain.considering import Considered
from changtong.tickets.domain.closing import Situation, unmet
from changtong.tickets.domain.lifecycle import FINAL, State
from changtong.tickets.models import (
    UNFINISHED,
    Attachment,
    Hold,
    LogEntry,
    PauseRequest,
    Remedy,
    Resolution,
    Supplement,
    Ticket,
)


HISTORY_AT_MOST = 50
SIMILAR_AT_MOST = 5


def locked(number: str) -> Ticket:
    """
    Return the ticket, locked until the transaction ends.

    :raises Missing: ``ticket.unknown``
    """
    ticket = hot.once((Ticket, number), lambda: _locked.first(number=number))
    if ticket is None:
        raise Missing("ticket.unknown", number=number)
    return ticket


_locked = Compiled(lambda: Ticket.objects.select_for_update().filter(number=Slot("number")))


def visible_to(viewer: Viewer) -> QuerySet[Ticket]:
    """
    Return the tickets that the viewer may see; every other query about tickets starts here.

    Whoever is complained of never sees the complaint, whatever their reach.
    """
    tickets = Ticket.objects.all()
    if viewer.staff_id is None:
        return tickets.filter(contact_phone=viewer.phone) if viewer.phone else tickets.none()
    if not viewer.may("tickets.view"):
        return tickets.none()
    tickets = tickets.exclude(complained_of_id=viewer.staff_id)
    match viewer.reach:
        case Reach.ALL:
            return tickets
        case Reach.REGION:
            return tickets.filter(region_path__startswith=viewer.region_path)
        case Reach.TEAM:
            return tickets.filter(
                Q(team_id__in=viewer.team_ids)
                | Q(assignee_id=viewer.staff_id)
                | Q(team=None, region_path__startswith=viewer.region_path)
            )
        case Reach.OWN:
            return tickets.filter(
                Q(assignee_id=viewer.staff_id) | Q(assignee=None, team_id__in=viewer.team_ids)
            )


def by_number(viewer: Viewer, number: str, **told: Exists | Subquery) -> Ticket:
    """
    Return one ticket that the viewer may see.

    :param told: what else is asked of it in the same question
    :raises Missing: ``ticket.unknown``, the same whether it is foreign or does not exist
    """
    ticket = (
        visible_to(viewer)
        # With the edition joined too, planning takes longer than everything else.
        .select_related("customer", "line__service", "region", "team", "assignee")
        .filter(number=number)
        .annotate(**told)
        .first()
    )
    if ticket is None:
        raise Missing("ticket.unknown", number=number)
    return ticket


def followed_by_link(number: str) -> Ticket:
    """
    Return a ticket for whoever holds its signed link; show them no more than its progress.

    :raises Missing: ``ticket.unknown``
    """
    ticket = Ticket.objects.filter(number=number).first()
    if ticket is None:
        raise Missing("ticket.unknown", number=number)
    return ticket


def unfinished(viewer: Viewer) -> QuerySet[Ticket]:
    """Return what is still to be done, the most pressing first."""
    return visible_to(viewer).filter(UNFINISHED).order_by(F("due_at").asc(nulls_last=True), "id")


def under_other_editions(viewer: Viewer, edition_id: int, *, region: str = "") -> QuerySet[Ticket]:
    """Return what is still to be done under another edition, by key."""
    rows = visible_to(viewer).filter(UNFINISHED, region_path__startswith=region)
    return rows.exclude(edition_id=edition_id).order_by("id")


def by_numbers(viewer: Viewer, numbers: Sequence[str]) -> QuerySet[Ticket]:
    """Return those of the tickets that the viewer may see, by key."""
    return visible_to(viewer).filter(number__in=numbers).order_by("id")


def newest(viewer: Viewer) -> QuerySet[Ticket]:
    """Return tickets of any state, the newest first."""
    return visible_to(viewer).order_by("-opened_at", "-id")


def of_line(viewer: Viewer, line_id: int) -> QuerySet[Ticket]:
    """Return a line's tickets, the newest first."""
    return visible_to(viewer).filter(line_id=line_id).order_by("-opened_at")


def of_customer(viewer: Viewer, customer_id: int) -> QuerySet[Ticket]:
    """Return a customer's tickets, the newest first."""
    return visible_to(viewer).filter(customer_id=customer_id).order_by("-opened_at")


def categories_of_line(line_id: int | None) -> Counter[str]:
    """Return how often each category occurred among a line's latest tickets."""
    if line_id is None:
        return Counter()
    return Counter(category for (category,) in _categories(line=line_id))


def expect_categories_of_line(line_id: int | None) -> None:
    """Have them counted together with what is asked before them."""
    if line_id is not None:
        _categories.expect(line=line_id)


_categories = Compiled(
    lambda: (
        Ticket.objects.filter(line_id=Slot("line"))
        .order_by("-opened_at")
        .values_list("category")[:HISTORY_AT_MOST]
    )
)


def same_matter(
    *,
    kind: str,
    since: datetime,
    line_id: int | None,
    customer_id: int | None,
    phone: str,
    category: str = "",
) -> list[Ticket]:
    """
    Return unfinished tickets that may be the same matter, the newest first.

    The line tells most; without one the customer, without one the telephone number.
    """
    if line_id is not None and not category:
        return _same_line(kind=kind, since=since, line=line_id)
    tickets = Ticket.objects.filter(UNFINISHED, kind=kind, opened_at__gte=since)
    if line_id is not None:
        tickets = tickets.filter(line_id=line_id)
    elif customer_id is not None:
        tickets = tickets.filter(customer_id=customer_id)
    elif phone:
        tickets = tickets.filter(contact_phone=phone)
    else:
        return []
    if category:
        tickets = tickets.filter(Q(category=category) | Q(category=""))
    return list(tickets.order_by("-opened_at")[:SIMILAR_AT_MOST])


_same_line = Compiled(
    lambda: Ticket.objects.filter(
        UNFINISHED, kind=Slot("kind"), opened_at__gte=Slot("since"), line_id=Slot("line")
    ).order_by("-opened_at")[:SIMILAR_AT_MOST]
)


def waiting_in_vain(viewer: Viewer, *, at_most: int) -> list[Ticket]:
    """Return what the viewer awaits an answer to in vain: our promise runs again."""
    pending = visible_to(viewer).filter(UNFINISHED, state=State.PENDING)
    asked = Supplement.objects.filter(answered_at=None, asked_by=viewer.actor).values("ticket")
    # Together, and not one condition or the other, which would read everything that is pending.
    mine = pending.filter(assignee_id=viewer.staff_id or 0).union(pending.filter(pk__in=asked))
    rows = list(mine[:at_most])
    paused = clocks.paused_among([one.number for one in rows]) if rows else set()
    return [one for one in rows if one.number not in paused]


def without_retest(viewer: Viewer, *, at_most: int) -> list[Ticket]:
    """Return what the viewer resolved and has not retested, though closing it demands that."""
    own = visible_to(viewer).filter(state=State.RESOLVED, assignee_id=viewer.staff_id or 0)
    unsure = own.filter(resolutions__refused_at=None, resolutions__retest_passed=False)
    rows = unsure.select_related("region").order_by("resolved_at", "id")[:at_most]
    return [one for one in rows if _lacks(one, "retest_passed")]


def _lacks(ticket: Ticket, code: str) -> bool:
    conditions = standard.read(ticket.edition_id).closing_conditions(kind=ticket.kind)
    asked = tuple(one for one in conditions if one.code == code)
    return bool(asked) and bool(unmet(conditions=asked, situation=situation(ticket)))


def open_pause_request(ticket: Ticket) -> PauseRequest | None:
    """Return the pause that waits to be approved."""
    return ticket.pause_requests.filter(state=PauseRequest.State.OPEN).first()


def open_pause_requests(visible: QuerySet[Ticket]) -> QuerySet[PauseRequest]:
    """Return the pauses of these tickets that wait to be approved, the most pressing first."""
    found = PauseRequest.objects.filter(state=PauseRequest.State.OPEN, ticket__in=visible)
    return found.select_related("ticket").order_by("expires_at")


def callbacks_since(ticket: Ticket, *, since: datetime | None) -> int:
    """Count the attempts to call an applicant back about the result that they were given."""
    attempts = ticket.log.filter(type="call", details__has_key="callback")
    return (attempts.filter(happened_at__gte=since) if since else attempts).count()


def resolutions_of(ticket: Ticket) -> list[Resolution]:
    """Return the results that a ticket was given, the oldest first."""
    return _resolutions(ticket=ticket.pk)


def situation(ticket: Ticket, resolutions: Sequence[Resolution] | None = None) -> Situation:
    """
    Return the facts that the closing conditions ask for.

    :param resolutions: the results, if whoever asks has read them
    """
    if resolutions is None:
        resolutions = resolutions_of(ticket)
    resolution = next((one for one in resolutions if one.refused_at is None), None)
    retest_passed = resolution is not None and resolution.retest_passed
    # A retest counts for the result that it was made for, and the last one decides.
    since = max((one.refused_at for one in resolutions if one.refused_at), default=None)
    retest = _last_retest.first(ticket=ticket.pk, since=since or ticket.opened_at)
    later = retest and (not resolution or retest.happened_at >= resolution.resolved_at)
    if retest is not None and (later or not retest_passed):
        retest_passed = bool(retest.details.get("passed"))
    holds = {hold.source for hold in _standing_holds(ticket)}
    return Situation(
        resolution_recorded=resolution is not None,
        cause_coded=bool(resolution and resolution.cause),
        fix_coded=bool(resolution and resolution.fix),
        retest_passed=retest_passed,
        applicant_told=ticket.told_at is not None,
        applicant_confirmed_or_silent=ticket.confirmed_at is not None,
        no_open_work_order=not any(source.startswith("work_order:") for source in holds),
        no_hold=not holds,
        evaluation_requested=ticket.evaluation_requested_at is not None,
        answer_delivered=ticket.answered_at is not None,
    )


def standing_hold(ticket: Ticket, source: str) -> Hold | None:
    """Return what a source imposes on a ticket, if it has not been lifted."""
    return next((hold for hold in _standing_holds(ticket) if hold.source == source), None)


def _standing_holds(ticket: Ticket) -> list[Hold]:
    return [hold for hold in _holds(ticket=ticket.pk) if hold.lifted_at is None]


@dataclass(frozen=True, slots=True)
class Contents:
    """All that hangs on a ticket, each in the order in which it came."""

    log: list[LogEntry]
    supplements: list[Supplement]
    resolutions: list[Resolution]
    holds: list[Hold]
    attachments: list[Attachment]
    remedies: list[Remedy]
    pause_requests: list[PauseRequest]


def contents_of(ticket: Ticket) -> Contents:
    """Return all that hangs on a ticket."""
    queries = (_log, _supplements, _resolutions, _holds, _attachments, _remedies, _pause_requests)
    return Contents(*hot.together(*queries, ticket=ticket.pk))


_of_ticket = Slot("ticket")
_log = Compiled(lambda: LogEntry.objects.filter(ticket=_of_ticket).order_by("id"))
_supplements = Compiled(lambda: Supplement.objects.filter(ticket=_of_ticket).order_by("id"))
_last_retest = Compiled(
    lambda: LogEntry.objects.filter(
        ticket=_of_ticket, type=LogEntry.Type.RETEST, happened_at__gte=Slot("since")
    ).order_by("-happened_at", "-id")[:1]
)
_resolutions = Compiled(lambda: Resolution.objects.filter(ticket=_of_ticket).order_by("id"))
_holds = Compiled(lambda: Hold.objects.filter(ticket=_of_ticket).order_by("id"))
_remedies = Compiled(lambda: Remedy.objects.filter(ticket=_of_ticket).order_by("id"))
_pause_requests = Compiled(lambda: PauseRequest.objects.filter(ticket=_of_ticket).order_by("id"))
_attachments = Compiled(lambda: Attachment.objects.filter(ticket=_of_ticket).order_by("id"))


def open_by_state(viewer: Viewer) -> dict[str, int]:
    """Return how many unfinished tickets there are in each state; closed ones are not read."""
    rows = visible_to(viewer).filter(UNFINISHED).values_list("state").annotate(Count("id"))
    return dict(rows.order_by("state"))


def intake_since(viewer: Viewer, since: datetime) -> list[tuple[str, str, int]]:
    """Return (channel, kind, count) of what came in since an instant."""
    rows = visible_to(viewer).filter(opened_at__gte=since).values_list("channel", "kind")
    return list(rows.annotate(Count("id")).order_by("channel", "kind"))


def open_counts(staff_ids: Sequence[int]) -> dict[int, int]:
    """Return how many unfinished tickets each person holds."""
    rows = (
        Ticket.objects.filter(UNFINISHED, assignee_id__in=staff_ids)
        .exclude(state=State.RESOLVED)
        .values_list("assignee_id")
        .annotate(Count("id"))
        .order_by("assignee_id")
    )
    return {int(pk): count for pk, count in rows if pk is not None}


def with_remedies() -> Exists:
    """Return the condition on tickets that something is or was owed for them."""
    return Exists(Remedy.objects.filter(ticket=OuterRef("pk")))


def remedies(ticket: Ticket) -> list[Remedy]:
    """Return what is or was owed for the broken limits of a ticket."""
    return list(Remedy.objects.filter(ticket=ticket).order_by("id"))


def remedy(ticket: Ticket, code: str) -> Remedy:
    """
    Return one remedy of a ticket.

    :raises Missing: ``remedy.unknown``
    """
    found = Remedy.objects.filter(ticket=ticket, code=code).first()
    if found is None:
        raise Missing("remedy.unknown", number=ticket.number)
    return found


def limits_considered(ticket: Ticket) -> tuple[Considered, ...]:
    """Return every limit that its edition looked at for a ticket, and why some do not apply."""
    case = {
        "priority": ticket.priority,
        "region": ticket.region_path,
        "region_type": ticket.region_type,
        "family": ticket.family,
        "tier": ticket.tier,
        "category": ticket.category,
    }
    return standard.read(ticket.edition_id).considered(kind=ticket.kind, case=case)


def is_final(ticket: Ticket) -> bool:
    """Say whether nothing more can happen to it."""
    return State(ticket.state) in FINAL
