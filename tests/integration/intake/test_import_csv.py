from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories.intake import AT

from changtong.intake import operations
from changtong.intake.models import Contact
from changtong.journal.models import Entry
from changtong.kernel.errors import Refused
from changtong.tickets.models import Ticket


pytestmark = pytest.mark.usefixtures("town")

FILE = """\
reference,kind,description,phone,line_number,region,received_at
A-1,fault,宽带断网,13800001111,KD0001,,2026-11-24T02:00:00Z
A-2,fault,还是断网,13800001111,KD0001,,2026-11-24T03:00:00Z
A-3,wish,好天气,13800001111,,,
A-4,fault,断网,13800001111,KD9999,,
A-5,enquiry,套餐多少钱,13900002222,,410105,
A-6,enquiry,没有地方,13900003333,,999999,
"""


def run(text: str = FILE, **changes) -> operations.Outcome:
    fields = {"source": "legacy", "actor": "staff:1", "at": AT + timedelta(days=1)}
    return operations.import_csv(lines=text.splitlines(keepends=True), **fields | changes)


def counts(outcome: operations.Outcome) -> tuple[int, ...]:
    return (outcome.rows, outcome.opened, outcome.joined, outcome.known, outcome.refused)


def test_every_row_is_received_and_bad_ones_are_reported_by_line() -> None:
    outcome = run()

    assert counts(outcome) == (6, 2, 1, 0, 3)
    assert [(one.line, one.code) for one in outcome.errors] == [
        (4, "row.kind_unknown"),
        (5, "line.unknown"),
        (7, "intake.region_unknown"),
    ]
    assert Ticket.objects.get(source_reference="A-1").opened_at == AT


def test_a_second_run_imports_nothing_twice() -> None:
    run()

    assert counts(run()) == (6, 0, 0, 3, 3)
    assert (Ticket.objects.count(), Contact.objects.count()) == (2, 3)


def test_the_import_itself_is_in_the_journal_and_told_as_it_goes() -> None:
    told = []

    run(on_row=lambda outcome: told.append(outcome.rows))

    assert told == [1, 2, 3, 4, 5, 6]
    entry = Entry.objects.get(tag="contacts.imported")
    assert (entry.subject, entry.facts["opened"]) == ("import:legacy", 2)


@pytest.mark.parametrize("source", ["", "x" * 25])
def test_a_source_needs_a_short_name(source: str) -> None:
    with pytest.raises(Refused, match=r"import\.source_invalid"):
        run(source=source)
