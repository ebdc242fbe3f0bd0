"""Numbers, times and phone numbers in words, in the language of the page."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from changtong.infra.clock import now


MINUTES_A_DAY = 1440
SHOWN_START, SHOWN_END = 3, 4
CHINESE = re.compile("[\u4e00-\u9fff]")
LATIN = re.compile("[A-Za-z]")
WEEKDAYS = (
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
)


def phone_masked(number: object) -> str:
    """Show enough of a phone number to recognize it: 138****1234."""
    text = str(number or "")
    digits = re.sub(r"\D", "", text)
    if len(digits) <= SHOWN_START + SHOWN_END:
        return "*" * max(len(digits) - 2, 0) + digits[-2:]
    return f"{digits[:SHOWN_START]}****{digits[-SHOWN_END:]}"


def weekday(day: date) -> str:
    """Name the day of the week: 周一."""
    return str(WEEKDAYS[day.weekday()])


def duration_words(duration: timedelta | float | None) -> str:
    """Word a duration in at most two units: 2小时15分, 3天4小时."""
    if duration is None:
        return ""
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    return _minutes_worded(get_language() or "", int(abs(seconds) // 60))


# A list shows two durations in each row, and mostly the same at its next refresh.
@lru_cache(maxsize=4_096)
def _minutes_worded(language: str, minutes: int) -> str:
    if minutes < 1:
        return _("不到1分钟")
    days, within_day = divmod(minutes, MINUTES_A_DAY)
    hours, minutes = divmod(within_day, 60)
    parts = []
    if days:
        parts.append(_("%(count)d天") % {"count": days})
    if hours:
        parts.append(_("%(count)d小时") % {"count": hours})
    if minutes and not days:
        parts.append(_("%(count)d分") % {"count": minutes})
    return (" " if in_english() else "").join(parts)


def relative_due(due_at: datetime | None, at: datetime | None = None) -> str:
    """Say how long is left or how long it is over: 剩2小时15分, 超3小时."""
    if due_at is None:
        return ""
    left = due_at - (at or now())
    words = {"duration": duration_words(left)}
    if left < timedelta(0):
        return _("超%(duration)s") % words
    return _("剩%(duration)s") % words


def since(moment: datetime | None, at: datetime | None = None) -> str:
    """Say how long ago something happened, in its largest unit: 3小时前."""
    if moment is None:
        return ""
    passed = (at or now()) - moment
    for unit in (timedelta(days=1), timedelta(hours=1)):
        if passed >= unit:
            passed -= passed % unit
            break
    return _("%(duration)s前") % {"duration": duration_words(passed)}


def datetime_short(moment: datetime | None) -> str:
    """Show a moment in local time, the year only when it is another one: 11-22 14:05."""
    if moment is None:
        return ""
    local = localtime(moment)
    same_year = local.year == localtime(now()).year
    return local.strftime("%m-%d %H:%M" if same_year else "%Y-%m-%d %H:%M")


def datetime_full(moment: datetime | None) -> str:
    """Show a moment in local time to the second: 2026-11-22 14:05:09."""
    return localtime(moment).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def deadline_short(moment: datetime | None) -> str:
    """Show when something is due, shortly; a last day ends at its 24:00."""
    if moment is None:
        return ""
    shown = _last_moment(moment)
    return datetime_short(moment) if shown == moment else datetime_short(shown)[:-5] + "24:00"


def deadline_full(moment: datetime | None) -> str:
    """Show when something is due, with its year; a last day ends at its 24:00."""
    if moment is None:
        return ""
    shown = _last_moment(moment)
    return datetime_full(moment) if shown == moment else f"{date_short(shown)} 24:00:00"


def _last_moment(moment: datetime) -> datetime:
    """Return the last moment of the day before for a midnight, else the moment itself."""
    at_midnight = localtime(moment).time() == time()
    return moment - timedelta(microseconds=1) if at_midnight else moment


def date_short(day: date | datetime | None) -> str:
    """Show a day: 2026-11-22."""
    if day is None:
        return ""
    return (localtime(day) if isinstance(day, datetime) else day).strftime("%Y-%m-%d")


def bytes_size(size: float | None) -> str:
    """Show a size in the largest unit that keeps it readable: 3.4 MB."""
    if size is None:
        return ""
    amount = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1024 or unit == "GB":  # noqa: PLR2004 - that is what the unit means
            return f"{amount:.0f} {unit}" if unit in {"B", "KB"} else f"{amount:.1f} {unit}"
        amount /= 1024
    raise AssertionError  # The last unit always returns.


def localized(thing: object, field: str = "name") -> str:
    """Return a bilingual field in the language of the page: `name_en`, else `name`."""
    chosen = getattr(thing, f"{field}_en", "") if in_english() else ""
    return str(chosen or getattr(thing, field, "") or "")


def tongue(text: object) -> SafeString:
    """Say in HTML that a text is mostly Chinese where the page is not, so that it is spoken so."""
    if not in_english():
        return SafeString("")
    said = strip_tags(str(text))
    is_chinese = len(CHINESE.findall(said)) > len(LATIN.findall(said))
    return SafeString(' lang="zh-Hans"' if is_chinese else "")


def in_english() -> bool:
    """Tell whether the page is shown in English."""
    return (get_language() or "").startswith("en")
