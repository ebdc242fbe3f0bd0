"""Assign, start, and write down what is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import filetype
from django.db import transaction

from changtong.infra import storage
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain import lifecycle
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.models import Attachment, LogEntry, Ticket
from changtong.tickets.operations import timing


RESPONSES = frozenset({LogEntry.Type.CALL, LogEntry.Type.MESSAGE, LogEntry.Type.ANSWER})
SNIFFED_BYTES = 8192
# One entry is about one day at most; more is a slip of the keyboard.
MINUTES_AT_MOST = 24 * 60


@transaction.atomic
def assign(
    *,
    number: str,
    team_id: int | None,
    assignee_id: int | None,
    clause: str,
    actor: str,
    at: datetime,
    why: Mapping[str, object] | None = None,
    visit: bool = False,
) -> Ticket:
    """
    Give the ticket to a team and, if known, a person; dispatch decides whom.

    :param visit: a visit is owed from now on, so the limit of arriving starts
    :raises Refused: ``ticket.cannot_move``, ``assignment.complained_of``
    """
    ticket = queries.locked(number)
    if assignee_id is not None and assignee_id == ticket.complained_of_id:
        raise Refused("assignment.complained_of", clause=clause)
    if State(ticket.state) is not State.ASSIGNED:
        ticket.state = lifecycle.move(current=State(ticket.state), wanted=State.ASSIGNED)
    ticket.team_id, ticket.assignee_id, ticket.assigned_at = team_id, assignee_id, at
    moments = ["ticket.assigned", "work_order.assigned"] if visit else ["ticket.assigned"]
    timing.mark(ticket, *moments, at=at, actor=actor)
    ticket.save(update_fields=["state", "team", "assignee", "assigned_at", "due_at"])
    journal.record(
        tag="ticket.assigned",
        subject=number,
        actor=actor,
        at=at,
        team=team_id,
        assignee=assignee_id,
        clause=clause,
        why=dict(why or {}),
    )
    return ticket


@transaction.atomic
def unassign(*, number: str, reason: str, actor: str, at: datetime) -> Ticket:
    """
    Take the ticket back from whoever has it.

    :raises Refused: ``ticket.cannot_move``
    """
    ticket = queries.locked(number)
    ticket.state = lifecycle.move(current=State(ticket.state), wanted=State.ACCEPTED)
    ticket.team_id = ticket.assignee_id = None
    ticket.save(update_fields=["state", "team", "assignee"])
    journal.record(tag="ticket.unassigned", subject=number, actor=actor, at=at, reason=reason)
    return ticket


@transaction.atomic
def start(*, number: str, actor: str, at: datetime) -> Ticket:
    """
    Begin to handle an assigned ticket.

    :raises Refused: ``ticket.cannot_move``
    """
    ticket = queries.locked(number)
    ticket.state = lifecycle.move(current=State(ticket.state), wanted=State.IN_PROGRESS)
    ticket.save(update_fields=["state"])
    journal.record(tag="ticket.started", subject=number, actor=actor, at=at)
    return ticket


@transaction.atomic
def log(
    *,
    number: str,
    type_: str,
    text: str,
    actor: str,
    at: datetime,
    public: bool = False,
    details: Mapping[str, object] | None = None,
    minutes: int | None = None,
) -> LogEntry:
    """
    Write down one thing done or said; the first word to the applicant stops the response clock.

    Each word to them is news: it starts the clock of progress again.

    :param minutes: how long it took whoever did it, if they say so
    :raises Refused: ``ticket.finished``, ``log.type_unknown``, ``log.empty``,
        ``log.minutes_wrong``
    """
    ticket = queries.locked(number)
    if State(ticket.state) in lifecycle.FINAL:
        raise Refused("ticket.finished", state=ticket.state)
    if type_ not in LogEntry.Type.values:
        raise Refused("log.type_unknown", type=type_)
    if not text.strip() and not details:
        raise Refused("log.empty")
    if minutes is not None and not 1 <= minutes <= MINUTES_AT_MOST:
        raise Refused("log.minutes_wrong", at_most=MINUTES_AT_MOST)
    entry = LogEntry.objects.create(
        ticket=ticket,
        type=type_,
        public=public,
        text=text.strip(),
        details=dict(details or {}),
        minutes=minutes,
        actor=actor,
        happened_at=at,
    )
    _respond(ticket, entry, at=at, actor=actor)
    journal.record(
        tag="ticket.logged",
        subject=number,
        actor=actor,
        at=at,
        entry=entry.pk,
        type=type_,
        public=public,
    )
    return entry


def _respond(ticket: Ticket, entry: LogEntry, *, at: datetime, actor: str) -> None:
    answered = entry.type == LogEntry.Type.ANSWER and ticket.answered_at is None
    told = entry.type in RESPONSES and actor.startswith("staff:")
    responded = told and ticket.responded_at is None
    if not (answered or told):
        return
    # Each word to the applicant is news of their matter; the first is our response.
    moments = ["progress.told"] if told else []
    if responded:
        ticket.responded_at = at
        moments.append("ticket.responded")
    if answered:
        ticket.answered_at = at
        moments.append("ticket.answered")
    timing.mark(ticket, *moments, at=at, actor=actor)
    ticket.save(update_fields=["responded_at", "answered_at", "due_at"])


@transaction.atomic
def arrive(*, number: str, actor: str, at: datetime) -> Ticket:
    """
    Note that somebody has arrived at the applicant's place.

    :raises Refused: ``ticket.finished``
    """
    ticket = queries.locked(number)
    if State(ticket.state) in lifecycle.FINAL:
        raise Refused("ticket.finished", state=ticket.state)
    moments = ["visit.arrived", "progress.told"]
    if ticket.responded_at is None:
        # Whoever stands at the door has answered the applicant.
        ticket.responded_at = at
        moments.append("ticket.responded")
    timing.mark(ticket, *moments, at=at, actor=actor)
    ticket.save(update_fields=["responded_at", "due_at"])
    journal.record(tag="visit.arrived", subject=number, actor=actor, at=at)
    return ticket


@transaction.atomic
def attach(
    *,
    number: str,
    name: str,
    chunks: Iterable[bytes],
    actor: str,
    at: datetime,
    public: bool = False,
) -> Attachment:
    """
    Keep a file with the ticket, if the standard allows its type and size.

    The type is read from the content; what the sender calls it does not count.

    :raises Refused: ``ticket.finished``, ``file.too_large``, ``file.too_many``,
        ``file.type_not_allowed``, ``file.attached_already``
    """
    ticket = queries.locked(number)
    if State(ticket.state) in lifecycle.FINAL:
        raise Refused("ticket.finished", state=ticket.state)
    rule = standard.read(ticket.edition_id).attachments
    if ticket.attachments.count() >= rule.at_most_count:
        raise Refused("file.too_many", clause=rule.clause, at_most=rule.at_most_count)
    stored = storage.put(chunks, at_most_bytes=rule.at_most_bytes)
    with storage.open_(stored.sha256) as content:
        media_type = media_type_of(content.read(SNIFFED_BYTES))
    if media_type not in rule.media_types:
        raise Refused("file.type_not_allowed", clause=rule.clause, media_type=media_type)
    attachment, created = Attachment.objects.get_or_create(
        ticket=ticket,
        sha256=stored.sha256,
        defaults={
            "name": _harmless(name),
            "media_type": media_type,
            "size_bytes": stored.size,
            "public": public,
            "actor": actor,
            "attached_at": at,
        },
    )
    if not created:
        raise Refused("file.attached_already", name=attachment.name)
    journal.record(
        tag="ticket.attached",
        subject=number,
        actor=actor,
        at=at,
        sha256=stored.sha256,
        media_type=media_type,
        size_bytes=stored.size,
    )
    return attachment


def media_type_of(head: bytes) -> str:
    """Return the media type that the first bytes show."""
    kind = filetype.guess(head)
    if kind is not None:
        return str(kind.mime)
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < SNIFFED_BYTES else "ignore")
    except UnicodeDecodeError:
        return "application/octet-stream"
    markup = text.lstrip().lower().startswith(("<!doctype", "<html", "<svg", "<?xml", "<script"))
    return "application/octet-stream" if markup or "\x00" in text else "text/plain"


def _harmless(name: str) -> str:
    plain = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in plain if letter.isprintable()).strip(". ")
    return kept[-120:] or "file"
