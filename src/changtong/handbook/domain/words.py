"""The words of the handbook in both languages: it is written without an interface around it."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby

from changtong.handbook.domain.book import Lang
from changtong.standard.domain import places
from changtong.standard.domain.calendars import Calendar, Hours, Within


WORDS = {
    "service_request": ("服务申请", "Service request"),
    "fault": ("故障", "Fault"),
    "complaint": ("投诉", "Complaint"),
    "enquiry": ("咨询", "Enquiry"),
    "acceptance": ("受理", "Acceptance"),
    "first_response": ("首次响应", "First response"),
    "assignment": ("分派", "Assignment"),
    "arrival": ("到场", "Arrival"),
    "restoration": ("恢复", "Restoration"),
    "permanent_repair": ("永久修复", "Permanent repair"),
    "progress": ("进展通报", "Progress"),
    "resolution": ("办结", "Resolution"),
    "answer": ("答复", "Answer"),
    "evaluation": ("评价", "Evaluation"),
    "callback": ("回访", "Callback"),
    "closing": ("关闭", "Closing"),
    "legal": ("法定", "Law"),
    "promise": ("承诺", "Promise"),
    "P1": ("P1 特急", "P1 critical"),
    "P2": ("P2 紧急", "P2 urgent"),
    "P3": ("P3 一般", "P3 normal"),
    "P4": ("P4 低", "P4 low"),
    "urban": ("城镇", "Urban"),
    "rural": ("农村", "Rural"),
    "fixed": ("固定电话", "Fixed line"),
    "mobile": ("移动业务", "Mobile"),
    "broadband": ("宽带", "Broadband"),
    "private_line": ("专线", "Private line"),
    "cloud": ("云服务", "Cloud"),
    "value_added": ("增值业务", "Value-added"),
    "standard": ("标准客户", "Standard customers"),
    "silver": ("银卡客户", "Silver customers"),
    "gold": ("金卡客户", "Gold customers"),
    "platinum": ("白金客户", "Platinum customers"),
    "added": ("新增", "Added"),
    "removed": ("删去", "Removed"),
    "changed": ("修改", "Changed"),
    "stricter": ("从严", "Stricter"),
    "looser": ("放宽", "Looser"),
    "mixed": ("有严有宽", "Mixed"),
    "neutral": ("相当", "Neutral"),
}
UNITS = {
    "minute": ("{} 分钟", "{} min"),
    "hour": ("{} 小时", "{} h"),
    "today": ("当日", "the same day"),
    "day": ("{} 日", "{} days"),
    "working_day": ("{} 个工作日", "{} working days"),
    "month": ("{} 个月", "{} months"),
}
WEEKDAYS = (
    ("周一", "Mon"),
    ("周二", "Tue"),
    ("周三", "Wed"),
    ("周四", "Thu"),
    ("周五", "Fri"),
    ("周六", "Sat"),
    ("周日", "Sun"),
)


def pick(lang: Lang, chinese: str, english: str) -> str:
    """Return the words in the language of a book; one in both languages is headed in Chinese."""
    return english if lang == "en" else chinese


def word(lang: Lang, code: str) -> str:
    return pick(lang, *WORDS.get(code, (code, code)))


def listed(lang: Lang, words: Iterable[str]) -> str:
    return pick(lang, "、", ", ").join(words)


def within(lang: Lang, limit: Within) -> str:
    """Return a limit in words: 48h is 48 小时."""
    words = pick(lang, *UNITS[limit.unit]).format(limit.value)
    if limit.cut_off is None:
        return words
    otherwise = within(lang, limit.cut_off.otherwise)
    time = limit.cut_off.time
    return pick(
        lang, f"{time} 前{words}，此后{otherwise}", f"{words} before {time}, else {otherwise}"
    )


def condition(
    lang: Lang, when: Mapping[str, Iterable[str]], names: Mapping[str, str], *, without: str = ""
) -> str:
    """Return what a row selects, by the names of places and categories."""
    parts = []
    for key in sorted(when):
        if key == without:
            continue
        codes = (places.code(one) if key == "region" else one for one in sorted(when[key]))
        parts.append(listed(lang, (names.get(f"{key}:{one}") or word(lang, one) for one in codes)))
    return pick(lang, "；", "; ").join(parts) or pick(lang, "全部", "All")


def day(lang: Lang, when: date) -> str:
    return pick(lang, f"{when.year}年{when.month}月{when.day}日", when.isoformat())


def week(lang: Lang, weekly: tuple[Hours, ...]) -> str:
    """Return the hours of a week, days with the same hours together."""
    parts = []
    for hours, group in groupby(range(len(weekly)), key=lambda at: weekly[at]):
        days = list(group)
        first, last = (pick(lang, *WEEKDAYS[at]) for at in (days[0], days[-1]))
        span = first if first == last else f"{first}{pick(lang, '至', '–')}{last}"
        parts.append(f"{span} {_hours(lang, hours)}")
    return pick(lang, "；", "; ").join(parts)


def calendar_facts(lang: Lang, calendar: Calendar) -> str:
    """Return what else a calendar says: its seasons, and holidays by year."""
    parts = [
        f"{one.first[0]:02}-{one.first[1]:02}–{one.last[0]:02}-{one.last[1]:02}:"
        f" {week(lang, one.weekly)}"
        for one in calendar.seasons
    ]
    for year in sorted(calendar.years):
        off = sum(found.year == year for found in calendar.holidays)
        on = sum(found.year == year for found in calendar.workdays)
        parts.append(
            pick(
                lang, f"{year} 年休 {off} 日、调休上班 {on} 日", f"{year}: {off} off, {on} made up"
            )
        )
    return pick(lang, "；", "; ").join(parts) or "—"


def _hours(lang: Lang, hours: Hours) -> str:
    if not hours:
        return pick(lang, "休息", "closed")
    return listed(lang, (f"{_clock(start)}–{_clock(end)}" for start, end in hours))


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
