"""Numbers, times and phone numbers in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from changtong.web.ui import formats


NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812341234", "138****1234"),
        ("+86 138 1234 1234", "861****1234"),
        ("1234567", "*****67"),
        ("5", "5"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_phone_number_is_masked(number: str | None, shown: str) -> None:
    assert formats.phone_masked(number) == shown


@pytest.mark.parametrize(
    ("duration", "chinese", "english"),
    [
        (timedelta(seconds=59), "不到1分钟", "< 1 min"),
        (timedelta(minutes=15), "15分", "15 min"),
        (timedelta(hours=2, minutes=15), "2小时15分", "2 h 15 min"),
        (timedelta(days=3, hours=4, minutes=59), "3天4小时", "3 d 4 h"),
        (timedelta(days=1), "1天", "1 d"),
        (-timedelta(hours=2), "2小时", "2 h"),
        (90 * 60, "1小时30分", "1 h 30 min"),
        (None, "", ""),
    ],
)
def test_a_duration_is_worded(
    duration: timedelta | float | None, chinese: str, english: str
) -> None:
    with translation.override("zh-hans"):
        assert formats.duration_words(duration) == chinese
    with translation.override("en"):
        assert formats.duration_words(duration) == english


def test_what_is_left_and_what_is_over_differ_in_words() -> None:
    with translation.override("zh-hans"):
        assert formats.relative_due(NOON + timedelta(hours=2), NOON) == "剩2小时"
        assert formats.relative_due(NOON - timedelta(hours=2), NOON) == "超2小时"
        assert formats.relative_due(None) == ""


def test_a_moment_is_shown_in_local_time() -> None:
    assert formats.datetime_full(NOON) == "2026-11-22 12:00:00"
    assert formats.datetime_short(NOON.replace(year=1999)) == "1999-11-22 12:00"
    assert formats.date_short(NOON.replace(hour=16)) == "2026-11-23"


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (3_565_158, "3.4 MB"), (None, "")],
)
def test_a_size_is_readable(size: int | None, shown: str) -> None:
    assert formats.bytes_size(size) == shown


@pytest.mark.parametrize(
    ("due_at", "short", "full"),
    [
        (datetime(2025, 11, 30, 16, 0, tzinfo=UTC), "2025-11-30 24:00", "2025-11-30 24:00:00"),
        (datetime(2024, 12, 31, 16, 0, tzinfo=UTC), "2024-12-31 24:00", "2024-12-31 24:00:00"),
        (datetime(2025, 11, 30, 16, 1, tzinfo=UTC), "2025-12-01 00:01", "2025-12-01 00:01:00"),
        (None, "", ""),
    ],
)
def test_a_last_day_ends_at_its_24_00(due_at: datetime | None, short: str, full: str) -> None:
    assert (formats.deadline_short(due_at), formats.deadline_full(due_at)) == (short, full)


def test_what_people_wrote_in_chinese_says_so_on_an_english_page() -> None:
    with translation.override("en"):
        assert formats.tongue("<b>宽带断网</b> (ONU)") == ' lang="zh-Hans"'
        assert formats.tongue("Handler 马文斌") == ""
    with translation.override("zh-hans"):
        assert formats.tongue("宽带断网") == ""


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=30), "不到1分钟前"),
        (timedelta(minutes=59), "59分前"),
        (timedelta(hours=3, minutes=59), "3小时前"),
        (timedelta(days=2, hours=23), "2天前"),
    ],
)
def test_what_is_past_is_told_in_its_largest_unit(passed, words):
    at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert formats.since(at - passed, at) == words
