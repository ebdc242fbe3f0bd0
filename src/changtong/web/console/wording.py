"""Journal entries, actors and automatic decisions in words for staff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    "ticket.reclassified": (gettext_lazy("改了分类或优先级"), "tag"),
    "ticket.assigned": (gettext_lazy("分派了工单"), "user-check"),
    "ticket.unassigned": (gettext_lazy("收回了分派"), "undo-2"),
    "ticket.claimed": (gettext_lazy("领取了工单"), "hand"),
    "ticket.started": (gettext_lazy("开始处理"), "circle-play"),
    "ticket.logged": (gettext_lazy("写了处理记录"), "notebook-pen"),
    "ticket.attached": (gettext_lazy("上传了附件"), "paperclip"),
    "ticket.paused": (gettext_lazy("挂起了工单"), "circle-pause"),
    "ticket.resumed": (gettext_lazy("恢复了处理"), "play"),
    "ticket.supplement_asked": (gettext_lazy("请客户补充材料"), "message-circle"),
    "ticket.supplemented": (gettext_lazy("客户作了补充"), "reply"),
    "ticket.resolved": (gettext_lazy("提交了处理结果"), "check"),
    "ticket.told": (gettext_lazy("已把结果告知客户"), "megaphone"),
    "ticket.confirmed": (gettext_lazy("客户确认了结果"), "thumbs-up"),
    "ticket.reopened": (gettext_lazy("客户不认可，重新打开"), "rotate-ccw"),
    "ticket.closed": (gettext_lazy("关闭了工单"), "circle-check-big"),
    "ticket.hold_set": (gettext_lazy("暂不得关闭"), "lock"),
    "ticket.hold_lifted": (gettext_lazy("解除关闭限制"), "unlock"),
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
    "record.sealed": (gettext_lazy("档案已封存"), "file-lock"),
}
ABOUTS: dict[str, str | Promise] = {
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
}
# Facts that say more than identifiers, in this order.
SHOWN_FACTS: dict[str, str | Promise] = {
    "channel": gettext_lazy("渠道"),
    "category": gettext_lazy("分类"),
    "priority": gettext_lazy("优先级"),
    "metric": gettext_lazy("时限"),
    "reason": gettext_lazy("原因"),
    "note": gettext_lazy("说明"),
    "score": gettext_lazy("评分"),
    "cause": gettext_lazy("原因代码"),
    "fix": gettext_lazy("处理代码"),
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


def story(entry: Entry, names: Mapping[int, str], edition: Edition | None = None) -> Story:
    """Word one journal entry; an unknown tag is shown as itself, so nothing is hidden."""
    words, icon = TAGS.get(entry.tag, (entry.tag, "circle-dot"))
    facts = [
        (str(label), fact(name, entry.facts[name], edition))
        for name, label in SHOWN_FACTS.items()
        if entry.facts.get(name) not in (None, "", [])
    ]
    for name in ("assignee", "staff"):
        if isinstance(found := entry.facts.get(name), int):
            facts.append((_("办理人"), names.get(found, str(found))))
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
        arrow = " → " if name in {"category", "priority"} else "、"
        return arrow.join(fact(name, one, edition) for one in value)
    text = str(value)
    if name == "category" and edition is not None:
        return category(text, edition)
    if name in labels.TABLES:
        return labels.label(name, text)
    if name in {"reason", "cause", "fix"} and edition is not None:
        return choice(text, edition)
    return text


def category(code: str, edition: Edition) -> str:
    """Return a category's name, or the code if the edition does not know it."""
    if not code:
        return _("未分类")
    try:
        return formats.localized(edition.category(code))
    except Missing:
        return code


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
    elif about == "priority":
        shown = labels.label("priority", value)
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
