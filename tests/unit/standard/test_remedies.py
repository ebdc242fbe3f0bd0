"""What a broken limit owes, to the cent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.factories import standard as shipped

from changtong.standard.domain import reading, remedies


START = datetime(2026, 11, 2, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def rule(code, kind="fault"):
    return next(one for one in shipped.edition().remedies(kind=kind) if one.code == code)


def owed(code, *, ended, due=48 * HOUR, base=None, kind="fault"):
    return remedies.owed(
        rule(code, kind),
        base=base,
        started_at=START,
        due_at=START + due,
        ended_at=START + ended,
    )


def test_rent_is_waived_for_each_day_of_the_fault_that_began():
    found = owed("rent_waived", ended=50 * HOUR, base=Decimal("100.00"))
    (term,) = found.terms
    assert (term.days, found.amount) == (3, Decimal("10.00"))
    assert owed("rent_waived", ended=72 * HOUR, base=Decimal("100.00")).terms[0].days == 3


def test_cents_are_rounded_half_up_and_once():
    found = owed("rent_waived", ended=50 * HOUR, base=Decimal("99.95"))
    assert found.amount == Decimal("10.00")
    found = owed("rent_waived", ended=24 * HOUR, base=Decimal("100.05"))
    assert found.amount == Decimal("3.34")


def test_what_is_not_known_makes_no_sum():
    assert owed("rent_waived", ended=50 * HOUR) is None


def test_a_late_repair_pays_ten_a_day_up_to_a_hundred():
    assert owed("repair_late", ended=48 * HOUR + timedelta(seconds=1)).amount == 10
    assert owed("repair_late", ended=72 * HOUR).amount == 10
    found = owed("repair_late", ended=48 * HOUR + timedelta(days=12))
    assert (found.total, found.amount, found.is_capped) == (120, 100, True)


def test_a_late_installation_pays_once_and_one_per_cent_a_day():
    assert owed("install_late", ended=500 * HOUR, kind="service_request").amount == 20
    found = owed("install_penalty", ended=96 * HOUR, base=Decimal(100), kind="service_request")
    assert found.amount == Decimal("2.00")


def test_a_cause_that_is_the_customers_excludes_it():
    rent = rule("rent_waived")
    assert not rent.is_owed_for(category="fault.broadband.down", cause="terminal_customer")
    assert rent.is_owed_for(category="fault.broadband.down", cause="optical_cable")


def test_an_installation_is_not_any_request():
    late = rule("install_late", "service_request")
    assert not late.is_owed_for(category="request.change.plan", cause="late_work")


def test_an_edition_without_the_table_owes_nothing():
    body = shipped.body()
    del body["tables/remedies.toml"]
    assert reading.edition(body).remedies(kind="fault") == ()


def test_an_amount_is_written_as_text():
    body = shipped.body()
    body["tables/remedies.toml"]["remedy"][1]["part"][0]["amount"] = "ten"
    assert "value.not_a_number" in shipped.found(body)
