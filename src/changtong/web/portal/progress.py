"""How far a matter has come, in words that need no explanation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.clocks import queries as clocks
from changtong.dispatch.queries import orders
from changtong.web.ui import formats


if TYPE_CHECKING:
    from changtong.dispatch.models import WorkOrder
    from changtong.tickets.models import Ticket


# What a customer is promised as a whole, in the order in which one of them exists.
PROMISED = ("restoration", "answer", "resolution")
WAITS_FOR_CUSTOMER = frozenset({"pending", "resolved"})
# What each state means to whoever waits: words, tone, icon.
STANDS = {
    "acknowledged": (gettext_lazy("已收到，正在核对"), "info", "inbox"),
    "accepted": (gettext_lazy("已受理，正在安排人员"), "info", "clipboard-check"),
    "assigned": (gettext_lazy("已安排专人，马上开始处理"), "info", "user-check"),
    "in_progress": (gettext_lazy("正在处理"), "info", "wrench"),
    "pending": (gettext_lazy("请您补充一点情况"), "warning", "message-square-warning"),
    "held": (gettext_lazy("暂停处理，条件具备后立即继续"), "neutral", "circle-pause"),
    "resolved": (gettext_lazy("已处理好，请您确认"), "success", "circle-check"),
    "closed": (gettext_lazy("已办结"), "success", "circle-check-big"),
    "rejected": (gettext_lazy("不能受理，原因见下"), "error", "circle-x"),
    "cancelled": (gettext_lazy("已撤销"), "neutral", "circle-slash"),
    "merged": (gettext_lazy("已与同一事项的另一单合并办理"), "info", "layers"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a matter stands: one sentence, and whether it is the customer's turn."""

    words: str
    tone: str
    icon: str
    yours: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """Until when we have promised what, as one sentence."""

    words: str
    broken: bool
    clause: str


@dataclass(frozen=True, slots=True)
class Followed:
    """A matter on its customer's page."""

    ticket: Ticket
    progress: Progress
    promise: Promise | None
    order: WorkOrder | None


def followed(tickets: Sequence[Ticket], *, at: datetime) -> list[Followed]:
    """Return the matters with where they stand and what was promised, by two questions."""
    open_orders = orders.open_among([ticket.pk for ticket in tickets])
    limits: dict[str, list[Any]] = {}
    for clock in clocks.of_all([ticket.number for ticket in tickets]):
        limits.setdefault(clock.subject, []).append(clock)
    found = []
    for ticket in tickets:
        order = open_orders.get(ticket.pk)
        promise = promise_among(limits.get(ticket.number, []))
        words = worded(promise, ticket=ticket, at=at)
        found.append(Followed(ticket, progress_of(ticket, order), words, order))
    return found


def promise_among(limits: Sequence[Any]) -> Any:
    """Return the clock that says until when, as the customer understands it."""
    promised = {clock.metric: clock for clock in limits if clock.basis == "promise"}
    return next((promised[metric] for metric in PROMISED if metric in promised), None)


def worded(promise: Any, *, ticket: Ticket, at: datetime) -> Promise | None:
    """Word a promise that still binds; what is done or withdrawn is promised no more."""
    if promise is None or ticket.state in {"resolved", "closed", "rejected", "cancelled"}:
        return None
    time = day_and_time(promise.due_at, at=at)
    if promise.state == "paused":
        return Promise(_("等候期间承诺时间顺延"), broken=False, clause=promise.clause)
    if promise.breached_at is not None or promise.due_at <= at:
        words = _("已超过承诺的%(time)s，我们正在加紧处理") % {"time": time}
        return Promise(words, broken=True, clause=promise.clause)
    if promise.metric == "restoration":
        words = _("承诺%(time)s前恢复") % {"time": time}
    elif promise.metric == "answer":
        words = _("承诺%(time)s前答复") % {"time": time}
    else:
        words = _("承诺%(time)s前办好") % {"time": time}
    return Promise(words, broken=False, clause=promise.clause)


def progress_of(ticket: Ticket, order: WorkOrder | None) -> Progress:
    """Say in one sentence where a matter stands."""
    if ticket.state in {"assigned", "in_progress"} and order and order.mode == "field":
        return _of_visit(order)
    if ticket.state == "resolved" and ticket.confirmed_at is not None:
        return Progress(_("已处理好，您已确认"), "success", "circle-check")
    words, tone, icon = STANDS[ticket.state]
    return Progress(str(words), tone, icon, yours=ticket.state in WAITS_FOR_CUSTOMER)


def _of_visit(order: WorkOrder) -> Progress:
    if order.arrived_at is not None:
        return Progress(_("维修人员已到场，正在处理"), "info", "wrench")
    if order.started_at is not None:
        return Progress(_("维修人员已出发"), "info", "truck")
    if order.planned is not None:
        return Progress(_("已约好上门"), "info", "calendar-check")
    return Progress(_("已派维修人员，正在约时间"), "info", "user-check")


def day_and_time(moment: datetime, *, at: datetime) -> str:
    """Show a moment as people say it: 今天18:00, 明天09:30, 11月25日周三18:00."""
    # What ends at midnight ends with the day before, as everybody understands it.
    local = localtime(moment)
    shown = local - timedelta(minutes=1) if (local.hour, local.minute) == (0, 0) else local
    clock = "24:00" if shown is not local else f"{local:%H:%M}"
    days = (shown.date() - localtime(at).date()).days
    values = {
        "time": clock,
        "month": shown.month,
        "day": shown.day,
        "weekday": formats.weekday(shown),
    }
    match days:
        case 0:
            return _("今天%(time)s") % values
        case 1:
            return _("明天%(time)s") % values
        case -1:
            return _("昨天%(time)s") % values
        case _:
            return _("%(month)d月%(day)d日（%(weekday)s）%(time)s") % values
