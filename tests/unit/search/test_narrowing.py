"""What a search is narrowed to, in words of the index."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from changtong.search.domain import lexemes, narrowing


# In Shanghai it is already the next day, month and year.
NEW_YEAR = datetime(2026, 1, 1, 7, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_document_says_the_same_day_as_a_search_for_it():
    asked = narrowing.period(NEW_YEAR - timedelta(hours=1), NEW_YEAR)

    assert lexemes.of_time(NEW_YEAR) == ("@m202512", "@d20251231")
    assert asked == "'@d20251231'"


def test_days_are_named_as_long_as_they_are_few_then_months():
    week = narrowing.period(NEW_YEAR - timedelta(days=6), NEW_YEAR)
    quarter = narrowing.period(NEW_YEAR - timedelta(days=61), NEW_YEAR)
    decade = narrowing.period(NEW_YEAR - timedelta(days=3650), NEW_YEAR)

    assert week.count("@d") == 7
    assert quarter == "('@m202510' | '@m202511' | '@m202512')"
    assert decade == ""


def test_breadth_multiplies_what_must_all_hold():
    shares = {"@r41": 0.25, "@d20260101": 0.01, "@d20260102": 0.01}

    found = narrowing.breadth(["'@r41'", "", "('@d20260101' | '@d20260102')"], shares)

    assert found == 0.25 * 0.02
