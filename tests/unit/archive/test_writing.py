"""Whatever a row holds has one form in a case file."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from changtong.archive.domain import writing


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (datetime(2026, 3, 2, 2, tzinfo=UTC), "2026-03-02T02:00:00.000000Z"),
        (date(2026, 3, 2), "2026-03-02"),
        (timedelta(hours=1), 3600.0),
        # Money keeps the digits that were written; a float would not.
        (Decimal("99.90"), "99.90"),
        ({"rent": Decimal("99.90")}, {"rent": "99.90"}),
        ((1, None, True), [1, None, True]),
    ],
)
def test_a_value_has_one_form(value, form):
    assert writing.plain(value) == form


def test_what_has_no_form_is_named():
    with pytest.raises(TypeError, match="complex has no form"):
        writing.plain(1j)
