"""What staff are told: the bell, the inbox, and taking in hand what a limit warns of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from changtong.feedback import queries
from changtong.feedback.operations import escalating, noticing
from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.web.console import wording
from changtong.web.console.frame import show
from changtong.web.ui import htmx, labels
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.feedback.models import EscalationStep, Notice
    from changtong.parties.domain.roles import Viewer
    from changtong.tickets.models import Ticket


# The bell says 99+ beyond this.
COUNTED_AT_MOST = 100
UNREAD_AT_MOST = 100
READ_AT_MOST = 30

LEVELS: dict[str, str | Promise] = {
    "holder": gettext_lazy("承办人"),
    "leader": gettext_lazy("班组长"),
    "duty": gettext_lazy("值班主管"),
    "province": gettext_lazy("省级负责人"),
}

WORDS: dict[str, tuple[str | Promise, str, str]] = {
    "limit.running_out": (gettext_lazy("时限即将到期"), "clock-alert", "warning"),
    "limit.broken": (gettext_lazy("时限已超，尚未办结"), "octagon-alert", "error"),
    "assignment.failed": (gettext_lazy("无人可派，请人工分派"), "bell-ring", "error"),
    "follow_up.opened": (gettext_lazy("客户评了低分，请回访"), "star", "warning"),
    "pause.requested": (gettext_lazy("有挂起申请，请批准或退回"), "circle-pause", "warning"),
    "pause.rejected": (gettext_lazy("挂起申请未获批准"), "circle-x", "error"),
    "pause.lapsed": (gettext_lazy("挂起申请逾期未批，没有挂起"), "hourglass", "warning"),
    "ticket.assigned": (gettext_lazy("工单转到了您名下"), "user-check", "info"),
    "note.mentioned": (gettext_lazy("同事在备注里提到您"), "at-sign", "info"),
    "watch.happened": (gettext_lazy("您关注的工单有变化"), "eye", "info"),
    "ticket.wait_ended": (gettext_lazy("客户逾期未补充，请跟进"), "hourglass", "warning"),
}


@dataclass(frozen=True, slots=True)
class NoticeShown:
    kept: Notice
    words: str
    icon: str
    tone: str
    metric: str
    due_at: datetime | None
    answered_by: str
    may_answer: bool
    url: str
    # Who named the reader, or what happened on a ticket they watch.
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StepShown:
    kept: EscalationStep
    level: str
    told_level: str
    told: str
    answered_by: str


@dataclass(frozen=True, slots=True)
class LadderShown:
    """The steps of one clock that were taken, the next one, and whether the viewer may answer."""

    steps: Sequence[StepShown]
    next_at: datetime | None
    open_step: EscalationStep | None


@staff_only("")
def inbox(request: HttpRequest) -> HttpResponse:
    """Show what the viewer was told: what they have not read first."""
    staff_id = staff_viewer(request).staff_id or 0
    unread = list(queries.notices_of(staff_id, unread=True)[:UNREAD_AT_MOST])
    read = list(queries.notices_of(staff_id, unread=False)[:READ_AT_MOST])
    people = [one.step.answered_by for one in (*unread, *read) if one.step]
    people += [str(one.facts["by"]) for one in (*unread, *read) if "by" in one.facts]
    names = wording.names_in(people)
    context = {
        "unread": [_shown(one, names) for one in unread],
        "read": [_shown(one, names) for one in read],
        "is_cut": len(unread) == UNREAD_AT_MOST,
    }
    return show(request, "notices/inbox.html", context)


@staff_only("")
def bell(request: HttpRequest) -> HttpResponse:
    """Say how much the viewer has not read, for the bell above every screen."""
    count = queries.unread(staff_viewer(request).staff_id or 0, at_most=COUNTED_AT_MOST)
    words = f"{COUNTED_AT_MOST - 1}+" if count >= COUNTED_AT_MOST else str(count)
    return render(request, "console/notices/bell.html", {"count": count, "words": words})


@staff_only("")
@require_POST
def reading(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Note that the viewer has read one notice, or all."""
    staff_id = staff_viewer(request).staff_id or 0
    noticing.read(staff_id=staff_id, notice_id=pk, at=now())
    return htmx.go_to(request, reverse("console:notices"))


@staff_only("")
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in hand what a step told of, so that nobody further up is told."""
    viewer = staff_viewer(request)
    if not queries.answerable(viewer).filter(pk=pk).exists():
        raise Missing("escalation.unknown", step=pk)
    escalating.answer(step_id=pk, actor=viewer.actor, at=now())
    messages.success(request, _("已认领，不再向上提醒"))
    return htmx.go_to(request, reverse("console:notices"))


def ladder_of(clock_id: int, ticket: Ticket, viewer: Viewer) -> LadderShown | None:
    """Return the ladder of a clock as its page shows it; nothing if it has none."""
    escalation = queries.escalation_of(clock_id)
    if escalation is None:
        return None
    steps = [one for one in queries.steps_of(ticket) if one.escalation_id == escalation.pk]
    names = wording.names_in([one.answered_by for one in steps])
    waiting = [one for one in steps if one.answered_at is None]
    last = waiting[-1] if waiting and waiting[-1] is steps[-1] else None
    if last is not None and not queries.answerable(viewer).filter(pk=last.pk).exists():
        last = None
    return LadderShown([_step(one, names) for one in steps], escalation.next_at, last)


def _shown(notice: Notice, names: Mapping[int, str]) -> NoticeShown:
    words, icon, tone = WORDS[notice.tag]
    step, facts = notice.step, notice.facts
    is_open = step is not None and step.answered_at is None and step.escalation.clock.is_open
    number = notice.ticket.number
    clock = facts.get("clock")
    return NoticeShown(
        kept=notice,
        words=str(words),
        icon=icon,
        tone=tone,
        metric=labels.label("metric", str(facts["metric"])) if "metric" in facts else "",
        due_at=datetime.fromisoformat(str(facts["due_at"])) if "due_at" in facts else None,
        answered_by=wording.actor(step.answered_by, names) if step else "",
        may_answer=is_open,
        url=reverse("console:ticket_clock", args=[number, clock]) if clock else "",
        detail=_detail(facts, names),
    )


def _detail(facts: Mapping[str, object], names: Mapping[int, str]) -> str:
    if "happened" in facts:
        return wording.happened(str(facts["happened"]))
    return wording.actor(str(facts["by"]), names) if "by" in facts else ""


def _step(step: EscalationStep, names: Mapping[int, str]) -> StepShown:
    return StepShown(
        kept=step,
        level=str(LEVELS[step.level]),
        told_level=str(LEVELS[step.told_level]) if step.told_level != step.level else "",
        told="、".join(notice.staff.name for notice in step.notices.all()),
        answered_by=wording.actor(step.answered_by, names),
    )
