"""What can be done to a ticket now: the next right step first, the others with why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.tickets.domain.lifecycle import UNFINISHED, State
from changtong.web.console import names
from changtong.web.ui import labels


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.parties.domain.roles import Viewer
    from changtong.tickets.models import PauseRequest, Ticket


OPEN = UNFINISHED - {State.RESOLVED}
HANDLED = frozenset({State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS})
AFTERWARDS = frozenset({State.RESOLVED, State.CLOSED})


@dataclass(frozen=True, slots=True)
class Step:
    """An action on a ticket: its resource, who may, and in which states."""

    code: str
    label: str | Promise
    icon: str
    permission: str
    states: frozenset[State]
    # Done with one press; the others open a form first.
    direct: bool = False
    risky: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What waits on a ticket: a pause to be approved, and the limits that run."""

    asked: PauseRequest | None = None
    running: frozenset[str] = frozenset()


NOTHING = Standing()


@dataclass(frozen=True, slots=True)
class Offer:
    """A step as one viewer meets it on one ticket."""

    code: str
    label: str | Promise
    icon: str
    url: str
    direct: bool
    risky: bool
    why_not: str = ""

    @property
    def words(self) -> str:
        """Return all that somebody may type for it in the palette."""
        return names.of(self.label)


STEPS = (
    Step(
        "acceptance",
        gettext_lazy("受理"),
        "clipboard-check",
        "tickets.accept",
        frozenset({State.ACKNOWLEDGED}),
    ),
    Step(
        "rejection",
        gettext_lazy("不予受理"),
        "circle-slash",
        "tickets.accept",
        frozenset({State.ACKNOWLEDGED, State.PENDING}),
        risky=True,
    ),
    Step("assignment", gettext_lazy("分派"), "user-check", "dispatch.assign", HANDLED),
    Step(
        "claim",
        gettext_lazy("领取"),
        "hand",
        "dispatch.claim",
        frozenset({State.ACCEPTED, State.ASSIGNED}),
        direct=True,
    ),
    Step(
        "handover",
        gettext_lazy("移交"),
        "shuffle",
        "tickets.work",
        frozenset({State.ASSIGNED, State.IN_PROGRESS}),
    ),
    Step(
        "handling",
        gettext_lazy("开始处理"),
        "circle-play",
        "tickets.work",
        frozenset({State.ASSIGNED}),
        direct=True,
    ),
    Step("log", gettext_lazy("写记录"), "notebook-pen", "tickets.work", UNFINISHED),
    Step("attachments", gettext_lazy("加附件"), "paperclip", "tickets.work", UNFINISHED),
    Step(
        "resolution",
        gettext_lazy("提交处理结果"),
        "check",
        "tickets.resolve",
        frozenset({State.IN_PROGRESS}),
    ),
    Step(
        "answer",
        gettext_lazy("登记客户补充"),
        "reply",
        "tickets.work",
        frozenset({State.PENDING}),
    ),
    Step(
        "supplement",
        gettext_lazy("请客户补充"),
        "message-circle",
        "tickets.work",
        frozenset({State.ACKNOWLEDGED}) | HANDLED,
    ),
    Step(
        "resumption",
        gettext_lazy("恢复处理"),
        "play",
        "tickets.work",
        frozenset({State.HELD}),
        direct=True,
    ),
    Step("pause", gettext_lazy("挂起"), "circle-pause", "tickets.work", HANDLED),
    Step("pause_approval", gettext_lazy("批准挂起"), "check", "tickets.approve_pause", HANDLED),
    Step(
        "pause_rejection",
        gettext_lazy("不批准挂起"),
        "circle-x",
        "tickets.approve_pause",
        HANDLED,
    ),
    Step(
        "repair_completion",
        gettext_lazy("登记永久修复"),
        "wrench",
        "tickets.resolve",
        HANDLED | AFTERWARDS,
    ),
    Step("callback", gettext_lazy("登记回访"), "phone-call", "tickets.close", AFTERWARDS),
    Step(
        "notice",
        gettext_lazy("登记已告知客户"),
        "megaphone",
        "tickets.close",
        frozenset({State.RESOLVED}),
    ),
    Step(
        "confirmation",
        gettext_lazy("登记客户认可"),
        "thumbs-up",
        "tickets.close",
        frozenset({State.RESOLVED}),
    ),
    Step(
        "refusal",
        gettext_lazy("登记客户不认可"),
        "thumbs-down",
        "tickets.close",
        frozenset({State.RESOLVED}),
    ),
    Step(
        "evaluation",
        gettext_lazy("登记客户评价"),
        "star",
        "feedback.record",
        frozenset({State.RESOLVED, State.CLOSED}),
    ),
    Step(
        "closure",
        gettext_lazy("关闭工单"),
        "circle-check-big",
        "tickets.close",
        frozenset({State.RESOLVED}),
    ),
    Step("reclassification", gettext_lazy("改分类或优先级"), "tag", "tickets.accept", OPEN),
    Step(
        "cancellation",
        gettext_lazy("客户撤销"),
        "circle-x",
        "tickets.accept",
        OPEN,
        risky=True,
    ),
)
_BY_CODE = {step.code: step for step in STEPS}

# What usually comes next, in order of preference; the first that the viewer may do is offered.
NEXT: dict[State, tuple[str, ...]] = {
    State.ACKNOWLEDGED: ("acceptance", "supplement"),
    State.ACCEPTED: ("assignment", "claim"),
    State.ASSIGNED: ("handling", "claim", "assignment"),
    State.IN_PROGRESS: ("resolution", "log"),
    State.PENDING: ("answer",),
    State.HELD: ("resumption",),
    State.RESOLVED: ("confirmation", "closure"),
    State.CLOSED: ("callback", "repair_completion"),
}


def offers(
    ticket: Ticket, viewer: Viewer, standing: Standing = NOTHING
) -> tuple[Offer | None, list[Offer]]:
    """Return the next right step, if the viewer may do it, and all others."""
    every = [_offer(step, ticket, viewer, standing) for step in STEPS]
    possible = {one.code: one for one in every if not one.why_not}
    wanted = ("pause_approval", *_preferred(ticket, viewer))
    following = next((possible[code] for code in wanted if code in possible), None)
    rest = [one for one in every if one is not following]
    return following, sorted(rest, key=lambda one: bool(one.why_not))


def allowed(code: str, viewer: Viewer) -> bool:
    """Say whether the viewer's role may take this step at all."""
    return viewer.may(_BY_CODE[code].permission)


def possible(code: str, ticket: Ticket, viewer: Viewer) -> bool:
    """Say whether the viewer may take this step on the ticket now."""
    return not why_not(code, ticket, viewer)


def why_not(code: str, ticket: Ticket, viewer: Viewer) -> str:
    """Say why the ticket's page does not offer this step to the viewer; nothing if it does."""
    return _why_not(_BY_CODE[code], ticket, viewer, NOTHING)


def _preferred(ticket: Ticket, viewer: Viewer) -> tuple[str, ...]:
    state = State(ticket.state)
    if state is State.RESOLVED and ticket.confirmed_at is not None:
        return ("closure",)
    if state is State.ASSIGNED and ticket.assignee_id is None:
        return ("claim", "assignment")
    if state is State.IN_PROGRESS and ticket.assignee_id != viewer.staff_id:
        # The result is for whoever did the work to write.
        return ("log",)
    return NEXT.get(state, ())


def _offer(step: Step, ticket: Ticket, viewer: Viewer, standing: Standing) -> Offer:
    return Offer(
        code=step.code,
        label=step.label,
        icon=step.icon,
        url=reverse(f"console:ticket_{step.code}", args=[ticket.number]),
        direct=step.direct,
        risky=step.risky,
        why_not=_why_not(step, ticket, viewer, standing),
    )


def _why_not(step: Step, ticket: Ticket, viewer: Viewer, standing: Standing) -> str:
    if not viewer.may(step.permission):
        return _("您的岗位没有这项权限")
    if State(ticket.state) not in step.states:
        return _("工单“%(state)s”时不能这样做") % {"state": labels.label("state", ticket.state)}
    accepted = ticket.state_before not in {"", State.ACKNOWLEDGED}
    if step.code in ("pause_approval", "pause_rejection"):
        return _undecidable(standing.asked, viewer)
    reasons = {
        "pause": _("已有挂起申请待批准") if standing.asked else "",
        "repair_completion": ""
        if "permanent_repair" in standing.running
        else _("没有待完成的永久修复"),
        "callback": "" if "callback" in standing.running else _("没有待办的回访"),
        "rejection": _("工单已受理") if accepted else "",
        "claim": _claimed(ticket, viewer),
        "handling": "" if ticket.assignee_id == viewer.staff_id else _("只有办理人可以开始处理"),
        "handover": "" if ticket.assignee_id == viewer.staff_id else _("只有办理人可以移交"),
        "notice": _("客户已经知道结果") if ticket.told_at else "",
        "confirmation": _("客户已经认可") if ticket.confirmed_at else "",
        "evaluation": "" if ticket.evaluation_requested_at else _("还没有请客户评价"),
    }
    return reasons.get(step.code, "")


def _undecidable(asked: PauseRequest | None, viewer: Viewer) -> str:
    if asked is None:
        return _("没有待批准的挂起申请")
    return _("自己的申请须由他人批准") if asked.requested_by == viewer.actor else ""


def _claimed(ticket: Ticket, viewer: Viewer) -> str:
    if ticket.assignee_id is None:
        return ""
    mine = ticket.assignee_id == viewer.staff_id
    return _("工单已在您名下") if mine else _("工单已有办理人，需要改派")
