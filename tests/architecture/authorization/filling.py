"""What to put into the parameters and fields of a route: one district's objects, or nothing's."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import localtime
from tests.architecture.authorization import routes
from tests.architecture.authorization.routes import IDS, Route
from tests.factories import announcements, articles, drafts, halls, people, worlds
from tests.factories.worlds import District

from changtong.analytics.models import Conversion, Rehearsal, RehearsalFinding
from changtong.clocks.models import Clock
from changtong.dispatch.queries import appointments
from changtong.feedback.models import FollowUp
from changtong.infra import links, storage
from changtong.infra.clock import now
from changtong.intake.models import Mail
from changtong.parties.domain.roles import Role
from changtong.standard import queries as editions
from changtong.standard.domain import reading
from changtong.tickets.models import Link, LogEntry, Remedy


LETTER_WRITER = "wang@example.cn"
MISSING: dict[str, object] = {
    "ticket": "GD20200101-999999",
    "record": "GD20200101-999999",
    "companion": "GD20200101-999999",
    "own_order": "PD-0",
    "order": "PD-0",
    "customer": "C-0",
    "line": "KD-0",
    "colleague": "N-0",
    "team_code": "T-0",
    "digest": "0" * 64,
    "link": "forged",
    "hall": "nowhere",
}
# What belongs to nobody is there for everybody.
COMMON = {
    "check",
    "clause",
    "version",
    "kind",
    "edition",
    "draft",
    "own_clause",
    "comment",
    "rehearsal",
    "article",
    "day",
    "counter",
}
OBJECTS: dict[str, Callable[[District, str], object]] = {
    "ticket": lambda district, state: district.tickets[state].number,
    "record": lambda district, state: district.tickets[state].number,
    "own_order": lambda district, state: district.orders[state].number,
    "order": lambda district, state: district.orders[state].number,
    "customer": lambda district, _state: district.customer.number,
    "line": lambda district, _state: district.line.number,
    "staff": lambda district, _state: district.staff[Role.TECHNICIAN].pk,
    "personnel": lambda district, _state: district.staff[Role.TECHNICIAN].pk,
    "proof": lambda district, _state: _proof(district),
    "any_team": lambda district, _state: district.team.pk,
    "rostered": lambda district, _state: district.staff[Role.TECHNICIAN].pk,
    "colleague": lambda district, _state: district.staff[Role.TECHNICIAN].number,
    "team": lambda district, _state: district.team.pk,
    "team_code": lambda district, _state: district.team.code,
    "link": lambda district, state: links.tracking_token(district.tickets[state].number),
    "clock": lambda district, state: _clock(district.tickets[state].number),
    "attachment": lambda district, state: district.tickets[state].attachments.get().pk,
    "mail": lambda district, state: _mail(district.tickets[state]),
    "finding": lambda district, state: _finding(district.tickets[state]),
    "remedy": lambda district, state: _remedy(district.tickets[state]),
    "conversion": lambda district, state: _conversion(district.tickets[state]),
    "companion": lambda district, _state: district.tickets["held"].number,
    "tie": lambda district, state: _tie(district.tickets, state),
    "digest": lambda district, state: district.tickets[state].attachments.get().sha256,
    # A notice is one person's, and no limit runs out here; the console's own tests have some.
    "notice": lambda _district, _state: 999_999_999,
    "hall": lambda district, _state: halls.hall_in(district).code,
    "queue_number": lambda district, _state: halls.called_in(district).pk,
    "missed_number": lambda district, _state: halls.missed_in(district).pk,
    "served_number": lambda district, _state: halls.served_in(district).pk,
    "announcement": lambda district, _state: announcements.made_in(district).pk,
    "step": lambda _district, _state: 999_999_999,
    "follow_up": lambda district, state: FollowUp.objects.get(ticket=district.tickets[state]).pk,
}


def object_of(kind: str, district: District | None, state: str) -> object:
    """Return what a parameter of this kind is filled with; without district, what is not there."""
    if kind in COMMON:
        edition = editions.read(editions.editions()[0].pk)
        common: dict[str, object] = {
            "clause": next(iter(edition.clauses)),
            "version": edition.version,
            "edition": editions.editions()[0].pk,
            "own_clause": "13.4",
            "check": "broadband",
            "day": "2099-11-23",
            "counter": 1,
        }
        if kind in {"draft", "comment"}:
            draft = editions.drafts_in_work().first() or drafts.begun()
            comment = editions.comments_on(draft).first() or drafts.commented(draft)
            return draft.pk if kind == "draft" else comment.pk
        if kind == "rehearsal":
            return _rehearsal().pk
        if kind == "article":
            return articles.any_published().pk
        return common.get(kind, "complaint")
    if district is None:
        return MISSING.get(kind, 999_999_999)
    return OBJECTS[kind](district, state)


def _proof(district: District) -> int:
    person = district.staff[Role.TECHNICIAN]
    people.qualified(person, "customer_care")
    return int(person.qualifications.get(skill="customer_care").pk)


def _rehearsal() -> Rehearsal:
    draft = editions.drafts_in_work().first() or drafts.begun()
    digest = reading.edition(editions.body_of(draft)).digest
    day = drafts.AT.date()
    return Rehearsal.objects.get_or_create(
        draft=draft,
        digest=digest,
        defaults={
            "opened_from": day,
            "opened_to": day,
            "requested_at": drafts.AT,
            "requested_by": drafts.SECOND,
            "state": "done",
        },
    )[0]


def _conversion(ticket: Any) -> int:
    return Conversion.objects.get_or_create(
        edition=editions.editions()[0],
        region_path=ticket.region_path,
        defaults={"requested_at": drafts.AT, "requested_by": drafts.SECOND},
    )[0].pk


def _finding(ticket: Any) -> int:
    return RehearsalFinding.objects.get_or_create(
        rehearsal=_rehearsal(),
        ticket=ticket,
        defaults={
            "newly_breached": True,
            "metric": "restoration",
            "basis": "promise",
            "clause": "13.4",
            "within": "12h",
            "calendar": "24x7",
            "started_at": drafts.AT,
            "ended_at": drafts.AT,
            "due_at": drafts.AT,
        },
    )[0].pk


def _mail(ticket: Any) -> int:
    """Return a message with HTML in it, kept as one that came."""
    raw = f"From: {LETTER_WRITER}\nContent-Type: text/html\n\n<p>{ticket.number}</p>".encode()
    return Mail.objects.get_or_create(
        sha256=storage.put([raw], at_most_bytes=1_000).sha256,
        defaults={
            "ticket": ticket,
            "sender": LETTER_WRITER,
            "subject": "断网",
            "outcome": "joined",
            "received_at": ticket.opened_at,
        },
    )[0].pk


def _remedy(ticket: Any) -> str:
    """Return a proposal to decide about, whatever the ticket's limits."""
    Remedy.objects.get_or_create(
        ticket=ticket,
        code="repair_late",
        defaults={
            "clause": "12.8",
            "clock": 0,
            "started_at": ticket.opened_at,
            "due_at": ticket.opened_at,
            "ended_at": ticket.opened_at,
            "amount": 10,
            "proposed_at": ticket.opened_at,
        },
    )
    return "repair_late"


def _tie(tickets: Mapping[str, Any], state: str) -> int:
    made, _new = Link.objects.get_or_create(
        ticket=tickets[state],
        other=tickets["closed" if state != "closed" else "accepted"],
        kind=Link.Kind.RELATED,
        defaults={"linked_by": drafts.SECOND, "linked_at": drafts.AT},
    )
    return made.pk


def _entry(ticket: Any) -> int:
    return LogEntry.objects.get_or_create(
        ticket=ticket,
        type=LogEntry.Type.CALL,
        text="另有一事",
        defaults={"actor": drafts.SECOND, "happened_at": ticket.opened_at},
    )[0].pk


def _clock(number: str) -> int:
    return Clock.objects.filter(subject=number).order_by("pk")[0].pk


def state_of(route: Route) -> str:
    return str(route.request.get("state", "in_progress"))


def fields_of(route: Route, district: District, *, about: str = "") -> dict[str, Any]:
    """
    Return the fields of a valid request, about this district's objects.

    :param about: the one field that names an object; by default the first that does
    """
    ticket = district.tickets[state_of(route)]
    edition = editions.read(ticket.edition_id)
    kind = ticket.kind
    words = {
        "phone": district.phone,
        "region": district.code,
        "line": district.line.number,
        "customer_number": district.customer.number,
        "pause": edition.pause_reasons(kind=kind)[0].code,
        "rejection": edition.rejections(kind=kind)[0].code,
        "cause": next((one.code for one in edition.causes(kind=kind)), ""),
        "entry": _entry(ticket) if "entry" in route.request.get("fields", {}) else "",
        "fix": next((one.code for one in edition.fixes(kind=kind)), ""),
    }
    if "{slot}" in route.request.get("fields", {}).values():
        order = district.orders[state_of(route)]
        words["slot"] = localtime(
            appointments.on_offer(order, at=now())[0].period.start
        ).isoformat()
    filled: dict[str, Any] = {}
    naming = naming_fields(route)
    about = about or next(iter(naming), "")
    for name, value in route.request.get("fields", {}).items():
        if name in naming and name != about:
            continue
        if value == "@picture":
            filled[name] = SimpleUploadedFile("light.png", worlds.PNG + uuid.uuid4().bytes)
        elif routes.kind_of_field(name) in IDS:
            filled[name] = object_of(routes.kind_of_field(name), district, state_of(route))
        else:
            filled[name] = value.format(**words) if isinstance(value, str) else value
    return filled


def naming_fields(route: Route) -> list[str]:
    """Return the fields of a request that name somebody's object."""
    return [name for name in route.request.get("fields", {}) if routes.kind_of_field(name) in IDS]
