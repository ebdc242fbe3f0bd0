"""Why a limit is due when it is, or does not run, in sentences of the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.kernel.errors import Refused
from changtong.standard.domain.calendars import Within
from changtong.web.ui import formats, labels


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.clocks.domain.explaining import Remark
    from changtong.clocks.domain.telling import Line, Piece
    from changtong.standard.domain.considering import Considered, Difference
    from changtong.standard.domain.edition import Edition


DAYS_NOT_OPEN: dict[str, str | Promise] = {
    "day_off": gettext_lazy("休息日"),
    "holiday": gettext_lazy("法定节假日"),
    "makeup_day": gettext_lazy("调休上班"),
}
STEPS: dict[str, tuple[str | Promise, str]] = {
    "started": (gettext_lazy("开始计时"), "play"),
    "paused": (gettext_lazy("暂停"), "circle-pause"),
    "resumed": (gettext_lazy("恢复"), "play"),
    "warned": (gettext_lazy("预警"), "clock-alert"),
    "breached": (gettext_lazy("超过时限"), "octagon-alert"),
    "unbroken": (gettext_lazy("中止获批，撤回超时"), "undo-2"),
    "stopped": (gettext_lazy("停止计时"), "circle-check"),
    "reopened": (gettext_lazy("重新打开，继续计时"), "rotate-ccw"),
    "regraded": (gettext_lazy("改级后按新时限重算"), "tag"),
    "voided": (gettext_lazy("不再计时"), "circle-slash"),
}
MOMENTS: dict[str, str | Promise] = {
    "ticket.opened": gettext_lazy("登记工单"),
    "ticket.accepted": gettext_lazy("受理"),
    "ticket.responded": gettext_lazy("首次响应"),
    "ticket.assigned": gettext_lazy("分派"),
    "work_order.assigned": gettext_lazy("派工"),
    "visit.arrived": gettext_lazy("到达现场"),
    "progress.told": gettext_lazy("向客户通报进展"),
    "ticket.resolved": gettext_lazy("提交处理结果"),
    "repair.provisional": gettext_lazy("临时恢复"),
    "ticket.answered": gettext_lazy("正式答复"),
    "evaluation.requested": gettext_lazy("请客户评价"),
    "evaluation.given": gettext_lazy("客户评价"),
    "ticket.closed": gettext_lazy("关闭工单"),
    "callback.made": gettext_lazy("回访"),
    "repair.completed": gettext_lazy("永久修复"),
    "regraded": gettext_lazy("已改级，由新时限代替"),
    "reopened": gettext_lazy("客户不认可，重新打开"),
    "rejected": gettext_lazy("不予受理"),
    "cancelled": gettext_lazy("撤销"),
    "merged": gettext_lazy("已并案，由保留的工单承担"),
    "merger_undone": gettext_lazy("并案已撤销，恢复原来的计时"),
    "cause": gettext_lazy("原因不属于本企业责任"),
}
ATTRIBUTES: dict[str, str | Promise] = {
    "priority": gettext_lazy("优先级"),
    "region": gettext_lazy("地区"),
    "region_type": gettext_lazy("城乡"),
    "family": gettext_lazy("业务"),
    "tier": gettext_lazy("客户等级"),
    "category": gettext_lazy("分类"),
}
SHOWN_AT_MOST = 4


# -----------------------------------------------------------------------------------------
# Limits
# -----------------------------------------------------------------------------------------


def within(limit: Within) -> str:
    """Word a limit in the unit of its clause: 4 小时, 15 个工作日, 当日（16:00 起 24 小时）."""
    if limit.cut_off is not None:
        return _("%(before)s（%(time)s 起 %(after)s）") % {
            "before": within(limit.before_cut_off),
            "time": limit.cut_off.time,
            "after": within(limit.cut_off.otherwise),
        }
    words = {
        "today": _("当日"),
        "minute": _("%(value)d 分钟"),
        "hour": _("%(value)d 小时"),
        "day": _("%(value)d 日"),
        "working_day": _("%(value)d 个工作日"),
        "month": _("%(value)d 个月"),
    }
    return words[limit.unit] % {"value": limit.value}


def limit_words(text: str) -> str:
    """Return a limit as it is written in an edition in words: 48h is 48 小时; else the text."""
    try:
        return within(Within.parse(text))
    except Refused:
        return text


# -----------------------------------------------------------------------------------------
# The sum
# -----------------------------------------------------------------------------------------


def line(told: Line, edition: Edition, *, kind: str) -> str:
    """Word one line of the sum: 11-23 周一：9:00–12:00 计 3小时；12:00–13:30 休息不计."""
    when = _when(told)
    words: dict[str, object]
    if told.kind == "start_day":
        return _("%(when)s：起算当日不计") % {"when": when}
    if told.span == "rest":
        words = {"when": when, "sum": length(told.counted)}
        return _("%(when)s：其余 %(sum)s，不再逐段列出") % words
    if told.span in {"week", "month", "year"}:
        words = {"when": when, "days": told.days_counted, "sum": length(told.counted)}
        return _("%(when)s：%(days)d 天计入，合计 %(sum)s") % words
    parts = "；".join(_pieces(told, edition, kind)) or _("不计")
    if formats.in_english():
        parts = parts.replace("；", "; ")
    if told.span == "run":
        words = {"when": when, "days": told.days, "parts": parts, "sum": length(told.counted)}
        if not told.counted:
            return _("%(when)s（%(days)d 天）：%(parts)s") % words
        return _("%(when)s（%(days)d 天）：每天 %(parts)s；合计 %(sum)s") % words
    return _("%(when)s：%(parts)s") % {"when": when, "parts": parts}


def length(duration: timedelta) -> str:
    """Word counted time exactly, in hours and minutes, or in days where it is whole days."""
    # Rounded, not cut: two parts of a second that were cut would be missing in the sum.
    seconds = round(duration.total_seconds())
    days, rest = divmod(seconds, 86_400)
    if days and not rest:
        return _("%(count)d天") % {"count": days}
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        words % {"count": count}
        for words, count in (
            (_("%(count)d小时"), hours),
            (_("%(count)d分"), minutes),
            (_("%(count)d秒"), seconds),
        )
        if count
    ]
    joined = (" " if formats.in_english() else "").join(parts)
    return joined or _("%(count)d分") % {"count": 0}


def _when(told: Line) -> str:
    if told.first == told.last:
        return _day(told.first)
    if told.span == "month":
        return f"{told.first:%Y-%m}"
    if told.span == "year":
        return f"{told.first:%Y}"
    return f"{_day(told.first)} – {_day(told.last)}"


def _day(day: date) -> str:
    return f"{formats.date_short(day)} {formats.weekday(day)}"


def _pieces(told: Line, edition: Edition, kind: str) -> Iterator[str]:
    """Word what counts and what does not; a closed day is told as what it is."""
    if not any(piece.counts or piece.why == "paused" for piece in told.pieces):
        day = DAYS_NOT_OPEN.get(told.kind)
        yield _("%(day)s，不计") % {"day": day} if day else _("不在计时时段，不计")
        return
    if told.kind == "makeup_day":
        yield str(DAYS_NOT_OPEN["makeup_day"])
    for piece in told.pieces:
        if piece.why != "closed":
            yield _piece(piece, edition, kind)


def _piece(piece: Piece, edition: Edition, kind: str) -> str:
    span = _("全天") if piece.is_whole_day else f"{_clock(piece.start)}–{_end(piece)}"
    if piece.counts:
        return _("%(span)s 计 %(sum)s") % {
            "span": span,
            "sum": length(piece.end - piece.start),
        }
    if piece.why == "break":
        return _("%(span)s 休息不计") % {"span": span}
    why = pause_reason(piece.reason, edition, kind=kind) or _("暂停")
    return _("%(span)s %(why)s，不计") % {"span": span, "why": why}


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def _end(piece: Piece) -> str:
    return "24:00" if piece.end.date() > piece.start.date() else _clock(piece.end)


def pause_reason(code: str, edition: Edition, *, kind: str) -> str:
    """Word why a clock was on hold, as its edition names it."""
    if code == "reopened":
        return _("客户查看结果期间")
    found = (one for one in edition.pause_reasons(kind=kind) if one.code == code)
    return next((formats.localized(one) for one in found), code)


# -----------------------------------------------------------------------------------------
# What the law says to it
# -----------------------------------------------------------------------------------------


def remark(one: Remark) -> str:
    """Word a rule by which a limit was counted."""
    sentence = str(REMARKS[one.code])
    return sentence % {name: _fact(value) for name, value in one.facts.items()}


REMARKS: dict[str, str | Promise] = {
    "after_cut_off": gettext_lazy("开始于 %(start)s，已到 %(time)s 的截止时间，按 %(limit)s 计。"),
    "before_cut_off": gettext_lazy("开始于 %(start)s，在 %(time)s 之前，按 %(limit)s 计。"),
    "from_the_moment": gettext_lazy("按小时（分钟）的时限自事项发生的时刻起算。"),
    "holiday_end_not_used": gettext_lazy(
        "最后一日不是工作日，法律允许顺延到 %(end)s；顺延有利于本企业，故不采用，以较早的为准。"
    ),
    "no_corresponding_day": gettext_lazy("到期月没有对应日，以月末日 %(day)s 为最后一日。"),
    "provisional": gettext_lazy(
        "%(year)s 年的节假日安排尚未公布，到期时间暂按每周作息推算，可能调整。"
    ),
    "start_day_not_counted": gettext_lazy(
        "按日、月计算的，开始的当日（%(day)s）不计，自下一日起算。"
    ),
    "until_midnight": gettext_lazy("最后一日至 24:00 届满。"),
}


def _fact(value: Any) -> str:
    if isinstance(value, datetime):
        return formats.deadline_full(value)
    if isinstance(value, date):
        return formats.date_short(value)
    return within(value) if hasattr(value, "cut_off") else str(value)


# -----------------------------------------------------------------------------------------
# What did not run, and why
# -----------------------------------------------------------------------------------------


def reasons(one: Considered, edition: Edition) -> list[str]:
    """Word why a limit did not apply; empty for one that applies."""
    if one.why == "awaits":
        figure = edition.figures.get(one.target.figure or "")
        name = formats.localized(figure, "title") if figure else one.target.figure
        return [_("条件相符，但所依据的数字“%(name)s”尚未核实，不计时") % {"name": name}]
    return [_difference(found, edition) for found in one.differences]


def _difference(found: Difference, edition: Edition) -> str:
    return _("%(attribute)s：这一行要求 %(wanted)s，本单是 %(given)s") % {
        "attribute": ATTRIBUTES.get(found.attribute, found.attribute),
        "wanted": _values(found.attribute, found.wanted, edition),
        "given": _value(found.attribute, found.given, edition) if found.given else _("未填"),
    }


def _values(attribute: str, codes: Sequence[str], edition: Edition) -> str:
    between = ", " if formats.in_english() else "、"
    shown = between.join(_value(attribute, code, edition) for code in codes[:SHOWN_AT_MOST])
    if len(codes) > SHOWN_AT_MOST:
        return _("%(shown)s 等 %(count)d 项") % {"shown": shown, "count": len(codes)}
    return shown


def _value(attribute: str, code: str, edition: Edition) -> str:
    if attribute == "category":
        known = {one.code: one for one in edition.categories}
        return formats.localized(known[code]) if code in known else code
    if attribute in {"priority", "region_type", "family", "tier"}:
        return labels.label(attribute, code)
    return code.strip("/").rpartition("/")[2]
