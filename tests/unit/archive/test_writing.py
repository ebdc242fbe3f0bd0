"""Whatever a row holds has one form in a case file."""

import json
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


def test_what_is_written_is_what_anybody_s_json_would_write():
    value = {"乙": [1.5, None, {"tab\t": "line\n  end", "a": []}], "b": {}, "c": [[["  x"]]]}
    said = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    assert writing.readable(value) == f"{said}\n".encode()
    assert writing.readable({"rent": Decimal("9.90")}) == b'{\n "rent": "9.90"\n}\n'
