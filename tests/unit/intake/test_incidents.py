from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.logs import log, row

from changtong.intake.domain import incidents
from changtong.intake.domain.incidents import BadRow, Grade, Owner, Step
from changtong.kernel.errors import Refused
from changtong.tickets.domain import lifecycle
from changtong.tickets.domain.lifecycle import State


def at(day, hour, minute=0):
    return datetime(2016, 3, day, hour, minute, tzinfo=UTC)


def one(*rows):
    (incident,), bad = incidents.read(log(*rows))
    assert bad == []
    return incident


def whats(*rows):
    return [step.what for step in incidents.steps(one(*rows))]


def test_the_rows_of_an_incident_become_one_with_its_last_word():
    incident = one(
        row("New", "1/3/2016 08:05"),
        row("Closed", "9/3/2016 10:00", made_sla="false", priority="2 - High"),
    )

    assert incident.number == "INC1"
    assert incident.opened_at == at(1, 8)
    assert incident.channel == "phone"
    assert incident.made_sla is False
    assert incident.title == "Category 5 · Subcategory 6"
    assert incident.description == (
        "Category 5, Subcategory 6, Location 7, Caller 1. In the source: INC1, priority"
        " 2 - High, SLA missed, closed with code 6."
    )
    assert [event.at for event in incident.events] == [at(1, 8, 5), at(9, 10)]


@pytest.mark.parametrize(
    ("changed", "column", "value"),
    [
        ({"incident_state": "-100"}, "incident_state", "-100"),
        ({"opened_at": "?"}, "opened_at", "?"),
        ({"sys_updated_at": "30/2/2016 10:00"}, "sys_updated_at", "30/2/2016 10:00"),
        ({"impact": "?"}, "impact", "?"),
        ({"made_sla": "maybe"}, "made_sla", "maybe"),
        ({"number": " "}, "number", ""),
    ],
)
def test_a_bad_row_is_left_out_and_named_and_the_others_are_kept(changed, column, value):
    good = row("New", "1/3/2016 08:05")

    found, bad = incidents.read(log(good, row("Active", "1/3/2016 09:00", **changed)))

    assert bad == [BadRow(3, column, value)]
    assert [incident.number for incident in found] == ["INC1"]
    assert len(found[0].events) == 1


def test_a_row_that_ends_early_is_bad():
    found, bad = incidents.read(log("INC1,New"))

    assert found == []
    assert bad == [BadRow(2, "impact", "")]


def test_a_log_without_the_columns_is_refused():
    with pytest.raises(Refused) as refused:
        incidents.read(["number,incident_state"])

    assert refused.value.code == "import.columns_missing"


def test_what_is_solved_while_new_was_given_to_somebody_and_begun():
    steps = list(
        incidents.steps(one(row("New", "1/3/2016 08:05"), row("Resolved", "1/3/2016 09:00")))
    )

    assert steps == [
        Step("open", at(1, 8), grade=Grade("group", "normal")),
        Step("accept", at(1, 8, 5)),
        Step("assign", at(1, 8, 5), owner=Owner("Group 1", "")),
        Step("start", at(1, 9)),
        Step("resolve", at(1, 9)),
    ]


def test_nobody_named_means_the_desk():
    steps = list(incidents.steps(one(row("Active", "1/3/2016 09:00", assignment_group="?"))))

    assert steps[2:] == [Step("assign", at(1, 9)), Step("start", at(1, 9))]


def test_a_new_owner_begins_anew_and_an_unknown_one_is_no_change():
    assert whats(
        row("Active", "1/3/2016 09:00", assigned_to="Resolver 1"),
        row("Active", "1/3/2016 09:30", assigned_to="?", assignment_group="?"),
        row("Active", "1/3/2016 10:00", assigned_to="Resolver 2"),
    ) == ["open", "accept", "assign", "start", "assign", "start"]


def test_waiting_pauses_and_who_gets_it_meanwhile_takes_it_on_afterwards():
    steps = list(
        incidents.steps(
            one(
                row("Active", "1/3/2016 09:00"),
                row("Awaiting User Info", "1/3/2016 10:00"),
                row("Awaiting User Info", "1/3/2016 11:00", assigned_to="Resolver 2"),
                row("Active", "1/3/2016 12:00", assigned_to="Resolver 2"),
            )
        )
    )

    assert steps[4:] == [
        Step("pause", at(1, 10), reason="customer_information"),
        Step("resume", at(1, 12), reason="customer_information"),
        Step("assign", at(1, 12), owner=Owner("Group 1", "Resolver 2")),
        Step("start", at(1, 12)),
    ]


def test_another_reason_to_wait_is_another_pause():
    steps = list(
        incidents.steps(
            one(
                row("Awaiting User Info", "1/3/2016 10:00"),
                row("Awaiting Vendor", "1/3/2016 11:00"),
                row("Resolved", "1/3/2016 12:00"),
            )
        )
    )

    assert [(step.what, step.reason) for step in steps if step.reason] == [
        ("pause", "customer_information"),
        ("resume", "customer_information"),
        ("pause", "property_access"),
        ("resume", "property_access"),
    ]
    assert [step.what for step in steps[-2:]] == ["start", "resolve"]


def test_a_result_taken_back_reopens():
    assert whats(
        row("Resolved", "1/3/2016 09:00"),
        row("Resolved", "1/3/2016 09:30"),
        row("Active", "1/3/2016 10:00"),
        row("Closed", "1/3/2016 11:00"),
    )[4:] == ["resolve", "reopen", "start", "resolve", "close"]


def test_a_closing_that_was_taken_back_was_none():
    assert whats(
        row("Resolved", "1/3/2016 09:00"),
        row("Closed", "2/3/2016 09:00"),
        row("Active", "3/3/2016 09:00"),
        row("Closed", "4/3/2016 09:00"),
        row("Closed", "4/3/2016 09:00"),
    )[4:] == ["resolve", "reopen", "start", "resolve", "close"]


def test_another_grade_is_a_regrading():
    steps = list(
        incidents.steps(
            one(row("New", "1/3/2016 08:05"), row("New", "1/3/2016 09:00", impact="1 - High"))
        )
    )

    assert steps[-1] == Step("regrade", at(1, 9), grade=Grade("area", "normal"))


def test_nothing_happens_before_the_opening():
    steps = list(incidents.steps(one(row("Active", "29/2/2016 23:00"))))

    assert {step.at for step in steps} == {at(1, 8)}


MOVES = {
    "accept": State.ACCEPTED,
    "assign": State.ASSIGNED,
    "start": State.IN_PROGRESS,
    "pause": State.HELD,
    "resolve": State.RESOLVED,
    "reopen": State.ASSIGNED,
    "close": State.CLOSED,
}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(incidents.STATES)),
            st.sampled_from(["?", "Group 1", "Group 2"]),
            st.sampled_from(["?", "Resolver 1", "Resolver 2"]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_whatever_the_log_says_every_step_is_a_move_that_a_ticket_can_make(events):
    incident = one(
        *(
            row(state, f"1/3/2016 09:{minute:02}", assignment_group=group, assigned_to=person)
            for minute, (state, group, person) in enumerate(events)
        )
    )
    state, before, last = State.ACKNOWLEDGED, State.ACKNOWLEDGED, incident.opened_at

    for step in list(incidents.steps(incident))[1:]:
        assert step.at >= last
        wanted = MOVES.get(step.what)
        if step.what == "resume":
            state = lifecycle.back(current=state, before=before)
        elif (state, wanted) != (State.ASSIGNED, State.ASSIGNED):
            before, state = state, lifecycle.move(current=state, wanted=wanted)
        last = step.at

    meant = incidents.STATES[events[-1][0]]
    if meant in {"resolved", "closed"}:
        assert state == meant
    elif meant in incidents.PAUSES:
        assert state is State.HELD
