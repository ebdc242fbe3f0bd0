"""Every screen asks the database a bounded number of questions, however much there is to show."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.console.conftest import BUDGETS


PATHS = {
    "console/tickets": ("agent", "/console/tickets/?tab=open"),
    "console/search": ("agent", "/console/search?q=13800001111"),
    "console/intake": ("agent", "/console/tickets/new?line=KD0001"),
    "console/intake/proposal": (
        "agent",
        "/console/tickets/new/proposal?line=KD0001&kind=fault&title=宽带断网",
    ),
    "console/case": ("agent", "/console/tickets/{ticket}"),
    "console/case/dispatch": ("agent", "/console/tickets/{ticket}/dispatch"),
    "console/case/files": ("agent", "/console/tickets/{ticket}/files"),
    "console/case/result": ("agent", "/console/tickets/{ticket}/result"),
    "console/case/feedback": ("agent", "/console/tickets/{ticket}/feedback"),
    "console/case/record": ("supervisor", "/console/tickets/{ticket}/record"),
    "console/receipt": ("agent", "/console/tickets/{ticket}/receipt"),
    "console/assignment": ("dispatcher", "/console/tickets/{ticket}/assignment"),
    "console/board": ("leader", "/console/board"),
    "console/board/halls": ("leader", "/console/board/halls"),
    "console/board/wall": ("leader", "/console/board/wall"),
    "console/roster": ("leader", "/console/roster"),
    "console/dispatch": ("dispatcher", "/console/dispatch/"),
    "console/dispatch/resources": ("dispatcher", "/console/dispatch/resources"),
    "console/work": ("technician", "/console/work/"),
    "console/customers": ("agent", "/console/customers/?q=王芳"),
    "console/customer": ("agent", "/console/customers/C0001"),
    "console/standard": ("agent", "/console/standard/"),
    "console/standard/clause": ("agent", "/console/standard/clauses/4.1"),
    "console/standard/comparison": ("agent", "/console/standard/comparison"),
    "console/standard/editions": ("compliance", "/console/standard/editions"),
    "console/archive": ("supervisor", "/console/archive/"),
    "console/journal": ("auditor", "/console/journal/"),
    "console/feedback": ("supervisor", "/console/feedback/"),
    "console/dashboard": ("supervisor", "/console/"),
    "console/staff": ("administrator", "/console/staff/"),
    "console/staff/member": ("manager", "/console/staff/{technician}"),
    "console/customer/correction": ("agent", "/console/customers/C0001/correction"),
    "console/staff/teams": ("administrator", "/console/staff/teams"),
    "console/staff/tokens": ("administrator", "/console/staff/tokens"),
}


@pytest.mark.parametrize("screen", sorted(PATHS))
def test_a_screen_stays_within_its_budget(world, screen):
    for _ in range(3):
        world.ticket()
    ticket = world.resolved()
    role, path = PATHS[screen]
    client = world.as_(role)
    # What an edition says is read once in a process.
    path = path.format(ticket=ticket.number, technician=world.staff["technician"].pk)
    client.get(path)

    with CaptureQueriesContext(connection) as asked:
        page = client.get(path)

    assert page.status_code == 200
    assert len(asked) <= BUDGETS[screen], [query["sql"][:140] for query in asked]


def test_no_list_counts_its_rows(world):
    world.ticket()

    for screen in ("console/tickets", "console/dispatch", "console/archive", "console/journal"):
        role, path = PATHS[screen]
        with CaptureQueriesContext(connection) as asked:
            world.as_(role).get(path)
        assert not [query for query in asked if "COUNT(*)" in (query["sql"] or "").upper()]
