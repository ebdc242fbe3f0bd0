"""Somebody is told of a limit that runs out, step by step, by a real mail server that may be down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from tests.factories import people
from tests.factories.feedback import AT, opened
from tests.factories.intake import build_town

from changtong.clocks import operations as clock_operations
from changtong.clocks import queries as clocks
from changtong.dispatch.operations import rostering
from changtong.feedback import queries
from changtong.feedback.models import EscalationStep, Notice, Notification
from changtong.feedback.operations import escalating, noticing, sending
from changtong.journal import queries as journal
from changtong.kernel.errors import Missing, Refused
from changtong.kernel.time import Period
from changtong.parties.operations import staffing
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.operations import working


MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TOWN = "410105"
# Three quarters of a day's limit pass in the night; people are told at seven.
OPENING = AT + 21 * HOUR


@pytest.fixture
def town(db):
    return build_town()


@pytest.fixture
def crew(town):
    crew = {
        "holder": people.staff("li", "technician", region=TOWN),
        "leader": people.staff("ma", "leader", region=TOWN),
        "duty": people.staff("gao", "supervisor", region=TOWN),
        "province": people.staff("lin", "manager", region=TOWN),
    }
    for person in crew.values():
        person.email = f"{person.username}@example.cn"
        person.phone = "13900000001"
        person.save(update_fields=["email", "phone"])
    rostering.plan_shifts(
        staff_id=crew["duty"].pk,
        periods=[Period(AT - HOUR)],
        actor="system:test",
        at=AT,
    )
    people.team("field", crew["leader"], crew["holder"], mode="field")
    return crew


def given(town, crew, **changes):
    """Return a ticket that the technician holds, and the clock of its repair."""
    ticket = opened(town, **changes)
    working.assign(
        number=ticket.number,
        team_id=crew["holder"].memberships.get().team_id,
        assignee_id=crew["holder"].pk,
        clause="6.1",
        actor="system:dispatch",
        at=AT + MINUTE,
    )
    clock = clocks.of(ticket.number).filter(metric="restoration", basis="promise").get()
    return tickets.locked(ticket.number), clock


def steps(clock):
    found = EscalationStep.objects.filter(escalation__clock=clock)
    return list(found.order_by("rung", "round").values_list("rung", "told_level", "told_at"))


def swept(clock, *, until, every=HOUR):
    at = AT
    while at <= until:
        escalating.escalate(at=at)
        at += every
    return steps(clock)


def test_levels_are_told_in_order_once_each_whatever_the_sweep(town, crew):
    ticket, clock = given(town, crew)
    swept(clock, until=clock.due_at + 40 * HOUR)

    told = steps(clock)
    assert [(rung, level) for rung, level, _ in told] == [
        (1, "holder"),
        (2, "leader"),
        (3, "leader"),
        (4, "duty"),
        (5, "province"),
    ]
    entries = journal.timeline(ticket.number).filter(tag="escalation.told", facts__clock=clock.pk)
    assert entries.count() == 5
    assert queries.unread(crew["holder"].pk, at_most=100) > 0


def test_of_one_clock_only_the_newest_word_stays_unread(town, crew):
    _, clock = given(town, crew)
    swept(clock, until=clock.due_at + HOUR)

    told = Notice.objects.filter(staff=crew["leader"], step__escalation__clock=clock)
    assert told.count() == 2
    assert [one.step.rung for one in told.filter(read_at=None)] == [3]


def test_a_sweep_delivered_twice_tells_nobody_twice(town, crew):
    _, clock = given(town, crew)
    late = clock.due_at + 3 * HOUR

    escalating.escalate(at=late)
    before = Notice.objects.count(), Notification.objects.count(), len(steps(clock))
    escalating.escalate(at=late)

    assert (Notice.objects.count(), Notification.objects.count(), len(steps(clock))) == before


def test_an_answer_stops_the_climb_and_is_written_down_once(town, crew):
    ticket, clock = given(town, crew)
    escalating.escalate(at=AT + MINUTE)
    due = OPENING
    escalating.escalate(at=due - MINUTE)
    assert steps(clock) == []
    escalating.escalate(at=due)
    step = EscalationStep.objects.filter(escalation__clock=clock).first()
    assert step.level == "holder"

    escalating.answer(step_id=step.pk, actor=crew["holder"].actor, at=due + MINUTE)
    escalating.escalate(at=clock.due_at - MINUTE)

    assert [rung for rung, _, _ in steps(clock)] == [1]
    (entry,) = journal.timeline(ticket.number).filter(tag="escalation.answered")
    assert (entry.actor, entry.facts["level"]) == (crew["holder"].actor, "holder")
    with pytest.raises(Refused, match=r"escalation\.answered_already"):
        escalating.answer(step_id=step.pk, actor=crew["leader"].actor, at=due + 2 * MINUTE)
    with pytest.raises(Missing, match=r"escalation\.unknown"):
        escalating.answer(step_id=0, actor=crew["leader"].actor, at=due)


def test_who_is_missing_is_passed_over_and_that_is_recorded(town, crew):
    _, clock = given(town, crew)
    crew["holder"].is_active = False
    crew["holder"].save(update_fields=["is_active"])

    escalating.escalate(at=OPENING)

    step = EscalationStep.objects.get(escalation__clock=clock, rung=1)
    assert (step.level, step.told_level) == ("holder", "leader")


def test_nobody_at_all_takes_no_step_and_is_told_when_somebody_comes(town, crew):
    ticket, clock = given(town, crew)
    for person in crew.values():
        person.is_active = False
        person.save(update_fields=["is_active"])
    late = OPENING
    escalating.escalate(at=late)
    escalating.escalate(at=late + 3 * HOUR)
    assert steps(clock) == []
    nobody = journal.timeline(ticket.number).filter(tag="escalation.nobody_found")
    assert nobody.filter(facts__clock=clock.pk).count() == 1

    crew["leader"].is_active = True
    crew["leader"].save(update_fields=["is_active"])
    escalating.escalate(at=late + 30 * HOUR)

    assert steps(clock)[0][:2] == (1, "leader")


def test_whom_a_complaint_is_about_never_hears_of_it(town, crew):
    ticket, _ = given(town, crew)
    ticket.complained_of_id = crew["leader"].pk

    assert noticing.whom("leader", ticket, at=AT) == []


def test_a_clock_on_hold_tells_nobody_and_goes_on_where_it_was(town, crew):
    ticket, clock = given(town, crew)
    escalating.escalate(at=AT + 2 * MINUTE)
    edition = standard.read(ticket.edition_id)
    reason = edition.pause_reason("spare_part", kind="fault")
    clock_operations.pause(
        subject=ticket.number, reason=reason, at=AT + 3 * MINUTE, actor="system:test"
    )
    escalating.escalate(at=AT + 10 * HOUR)
    assert steps(clock) == []

    clock_operations.resume(subject=ticket.number, at=AT + 10 * HOUR, actor="system:test")
    escalating.look_again(number=ticket.number, at=AT + 10 * HOUR)
    clock.refresh_from_db()
    escalating.escalate(at=AT + 10 * HOUR + MINUTE)
    assert steps(clock) == []
    escalating.escalate(at=clock.due_at)
    assert steps(clock)[0][0] == 1


def test_what_ended_is_told_no_more(town, crew):
    _, clock = given(town, crew)
    escalating.escalate(at=AT + 2 * MINUTE)
    clock_operations.stop(subject=clock.subject, at=AT + 3 * MINUTE, actor="system:test")

    escalating.escalate(at=clock.due_at + 30 * HOUR)

    assert Notice.objects.count() == 0


def test_mail_to_staff_arrives_and_is_tried_by_text_when_the_server_is_down(town, crew, mail, sms):
    _, clock = given(town, crew, impact="network", urgency="critical")
    assert tickets.locked(clock.subject).priority == "P1"
    mail.stop()
    sms.status = 500
    at = clock.started_at + (clock.due_at - clock.started_at) * 0.55
    escalating.escalate(at=at)
    taken = steps(clock)

    for minutes in (0, 1, 3, 7):
        sending.send_due(at=at + minutes * MINUTE)
    mail.start()
    sending.send_due(at=at + 8 * MINUTE)

    # The gateway was asked three times, then the mail server; the step was taken once.
    gone = Notification.objects.filter(recipient="staff", channel="sms", state="failed")
    assert gone.exists()
    assert any(clock.subject in str(one["Subject"]) for one in mail.received)
    assert steps(clock) == taken


def test_each_reader_is_written_to_in_their_language(town, crew):
    staffing.speak(staff_id=crew["holder"].pk, language="en")
    _, clock = given(town, crew, impact="network", urgency="critical")
    for share in (0.55, 1.1):
        escalating.escalate(at=clock.started_at + (clock.due_at - clock.started_at) * share)

    readers = {f"notice:{one.pk}": one.staff for one in Notice.objects.select_related("staff")}
    sent = Notification.objects.filter(recipient="staff")
    assert {one.language for one in sent} == {"en", "zh-hans"}
    for one in sent:
        reads_english = readers[one.about] == crew["holder"]
        assert one.language == ("en" if reads_english else "zh-hans")
        assert ("due" in one.body, "到期" in one.body) == (reads_english, not reads_english)


def test_a_message_that_was_answered_meanwhile_is_not_sent(town, crew, sms):
    _, clock = given(town, crew, impact="network", urgency="critical")
    at = clock.started_at + (clock.due_at - clock.started_at) * 0.55
    escalating.escalate(at=at)
    for step in EscalationStep.objects.all():
        escalating.answer(step_id=step.pk, actor=crew["holder"].actor, at=at)

    sending.send_due(at=at)

    assert sms.received == []


def test_a_low_score_and_an_alarm_reach_the_inbox_once(town, crew):
    ticket, _ = given(town, crew)
    entry = journal.timeline(ticket.number).last()
    entry.tag = "follow_up.opened"

    noticing.note(entry=entry)
    noticing.note(entry=entry)

    (notice,) = Notice.objects.filter(tag="follow_up.opened")
    assert notice.staff_id == crew["leader"].pk
    assert noticing.read(staff_id=crew["leader"].pk, notice_id=notice.pk, at=AT) == 1
    assert noticing.read(staff_id=crew["leader"].pk, at=AT) == 0
    with pytest.raises(Missing, match=r"notice\.unknown"):
        noticing.read(staff_id=crew["holder"].pk, notice_id=notice.pk, at=AT)


def test_the_sweep_looks_at_few_ladders_only(town, crew):
    given(town, crew)
    escalating.escalate(at=AT + MINUTE)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM feedback_escalation WHERE next_at <= now() ORDER BY next_at"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "escalation_to_look_at" in plan
