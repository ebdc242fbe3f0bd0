from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.factories.logs import log, row

from changtong.cli.importing import incidents, tally, wording
from changtong.clocks import queries as clocks
from changtong.intake.domain.incidents import SOURCE
from changtong.journal import queries as journal
from changtong.kernel.errors import Refused
from changtong.tickets.operations import closing


pytestmark = pytest.mark.usefixtures("edition")

# P3 by impact and urgency, a cloud service: the promise is 8 hours around the clock, and what
# waits for the customer does not count; the law's limit runs on.
WAITED = (
    row("New", "1/3/2016 08:05"),
    row("Active", "1/3/2016 09:00", assigned_to="Resolver 1"),
    row("Awaiting User Info", "1/3/2016 10:00", assigned_to="Resolver 1"),
    row("Active", "1/3/2016 12:00", assigned_to="Resolver 2"),
)


def at(day, hour, minute=0):
    return datetime(2016, 3, day, hour, minute, tzinfo=UTC)


def run(path, console, **options):
    options = {"workers": 1, "archive": False} | options
    return incidents.run(path, console=console, **options)


def ticket(reference="INC1"):
    return tally.of_source(SOURCE).get(source_reference=reference)


def restoration(basis="promise"):
    (clock,) = [
        clock
        for clock in clocks.of(ticket().number)
        if (clock.metric, clock.basis) == ("restoration", basis) and clock.voided_at is None
    ]
    return clock


def happened():
    entries = journal.timeline(ticket().number)
    return [(entry.tag, entry.happened_at) for entry in entries if entry.tag.startswith("ticket.")]


def test_every_event_happens_again_at_its_time(file, console):
    run(
        file(log(*WAITED, row("Resolved", "1/3/2016 17:30"), row("Closed", "6/3/2016 18:00"))),
        console,
    )

    assert happened() == [
        ("ticket.opened", at(1, 8)),
        ("ticket.accepted", at(1, 8, 5)),
        ("ticket.assigned", at(1, 8, 5)),
        ("ticket.assigned", at(1, 9)),
        ("ticket.started", at(1, 9)),
        ("ticket.paused", at(1, 10)),
        ("ticket.resumed", at(1, 12)),
        ("ticket.assigned", at(1, 12)),
        ("ticket.started", at(1, 12)),
        ("ticket.resolved", at(1, 17, 30)),
        ("ticket.told", at(1, 17, 30)),
        ("ticket.confirmed", at(4, 17, 30)),
        ("ticket.closed", at(6, 18)),
    ]


def test_the_promise_does_not_run_while_the_caller_is_waited_for(file, console):
    run(file(log(*WAITED, row("Resolved", "1/3/2016 17:30"))), console)

    clock = restoration()
    assert clock.within == "8h"
    assert clock.due_at == at(1, 18)
    assert clock.stopped_at == at(1, 17, 30)
    assert clock.is_met


def test_a_minute_too_late_is_a_breach_dated_when_it_became_true(file, console):
    run(file(log(*WAITED, row("Resolved", "1/3/2016 18:01"))), console)

    assert restoration().breached_at == at(1, 18)


def test_after_a_reopening_the_promise_runs_on_without_the_time_of_looking(file, console):
    run(
        file(
            log(
                *WAITED,
                row("Resolved", "1/3/2016 17:30"),
                row("Active", "1/3/2016 20:30"),
                row("Resolved", "1/3/2016 21:15"),
            )
        ),
        console,
    )

    assert ticket().reopened_count == 1
    assert restoration().due_at == at(1, 21)
    assert restoration().breached_at == at(1, 21)


def test_beyond_the_allowance_of_a_reason_the_promise_runs_although_they_wait(file, console):
    outcome = run(
        file(
            log(
                row("Active", "1/3/2016 08:00"),
                row("Awaiting User Info", "1/3/2016 10:00"),
                row("Active", "4/3/2016 12:00"),
                row("Awaiting User Info", "4/3/2016 13:00"),
                row("Resolved", "4/3/2016 15:59"),
            )
        ),
        console,
    )

    # 72 of the 74 hours count as a pause; the second one finds nothing left.
    assert outcome.notes["pauses_used_up"] == 1
    assert restoration().due_at == at(4, 16)
    assert restoration().is_met


def test_the_laws_limit_never_pauses(file, console):
    run(file(log(*WAITED, row("Resolved", "1/3/2016 17:30"))), console)

    law = restoration("legal")
    assert law.started_at == at(1, 8)
    assert not law.pausable
    assert law.pauses.count() == 0


def test_our_own_table_grades_and_the_sources_grade_is_kept_beside(file, console):
    path = file(
        log(
            row("New", "1/3/2016 08:05", priority="1 - Critical"),
            row(
                "New", "1/3/2016 08:30", impact="1 - High", urgency="1 - High", priority="4 - Low"
            ),
        )
    )
    run(path, console)

    assert ticket().priority == "P1"
    assert "priority 4 - Low" in ticket().description


def test_groups_and_people_are_made_on_first_use(file, console):
    run(file(log(*WAITED)), console)

    assert ticket().team.name == "Group 1"
    assert ticket().assignee.name == "Resolver 2"


def test_what_is_closed_before_silence_is_consent_was_confirmed(file, console):
    run(file(log(row("Resolved", "1/3/2016 09:00"), row("Closed", "2/3/2016 09:00"))), console)

    assert ticket().confirmed_at == at(2, 9)
    assert ticket().finished_because == "confirmed"


def test_bad_rows_are_named_and_the_rest_of_the_incident_is_replayed(file, console):
    path = file(log(*WAITED, row("-100", "1/3/2016 13:00"), row("Resolved", "1/3/2016 17:30")))

    outcome = run(path, console)

    assert outcome.refused == ["第 6 行：“incident_state”列“-100”不认识"]
    assert ticket().state == "resolved"


def test_a_second_run_replays_nothing(file, console):
    path = file(log(*WAITED))
    run(path, console)
    before = journal.latest().count()

    again = run(path, console)

    assert again.opened == 0
    assert journal.latest().count() == before


def test_an_interrupted_incident_leaves_nothing_and_is_replayed_the_next_time(
    file, console, monkeypatch
):
    other = row("Resolved", "2/3/2016 09:00", number="INC2")
    path = file(log(row("Active", "1/3/2016 09:00"), other))

    def interrupted(**given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(closing, "tell", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(path, console)
    known = tally.known(SOURCE)

    again = run(path, console)

    assert known == {"INC1"}
    assert again.opened == 1
    assert ticket("INC2").state == "resolved"


def test_what_is_closed_gets_its_case_file(file, console):
    path = file(log(row("Resolved", "1/3/2016 09:00"), row("Closed", "6/3/2016 09:00")))

    assert run(path, console, archive=True).filed == 1


def test_both_verdicts_are_set_side_by_side_and_the_difference_explained(file, console):
    rows = []
    for serial, (solved, closed, made) in enumerate(
        [
            ("1/3/2016 10:00", "6/3/2016 10:00", "true"),
            ("1/3/2016 19:00", "6/3/2016 19:00", "true"),
            ("1/3/2016 11:00", "20/3/2016 10:00", "false"),
        ]
    ):
        given = {"number": f"INC{serial}", "made_sla": made}
        rows += [row("Resolved", solved, **given), row("Closed", closed, **given)]

    run(file(log(*rows)), console)

    said = console.file.getvalue()
    verdicts = next(part for part in said.splitlines() if part.startswith("│ 3 - Moderate"))
    cells = [cell.strip() for cell in verdicts.strip("│").split("│")]
    assert cells == ["3 - Moderate", "8 小时", "3", "1", "1", "1", "0", "33.3%", "100.0%"]
    assert "131.0 小时（100.0%）" in said
    assert "我方时限更短" in said
    assert "对方计到关闭" in said


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (
            Refused("reopening.too_late", clause="10.8", within=timedelta(days=7)),
            "第 9 行，INC1：办结超过 7 天后才退回，标准不再允许继续处理（条款 10.8）",
        ),
        (
            Refused("ticket.cannot_move", current="held", wanted="resolved"),
            "第 9 行，INC1：工单“已挂起”，不能改为“待确认”",
        ),
        (Refused("thing.unforeseen", size=3), "第 9 行，INC1：thing.unforeseen（size：3）"),
        (ValueError("no such day"), "第 9 行，INC1：no such day"),
    ],
)
def test_a_refusal_is_told_in_words_with_its_line_and_clause(refused, said):
    assert wording.refusal(9, "INC1", refused) == said
