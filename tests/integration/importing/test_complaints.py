from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from changtong.archive import operations as archive
from changtong.archive import queries as records
from changtong.cli.importing import complaints, tally
from changtong.clocks import queries as clocks
from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.intake.domain.complaints import SOURCE
from changtong.journal import operations as sealing
from changtong.journal import queries as journal


pytestmark = pytest.mark.usefixtures("edition")

HEADER = (
    "Ticket #,Customer Complaint,Date,Date_month_year,Time,Received Via,City,State,Zip code,"
    "Status,Filing on Behalf of Someone"
)
RECEIVED_AT = datetime(2015, 3, 5, 21, 8, 7, tzinfo=ZoneInfo("America/New_York"))


def line(reference, status, *, text="billed twice", via="Internet", state="Ohio"):
    return (
        f"{reference},{text},05-03-2015,05-Mar-15,09:08:07 PM,{via},Ely,{state},44000,{status},No"
    )


LINES = [
    HEADER,
    line(1, "Closed"),
    line(2, "Open", via="Customer Care Call"),
    line(3, "Pending", state="Utah"),
    line("oops", "Open"),
    line(5, "Solved", text="zzz"),
]


def run(path, console):
    return complaints.run(path, console=console, workers=1)


def states():
    rows = tally.of_source(SOURCE).values_list("source_reference", "state")
    return dict(rows)


def test_each_complaint_reaches_the_state_that_the_file_gives_it(file, console):
    outcome = run(file(LINES), console)

    assert states() == {"1": "closed", "2": "assigned", "3": "pending", "5": "closed"}
    assert (outcome.opened, outcome.filed) == (4, 2)
    assert outcome.refused == ["第 5 行：“Ticket #”列“oops”不认识"]


def test_what_was_closed_there_is_closed_by_silence_after_the_standards_limit(file, console):
    run(file(LINES), console)

    ticket = tally.of_source(SOURCE).get(source_reference="1")
    assert ticket.opened_at == RECEIVED_AT
    assert ticket.closed_at == RECEIVED_AT + timedelta(hours=72)
    assert ticket.finished_because == "silent_consent"
    assert ticket.region.name == "Ohio"


def test_no_clock_is_judged_because_the_file_has_no_times(file, console):
    run(file(LINES), console)

    for number in tally.of_source(SOURCE).values_list("number", flat=True):
        judged = {
            clock.metric for clock in clocks.of(number) if tally.result_of(clock) == "breached"
        }
        assert judged == set()
        answer = [clock for clock in clocks.of(number) if clock.metric == "answer"]
        assert {clock.void_reason for clock in answer} == {"times_not_in_source"}
    assert set(tally.of_source(SOURCE).values_list("due_at", flat=True)) == {None}


def test_what_no_word_classifies_is_taken_as_the_broadest_category(file, console):
    outcome = run(file(LINES), console)

    ticket = tally.of_source(SOURCE).get(source_reference="5")
    assert ticket.category == "complaint.other"
    assert outcome.notes["unclassified"] == 1


def test_a_second_run_imports_nothing(file, console):
    path = file(LINES)
    run(path, console)
    before = journal.latest().count()

    again = run(path, console)

    assert (again.opened, again.filed) == (0, 0)
    assert tally.of_source(SOURCE).count() == 4
    assert journal.latest().count() == before


def test_a_run_after_an_interruption_takes_the_rest_and_files_everything(
    file, console, monkeypatch
):
    path, receive, taken = file(LINES), intake.receive, []

    def interrupted(**given):
        if len(taken) == 2:
            raise KeyboardInterrupt
        taken.append(given)
        return receive(**given)

    with monkeypatch.context() as patch:
        patch.setattr(intake, "receive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(path, console)
    assert states() == {"1": "closed", "2": "assigned"}

    again = run(path, console)

    assert (again.opened, again.filed) == (2, 2)
    assert states() == {"1": "closed", "2": "assigned", "3": "pending", "5": "closed"}


def test_the_case_files_and_the_journal_verify(file, console, settings, tmp_path):
    settings.SEALS_FILE = tmp_path / "seals"
    run(file(LINES), console)
    # The transaction around the test keeps the seals from being published by themselves.
    sealing.publish_seals()

    assert records.records().count() == 2
    assert archive.verify_all(actor="system:test", at=now()).sound
    assert archive.verify_journal(actor="system:test", at=now()).sound


def test_nothing_reacts_to_what_happened_years_ago(file, console, run_jobs):
    run(file(LINES), console)

    assert [job for job in run_jobs() if "feedback" in job or "dispatch" in job] == []


def test_the_summary_counts_by_category_channel_state_and_clock(file, console):
    run(file(LINES), console)

    said = console.file.getvalue()
    for word in ("其他投诉", "电话", "待客户补充", "来源没有记下时间", "第 5 行：“Ticket #”列"):
        assert word in said
