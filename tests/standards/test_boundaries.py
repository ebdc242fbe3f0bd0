"""The cases at the very edge of the law's figures (design notes on regulation, section 9.5)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.factories import standard as shipped

from changtong.clocks import operations as clocks
from changtong.clocks.domain import timer
from changtong.clocks.models import Clock, State
from changtong.standard.domain import checking
from changtong.standard.operations import publishing


CHINA = ZoneInfo("Asia/Shanghai")
URBAN = {"region": "/32/3201/", "region_type": "urban"}
RURAL = {"region": "/32/3201/", "region_type": "rural"}


def at(*when):
    return datetime(*when, tzinfo=CHINA)


@pytest.fixture(scope="module")
def edition():
    return shipped.edition()


def legal(edition, metric, **case):
    case = {"kind": "fault", "priority": "P4", "family": "fixed", "tier": "standard", **case}
    found = edition.targets(**case)
    return [one for one in found if (one.metric, one.basis) == (metric, "legal")]


def due(edition, target, started_at):
    calendar = edition.calendar(target.calendar)
    return timer.due_at(started_at=started_at, within=target.within, calendar=calendar)


def ends(edition, code, started_at, calendar="24x7"):
    """Return when a figure that is no case's limit yet would run out."""
    within = edition.figure(code).within
    return timer.due_at(started_at=started_at, within=within, calendar=edition.calendar(calendar))


# 1 ---------------------------------------------------------------------------------------


def test_01_an_urban_fault_in_the_spring_festival_is_due_to_the_minute(edition):
    (target,) = legal(edition, "restoration", **URBAN)

    assert due(edition, target, at(2026, 2, 16, 9)) == at(2026, 2, 18, 9)


def test_01_a_complaint_across_the_holiday_shows_the_shift_and_relies_on_the_earlier_end(edition):
    (target,) = legal(edition, "answer", kind="complaint", **URBAN)
    started_at = at(2026, 2, 2, 10)
    workday = edition.calendar("workday")

    assert due(edition, target, started_at) == at(2026, 2, 18)
    # 17 February is a holiday and the last of them the 23rd: the law would let it end with the 24th.
    shifted = timer.end_after_holiday(
        started_at=started_at, within=target.within, calendar=workday
    )
    assert shifted == at(2026, 2, 25)


# 2 ---------------------------------------------------------------------------------------


@pytest.fixture
def running(db, edition):
    """A rural fault whose legal clock has run since nine o'clock."""
    body = shipped.body()
    row = publishing.publish(body=body, actor="system:test", at=at(2026, 1, 1))
    (target,) = legal(edition, "restoration", **RURAL)
    (clock,) = clocks.start_all(
        subject="T-1", targets=[target], edition_id=row.pk, at=at(2026, 3, 2, 9)
    )
    assert clock.due_at == at(2026, 3, 5, 9)
    return clock


def test_02_a_rural_fault_found_to_be_the_terminals_at_71_hours_is_void_with_its_evidence(running):
    clocks.void(
        subject="T-1",
        at=running.started_at + timedelta(hours=71),
        actor="staff:1",
        reason="terminal_customer",
        evidence="换用测试终端后正常,见附件2",
    )
    clocks.declare_breaches(at=running.due_at + timedelta(hours=1))

    clock = Clock.objects.get()
    assert (clock.state, clock.breached_at) == (State.VOID, None)
    assert clock.void_evidence == "换用测试终端后正常,见附件2"


def test_02_without_evidence_the_fault_runs_on_and_is_breached_to_the_second(running):
    clocks.declare_breaches(at=running.due_at)
    assert Clock.objects.get().breached_at is None

    clocks.declare_breaches(at=running.due_at + timedelta(seconds=1))
    assert Clock.objects.get().breached_at == at(2026, 3, 5, 9)


# 3 ---------------------------------------------------------------------------------------


def test_03_in_henan_five_working_days_end_before_the_nations_fifteen_days(edition):
    found = legal(edition, "answer", kind="complaint", region="/41/4101/", region_type="urban")
    dues = {one.clause: due(edition, one, at(2026, 3, 1, 10)) for one in found}

    assert dues == {"L2.10": at(2026, 3, 17), "P41.38": at(2026, 3, 7)}


def test_03_in_chongqing_the_nations_fifteen_days_end_first(edition):
    found = legal(edition, "answer", kind="complaint", region="/50/5001/", region_type="urban")
    dues = {one.clause: due(edition, one, at(2026, 3, 1, 10)) for one in found}

    assert min(dues, key=dues.__getitem__) == "L2.10"
    assert dues["P50.20"] == at(2026, 3, 21)


# 4 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("times", "told"), [(4.99, False), (5, True), (5.01, True)])
def test_04_a_bill_of_exactly_five_times_the_mean_is_told(edition, times, told):
    assert edition.figure("bill.anomaly").is_reached_by(times) is told


def test_04_in_henan_three_times_are_enough(edition):
    assert edition.figure("bill.anomaly.41").is_reached_by(3)


# 5 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("users", "minutes", "exceptional"),
    [(500_000, 61, False), (500_001, 61, True), (500_001, 60, False), (499_999, 600, False)],
)
def test_05_more_than_half_a_million_users_and_more_than_an_hour(
    edition, users, minutes, exceptional
):
    found = edition.figure("outage.exceptional.users").is_reached_by(users) and edition.figure(
        "outage.exceptional.hours"
    ).is_reached_by(minutes / 60)

    assert found is exceptional


def test_05_the_oral_report_is_due_at_once_and_the_target_is_our_own(edition):
    figure = edition.figure("outage.exceptional.oral")

    assert (figure.value, figure.wording, figure.internal_target) == ("", "立即", "30min")


def test_05_an_upgrade_after_three_hours_leaves_one_hour(edition):
    began = at(2026, 3, 2, 1)
    upgraded = began + timedelta(hours=3)

    left = ends(edition, "outage.exceptional.written", began) - upgraded
    assert left == timedelta(hours=1)


# 6 ---------------------------------------------------------------------------------------


def test_06_a_report_one_second_late_is_late(edition):
    due_at = ends(edition, "cyber.cii", at(2026, 3, 2, 10))

    assert at(2026, 3, 2, 11) <= due_at < at(2026, 3, 2, 11, 0, 1)


# 7 ---------------------------------------------------------------------------------------


def test_07_billing_data_may_go_after_five_months_and_not_on_the_day_itself(edition):
    kept_until = ends(edition, "retain.billing", at(2026, 9, 30, 12))

    # There is no 30 February: the period ends with the last day of the month.
    assert kept_until == at(2027, 3, 1)
    assert edition.figure("retain.billing").compare == ">="


def test_07_an_open_dispute_keeps_it_longer(edition):
    # The case of a dispute is kept until it can no longer be appealed, whatever its kind.
    kept = edition.retention(kind="complaint").months

    assert kept >= edition.figure("appeal.window.other").within.value
    assert "争议" in edition.figure("retain.billing").note


# 8 ---------------------------------------------------------------------------------------


def test_08_working_days_into_a_year_without_a_notice_are_provisional(edition):
    found = legal(edition, "answer", kind="complaint", region="/41/", region_type="urban")
    (henan,) = (one for one in found if one.clause == "P41.38")
    workday = edition.calendar(henan.calendar)
    started_at = at(2026, 12, 28, 10)

    assert 2027 not in workday.years
    assert workday.is_provisional(started_at, due(edition, henan, started_at))
    assert not workday.is_provisional(at(2026, 12, 1), due(edition, henan, at(2026, 12, 1)))


# 9 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("confidence", ["V3", "R"])
def test_09_a_figure_that_was_not_read_cannot_be_enabled(confidence):
    body = shipped.body()
    figure = shipped.figure(body, "repair.customer.urban")
    figure["confidence"] = confidence

    (problem,) = checking.problems(body)

    assert problem.code == "figure.not_verified"
    assert problem.facts["figure"] == "repair.customer.urban"


# 10 --------------------------------------------------------------------------------------


def test_10_a_log_is_kept_six_months_and_may_go_after_them(edition):
    figure = edition.figure("log.retain")
    written = at(2026, 3, 2, 10)
    kept_until = ends(edition, "log.retain", written)

    assert kept_until == at(2026, 9, 3)
    assert (figure.source, figure.article, figure.confidence) == ("cybersecurity-law", "23", "V1")


def test_10_a_request_to_delete_does_not_shorten_what_the_law_keeps(edition):
    # The clause that says so names both: deletion on request, and the limit to storage until then.
    assert "停止除存储和保护之外的处理" in edition.clause("L12.47").text
    assert edition.clause("23.4").legal_basis == ("pipl 45",)
