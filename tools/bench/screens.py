"""Every main screen of console and portal, and sessions of those who meet them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


# Who meets a screen, and the screen; {names} stand for the newest of the demonstration's data.
CONSOLE = (
    ("supervisor", "/console/"),
    ("agent", "/console/tickets/"),
    ("agent", "/console/tickets/new"),
    ("agent", "/console/tickets/{working}"),
    ("agent", "/console/tickets/{closed}/result"),
    ("agent", "/console/tickets/{working}/relations"),
    ("agent", "/console/tickets/{working}/limits"),
    ("agent", "/console/tickets/{resolved}/evaluation"),
    ("agent", "/console/tickets/views/new"),
    ("agent", "/console/customers/?q={line}"),
    ("agent", "/console/customers/{customer}"),
    ("agent", "/console/customers/{customer}/correction"),
    ("agent", "/console/customers/{customer}/lines/{line}/correction"),
    ("agent", "/console/search?q=宽带"),
    ("agent", "/console/knowledge/"),
    ("agent", "/console/knowledge/{article}"),
    ("agent", "/console/settings/"),
    ("agent", "/console/phrases/"),
    ("agent", "/console/macros/"),
    ("agent", "/console/tickets/{working}/macros"),
    ("agent", "/console/counters/"),
    ("agent", "/console/counters/{hall}/1"),
    ("agent", "/console/counters/{hall}/kiosk"),
    ("agent", "/console/counters/{hall}/display"),
    ("agent", "/console/notices/"),
    ("agent", "/console/standard/"),
    ("dispatcher", "/console/dispatch/"),
    ("dispatcher", "/console/dispatch/resources"),
    ("technician", "/console/work/"),
    ("leader", "/console/board"),
    ("leader", "/console/board/wall"),
    ("leader", "/console/roster"),
    ("supervisor", "/console/feedback/"),
    ("supervisor", "/console/announcements/"),
    ("compliance", "/console/standard/editions"),
    ("auditor", "/console/journal/"),
    ("archivist", "/console/archive/"),
    ("administrator", "/console/staff/"),
    ("administrator", "/console/staff/teams"),
    ("administrator", "/console/staff/{technician}"),
)
PORTAL = (
    ("customer", "/"),
    ("customer", "/portal/report/fault"),
    ("customer", "/portal/check"),
    ("customer", "/portal/check/{check}"),
    ("customer", "/portal/tickets/"),
    ("customer", "/portal/tickets/{own}"),
    ("customer", "/portal/mine"),
    ("customer", "/portal/help/"),
    ("nobody", "/portal/login"),
    ("nobody", "/accounts/login/"),
)


@dataclass(frozen=True, slots=True)
class Screen:
    """One page and who looks at it."""

    who: str
    # As it is named in the result, which does not change with the data.
    name: str
    path: str


def screens(only: str) -> list[Screen]:
    """Return every main screen whose path contains the words."""
    names = _names()
    return [
        Screen(who, path, path.format(**names)) for who, path in CONSOLE + PORTAL if only in path
    ]


def sessions() -> dict[str, str]:
    """Return the key of a session for each of those who look."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from changtong.parties.models import Staff
    from changtong.web.ui.auth import PORTAL_PHONE

    found = {"customer": _session({PORTAL_PHONE: _own().contact_phone})}
    for who in {who for who, _ in CONSOLE}:
        person = Staff.objects.filter(role=who).order_by("pk")[0]
        found[who] = _session(
            {
                SESSION_KEY: str(person.pk),
                BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                HASH_SESSION_KEY: person.get_session_auth_hash(),
            }
        )
    return found


def _session(content: dict[str, str]) -> str:
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store.update(content)
    store.save()
    return str(store.session_key)


def _names() -> dict[str, str]:
    from changtong.infra.clock import now
    from changtong.intake.models import Hall
    from changtong.knowledge.models import Article
    from changtong.parties.models import Staff
    from changtong.standard import queries as standard
    from changtong.tickets.models import Ticket

    def newest(state: str) -> str:
        return str(Ticket.objects.filter(state=state).order_by("-pk")[0].number)

    own, edition = _own(), standard.read(standard.edition_in_force(at=now()).pk)
    return {
        "working": newest("in_progress"),
        "resolved": newest("resolved"),
        "closed": newest("closed"),
        "own": own.number,
        "line": own.line.number,
        "customer": own.line.customer.number,
        "article": str(Article.objects.order_by("pk")[0].pk),
        "technician": str(Staff.objects.filter(role="technician").order_by("pk")[0].pk),
        "hall": Hall.objects.order_by("pk")[0].code,
        "check": edition.self_checks[0].code,
    }


def _own() -> Any:
    from changtong.tickets.models import Ticket

    # One that its customer can still say something about.
    return Ticket.objects.filter(state="resolved", line__isnull=False).order_by("-pk")[0]
