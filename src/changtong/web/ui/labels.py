"""The words, tone and picture for every code that people meet."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Look(NamedTuple):
    """How one code is shown: its words, its tone (color) and its icon (shape)."""

    words: str | Promise
    tone: str = "neutral"
    icon: str | None = None


STATES = {
    "acknowledged": Look(_("已登记"), "neutral", "inbox"),
    "accepted": Look(_("已受理"), "info", "clipboard-check"),
    "assigned": Look(_("已分派"), "info", "user-check"),
    "in_progress": Look(_("处理中"), "accent", "circle-play"),
    "pending": Look(_("待客户补充"), "warning", "message-circle"),
    "held": Look(_("已挂起"), "warning", "circle-pause"),
    "resolved": Look(_("待确认"), "success", "circle-help"),
    "closed": Look(_("已关闭"), "success", "circle-check-big"),
    "rejected": Look(_("不予受理"), "error", "circle-slash"),
    "cancelled": Look(_("已撤销"), "neutral", "circle-x"),
    "merged": Look(_("已并案"), "neutral", "layers"),
}
KINDS = {
    "service_request": Look(_("服务申请"), "info", "clipboard-list"),
    "fault": Look(_("故障"), "error", "zap"),
    "complaint": Look(_("投诉"), "warning", "message-square-warning"),
    "enquiry": Look(_("咨询"), "neutral", "circle-help"),
}
PRIORITIES = {
    "P1": Look(_("P1 特急"), "error", "chevron-up"),
    "P2": Look(_("P2 紧急"), "warning", "chevron-up"),
    "P3": Look(_("P3 一般"), "info", None),
    "P4": Look(_("P4 低"), "neutral", "chevron-down"),
}
CHANNELS = {
    "phone": Look(_("电话"), icon="phone"),
    "web": Look(_("网上自助"), icon="globe"),
    "app": Look(_("手机应用"), icon="smartphone"),
    "counter": Look(_("营业厅"), icon="store"),
    "email": Look(_("电子邮件"), icon="mail"),
    "sms": Look(_("短信"), icon="message-square"),
    "api": Look(_("系统接口"), icon="webhook"),
    "import": Look(_("批量导入"), icon="upload"),
}
FAMILIES = {
    "fixed": Look(_("固定电话"), icon="phone"),
    "mobile": Look(_("移动业务"), icon="smartphone"),
    "broadband": Look(_("宽带"), icon="router"),
    "private_line": Look(_("专线"), icon="cable"),
    "cloud": Look(_("云服务"), icon="cloud"),
    "value_added": Look(_("增值业务"), icon="sparkles"),
}
TIERS = {
    "standard": Look(_("标准客户"), "neutral"),
    "silver": Look(_("银卡客户"), "neutral", "award"),
    "gold": Look(_("金卡客户"), "warning", "award"),
    "platinum": Look(_("白金客户"), "accent", "award"),
}
REGION_TYPES = {
    "urban": Look(_("城镇"), icon="building-2"),
    "rural": Look(_("农村"), icon="house"),
}
IMPACTS = {
    "single": Look(_("单个客户")),
    "group": Look(_("多个客户")),
    "area": Look(_("片区")),
    "network": Look(_("全网")),
}
URGENCIES = {
    "low": Look(_("低")),
    "normal": Look(_("一般")),
    "high": Look(_("高")),
    "critical": Look(_("危急")),
}
METRICS = {
    "acceptance": Look(_("受理时限")),
    "first_response": Look(_("首次响应")),
    "assignment": Look(_("分派时限")),
    "arrival": Look(_("到场时限")),
    "restoration": Look(_("恢复时限")),
    "permanent_repair": Look(_("永久修复")),
    "progress": Look(_("进展通报")),
    "resolution": Look(_("办结时限")),
    "answer": Look(_("答复时限")),
    "evaluation": Look(_("评价时限")),
    "callback": Look(_("回访时限")),
    "closing": Look(_("关闭时限")),
}
CLOCKS = {
    "running": Look(_("计时中"), "neutral", "clock"),
    "at_risk": Look(_("即将超时"), "warning", "clock-alert"),
    "breached": Look(_("已超时"), "error", "octagon-alert"),
    "paused": Look(_("已暂停"), "info", "circle-pause"),
    "met": Look(_("按时完成"), "success", "circle-check"),
    "missed": Look(_("超时完成"), "error", "circle-x"),
    "stopped": Look(_("已停止"), "neutral", "timer-off"),
}
BASES = {
    "legal": Look(_("法定时限"), "accent", "scale"),
    "promise": Look(_("服务承诺"), "neutral", "badge-check"),
}
ROLES = {
    "agent": Look(_("客服坐席"), icon="headset"),
    "dispatcher": Look(_("调度员"), icon="waypoints"),
    "technician": Look(_("装维工程师"), icon="wrench"),
    "leader": Look(_("班组长"), icon="users"),
    "supervisor": Look(_("质量督导"), icon="eye"),
    "archivist": Look(_("档案员"), icon="archive"),
    "auditor": Look(_("审计员"), icon="scroll-text"),
    "manager": Look(_("经理"), icon="briefcase"),
    "compliance": Look(_("合规专员"), icon="scale"),
    "administrator": Look(_("系统管理员"), icon="settings"),
}
MODES = {
    "desk": Look(_("坐席处理"), icon="headset"),
    "remote": Look(_("远程处理"), icon="monitor"),
    "field": Look(_("上门处理"), icon="truck"),
}

DRAFTS = {
    "drafting": Look(_("起草中"), "info", "square-pen"),
    "in_review": Look(_("评审中"), "warning", "eye"),
    "approved": Look(_("已批准"), "success", "badge-check"),
    "published": Look(_("已发布"), "neutral", "stamp"),
    "discarded": Look(_("已作废"), "neutral", "circle-x"),
}

TABLES: dict[str, dict[str, Look]] = {
    "draft_state": DRAFTS,
    "state": STATES,
    "kind": KINDS,
    "priority": PRIORITIES,
    "channel": CHANNELS,
    "family": FAMILIES,
    "tier": TIERS,
    "region_type": REGION_TYPES,
    "impact": IMPACTS,
    "urgency": URGENCIES,
    "metric": METRICS,
    "clock": CLOCKS,
    "basis": BASES,
    "role": ROLES,
    "mode": MODES,
}


def look(table: str, code: object) -> Look:
    """Return how a code is shown; an unknown code is shown as itself, so nothing is hidden."""
    text = str(getattr(code, "value", code))
    return TABLES[table].get(text) or Look(text)


def label(table: str, code: object) -> str:
    """Return the words for a code in the language of the page."""
    return _label(get_language() or "", table, str(getattr(code, "value", code)))


# A page asks for the same few words some hundred times.
@lru_cache(maxsize=1_024)
def _label(language: str, table: str, code: str) -> str:
    return str(look(table, code).words)


def choices(table: str) -> list[tuple[str, str | Promise]]:
    """Return the codes of a table with their words, as Django form choices."""
    return [(code, shown.words) for code, shown in TABLES[table].items()]
