from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.archive.domain.retention import retain_until


@pytest.mark.parametrize(
    ("finished_on", "months", "last_day"),
    [
        (date(2026, 11, 24), 24, date(2028, 11, 24)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2028, 2, 29), 36, date(2031, 2, 28)),
    ],
)
def test_the_last_day_is_the_same_day_of_the_last_month(finished_on, months, last_day) -> None:
    assert retain_until(finished_on=finished_on, months=months) == last_day


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 600))
def test_the_last_month_is_always_hit(finished_on: date, months: int) -> None:
    last = retain_until(finished_on=finished_on, months=months)

    assert (last.year - finished_on.year) * 12 + last.month - finished_on.month == months
    assert last.day <= finished_on.day


def test_no_period_is_no_retention() -> None:
    with pytest.raises(ValueError, match="no period"):
        retain_until(finished_on=date(2026, 1, 1), months=0)
