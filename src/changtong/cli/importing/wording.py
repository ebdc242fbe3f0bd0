"""What an import says to the person at the terminal, in their words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from changtong.intake.domain import importing
from changtong.kernel.errors import Missing, Refused
from changtong.standard import queries as standard


DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# The same words as in the console; the two faces do not know each other.
STATES = {
    "acknowledged": "已登记",
    "accepted": "已受理",
    "assigned": "已分派",
    "in_progress": "处理中",
    "pending": "待客户补充",
    "held": "已挂起",
    "resolved": "待确认",
    "closed": "已关闭",
    "rejected": "不予受理",
    "cancelled": "已撤销",
    "merged": "已并案",
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "state": STATES,
    "current": STATES,
    "wanted": STATES,
    "channel": {
        "phone": "电话",
        "web": "网上自助",
        "app": "手机应用",
        "counter": "营业厅",
        "email": "电子邮件",
        "sms": "短信",
        "api": "系统接口",
        "import": "批量导入",
    },
    "kind": {
        "service_request": "服务申请",
        "fault": "故障",
        "complaint": "投诉",
        "enquiry": "咨询",
    },
    "metric": {
        "acceptance": "受理时限",
        "first_response": "首次响应",
        "assignment": "分派时限",
        "arrival": "到场时限",
        "restoration": "恢复时限",
        "permanent_repair": "永久修复",
        "progress": "进展通报",
        "resolution": "办结时限",
        "answer": "答复时限",
        "evaluation": "评价时限",
        "callback": "回访时限",
        "closing": "关闭时限",
    },
    "basis": {"legal": "法定", "promise": "承诺"},
    "result": {"met": "按时", "breached": "超时", "void": "作废", "open": "未到期"},
    "void_reason": {
        "times_not_in_source": "来源没有记下时间",
        "regraded": "改级后由新时限代替",
        "reopened": "处理结果被退回",
        "ticket.rejected": "不予受理",
        "ticket.cancelled": "客户撤销",
    },
    "note": {
        "events": "事件",
        "pauses_used_up": "暂停时间用满",
        "unclassified": "未能归类",
        "unsealed": "日志尚未封存，稍后归档",
    },
}
SENTENCES = {
    "category.kind_differs": "分类“{category}”不属于“{kind}”",
    "category.unknown": "服务标准中没有分类“{category}”",
    "clock.pause_used_up": "这个理由的暂停时间已用满 {at_most_hours:g} 小时",
    "closing.unmet": "还不能关闭，尚未满足：{names}",
    "customer.unknown": "没有客户“{number}”",
    "import.columns_missing": "文件缺少列：{columns}",
    "import.columns_unknown": "文件有不认识的列：{columns}",
    "import.encoding_unknown": "无法识别文件编码，请存为 {encodings}",
    "import.empty": "文件里没有数据",
    "import.source_invalid": "来源名称不正确，最多 {at_most} 个字符",
    "intake.region_unknown": "没有区域“{region_code}”",
    "line.unknown": "没有业务号码“{number}”",
    "reopening.too_late": "办结超过 {within}后才退回，标准不再允许继续处理",
    "reopening.too_often": "退回次数超过标准允许的 {at_most} 次",
    "report.channel_unknown": "没有受理渠道“{channel}”",
    "report.email_invalid": "电子邮箱“{email}”不正确",
    "report.family_unknown": "没有业务类型“{family}”",
    "report.kind_unknown": "没有事项类别“{kind}”",
    "report.phone_invalid": "电话号码“{phone}”不正确",
    "report.too_long": "内容太长，最多 {at_most} 个字",
    "report.unreachable": "没有电话，也没有电子邮箱",
    "report.untitled": "没有说明是什么事",
    "row.cell_empty": "必填列为空",
    "row.family_unknown": "业务类型“{value}”不认识",
    "row.kind_unknown": "事项类别“{value}”不认识",
    "row.time_invalid": "时间“{value}”无法识别",
    "row.too_long": "多于 {columns} 列",
    "row.unreadable": "无法读取：{because}",
    "supplement.too_often": "请客户补充超过 {at_most} 次",
    "ticket.cannot_move": "工单“{current}”，不能改为“{wanted}”",
    "ticket.finished": "工单“{state}”，不能再更改",
    "ticket.not_resolved": "工单“{state}”，还没有处理结果",
}


class BadRow(Protocol):
    """A row that could not be read, and which column is why."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> str: ...
    @property
    def value(self) -> str: ...


def word(axis: str, code: str) -> str:
    """Return the word for a code; a code that has none stands for itself."""
    return WORDS.get(axis, {}).get(code, code)


def category(code: str, *, edition_id: int) -> str:
    """Return the name of a category in an edition."""
    try:
        return standard.read(edition_id).category(code).name if code else "未归类"
    except Missing:
        return code


def bad_row(row: BadRow) -> str:
    """Say which cell of a row could not be read."""
    shown = f"“{row.value}”不认识" if row.value else "为空"
    return f"第 {row.line} 行：“{row.column}”列{shown}"


def row_error(error: importing.RowError) -> str:
    """Say what is wrong with a row of a file in our own columns."""
    column = importing.COLUMNS.get(error.column, error.column)
    where = f"“{column}”列：" if column else ""
    return f"第 {error.line} 行：{where}{sentence(error.code, error.facts)}"


def refusal(line: int, reference: str, refused: Exception) -> str:
    """Say why a case could not be taken over, with the clause that forbids it."""
    if not isinstance(refused, Refused):
        return f"第 {line} 行，{reference}：{refused}"
    clause = f"（条款 {refused.clause}）" if refused.clause else ""
    return f"第 {line} 行，{reference}：{sentence(refused.code, refused.facts)}{clause}"


def sentence(code: str, facts: Mapping[str, object]) -> str:
    """Return the sentence for a refusal; one that none was written for shows what it knows."""
    known = {name: _said(name, value) for name, value in facts.items()}
    try:
        return SENTENCES[code].format_map(known)
    except (KeyError, ValueError):
        shown = "，".join(f"{name}：{value}" for name, value in known.items())
        return f"{code}（{shown}）" if shown else code


def _said(name: str, value: object) -> object:
    if isinstance(value, timedelta):
        return f"{value / DAY:g} 天" if value >= DAY else f"{value / HOUR:g} 小时"
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value)
    return word(name, value) if isinstance(value, str) else value
