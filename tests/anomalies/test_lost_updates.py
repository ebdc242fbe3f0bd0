"""Of what many people write at once into one case, nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from tests.factories import worlds

from changtong.infra.clock import now
from changtong.journal import queries as journal
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
