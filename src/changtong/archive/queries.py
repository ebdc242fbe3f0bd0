from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, QuerySet

from changtong.archive.domain import proving
from changtong.archive.models import Record, Verification
from changtong.clocks import queries as clocks
from changtong.dispatch.queries import orders
from changtong.feedback import queries as feedback
from changtong.infra import hot
from changtong.infra.hot import Compiled, Slot
from changtong.intake import queries as intake
from changtong.journal import domain as sealing
from changtong.journal import queries as journal
from changtong.kernel.errors import Missing
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Reach, Viewer
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import FINAL
from changtong.tickets.queries import relations


if TYPE_CHECKING:
    from changtong.journal.models import Batch, Entry
    from changtong.tickets.models import Ticket
    from changtong.tickets.queries import Contents


# The archive itself, which files every case, whomever it is about.
ARCHIVIST = Viewer(
    actor="system:archive",
    reach=Reach.ALL,
    permissions=frozenset({"tickets.view", "dispatch.view"}),
    staff_id=0,
)
# What was merged into another case ends with that: until then it may be taken out again.
FINISHING = ("ticket.closed", "ticket.rejected", "ticket.cancelled", "merger.settled")
# Batches between the first and the last of a case tie them together; beyond so many, each is
# compared with the published seals by itself.
CHAIN_AT_MOST = 2_000
# What the archive itself writes about a filed case: no part of what happened in it.
OWN_TAGS = frozenset({"ticket.archived", "record.verified"})
_SECRETS = frozenset({"password"})


def visible_to(viewer: Viewer) -> QuerySet[Record]:
    """Return the records of the tickets that the viewer may see, the newest first."""
    if not viewer.may("archive.view"):
        return Record.objects.none()
    seen = tickets.visible_to(viewer).values("pk")
    records = Record.objects.all() if viewer.reach is Reach.ALL else Record.objects.filter()
    return records.filter(ticket__in=seen).order_by("-sealed_at", "-id")


def by_number(viewer: Viewer, number: str) -> Record:
    """
    Return one record that the viewer may see, with its ticket.

    :raises Missing: ``record.unknown``
    """
    record = visible_to(viewer).select_related("ticket").filter(number=number).first()
    if record is None:
        raise Missing("record.unknown", number=number)
    return record


def record_of(number: str) -> Record | None:
    """Return the record of a ticket, if it has been filed."""
    return _record.first(number=number)


_record = Compiled(lambda: Record.objects.filter(number=Slot("number")))


def records(*, after: int = 0) -> QuerySet[Record]:
    """Return all records in the order in which they were filed."""
    return Record.objects.filter(pk__gt=after).order_by("pk")


def package_of(record: Record) -> Path:
    """Return where a record's package lies."""
    return Path(settings.ARCHIVE_ROOT) / record.path


def following(record: Record) -> list[Entry]:
    """Return what the journal says of a case and its sealed file does not, the oldest first."""
    # The journal is sealed in its order, so that a file holds the first entries there are.
    since = journal.timeline(record.number)[record.entries :]
    return [entry for entry in since if entry.tag not in OWN_TAGS]


def due_for_appraisal(*, on: date) -> QuerySet[Record]:
    """Return the records that no rule keeps any longer, the oldest first."""
    return Record.objects.filter(retain_until__lt=on).order_by("retain_until", "pk")


def verifications(scope: str) -> QuerySet[Verification]:
    """Return the checks of a kind, the newest first."""
    return Verification.objects.filter(scope=scope).order_by("-id")


def unfiled(*, finished_since: datetime) -> QuerySet[Ticket]:
    """Return finished tickets that still have no record, the oldest first."""
    finished = tickets.newest(ARCHIVIST).filter(
        state__in=sorted(FINAL), closed_at__gte=finished_since
    )
    # Load data has tickets that nothing ever happened to; there is nothing to prove of them.
    happened = journal.latest().filter(subject=OuterRef("number"), tag__in=FINISHING)
    filed = Record.objects.filter(ticket=OuterRef("pk"))
    return finished.filter(Exists(happened.order_by()), ~Exists(filed)).order_by("closed_at")


# -----------------------------------------------------------------------------------------
# What goes into a package
# -----------------------------------------------------------------------------------------


def case(ticket: Ticket, contents: Contents) -> dict[str, object]:
    """Return everything that the system knows about a ticket, what hangs on it among that."""
    asked = (_contacts, _notifications, _clocks, _pauses, _work_orders, _bookings)
    contacts, notifications, running, paused, work_orders, booked = hot.together(
        *asked, ticket=ticket.pk, number=ticket.number
    )
    pauses, bookings = _by(paused, "clock_id"), _by(booked, "work_order_id")
    return {
        "ticket": _row(ticket),
        "region": _row(ticket.region),
        "edition": _row(ticket.edition),
        "customer": _row(ticket.customer),
        "line": _row(ticket.line),
        "team": _row(ticket.team),
        "contacts": _rows(contacts),
        "clocks": [
            {**_columns(clock), "pauses": _rows(pauses.get(clock.pk, ()))} for clock in running
        ],
        "log": _rows(contents.log),
        "supplements": _rows(contents.supplements),
        "resolutions": _rows(contents.resolutions),
        "holds": _rows(contents.holds),
        "remedies": _rows(contents.remedies),
        "pause_requests": _rows(contents.pause_requests),
        "attachments": _rows(contents.attachments),
        "mergers": [
            {**_columns(one), "number": one.ticket.number, "into": one.survivor.number}
            for one in relations.mergers_of(ticket)
        ],
        "links": [
            {**_columns(one), "number": one.ticket.number, "to": one.other.number}
            for one in relations.links_of(ticket)
        ],
        "work_orders": [
            {**_columns(order), "bookings": _rows(bookings.get(order.pk, ()))}
            for order in work_orders
        ],
        "notifications": _rows(notifications),
        "evaluation": _row(feedback.evaluation_of(ticket)),
        "staff": _names(ticket, work_orders, [*contents.log, *contents.resolutions]),
    }


# What other contexts ask for one ticket, asked for each ticket that is filed.
_THIS: Any = Slot("ticket")
_NUMBER: Any = Slot("number")
_contacts = Compiled(lambda: intake.contacts_of(_THIS))
_clocks = Compiled(lambda: clocks.of(_NUMBER).prefetch_related(None))
_pauses = Compiled(lambda: clocks.all_pauses_of(_NUMBER).order_by("pk"))
_notifications = Compiled(lambda: feedback.notifications_of(_THIS))
_work_orders = Compiled(
    lambda: (
        orders.of_ticket(ARCHIVIST, _NUMBER)
        .select_related(None)
        .prefetch_related(None)
        .order_by("id")
    )
)
_bookings = Compiled(lambda: orders.bookings_of(_NUMBER))


def _row(row: Model | None) -> dict[str, Any] | None:
    return None if row is None else _columns(row)


def _rows(rows: Iterable[Model]) -> list[dict[str, Any]]:
    return [_columns(row) for row in rows]


def _by(rows: Iterable[Model], column: str) -> dict[int, list[Model]]:
    """Return rows by what they hang on."""
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found


def _columns(row: Model) -> dict[str, Any]:
    held = row.__dict__
    return {name: held[name] for name in _names_of_columns(type(row))}


@cache
def _names_of_columns(model: type[Model]) -> tuple[str, ...]:
    # All columns there are: a new one must not be forgotten in the archive.
    fields = model._meta.concrete_fields  # noqa: SLF001 - the public way to the columns
    return tuple(one.attname for one in fields if one.attname not in _SECRETS)


def _names(ticket: Ticket, work_orders: Iterable[Any], said: Iterable[Any]) -> dict[str, str]:
    """Return the names behind the numbers of staff, who will have left before the file does."""
    wanted = {ticket.assignee_id, ticket.complained_of_id, _staff_id(ticket.opened_by)}
    wanted |= {order.technician_id for order in work_orders}
    wanted |= {_staff_id(one.actor) for one in said}
    found = parties.names_of(pk for pk in wanted if pk is not None)
    return {f"staff:{pk}": name for pk, name in sorted(found.items())}


def _staff_id(actor: str) -> int | None:
    kind, _, pk = actor.partition(":")
    return int(pk) if kind == "staff" and pk.isdigit() else None


@dataclass(frozen=True, slots=True)
class Extract:
    """A ticket's sealed journal entries, and what proves them."""

    lines: bytes
    proof: dict[str, object]
    entries: int
    first_id: int
    last_id: int
    last_seal: str
    sealed_at: datetime


def to_file(number: str) -> Ticket:
    """
    Return a locked ticket with what its case file names.

    :raises Missing: ``ticket.unknown``
    """
    tickets.locked(number)
    found = _ticket.first(number=number)
    if found is None:
        raise Missing("ticket.unknown", number=number)
    return found


_ticket = Compiled(
    lambda: (
        tickets.visible_to(ARCHIVIST)
        .filter(number=_NUMBER)
        .select_related("customer", "line", "region", "team", "edition")
    )
)


def extract(number: str) -> Extract | None:
    """Return the sealed part of a ticket's journal, or None while its end is not in it."""
    entries = _sealed(number=number)
    if not any(entry.tag in FINISHING for entry in entries):
        return None
    proofs = journal.proofs_of(entries)
    own = {proof.batch.last_id: proof.batch for proof in proofs}
    first, last = own[min(own)], own[max(own)]
    between = journal.batches_between(first, last, at_most=CHAIN_AT_MOST)
    lines = [proof.entry.line().canonical() for proof in proofs]
    return Extract(
        lines=b"".join(line + b"\n" for line in lines),
        proof={
            "entries": [
                {
                    "id": proof.entry.pk,
                    "leaf": sealing.leaf_of(line),
                    "path": proof.path,
                    "batch": proof.batch.last_id,
                }
                for proof, line in zip(proofs, lines, strict=True)
            ],
            "batches": [header_of(batch) for batch in between or list(own.values())],
            "chained": between is not None,
        },
        entries=len(proofs),
        first_id=entries[0].pk,
        last_id=entries[-1].pk,
        last_seal=last.seal,
        sealed_at=last.sealed_at,
    )


_sealed = Compiled(lambda: journal.timeline(_NUMBER).filter(seal__isnull=False))


def header_of(batch: Batch) -> dict[str, object]:
    """Return what a batch's seal binds, and the seal."""
    return proving.header(
        first_id=batch.first_id,
        last_id=batch.last_id,
        count=batch.count,
        root=batch.root,
        previous=batch.previous,
        seal=batch.seal,
        sealed_at=sealing.instant(batch.sealed_at),
    )


def receipt(record: Record) -> dict[str, object] | None:
    """
    Return the proof that the journal knows the package as it is, or None while it is unsealed.

    The package cannot contain it, since the entry names the package's digest.
    """
    filed = journal.timeline(record.number).filter(tag="ticket.archived", seal__isnull=False)
    for proof in journal.proofs_of(filed):
        return {
            "format": "changtong-receipt/1",
            "entry": proof.entry.line().canonical().decode(),
            "path": [list(step) for step in proof.path],
            "batch": header_of(proof.batch),
        }
    return None


def attachments_in(contents: Contents) -> Iterator[tuple[str, str]]:
    """Yield each attachment's digest and its name within the package."""
    for attachment in sorted(contents.attachments, key=lambda one: one.sha256):
        yield attachment.sha256, f"attachments/{attachment.sha256}-{attachment.name}"


def finished_on(ticket: Ticket, *, zone: Any) -> date:
    """
    Return the local day on which a ticket was finished.

    :raises ValueError: if it is not
    """
    if ticket.closed_at is None:
        raise ValueError(f"{ticket.number} is not finished")
    return ticket.closed_at.astimezone(zone).date()


def retention_of(ticket: Ticket) -> Any:
    """Return the retention class that the ticket's edition sets."""
    return standard.read(ticket.edition_id).retention(kind=ticket.kind)


def known_batches(last_ids: Sequence[int]) -> dict[int, dict[str, object]]:
    """Return the headers of these batches as the journal has them."""
    return {batch.last_id: header_of(batch) for batch in journal.batches_ending(last_ids)}
