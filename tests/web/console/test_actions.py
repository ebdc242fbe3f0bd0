"""What staff do to a ticket: done once, refused in words, and nothing changes on a refusal."""

from __future__ import annotations

import uuid

import pytest
from tests.web.console.conftest import posted

from changtong.journal import queries as journal
from changtong.tickets import queries


def state_of(world, number):
    from changtong.parties import queries as parties

    viewer = parties.viewer_of(parties.staff(world.staff["auditor"].pk))
    return queries.by_number(viewer, number)


def url(ticket, action):
    return f"/console/tickets/{ticket.number}/{action}"


def test_acceptance_takes_the_category_a_person_confirms(world):
    ticket = world.ticket(category="", title="反映情况", description="就是不行")
    assert ticket.state == "acknowledged"

    answer = posted(
        world.as_("agent"),
        url(ticket, "acceptance"),
        category="fault.broadband.slow",
        impact="group",
        urgency="high",
    )

    after = state_of(world, ticket.number)
    assert answer.status_code == 303
    assert (after.state, after.category, after.impact) == (
        "accepted",
        "fault.broadband.slow",
        "group",
    )


def test_an_invalid_form_comes_back_with_what_is_wrong(world):
    ticket, _order = world.in_progress()

    answer = posted(world.as_("technician"), url(ticket, "resolution"), result="")

    assert answer.status_code == 422
    assert "result" in answer.context["form"].errors
    assert state_of(world, ticket.number).state == "in_progress"


def test_rejection_needs_a_reason_of_the_standard(world):
    ticket = world.ticket(category="", title="反映情况", description="")
    agent = world.as_("agent")

    assert posted(agent, url(ticket, "rejection"), reason="do_not_like_it").status_code == 422
    allowed = agent.get(url(ticket, "rejection")).context["form"].fields["reason"].choices
    assert posted(agent, url(ticket, "rejection"), reason=allowed[0][0]).status_code == 303
    assert state_of(world, ticket.number).state == "rejected"


def test_pause_and_resumption(world):
    ticket, _order = world.in_progress()
    agent = world.as_("technician")
    allowed = agent.get(url(ticket, "pause")).context["form"].fields["reason"].choices

    posted(agent, url(ticket, "pause"), reason=allowed[0][0], note="")
    assert state_of(world, ticket.number).state == "held"

    posted(agent, url(ticket, "resumption"))
    assert state_of(world, ticket.number).state == "in_progress"


def test_a_supplement_is_asked_for_and_answered(world):
    ticket, _order = world.in_progress()
    agent = world.as_("agent")

    posted(agent, url(ticket, "supplement"), question="光猫灯是什么颜色？")
    assert state_of(world, ticket.number).state == "pending"

    posted(agent, url(ticket, "supplement/answer"), text="红色")
    assert state_of(world, ticket.number).state == "in_progress"

    stream = agent.get(f"/console/tickets/{ticket.number}").context["happenings"]
    assert {"光猫灯是什么颜色？", "红色"} <= {one.text for one in stream}


def test_a_measurement_keeps_its_reading(world):
    ticket, _order = world.in_progress()

    posted(
        world.as_("technician"),
        f"{url(ticket, 'log')}?type=measurement",
        type="measurement",
        item="光功率",
        value="-21.3",
        unit="dBm",
    )

    entry = ticket.log.get(type="measurement")
    assert entry.details == {"item": "光功率", "value": "-21.3", "unit": "dBm"}
    assert entry.public is False


def test_handling_begins_the_work_order_too(world):
    ticket, order = world.assigned()

    posted(world.as_("technician"), url(ticket, "handling"))

    order.refresh_from_db()
    assert (state_of(world, ticket.number).state, order.state) == ("in_progress", "in_progress")


def test_resolution_refusal_and_reclassification(world):
    ticket, _order = world.in_progress()
    technician = world.as_("technician")
    form = technician.get(url(ticket, "resolution")).context["form"]
    cause, fix = (form.fields[name].choices[1][0] for name in ("cause", "fix"))

    posted(technician, url(ticket, "resolution"), cause=cause, fix=fix, result="修好了", advice="")
    assert state_of(world, ticket.number).state == "resolved"

    posted(world.as_("agent"), url(ticket, "refusal"), reason="还是断")
    after = state_of(world, ticket.number)
    assert (after.state, after.reopened_count) == ("assigned", 1)
    stream = world.as_("agent").get(f"/console/tickets/{ticket.number}").context["happenings"]
    assert [one.text for one in stream if one.kind == "customer"] == ["还是断"]

    posted(
        world.as_("agent"),
        url(ticket, "reclassification"),
        category="fault.broadband.slow",
        impact="single",
        urgency="critical",
        reason="描述有误",
    )
    assert state_of(world, ticket.number).category == "fault.broadband.slow"


def test_a_wrong_kind_is_put_right(world):
    ticket = world.ticket(category="enquiry.other", kind="enquiry")
    agent = world.as_("agent")
    offered = agent.get(url(ticket, "reclassification")).context["form"].fields["category"].choices
    assert "fault.broadband.no_link" in {code for _group, leaves in offered for code, _ in leaves}

    posted(
        agent,
        url(ticket, "reclassification"),
        category="fault.broadband.no_link",
        impact="single",
        urgency="high",
        reason="不是咨询，是断网",
    )

    page = agent.get(f"/console/tickets/{ticket.number}").content.decode()
    assert state_of(world, ticket.number).kind == "fault"
    assert "咨询 → 故障" in page
    assert "原为咨询" in page


def test_a_kind_stays_once_there_is_a_result(world):
    ticket = world.resolved()

    answer = posted(
        world.as_("agent"),
        url(ticket, "reclassification"),
        category="enquiry.other",
        impact="single",
        urgency="normal",
        reason="其实是咨询",
    )

    assert answer.status_code == 409
    assert state_of(world, ticket.number).kind == "fault"


def test_closing_too_early_is_refused_with_the_clause_and_changes_nothing(world):
    ticket = world.resolved()
    entries = journal.timeline(ticket.number).count()

    answer = posted(world.as_("agent"), url(ticket, "closure"))

    assert answer.status_code == 409
    assert "尚未满足" in answer.content.decode()
    assert "§10.4" in answer.content.decode()
    assert state_of(world, ticket.number).state == "resolved"
    assert journal.timeline(ticket.number).count() == entries


def test_htmx_gets_a_refusal_as_a_fragment(world):
    ticket = world.resolved()

    answer = world.as_("agent").post(
        url(ticket, "closure"),
        {"operation_key": str(uuid.uuid4())},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 409
    assert b"<html" not in answer.content


def test_a_case_that_the_applicant_confirms_and_rates_on_the_phone_closes(world, run_jobs):
    ticket = world.resolved()
    run_jobs()

    posted(world.as_("agent"), url(ticket, "confirmation"), score="5", comment="很快")

    after = state_of(world, ticket.number)
    assert (after.state, after.confirmed_by) == ("closed", world.staff["agent"].actor)


def test_a_confirmation_without_a_rating_waits_for_it(world, run_jobs):
    ticket = world.resolved()
    run_jobs()

    posted(world.as_("agent"), url(ticket, "confirmation"))

    after = state_of(world, ticket.number)
    assert (after.state, after.confirmed_by) == ("resolved", world.staff["agent"].actor)


def test_cancellation(world):
    ticket = world.ticket()

    posted(world.as_("agent"), url(ticket, "cancellation"), reason="客户说已自行恢复")

    assert state_of(world, ticket.number).state == "cancelled"


def test_a_form_without_a_key_is_refused(world):
    ticket, _order = world.in_progress()

    answer = world.as_("technician").post(url(ticket, "log"), {"type": "note", "text": "x"})

    assert answer.status_code == 409
    assert ticket.log.count() == 0


def test_the_same_submission_twice_has_its_effect_once(world):
    ticket, _order = world.in_progress()
    client, key = world.as_("technician"), str(uuid.uuid4())
    fields = {"operation_key": key, "type": "note", "text": "一次"}

    first = client.post(url(ticket, "log"), fields)
    second = client.post(url(ticket, "log"), fields)

    assert (first.status_code, second.status_code) == (303, 303)
    assert ticket.log.count() == 1


@pytest.mark.parametrize("action", ["resumption", "handling", "claim"])
def test_a_change_is_never_made_by_looking(world, action):
    ticket = world.ticket()

    assert world.as_("leader").get(url(ticket, action)).status_code == 405


def test_a_foreign_ticket_cannot_be_changed(world):
    ticket = world.ticket()

    answer = posted(world.as_("technician"), url(ticket, "log"), type="note", text="偷看")

    assert answer.status_code == 404
    assert ticket.log.count() == 0
