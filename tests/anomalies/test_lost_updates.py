"""Of what many people write at once into one case, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable
from tests.factories import articles, drafts, halls, worlds
from tests.factories.worlds import District

from changtong.dispatch.queries import orders
from changtong.infra.clock import now
from changtong.intake.queries import queueing
from changtong.journal import queries as journal
from changtong.knowledge import operations as knowledge
from changtong.parties import operations as parties
from changtong.parties.domain.roles import Role
from changtong.parties.operations import correcting, staffing
from changtong.standard import queries as standard
from changtong.tickets.models import LogEntry
from changtong.tickets.operations import working


pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 200
AT_ONCE = 20


def test_two_hundred_writers_lose_nothing() -> None:
    worlds.publish_standard()
    district = worlds.build_district("own", "410105", phone="13800001111", customer="王芳七七")
    ticket = worlds.open_in(district, at=now())
    before = set(LogEntry.objects.filter(ticket=ticket).values_list("text", flat=True))

    def write(one: int) -> None:
        try:
            working.log(
                number=ticket.number,
                type_="note",
                text=f"note {one}",
                actor=district.staff["agent"].actor,
                at=now(),
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(write, range(WRITERS)))

    written = LogEntry.objects.filter(ticket=ticket).values_list("text", flat=True)
    assert set(written) - before == {f"note {one}" for one in range(WRITERS)}
    assert journal.timeline(ticket.number).filter(tag="ticket.logged").count() == WRITERS


@contextmanager
def somebody_about_to_change(*tables: str) -> Iterator[None]:
    """Keep the rows from whoever locks them to decide on them; whoever only writes may go on."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for table in tables:
                    cursor.execute(f"SELECT 1 FROM {table} FOR KEY SHARE")
                held.set()
                done.wait()
        finally:
            held.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        held.wait()
        try:
            yield
        finally:
            done.set()
            holding.result()


def waits(act: Callable[[], Any]) -> bool:
    """Say whether it waits for whoever holds what it decides on."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '20ms'")
            act()
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return True
        raise
    return False


def decisions(district: District) -> dict[str, Callable[[], Any]]:
    """Return, by table, what reads a row and then writes what it made of it."""
    by: dict[str, Any] = {"actor": "system:test", "at": now()}
    ticket, order = district.tickets["held"], district.orders["held"]
    customer, line = district.customer, district.line
    agent, author = district.staff[Role.AGENT], district.staff[Role.LEADER]
    article = articles.drafted(author).article_id
    draft = drafts.begun()
    number = halls.called_in(district)
    return {
        "tickets_ticket": lambda: working.log(number=ticket.number, type_="note", text="x", **by),
        "dispatch_workorder": lambda: orders.locked(order.number),
        "intake_queuenumber": lambda: queueing.locked_number(number.pk),
        "standard_draft": lambda: standard.locked_draft(draft.pk),
        "knowledge_article": lambda: knowledge.retire(article_id=article, reason="x", **by),
        "parties_customer": lambda: correcting.correct_customer(
            number=customer.number,
            name="another",
            phone=customer.phone,
            email=customer.email,
            language=customer.language,
            tier=customer.tier,
            **by,
        ),
        "parties_line": lambda: correcting.correct_line(
            number=line.number,
            address="elsewhere",
            access_resource=line.access_resource,
            state=line.state,
            monthly_rent=line.monthly_rent,
            **by,
        ),
        "parties_staff": lambda: parties.dismiss(staff_id=agent.pk, **by),
        "parties_team": lambda: staffing.rename(team_id=district.team.pk, name="another", **by),
    }


def test_who_decides_on_a_row_waits_for_whoever_holds_it() -> None:
    worlds.publish_standard()
    district = worlds.build_district("own", "410105", phone="13800001111", customer="王芳七七")
    worlds.fill_with_tickets(district)
    acts = decisions(district)

    with somebody_about_to_change(*acts):
        heedless = [table for table, act in acts.items() if not waits(act)]

    assert heedless == []
    for act in acts.values():
        with transaction.atomic():
            act()
