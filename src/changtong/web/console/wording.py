"""Journal entries, actors and automatic decisions in words for staff."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.kernel.errors import Missing
from changtong.parties import queries as parties
from changtong.web.ui import formats, labels


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.journal.models import Entry
    from changtong.standard.domain.edition import Edition


TAGS: dict[str, tuple[str | Promise, str]] = {
    "ticket.opened": (gettext_lazy("登记了工单"), "inbox"),
    "ticket.accepted": (gettext_lazy("受理了工单"), "clipboard-check"),
    "ticket.rejected": (gettext_lazy("不予受理"), "circle-slash"),
    "ticket.cancelled": (gettext_lazy("撤销了工单"), "circle-x"),
    "ticket.merged": (gettext_lazy("并入了另一张工单"), "layers"),
    "ticket.absorbed": (gettext_lazy("并入了一张同一事项的工单"), "layers"),
    "ticket.unmerged": (gettext_lazy("撤销了并案，恢复单独办理"), "undo-2"),
    "ticket.released": (gettext_lazy("撤销了一张工单的并案"), "undo-2"),
    "merger.answered": (gettext_lazy("保留的工单提交了处理结果"), "check"),
    "merger.settled": (gettext_lazy("保留的工单已关闭，一并办结"), "circle-check-big"),
    "ticket.split": (gettext_lazy("从另一张工单拆出"), "split"),
    "ticket.divided": (gettext_lazy("拆出了一张工单"), "split"),
    "ticket.linked": (gettext_lazy("关联了另一张工单"), "link"),
    "ticket.unlinked": (gettext_lazy("解除了关联"), "unlink"),
    "ticket.adopted": (gettext_lazy("归入了主案"), "network"),
    "ticket.orphaned": (gettext_lazy("脱离了主案"), "network"),
    "child.added": (gettext_lazy("增加了子案"), "network"),
    "child.removed": (gettext_lazy("移出了子案"), "network"),
    "child.left": (gettext_lazy("未能随主案处理，留待人工"), "hand"),
    "children.told": (gettext_lazy("把进展转告了子案"), "megaphone"),
    "children.resolved": (gettext_lazy("以同一结果处理子案"), "check"),
    "clock.carried": (gettext_lazy("时限由保留的工单承担"), "timer"),
    "clock.restored": (gettext_lazy("恢复原来的计时"), "timer"),
    "ticket.edition_migrated": (gettext_lazy("转入新版次标准"), "scale"),
    "ticket.reclassified": (gettext_lazy("改了分类或优先级"), "tag"),
    "ticket.assigned": (gettext_lazy("分派了工单"), "user-check"),
    "ticket.unassigned": (gettext_lazy("收回了分派"), "undo-2"),
    "ticket.claimed": (gettext_lazy("领取了工单"), "hand"),
    "ticket.started": (gettext_lazy("开始了处理"), "circle-play"),
    "ticket.logged": (gettext_lazy("写了处理记录"), "notebook-pen"),
    "macro.run": (gettext_lazy("运行了快捷处理"), "zap"),
    "ticket.attached": (gettext_lazy("上传了附件"), "paperclip"),
    "ticket.paused": (gettext_lazy("挂起了工单"), "circle-pause"),
    "pause.requested": (gettext_lazy("申请挂起"), "circle-pause"),
    "pause.approved": (gettext_lazy("批准挂起"), "check"),
    "pause.rejected": (gettext_lazy("不批准挂起"), "circle-x"),
    "pause.lapsed": (gettext_lazy("挂起申请逾期未批"), "hourglass"),
    "ticket.postponed": (gettext_lazy("客户改约，承诺计时等到新的时间"), "calendar-clock"),
    "ticket.wait_ended": (gettext_lazy("客户逾期未补充，提醒办理人"), "bell-ring"),
    "article.drafted": (gettext_lazy("起草了知识"), "book-open"),
    "article.revised": (gettext_lazy("修改了知识"), "book-open"),
    "article.published": (gettext_lazy("发布了知识"), "book-open"),
    "article.confirmed": (gettext_lazy("复审了知识"), "book-open"),
    "article.retired": (gettext_lazy("停用了知识"), "book-open"),
    "article.solved": (gettext_lazy("用知识库的文章解决"), "book-open"),
    "ticket.resumed": (gettext_lazy("恢复了处理"), "play"),
    "ticket.supplement_asked": (gettext_lazy("请客户补充材料"), "message-circle"),
    "ticket.supplemented": (gettext_lazy("客户作了补充"), "reply"),
    "ticket.resolved": (gettext_lazy("提交了处理结果"), "check"),
    "ticket.told": (gettext_lazy("已把结果告知客户"), "megaphone"),
    "ticket.confirmed": (gettext_lazy("客户确认了结果"), "thumbs-up"),
    "ticket.reopened": (gettext_lazy("客户不认可，重新打开"), "rotate-ccw"),
    "ticket.closed": (gettext_lazy("关闭了工单"), "circle-check-big"),
    "identity.checked": (gettext_lazy("核对了来人身份"), "user-check"),
    "consent.noted": (gettext_lazy("记下了告知或同意"), "check"),
    "consent.withdrawn": (gettext_lazy("撤回了同意"), "undo-2"),
    "item.ticked": (gettext_lazy("完成了清单上的一项"), "square-check-big"),
    "item.taken_back": (gettext_lazy("取消了清单上的勾选"), "square"),
    "ticket.hold_set": (gettext_lazy("暂不得关闭"), "lock"),
    "ticket.hold_lifted": (gettext_lazy("解除关闭限制"), "lock-open"),
    "remedy.proposed": (gettext_lazy("超过时限，拟予补偿"), "scale"),
    "remedy.accepted": (gettext_lazy("同意补偿"), "scale"),
    "remedy.declined": (gettext_lazy("不予补偿"), "circle-x"),
    "remedy.withdrawn": (gettext_lazy("原因除外，撤回补偿"), "undo-2"),
    "repair.provisional": (gettext_lazy("临时恢复，待永久修复"), "wrench"),
    "repair.completed": (gettext_lazy("完成永久修复"), "wrench"),
    "callback.attempted": (gettext_lazy("回访未接通"), "phone-call"),
    "callback.made": (gettext_lazy("完成回访"), "phone-call"),
    "evaluation.requested": (gettext_lazy("已请客户评价"), "star"),
    "evaluation.given": (gettext_lazy("客户作了评价"), "star"),
    "evaluation.reminded": (gettext_lazy("提醒客户评价"), "bell"),
    "visit.arrived": (gettext_lazy("到达现场"), "map-pin"),
    "clock.started": (gettext_lazy("开始计时"), "timer"),
    "clock.stopped": (gettext_lazy("停止计时"), "timer-off"),
    "clock.paused": (gettext_lazy("计时暂停"), "circle-pause"),
    "clock.resumed": (gettext_lazy("计时恢复"), "play"),
    "clock.warned": (gettext_lazy("时限即将到期"), "clock-alert"),
    "clock.breached": (gettext_lazy("时限已超"), "octagon-alert"),
    "clock.regraded": (gettext_lazy("时限随等级改变"), "timer"),
    "clock.at_risk": (gettext_lazy("时限即将到期"), "clock-alert"),
    "clock.breach_withdrawn": (gettext_lazy("中止获批，撤回超时"), "undo-2"),
    "escalation.told": (gettext_lazy("按时限逐级提醒"), "bell-ring"),
    "escalation.answered": (gettext_lazy("认领了提醒"), "hand"),
    "escalation.nobody_found": (gettext_lazy("时限提醒无人可告知"), "bell-ring"),
    "assignment.failed": (gettext_lazy("无人可派，已告警"), "bell-ring"),
    "alarm.acknowledged": (gettext_lazy("调度员跟进告警"), "hand"),
    "visit.displaced": (gettext_lazy("给更急的上门让出了时间"), "calendar-clock"),
    "visit.let_go": (gettext_lazy("暂停过久，本次上门已释放"), "circle-pause"),
    "visit.missed": (gettext_lazy("上门误约，已告警"), "bell-ring"),
    "visit.moved": (gettext_lazy("改了上门时间"), "calendar-clock"),
    "visit.planned": (gettext_lazy("安排了上门或会面"), "calendar-clock"),
    "work_order.started": (gettext_lazy("派工开始"), "circle-play"),
    "work_order.held": (gettext_lazy("派工挂起"), "circle-pause"),
    "work_order.resumed": (gettext_lazy("派工恢复"), "play"),
    "work_order.completed": (gettext_lazy("派工完成"), "check"),
    "work_order.cancelled": (gettext_lazy("派工取消"), "circle-x"),
    "queue_number.linked": (gettext_lazy("营业厅取号来办"), "store"),
    "contact.joined": (gettext_lazy("又一次来电并入"), "link"),
    "mail.received": (gettext_lazy("收到邮件"), "mail"),
    "contacts.imported": (gettext_lazy("批量导入"), "upload"),
    "evaluation.lapsed": (gettext_lazy("评价期已过"), "hourglass"),
    "supplement.reminded": (gettext_lazy("提醒客户补充"), "bell"),
    "follow_up.opened": (gettext_lazy("低分，安排回访"), "phone-outgoing"),
    "follow_up.handled": (gettext_lazy("完成回访"), "phone-call"),
    "notification.failed": (gettext_lazy("消息发送失败"), "octagon-alert"),
    "ticket.archived": (gettext_lazy("档案已封存"), "file-lock"),
    "record.verified": (gettext_lazy("校验了档案"), "shield-check"),
    "archive.verified": (gettext_lazy("校验了全部档案"), "shield-check"),
    "journal.verified": (gettext_lazy("校验了日志"), "shield-check"),
    "code.requested": (gettext_lazy("发送验证码"), "key-round"),
    "code.requested_at_desk": (gettext_lazy("受理时向登记号码发验证码"), "key-round"),
    "code.redeemed": (gettext_lazy("验证码通过"), "key-round"),
    "customer.registered": (gettext_lazy("登记客户"), "user-plus"),
    "customer.corrected": (gettext_lazy("更正客户资料"), "pencil"),
    "line.corrected": (gettext_lazy("更正号码资料"), "pencil"),
    "line.connected": (gettext_lazy("开通号码"), "cable"),
    "edition.published": (gettext_lazy("发布标准"), "book-open"),
    "edition.withdrawn": (gettext_lazy("废止标准"), "ban"),
    "draft.begun": (gettext_lazy("起草修订"), "square-pen"),
    "draft.changed": (gettext_lazy("修改草案"), "pencil"),
    "draft.loaded": (gettext_lazy("向草案导入文件"), "upload"),
    "draft.discarded": (gettext_lazy("作废草案"), "trash-2"),
    "draft.sent": (gettext_lazy("草案送审"), "send"),
    "draft.sent_back": (gettext_lazy("退回草案"), "undo-2"),
    "draft.commented": (gettext_lazy("对草案提出意见"), "message-square"),
    "draft.comment_resolved": (gettext_lazy("草案意见处理完毕"), "check"),
    "draft.rehearsed": (gettext_lazy("预演草案"), "history"),
    "draft.approved": (gettext_lazy("批准草案"), "badge-check"),
    "conversion.requested": (gettext_lazy("测算在办工单转换"), "history"),
    "conversion.measured": (gettext_lazy("转换影响测算完毕"), "history"),
    "conversion.confirmed": (gettext_lazy("确认在办工单转换"), "badge-check"),
    "conversion.finished": (gettext_lazy("在办工单转换完毕"), "check-check"),
    "draft.published": (gettext_lazy("发布草案"), "stamp"),
    "region.added": (gettext_lazy("增加地区"), "map"),
    "service.added": (gettext_lazy("增加业务"), "plus"),
    "resource.registered": (gettext_lazy("登记资源"), "wrench"),
    "resource.calibrated": (gettext_lazy("检定仪器"), "gauge"),
    "resource.returned": (gettext_lazy("资源恢复使用"), "wrench"),
    "resource.withdrawn": (gettext_lazy("资源停用"), "wrench"),
    "leave.granted": (gettext_lazy("登记请假"), "calendar"),
    "leave.withdrawn": (gettext_lazy("销假"), "calendar"),
    "shift.planned": (gettext_lazy("已排班"), "calendar"),
    "shift.dropped": (gettext_lazy("取消班次"), "calendar"),
    "staff.employed": (gettext_lazy("开立账号"), "user-plus"),
    "staff.dismissed": (gettext_lazy("停用账号"), "user-cog"),
    "staff.qualified": (gettext_lazy("登记资质"), "badge-check"),
    "staff.disqualified": (gettext_lazy("撤销资质"), "badge-check"),
    "staff.transferred": (gettext_lazy("调整岗位或地区"), "user-cog"),
    "team.formed": (gettext_lazy("组建班组"), "users"),
    "team.joined": (gettext_lazy("加入班组"), "users"),
    "team.parted": (gettext_lazy("退出班组"), "users"),
    "team.renamed": (gettext_lazy("班组改名"), "users"),
    "token.issued": (gettext_lazy("签发令牌"), "key-round"),
    "token.revoked": (gettext_lazy("撤销令牌"), "key-round"),
}
ABOUTS: dict[str, str | Promise] = {
    "kind": gettext_lazy("类型"),
    "category": gettext_lazy("分类"),
    "priority": gettext_lazy("优先级"),
    "acceptance": gettext_lazy("受理"),
    "assignment": gettext_lazy("分派"),
    "rejection": gettext_lazy("不予受理"),
    "pause": gettext_lazy("挂起"),
    "confirmation": gettext_lazy("确认"),
}
VALUES: dict[str, str | Promise] = {
    "automatic": gettext_lazy("自动受理"),
    "by_agent": gettext_lazy("人工受理"),
    "silent_consent": gettext_lazy("逾期未答复，视为认可"),
    "open_work_order": gettext_lazy("有未完成的派工"),
    "low_score": gettext_lazy("低分评价"),
    "unavailable": gettext_lazy("原办理人不能继续办理"),
    "customer": gettext_lazy("客户撤销"),
    "confirmed": gettext_lazy("客户已认可"),
    "claimed": gettext_lazy("已有人领取"),
    "displaced": gettext_lazy("给更急的上门让出了时间"),
    "relieved": gettext_lazy("原办理人离岗"),
    "resolved": gettext_lazy("已提交处理结果"),
    "resumed": gettext_lazy("恢复后重新安排"),
    "ticket.cancelled": gettext_lazy("客户撤销"),
    "ticket.rejected": gettext_lazy("不予受理"),
}
# Facts that say more than identifiers, in this order.
SHOWN_FACTS: dict[str, str | Promise] = {
    "macro": gettext_lazy("名称"),
    "into": gettext_lazy("保留"),
    "other": gettext_lazy("工单"),
    "channel": gettext_lazy("渠道"),
    "kind": gettext_lazy("类型"),
    "category": gettext_lazy("分类"),
    "priority": gettext_lazy("优先级"),
    "metric": gettext_lazy("时限"),
    "reason": gettext_lazy("原因"),
    "note": gettext_lazy("说明"),
    "item": gettext_lazy("清单项"),
    "choice": gettext_lazy("方式"),
    "score": gettext_lazy("评分"),
    "cause": gettext_lazy("原因代码"),
    "fix": gettext_lazy("处理代码"),
    "queue_number": gettext_lazy("排队号"),
    "waited_seconds": gettext_lazy("等候"),
}


# What the standard may require of a report before it is accepted.
REQUIRED: dict[str, str | Promise] = {
    "description": gettext_lazy("客户原话与现象"),
    "contact_phone": gettext_lazy("联系电话"),
    "contact_email": gettext_lazy("电子邮箱"),
    "contact_name": gettext_lazy("联系人"),
    "line": gettext_lazy("业务号码"),
    "customer": gettext_lazy("客户"),
    "region": gettext_lazy("地区"),
    "address": gettext_lazy("地址"),
}


@dataclass(frozen=True, slots=True)
class Story:
    """A journal entry in words."""

    id: int
    words: str
    icon: str
    actor: str
    at: datetime
    clause: str
    facts: tuple[tuple[str, str], ...]
    tag: str
    subject: str


@dataclass(frozen=True, slots=True)
class Reasoned:
    """An automatic decision in words."""

    about: str
    value: str
    clause: str
    at: datetime | None
    reasons: tuple[str, ...]


def names_in(actors: Iterable[str], *, and_staff: Iterable[int] = ()) -> dict[int, str]:
    """Return the names of all staff among these actors, in one query."""
    ids = {int(one.removeprefix("staff:")) for one in actors if one.startswith("staff:")}
    ids |= set(and_staff)
    return parties.names_of(ids) if ids else {}


def actor(text: str, names: Mapping[int, str]) -> str:
    """Word who did something."""
    sort, _colon, rest = text.partition(":")
    if sort == "staff" and rest.isdigit():
        return names.get(int(rest), _("员工 %(number)s") % {"number": rest})
    if sort == "phone":
        return _("客户 %(phone)s") % {"phone": formats.phone_masked(rest)}
    if sort == "customer":
        return _("客户")
    if sort == "system":
        return _("系统")
    return text


def happened(tag: str) -> str:
    """Word what kind of thing happened, without its facts."""
    return str(TAGS.get(tag, (tag, ""))[0])


def story(entry: Entry, names: Mapping[int, str], edition: Edition | None = None) -> Story:
    """Word one journal entry; an unknown tag is shown as itself, so nothing is hidden."""
    words, icon = TAGS.get(entry.tag, (entry.tag, "circle-dot"))
    facts = [
        (str(label), fact(name, entry.facts[name], edition))
        for name, label in SHOWN_FACTS.items()
        if entry.facts.get(name) not in (None, "", [])
    ]
    facts.extend(
        (_("办理人"), names.get(found, str(found)))
        for name in ("assignee", "staff")
        if isinstance(found := entry.facts.get(name), int)
    )
    return Story(
        id=entry.pk,
        words=str(words),
        icon=icon,
        actor=actor(entry.actor, names),
        at=entry.happened_at,
        clause=str(entry.facts.get("clause") or ""),
        facts=tuple(facts),
        tag=entry.tag,
        subject=entry.subject,
    )


def fact(name: str, value: Any, edition: Edition | None = None) -> str:
    """Word one fact of an entry."""
    if isinstance(value, list):
        arrow = " → " if name in {"kind", "category", "priority"} else "、"
        return arrow.join(fact(name, one, edition) for one in value)
    text = str(value)
    if name == "category" and edition is not None:
        return category(text, edition)
    if name in labels.TABLES:
        return labels.label(name, text)
    if text in VALUES:
        return str(VALUES[text])
    if edition is not None and name in _OF_EDITION:
        return _OF_EDITION[name](text, edition)
    return formats.duration_words(float(value)) if name == "waited_seconds" else text


def _asked_at_work(key: str, edition: Edition) -> str:
    """Name an item of a checklist, a check of identity or a consent."""
    named: dict[str, Any] = {k: item for one in edition.checklists for k, item in one.keyed()}
    if edition.identity is not None:
        named |= {one.code: one for one in edition.identity.methods + edition.identity.consents}
    return formats.localized(named[key]) if key in named else key


def category(code: str, edition: Edition) -> str:
    """Return a category's name, or the code if the edition does not know it."""
    if not code:
        return _("未分类")
    try:
        return formats.localized(edition.category(code))
    except Missing:
        return code


def calendar(code: str, edition: Edition) -> str:
    """Return a calendar's name, or the code if it has none."""
    try:
        return formats.localized(edition.calendar(code)) or code
    except Missing:
        return code


def resource_type(code: str, edition: Edition) -> str:
    """Return the name of a type of instrument or venue, or the code if the edition has none."""
    known = (one for one in (*edition.instruments, *edition.venues) if one.code == code)
    return next((formats.localized(one) for one in known), code)


def choice(code: str, edition: Edition) -> str:
    """Return the name of a cause, fix, pause or rejection reason, else the text itself."""
    tables = (edition.causes_by_kind, edition.fixes_by_kind, edition.rejections_by_kind)
    for table in (*tables, edition.pauses):
        for choices in table.values():
            for one in choices:
                if one.code == code:
                    return formats.localized(one)
    return code


def decisions(kept: Iterable[Mapping[str, Any]], edition: Edition) -> list[Reasoned]:
    """Word a ticket's automatic decisions, the latest first."""
    worded = [_decision(one, edition) for one in kept]
    return worded[::-1]


def _decision(kept: Mapping[str, Any], edition: Edition) -> Reasoned:
    about, value = str(kept.get("about", "")), str(kept.get("value", ""))
    if about == "category":
        shown = category(value, edition)
    elif about in {"kind", "priority"}:
        shown = labels.label(about, value)
    else:
        shown = str(VALUES.get(value) or choice(value, edition))
    return Reasoned(
        about=str(ABOUTS.get(about, about)),
        value=shown,
        clause=str(kept.get("clause", "")),
        at=parse_datetime(str(kept.get("at", ""))),
        reasons=tuple(_reasons(kept.get("why") or {}, edition)),
    )


def _reasons(why: Mapping[str, Any], edition: Edition) -> Iterable[str]:
    if why.get("chosen"):
        yield _("由办理人选定")
    if why.get("confirmed_by"):
        yield _("系统建议，办理人确认")
    if why.get("before"):
        yield _("原为%(kind)s") % {"kind": labels.label("kind", why["before"])}
    for one in why.get("reasons", ()):
        yield reason(str(one))
    for table in ("impact", "urgency", "tier"):
        if table in why:
            names = {"impact": _("影响"), "urgency": _("紧急"), "tier": _("客户")}
            yield f"{names[table]}：{labels.label(table, why[table])}"
    if "confidence" in why:
        yield _("把握 %(percent)d%%") % {"percent": round(float(why["confidence"]) * 100)}
    if others := why.get("others"):
        names_of_others = "、".join(category(str(one), edition) for one in others)
        yield _("也考虑过：%(others)s") % {"others": names_of_others}


def lacking(required: Iterable[str], given: Mapping[str, Any]) -> str:
    """Name what the standard requires and nobody has given yet."""
    return "、".join(str(REQUIRED.get(one, one)) for one in required if not given.get(one))


def reason(code: str) -> str:
    """Word what spoke for a proposed category: ``keyword:慢``, ``history:3``."""
    sort, _colon, rest = code.partition(":")
    if sort == "keyword":
        return _("描述中有“%(word)s”") % {"word": rest}
    if sort == "family":
        return _("业务为%(family)s") % {"family": labels.label("family", rest)}
    if sort == "history":
        return _("该号码近来有 %(count)s 次同类") % {"count": rest}
    return code


# Facts that only the case's edition can name.
_OF_EDITION: dict[str, Callable[[str, Edition], str]] = {
    "reason": choice,
    "cause": choice,
    "fix": choice,
    "item": _asked_at_work,
    "choice": _asked_at_work,
}
