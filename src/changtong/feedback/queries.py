from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Avg, Count, OuterRef, Prefetch, Q, QuerySet

from changtong.clocks import queries as clocks
from changtong.dispatch.queries import orders
from changtong.feedback.adapters import letters
from changtong.feedback.domain import announcing, contacting, wording
from changtong.feedback.domain.choosing import Channel, Recipient
from changtong.feedback.domain.contacting import Wait
from changtong.feedback.models import (
    Announcement,
    Declined,
    Escalation,
    EscalationStep,
    Evaluation,
    FollowUp,
    Notice,
    Notification,
)
from changtong.infra import links
from changtong.infra.hot import Compiled, Slot
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets


if TYPE_CHECKING:
    from changtong.journal.models import Entry
    from changtong.tickets.models import Ticket


# The clocks that tell an applicant when their matter will be done.
PROMISED = frozenset({"restoration", "resolution", "answer"})
SHORT = 30


# -----------------------------------------------------------------------------------------
# For the faces
# -----------------------------------------------------------------------------------------


def notifications_of(ticket: Ticket) -> QuerySet[Notification]:
    """Return every message to the applicant, whatever became of it, the oldest first."""
    told = Notification.objects.filter(ticket=ticket, recipient=Recipient.CUSTOMER)
    return told.order_by("id")


def portal_messages(viewer: Viewer) -> QuerySet[Notification]:
    """Return what the portal shows to an applicant about their tickets, the newest first."""
    return (
        Notification.objects.filter(
            ticket__in=tickets.visible_to(viewer),
            channel=Channel.PORTAL,
            state=Notification.State.SENT,
        )
        .select_related("ticket")
        .order_by("-sent_at", "-id")
    )


def wants_outage_news(phone: str) -> bool:
    """Say whether somebody wants to be told how an outage goes on."""
    return not Declined.objects.filter(phone=phone).exists()


def all_comments() -> ArraySubquery:
    """Return what was written with the ratings of each ticket, for a query of tickets."""
    written = Evaluation.objects.filter(ticket=OuterRef("pk")).exclude(comment="")
    return ArraySubquery(written.order_by("id").values("comment"))


def evaluation_of(ticket: Ticket) -> Evaluation | None:
    """Return what the applicant was last asked about a ticket, answered or not."""
    return _evaluation.first(ticket=ticket.pk)


_evaluation = Compiled(
    lambda: (
        Evaluation.objects.filter(ticket=Slot("ticket"), withdrawn_at=None)
        .select_related("follow_up")
        .order_by("-round")[:1]
    )
)


# More at once would be no announcements any longer.
STANDING_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How applicants rated a period's work; no average without a rating."""

    average: float | None
    rated: int
    low: int
    silent: int


def average(viewer: Viewer, *, since: datetime) -> Satisfaction:
    """Return how applicants rated the tickets that a viewer sees."""
    answered = Evaluation.objects.filter(
        answered_at__gte=since, ticket__in=tickets.visible_to(viewer)
    )
    found = answered.aggregate(
        average=Avg("score"),
        rated=Count("pk", filter=Q(score__isnull=False)),
        low=Count("pk", filter=Q(follow_up__isnull=False)),
        silent=Count("pk", filter=Q(by=Evaluation.By.SILENCE)),
    )
    return Satisfaction(**found)


def follow_ups(viewer: Viewer) -> QuerySet[FollowUp]:
    """Return whom somebody has still to call, the most pressing first."""
    return (
        FollowUp.objects.filter(handled_at=None, ticket__in=tickets.visible_to(viewer))
        .select_related("ticket", "evaluation")
        .order_by("due_at", "id")
    )


def notices_of(staff_id: int, *, unread: bool) -> QuerySet[Notice]:
    """Return what somebody has not read, or has, the newest first."""
    found = Notice.objects.filter(staff=staff_id, read_at__isnull=unread)
    return found.select_related("ticket", "step__escalation__clock").order_by("-id")


def unread(staff_id: int, *, at_most: int) -> int:
    """Count what somebody has not read, but not further than the bell shows."""
    return Notice.objects.filter(staff=staff_id, read_at=None)[:at_most].count()


def escalation_of(clock_id: int) -> Escalation | None:
    """Return the ladder that a clock is on, if it has been looked at yet."""
    return Escalation.objects.filter(clock=clock_id).first()


def steps_of(ticket: Ticket) -> list[EscalationStep]:
    """Return the steps taken for all clocks of a ticket, in order, with whom each told."""
    steps = EscalationStep.objects.filter(escalation__ticket=ticket)
    return list(
        steps.select_related("escalation")
        .prefetch_related(Prefetch("notices", Notice.objects.select_related("staff")))
        .order_by("escalation", "rung", "round")
    )


def answerable(viewer: Viewer) -> QuerySet[EscalationStep]:
    """Return the steps that the viewer may answer: told to them, or below them."""
    told = Q(notices__staff=viewer.staff_id)
    if viewer.may("feedback.follow_up"):
        told |= Q(escalation__ticket__in=tickets.visible_to(viewer))
    return EscalationStep.objects.filter(told).distinct()


@dataclass(frozen=True, slots=True)
class Delivery:
    """How messages get out; `late` should long have been sent."""

    pending: int
    late: int
    failed: int


def delivery(*, at: datetime, late_after: timedelta = timedelta(minutes=10)) -> Delivery:
    """Count the messages that wait and those that were given up in the last day."""
    waiting = Q(state__in=[Notification.State.PENDING, Notification.State.SENDING])
    found = Notification.objects.filter(
        waiting | Q(state=Notification.State.FAILED, created_at__gte=at - timedelta(days=1))
    ).aggregate(
        pending=Count("pk", filter=waiting & Q(due_at__lte=at)),
        late=Count("pk", filter=waiting & Q(due_at__lte=at) & Q(created_at__lt=at - late_after)),
        failed=Count("pk", filter=Q(state=Notification.State.FAILED)),
    )
    return Delivery(**found)


# -----------------------------------------------------------------------------------------
# For the messages
# -----------------------------------------------------------------------------------------


def facts(*, entry: Entry, ticket: Ticket, language: str) -> dict[str, object]:
    """Return what a message about an entry may mention, in the applicant's language."""
    shown: dict[str, object] = {
        "number": ticket.number,
        "title": wording.one_line(ticket.title),
        "name": wording.one_line(ticket.contact_name),
        "kind": letters.word("kind", ticket.kind, language),
        "link": tracking_link(ticket.number),
    }
    more = _FACTS.get(entry.tag)
    if more is not None:
        shown.update(more(entry, ticket, language))
    return shown


def tracking_link(number: str) -> str:
    """Return where an applicant without an account follows a ticket."""
    return f"{settings.PUBLIC_URL}/t/{links.tracking_token(number)}"


def promised_at(number: str) -> datetime | None:
    """Return when the matter will be done by the earliest limit that still runs."""
    due = [
        clock.due_at for clock in clocks.of(number) if clock.is_open and clock.metric in PROMISED
    ]
    return min(due, default=None)


def is_current(notification: Notification) -> bool:
    """Say whether what a message says is still so; a question that was answered is not asked."""
    what, _, pk = notification.about.partition(":")
    ticket = notification.ticket
    if what == "expected":
        return _is_still_expected(*pk.split("@"))
    if ticket is None or not pk:
        return True
    if what == "notice":
        return _is_still_to_answer(Notice.objects.select_related("step__escalation").get(pk=pk))
    if what == "supplement":
        return ticket.supplements.filter(pk=pk, answered_at=None).exists()
    if what == "resolution":
        return ticket.resolutions.filter(pk=pk, refused_at=None).exists()
    asked = Evaluation.objects.filter(pk=pk, answered_at=None, withdrawn_at=None)
    return what != "evaluation" or asked.exists()


def wait(notification: Notification, *, at: datetime) -> Wait | None:
    """Return how long the standard lets a message wait that the customer did not ask for."""
    ticket = notification.ticket
    by_silence = ticket is not None and ticket.finished_because == "silent_consent"
    if not contacting.is_unasked(tag=notification.tag, by_silence=by_silence):
        return None
    edition_id = ticket.edition_id if ticket else standard.edition_in_force(at=at).pk
    return contacting.wait(
        edition=standard.read(edition_id),
        kind=ticket.kind if ticket else contacting.KIND_OF_OUTAGE,
        priority=ticket.priority if ticket else "",
        channel=notification.channel,
        at=at,
    )


def _is_still_expected(number: str, ends_at: str) -> bool:
    expected = datetime.fromisoformat(ends_at)
    return Announcement.objects.filter(pk=number, ended_at=None, ends_at=expected).exists()


def _is_still_to_answer(notice: Notice) -> bool:
    """Say whether somebody who has not looked into their inbox must still be told."""
    if notice.read_at is not None:
        return False
    if notice.step is None:
        return True
    return notice.step.answered_at is None and notice.step.escalation.clock.is_open


def _moment(at: datetime | None, language: str) -> str:
    return wording.moment(at, language=language, zone=ZoneInfo(settings.TIME_ZONE))


def _opened(entry: Entry, ticket: Ticket, language: str) -> dict[str, object]:
    return {
        "accepted": ticket.accepted_at is not None,
        "promised_at": _moment(promised_at(ticket.number), language),
    }


def _assigned(entry: Entry, ticket: Ticket, language: str) -> dict[str, object]:
    assignee = entry.facts.get("assignee")
    worker = parties.staff(assignee) if assignee else None
    order = orders.open_of(ticket.pk)
    visiting = order is not None and order.mode == "field"
    planned = order.planned.lower if order is not None and order.planned else None
    return {
        "worker": wording.one_line(worker.name) if worker else "",
        "worker_phone": wording.one_line(worker.phone) if worker else "",
        "visiting": visiting,
        "visit_at": _moment(planned, language) if visiting else "",
        "promised_at": _moment(promised_at(ticket.number), language),
    }


def _planned(entry: Entry, ticket: Ticket, language: str) -> dict[str, object]:
    starts_at = datetime.fromisoformat(str(entry.facts["starts_at"]))
    return {"visit_at": _moment(starts_at, language)}


def _asked(entry: Entry, ticket: Ticket, language: str) -> dict[str, object]:
    supplement = ticket.supplements.get(pk=entry.facts["supplement"])
    return {
        "question": wording.plain(supplement.question),
        "answer_by": _moment(supplement.due_at, language),
    }


def _paused(entry: Entry, ticket: Ticket, language: str) -> dict[str, object]:
    rule = standard.read(ticket.edition_id).pause_reason(
        str(entry.facts["reason"]), kind=ticket.kind
    )
    return {"reason": rule.name_en if language == wording.ENGLISH else rule.name}


def _resolved(entry: Entry, ticket: Ticket, language: str) -> dict[str, object]:
    resolution = ticket.resolutions.get(pk=entry.facts["resolution"])
    rule = standard.read(ticket.edition_id).evaluation(kind=ticket.kind)
    return {
        "result": wording.plain(resolution.result),
        "result_short": wording.shortened(resolution.result, at_most=SHORT).rstrip("。.;；"),
        "advice": wording.plain(resolution.advice),
        # Counted from this moment it can only be too early: the limit runs from the telling.
        "silent_at": _moment(entry.happened_at + rule.silent_consent_after, language),
    }


def _merged(entry: Entry, ticket: Ticket, language: str) -> dict[str, object]:
    return {"into": str(entry.facts["into"]), **_opened(entry, ticket, language)}


def _answered(entry: Entry, ticket: Ticket, language: str) -> dict[str, object]:
    """Say what was found in the case that carries this one's matter."""
    survivor = tickets.locked(str(entry.facts["into"]))
    resolution = survivor.resolutions.filter(refused_at=None).order_by("-id").first()
    result = resolution.result if resolution else ""
    return {
        "into": survivor.number,
        "result": wording.plain(result),
        "result_short": wording.shortened(result, at_most=SHORT).rstrip("。.;；"),
        "advice": wording.plain(resolution.advice) if resolution else "",
    }


def _rejected(entry: Entry, ticket: Ticket, language: str) -> dict[str, object]:
    edition = standard.read(ticket.edition_id)
    names = {
        one.code: one.name_en if language == wording.ENGLISH else one.name
        for one in edition.rejections(kind=ticket.kind)
    }
    answer = edition.figures.get("complaint.answer")
    return {
        "reason": names[str(entry.facts["reason"])],
        "answer_days": answer.within.value if answer and answer.within.unit == "day" else "",
    }


def _closed(entry: Entry, ticket: Ticket, language: str) -> dict[str, object]:
    given = evaluation_of(ticket)
    return {"rated": given is not None and given.score is not None}


def _reminded(entry: Entry, ticket: Ticket, language: str) -> dict[str, object]:
    evaluation = Evaluation.objects.get(pk=entry.facts["evaluation"])
    confirmed = ticket.confirmed_at is not None
    over_at = evaluation.over_at if confirmed else evaluation.silent_consent_at
    return {"confirmed": confirmed, "over_at": _moment(over_at, language)}


_FACTS: dict[str, Callable[[Entry, Ticket, str], dict[str, object]]] = {
    "ticket.opened": _opened,
    "ticket.accepted": _opened,
    "ticket.assigned": _assigned,
    "visit.planned": _planned,
    "ticket.supplement_asked": _asked,
    "ticket.paused": _paused,
    "ticket.resumed": _opened,
    "ticket.resolved": _resolved,
    "ticket.merged": _merged,
    "ticket.unmerged": _merged,
    "merger.answered": _answered,
    "ticket.reopened": _opened,
    "ticket.rejected": _rejected,
    "ticket.closed": _closed,
    "evaluation.reminded": _reminded,
}


# -----------------------------------------------------------------------------------------
# Announcements
# -----------------------------------------------------------------------------------------


def standing(*, at: datetime) -> list[Announcement]:
    """Return the announcements that are still told, those that begin first in front."""
    rows = Announcement.objects.filter(ended_at=None).select_related("edition")
    return [
        one
        for one in rows.order_by("starts_at", "id")[:STANDING_AT_MOST]
        if announcing.shown(kind=one.kind, ends_at=one.ends_at, at=at)
    ]


def announced_in(viewer: Viewer) -> QuerySet[Announcement]:
    """Return what somebody of staff may see to: announcements of their region, newest first."""
    rows = Announcement.objects.order_by("-id")
    if viewer.region_path:
        rows = rows.filter(region_paths__0__startswith=viewer.region_path)
    return rows


def concerning(
    made: Iterable[Announcement], *, region_path: str, family: str
) -> list[Announcement]:
    """Return those of the announcements that a line at a place is concerned by."""
    return [
        one
        for one in made
        if announcing.concerns(
            region_paths=one.region_paths,
            families=one.families,
            region_path=region_path,
            family=family,
        )
    ]
