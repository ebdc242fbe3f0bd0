"""What the live program asks of the database, a few questions for all screens together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from changtong.infra import clock
from changtong.intake import queries as contacts
from changtong.journal import queries as journal
from changtong.parties import queries as parties
from changtong.tickets.domain.sight import Place
from changtong.tickets.queries import standing as tickets
from changtong.web.live.hub import MOVES, Person, Stream


@dataclass(frozen=True, slots=True)
class News:
    """What was written since, and the places of the tickets it is about."""

    ids: tuple[int, ...]
    places: tuple[Place, ...]
    moved: frozenset[str]
    # To whom a call came that something happened to.
    called: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who opens a screen."""

    person: Person
    staff_id: int
    session_hash: str


def news(after: int, awaited: Sequence[int]) -> News:
    """Return what was written after an entry, or appeared before it."""
    entries = journal.written_since(after, awaited)
    numbers = {subject for _, _, subject in entries if ":" not in subject}
    return News(
        ids=tuple(pk for pk, _, _ in entries),
        places=places(numbers),
        moved=frozenset(subject for _, tag, subject in entries if tag in MOVES),
        called=contacts.called(
            [subject for _, tag, subject in entries if tag == "call.announced"]
        ),
    )


def places(numbers: Iterable[str]) -> tuple[Place, ...]:
    """Return where these tickets stand; what is no ticket is left out."""
    wanted = sorted(set(numbers))
    return tuple(tickets.places(wanted)) if wanted else ()


def arrival(session: str) -> Arrival | None:
    """Return whose session it is, if it is one of a member of staff at work."""
    store = SessionStore(session)
    asking: Any = SimpleNamespace(session=store)
    # Django's own check: the account is active, the password is still that of the log-in.
    user = get_user(asking) if store.exists(session) else None
    if user is None or not user.is_authenticated or user.pk is None:
        return None
    found = parties.at_work([user.pk]).get(user.pk)
    if found is None:
        return None
    return Arrival(Person(found.viewer, found.name), user.pk, found.session_hash)


def standing(streams: Iterable[Stream]) -> dict[str, Person]:
    """Return by stream who may still listen: session alive, account active, password the same."""
    asked = list(streams)
    alive = set(
        Session.objects.filter(
            session_key__in={one.session for one in asked}, expire_date__gt=clock.now()
        ).values_list("session_key", flat=True)
    )
    at_work = parties.at_work({one.staff_id for one in asked})
    found = {}
    for one in asked:
        person = at_work.get(one.staff_id)
        if person is None or one.session not in alive:
            continue
        if constant_time_compare(person.session_hash, one.session_hash):
            found[one.key] = Person(person.viewer, person.name)
    return found


def session_of(cookies: dict[str, str]) -> str:
    """Return the session that a browser names, if it names one."""
    return cookies.get(settings.SESSION_COOKIE_NAME, "")[:64]
