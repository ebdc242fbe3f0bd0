"""One action on several tickets: tried on each first, then done, and perhaps taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from changtong.dispatch.operations import assigning
from changtong.dispatch.queries import loads
from changtong.infra.clock import now
from changtong.kernel.errors import Refused
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries
from changtong.tickets.operations import opening, working
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.console.reasons import WHY
from changtong.web.console.tickets import macros
from changtong.web.console.tickets import selection_forms as forms
from changtong.web.console.tickets.macro_steps import KINDS, Unfit
from changtong.web.console.tickets.macro_steps import Outcome as StepOutcome
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import datetime_short
from changtong.web.ui.messages import sentence


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.tickets.models import Ticket


# What a page shows; more would hold locks for longer than others should wait.
AT_MOST = 50
UNDO_WITHIN_SECONDS = 600
SALT = "console.selection"

Do = Callable[["Ticket", Mapping[str, Any], Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Effect:
    """What else comes of an action, and whether somebody should think twice about it."""

    words: str
    warns: bool = False
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action does, or would do, to one ticket."""

    ticket: Ticket
    why_not: str = ""
    clause: str = ""
    effects: tuple[Effect, ...] = ()


def _nothing(ticket: Ticket) -> None:
    return None


def _no_effects(result: object) -> tuple[Effect, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done to several tickets."""

    label: str | Promise
    icon: str
    permission: str
    form: type[forms.Selected]
    do: Do
    # What doing the same again would need to be taken back; nothing if it cannot be.
    before: Callable[[Ticket], dict[str, Any] | None] = _nothing
    effects: Callable[[object], tuple[Effect, ...]] = _no_effects


def _assign(ticket: Ticket, given: Mapping[str, Any], who: Mapping[str, Any]) -> object:
    kind, _colon, pk = str(given["to"]).partition(":")
    to: dict[str, Any] = {"staff_id": int(pk)} if kind == "staff" else {"team_id": int(pk)}
    taken = ticket.assignee_id is not None or ticket.team_id is not None
    operation = assigning.reassign if taken else assigning.assign_to
    return operation(**who, **to, reason=given["reason"])


def _note(ticket: Ticket, given: Mapping[str, Any], who: Mapping[str, Any]) -> object:
    return working.log(**who, type_="note", text=given["text"])


def _progress(ticket: Ticket, given: Mapping[str, Any], who: Mapping[str, Any]) -> object:
    return working.log(**who, type_="message", text=given["text"], public=True)


def _grade(ticket: Ticket, given: Mapping[str, Any], who: Mapping[str, Any]) -> object:
    return opening.reclassify(
        **who,
        category=ticket.category,
        impact=given["impact"],
        urgency=given["urgency"],
        reason=given["reason"],
    )


def _macro(ticket: Ticket, given: Mapping[str, Any], who: Mapping[str, Any]) -> object:
    return macros.run(given["viewer"], given["macro"], ticket, at=who["at"])


def _holder(ticket: Ticket) -> dict[str, Any] | None:
    if ticket.assignee_id is not None:
        return {"to": f"staff:{ticket.assignee_id}"}
    # What nobody had goes back to nobody only by its own step, with a reason.
    return {"to": f"team:{ticket.team_id}"} if ticket.team_id is not None else None


def _assigned_effects(result: object) -> tuple[Effect, ...]:
    """Word what the rules said about who was named, and what the visit's time becomes."""
    given = loads.given(result)
    if given is None:
        return ()
    clause = str(given.reason.get("clause", ""))
    effects = [
        Effect(str(WHY.get(str(one), one)), warns=True, clause=clause)
        for one in given.reason.get("despite", ())
    ]
    if given.visit_was_at is not None and given.visit_was_at != given.visit_at:
        words = _("原约 %(at)s 的上门作废") % {"at": datetime_short(given.visit_was_at)}
        effects.append(Effect(words, warns=True))
    if given.visit_at is not None:
        effects.append(Effect(_("约在 %(at)s") % {"at": datetime_short(given.visit_at)}))
    if chosen := given.reason.get("chosen"):
        words = _("%(name)s此前在办 %(open)s 张") % {
            "name": chosen["name"],
            "open": chosen["open"],
        }
        effects.append(Effect(words))
    return tuple(effects)


def _macro_effects(result: object) -> tuple[Effect, ...]:
    """Show the words of each step as they are for this case."""
    steps = [one.step for one in cast("list[StepOutcome]", result)]
    return tuple(
        Effect(f"{KINDS[one.do].label}：{one.text}" if one.text else str(KINDS[one.do].label))
        for one in steps
    )


ACTIONS: dict[str, Action] = {
    "assignment": Action(
        gettext_lazy("分派"),
        "user-check",
        "dispatch.assign",
        forms.Assigned,
        _assign,
        _holder,
        _assigned_effects,
    ),
    "note": Action(gettext_lazy("备注"), "notebook-pen", "tickets.work", forms.Noted, _note),
    "progress": Action(
        gettext_lazy("进度消息"), "message-square", "tickets.work", forms.Told, _progress
    ),
    "priority": Action(
        gettext_lazy("改优先级"),
        "tag",
        "tickets.accept",
        forms.Regraded,
        _grade,
        lambda ticket: {"impact": ticket.impact, "urgency": ticket.urgency},
    ),
    "macro": Action(
        gettext_lazy("快捷处理"),
        "zap",
        "tickets.work",
        forms.Run,
        _macro,
        effects=_macro_effects,
    ),
}


def offered(viewer: Viewer) -> list[tuple[str, Action]]:
    """Return the actions that a viewer may take on a selection, with their addresses."""
    return [
        (reverse(f"console:selection_{code}"), one)
        for code, one in ACTIONS.items()
        if viewer.may(one.permission)
    ]


def _selected(request: HttpRequest, action: str) -> HttpResponse:
    """Ask what is to be done to the selected tickets, or do it."""
    viewer, wanted = staff_viewer(request), ACTIONS[action]
    if request.method != "POST":
        numbers = request.GET.get("numbers", "")
        given = {name: request.GET.get(name) for name in ("to", "reason")}
        form = wanted.form(viewer=viewer, initial={"numbers": numbers, **given})
        return _page(request, action, form, chosen=len(_seen(viewer, numbers)))
    form = wanted.form(request.POST, viewer=viewer)
    if not form.is_valid():
        return _page(request, action, form, status=UNPROCESSABLE)
    chosen = _seen(viewer, form.cleaned_data["numbers"])
    before = {one.number: wanted.before(one) for one in chosen}
    outcomes = [_done(wanted, one, form.cleaned_data, viewer) for one in chosen]
    done = [one.ticket.number for one in outcomes if not one.why_not]
    undo = {number: before[number] for number in done if before[number] is not None}
    return _result(request, action, outcomes, done=True, undo=_signed(viewer, action, undo))


def _trial(request: HttpRequest, action: str) -> HttpResponse:
    """Show for each selected ticket whether the action would be done, or why not."""
    viewer, wanted = staff_viewer(request), ACTIONS[action]
    form = wanted.form(request.POST, viewer=viewer)
    if not form.is_valid():
        return _page(request, action, form, status=UNPROCESSABLE)
    chosen = _seen(viewer, form.cleaned_data["numbers"])
    outcomes = [_tried(wanted, one, form.cleaned_data, viewer) for one in chosen]
    return _result(request, action, outcomes, done=False)


@staff_only("tickets.view")
@require_POST
def undoing(request: HttpRequest) -> HttpResponse:
    """Give back what a selection was given, by the same operation the other way round."""
    viewer = staff_viewer(request)
    try:
        action, actor, before = signing.loads(
            request.POST.get("undo", ""), salt=SALT, max_age=UNDO_WITHIN_SECONDS
        )
    except signing.BadSignature as error:
        raise Refused("selection.undo_over") from error
    wanted = ACTIONS[action]
    if actor != viewer.actor or not viewer.may(wanted.permission):
        raise PermissionDenied(action)
    outcomes = [
        _done(wanted, one, {**before[one.number], "reason": _("批量操作已撤回")}, viewer)
        for one in _seen(viewer, ",".join(before))
    ]
    return _result(request, action, outcomes, done=True)


def _done(wanted: Action, ticket: Ticket, given: Mapping[str, Any], viewer: Viewer) -> Outcome:
    who = {"number": ticket.number, "actor": viewer.actor, "at": now()}
    try:
        with transaction.atomic():
            effects = wanted.effects(wanted.do(ticket, given, who))
    except Refused as refused:
        return Outcome(ticket, why_not=sentence(refused), clause=str(refused.clause or ""))
    except Unfit as unfit:
        return Outcome(ticket, why_not=str(unfit), clause=unfit.clause)
    return Outcome(ticket, effects=effects)


def _tried(wanted: Action, ticket: Ticket, given: Mapping[str, Any], viewer: Viewer) -> Outcome:
    # The operation itself says whether it can be done; then it is as if it had never been.
    with transaction.atomic():
        outcome = _done(wanted, ticket, given, viewer)
        transaction.set_rollback(True)
    return outcome


def _seen(viewer: Viewer, numbers: str) -> list[Ticket]:
    wanted: Iterable[str] = dict.fromkeys(numbers.split(",")[:AT_MOST])
    found = {one.number: one for one in queries.by_numbers(viewer, list(wanted))}
    return [found[number] for number in wanted if number in found]


def _signed(viewer: Viewer, action: str, before: Mapping[str, Any]) -> str:
    return signing.dumps([action, viewer.actor, dict(before)], salt=SALT) if before else ""


def _page(
    request: HttpRequest, action: str, form: forms.Selected, *, chosen: int = 0, status: int = 200
) -> HttpResponse:
    wanted = ACTIONS[action]
    context = {
        "form": form,
        "wanted": wanted,
        "chosen": chosen,
        "trial_when": _trial_when(form),
        "do_url": reverse(f"console:selection_{action}"),
        "trial_url": reverse(f"console:selection_{action}_trial"),
    }
    response = show(request, "tickets/selection.html", context, part="form", status=status)
    if status != 200:  # noqa: PLR2004 - what is wrong goes into the form
        response.headers["HX-Retarget"] = "#action-body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _trial_when(form: forms.Selected) -> str:
    if isinstance(form, forms.Run):
        # What a macro says is only seen when it is tried; never another's words below this one.
        return "click, change from:#id_macro"
    # Everything is said already: what would come of it is shown at once.
    return "load, click" if _complete(form) else ""


def _complete(form: forms.Selected) -> bool:
    return not form.is_bound and all(form.initial.get(one) for one in ("to", "reason"))


def _result(
    request: HttpRequest, action: str, outcomes: list[Outcome], *, done: bool, undo: str = ""
) -> HttpResponse:
    context = {
        "action": action,
        "wanted": ACTIONS[action],
        "outcomes": outcomes,
        "able": sum(not one.why_not for one in outcomes),
        "done": done,
        "undo": undo,
    }
    return show(request, "tickets/selection_result.html", context, part="verdict")


def _addresses() -> list[URLPattern]:
    """Return two addresses for each action, which say for themselves who may use them."""
    found = [path("tickets/selection/undoing", undoing, name="selection_undoing")]
    for code, one in ACTIONS.items():
        doing = staff_only(one.permission)(partial(_selected, action=code))
        trying = staff_only(one.permission)(require_POST(partial(_trial, action=code)))
        where = f"tickets/selection/{code}"
        found += [
            path(where, doing, name=f"selection_{code}"),
            path(f"{where}/trial", trying, name=f"selection_{code}_trial"),
        ]
    return found


urlpatterns = _addresses()
