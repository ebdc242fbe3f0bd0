"""The steps of a macro on a case: each is an action that its viewer has there anyway."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.dispatch.operations import assigning
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.operations import asking, working
from changtong.web.console.tickets import actions, forms
from changtong.web.console.tickets import steps as offering
from changtong.web.ui.messages import sentence
from changtong.workspace.domain import phrases
from changtong.workspace.operations import watching


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.tickets.models import Ticket
    from changtong.workspace.domain.macros import Step


class Unfit(Exception):  # noqa: N818 - an answer, like a refusal
    """Tell why a step cannot be taken, in the words of the page or its form."""

    def __init__(self, words: str, clause: str = "") -> None:
        super().__init__(words)
        self.clause = clause


@dataclass(frozen=True, slots=True)
class Taking:
    """A step that somebody is about to take on a ticket."""

    ticket: Ticket
    step: Step
    viewer: Viewer
    at: datetime

    @property
    def who(self) -> dict[str, Any]:
        """Return what every operation takes."""
        return {"number": self.ticket.number, "actor": self.viewer.actor, "at": self.at}

    def act(self, form_class: type[forms.TicketForm], **given: str) -> actions.Act:
        """Return what the page's own action would get from its checked form."""
        edition = standard.read(self.ticket.edition_id)
        form = form_class(given, ticket=self.ticket, edition=edition)
        if not form.is_valid():
            name, errors = next(iter(form.errors.items()))
            raise Unfit(f"{form.fields[name].label}：{errors[0]}")
        return actions.Act(self.ticket.number, self.viewer.actor, self.at, form)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a step does, and what its words are called."""

    label: str | Promise
    icon: str
    # The action of the ticket's page that offers it; watching is offered to everybody.
    offered_as: str
    take: Callable[[Taking], object]
    text: str | Promise = ""
    choice: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step with what came of it, or would come."""

    step: Step
    why_not: str = ""
    clause: str = ""


def _claim(one: Taking) -> object:
    return assigning.claim(**one.who, staff_id=one.viewer.staff_id or 0)


def _handle(one: Taking) -> None:
    actions.start(one.viewer, one.ticket.number, at=one.at)


def _note(one: Taking) -> object:
    return working.log(**one.who, type_="note", text=one.step.text)


def _message(one: Taking) -> object:
    return working.log(**one.who, type_="message", text=one.step.text, public=True)


def _supplement(one: Taking) -> object:
    act = one.act(forms.Question, question=one.step.text)
    return asking.ask(**act.who, **act.given)


def _pause(one: Taking) -> object:
    return actions.hold(one.act(forms.Pause, reason=one.step.choice, note=one.step.text))


def _assign(one: Taking) -> object:
    team_id = int(one.step.choice) if one.step.choice.isdecimal() else 0
    parties.require_in_sight(one.viewer, staff_id=None, team_id=team_id)
    taken = one.ticket.assignee_id is not None or one.ticket.team_id is not None
    operation = assigning.reassign if taken else assigning.assign_to
    return operation(**one.who, team_id=team_id, reason=one.step.text)


def _resolve(one: Taking) -> object:
    step = one.step
    given = {"cause": step.choice, "fix": step.fix, "result": step.text}
    return actions.resolve(one.act(forms.Resolution, **given))


def _watch(one: Taking) -> object:
    return watching.follow(viewer=one.viewer, number=one.ticket.number, at=one.at)


# In the order in which they are offered.
KINDS: dict[str, Kind] = {
    "claim": Kind(gettext_lazy("领取"), "hand", "claim", _claim),
    "handling": Kind(gettext_lazy("开始处理"), "circle-play", "handling", _handle),
    "note": Kind(gettext_lazy("内部备注"), "lock", "log", _note, gettext_lazy("备注内容")),
    "message": Kind(
        gettext_lazy("写给客户"), "megaphone", "log", _message, gettext_lazy("消息内容")
    ),
    "supplement": Kind(
        gettext_lazy("请客户补充"),
        "message-circle",
        "supplement",
        _supplement,
        gettext_lazy("请客户补充什么"),
    ),
    "pause": Kind(
        gettext_lazy("挂起"),
        "circle-pause",
        "pause",
        _pause,
        gettext_lazy("说明"),
        gettext_lazy("标准允许的理由"),
    ),
    "assignment": Kind(
        gettext_lazy("转给班组"),
        "users",
        "assignment",
        _assign,
        gettext_lazy("理由"),
        gettext_lazy("班组"),
    ),
    "resolution": Kind(
        gettext_lazy("提交处理结果"),
        "check",
        "resolution",
        _resolve,
        gettext_lazy("结果"),
        gettext_lazy("原因"),
    ),
    "watch": Kind(gettext_lazy("关注"), "eye", "", _watch),
}


def take(
    viewer: Viewer, number: str, steps: Sequence[Step], *, at: datetime, trial: bool
) -> list[Outcome]:
    """Take all steps in turn, or none if one of them is refused; after a trial, none."""
    with transaction.atomic():
        outcomes = [_taken(viewer, number, step, at) for step in steps]
        if trial or any(one.why_not for one in outcomes):
            transaction.set_rollback(True)
    return outcomes


def allowed(kind: Kind, viewer: Viewer) -> bool:
    """Say whether the viewer's role may take such a step at all."""
    return not kind.offered_as or offering.allowed(kind.offered_as, viewer)


def _taken(viewer: Viewer, number: str, step: Step, at: datetime) -> Outcome:
    kind = KINDS[step.do]
    try:
        # Read again for each step: the one before may have moved the ticket, even out of sight.
        ticket = queries.by_number(viewer, number)
        _require_offered(kind, ticket, viewer)
        if variable := phrases.unfilled(step.text):
            return Outcome(step, why_not=_unfilled(variable))
        with transaction.atomic():
            kind.take(Taking(ticket, step, viewer, at))
    except Unfit as unfit:
        return Outcome(step, why_not=str(unfit))
    except Refused as refused:
        return Outcome(step, why_not=sentence(refused), clause=str(refused.clause or ""))
    return Outcome(step)


def _require_offered(kind: Kind, ticket: Ticket, viewer: Viewer) -> None:
    if kind.offered_as and (words := offering.why_not(kind.offered_as, ticket, viewer)):
        raise Unfit(words)


def _unfilled(variable: str) -> str:
    return _("这张工单没有“%(variable)s”，请改写这段话") % {"variable": variable}
