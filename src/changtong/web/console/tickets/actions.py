"""What staff do to a ticket: each action is a resource that is posted to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from changtong.dispatch.operations import visiting
from changtong.dispatch.queries import orders
from changtong.feedback.operations import evaluating
from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.operations import approving, asking, closing, opening, pausing, working
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.console.tickets import case, forms
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.downloads import download
from changtong.workspace.operations import drafts
from changtong.workspace.queries import settings


if TYPE_CHECKING:
    from changtong.parties.domain.roles import Viewer
    from changtong.tickets.models import Ticket


FormView = Callable[["Act"], object]


@dataclass(frozen=True, slots=True)
class Act:
    """What an operation needs from the request."""

    number: str
    actor: str
    at: datetime
    form: Any
    files: Any = None

    @property
    def given(self) -> dict[str, Any]:
        """Return the form's checked values."""
        found: dict[str, Any] = self.form.cleaned_data
        return found

    @property
    def who(self) -> dict[str, Any]:
        """Return what every operation takes."""
        return {"number": self.number, "actor": self.actor, "at": self.at}


@dataclass(frozen=True, slots=True)
class Look:
    """How a form's dialog presents itself."""

    title: str
    icon: str
    done: str
    tone: str = "primary"
    note: str = ""
    extra: str = ""
    inside: str = ""
    multipart: bool = False


def respond(
    request: HttpRequest,
    number: str,
    form_class: type[forms.TicketForm],
    run: FormView,
    look: Look,
    context: Callable[[Ticket], dict[str, Any]] | None = None,
) -> HttpResponse:
    """Show the form, or do what it asks and go back to the case."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    edition = standard.read(ticket.edition_id)
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = form_class(*given, ticket=ticket, edition=edition, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        act = Act(number=number, actor=viewer.actor, at=now(), form=form, files=request.FILES)
        said = run(act)
        drafts.drop(staff_id=viewer.staff_id or 0, place=request.path)
        return back_to_case(request, number, said if isinstance(said, str) else look.done)
    shown = {
        "ticket": ticket,
        "form": form,
        "action": request.get_full_path(),
        "title": look.title,
        "icon_name": look.icon,
        "tone": look.tone,
        "note": look.note,
        "extra": look.extra,
        "inside": look.inside,
        "multipart": look.multipart,
        "at_most_bytes": edition.attachments.at_most_bytes if look.multipart else 0,
        **(context(ticket) if context else {}),
    }
    status = UNPROCESSABLE if form.is_bound else 200
    response = show(request, "tickets/action.html", shown, part="form", status=status)
    if form.is_bound:
        # The answer region only holds refusals; what is wrong with fields goes into the form.
        response.headers["HX-Retarget"] = "#action-body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def back_to_case(request: HttpRequest, number: str, done: str) -> HttpResponse:
    """Go back to the case with a word about what was done."""
    messages.success(request, done)
    if request.GET.get("back") == "work":
        return htmx.go_to(request, reverse("console:work"))
    if request.path.endswith("/handover"):
        # It is somebody else's now, and perhaps no longer theirs to see.
        return htmx.go_to(request, reverse("console:tickets"))
    if request.path.endswith("/closure"):
        number = _following(staff_viewer(request)) or number
    return htmx.go_to(request, reverse("console:ticket", args=[number]))


def _following(viewer: Viewer) -> str:
    """Return the viewer's own next ticket, if that is where they want to go after closing one."""
    if settings.of(viewer.staff_id).after_closing != "next":
        return ""
    own = queries.unfinished(viewer).filter(assignee=viewer.staff_id or 0)
    found = own.values_list("number", flat=True).first()
    return str(found or "")


@staff_only("tickets.accept")
def acceptance(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(_("受理"), "clipboard-check", _("已受理"))
    return respond(
        request, number, forms.Acceptance, lambda act: opening.accept(**act.who, **act.given), look
    )


@staff_only("tickets.accept")
def rejection(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(_("不予受理"), "circle-slash", _("已登记不予受理，客户会收到理由"), tone="danger")
    return respond(
        request, number, forms.Rejection, lambda act: opening.reject(**act.who, **act.given), look
    )


@staff_only("tickets.accept")
def reclassification(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(
        _("改分类或优先级"),
        "tag",
        _("已更改"),
        note=_("类型选错的也在这里改。时限从登记时起按新的分类和等级重新计算。"),
    )
    return respond(
        request,
        number,
        forms.Reclassification,
        lambda act: opening.reclassify(**act.who, **act.given),
        look,
    )


@staff_only("tickets.accept")
def cancellation(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(_("客户撤销"), "circle-x", _("已撤销"), tone="danger")
    return respond(
        request,
        number,
        forms.Cancellation,
        lambda act: opening.cancel(**act.who, **act.given),
        look,
    )


def hold(act: Act) -> object:
    """Hold the ticket, or ask whoever has to approve."""
    if not act.form.chosen.needs_approval:
        return pausing.pause(**act.who, **act.given)
    approving.request(**act.who, **act.given)
    return _("已提交挂起申请；批准之前照常计时")


@staff_only("tickets.work")
def pause(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(
        _("挂起"),
        "circle-pause",
        _("已挂起"),
        note=_("只有服务承诺的计时会暂停，法定时限照常计算。"),
    )
    return respond(request, number, forms.Pause, hold, look)


@staff_only("tickets.work")
@require_POST
def resumption(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    pausing.resume(number=ticket.number, actor=viewer.actor, at=now())
    return back_to_case(request, number, _("已恢复处理"))


@staff_only("tickets.work")
@require_POST
def handling(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    start(viewer, ticket.number, at=now())
    return back_to_case(request, number, _("已开始处理"))


def start(viewer: Viewer, number: str, *, at: datetime) -> None:
    """Start the work, by its work order if there is one."""
    order = orders.of_ticket(viewer, number).filter(state="acknowledged").first()
    if order is None:
        working.start(number=number, actor=viewer.actor, at=at)
    else:
        visiting.start(number=order.number, actor=viewer.actor, at=at)


@staff_only("tickets.work")
def log(request: HttpRequest, number: str) -> HttpResponse:
    def run(act: Act) -> object:
        return working.log(
            **act.who,
            type_=act.given["type"],
            text=act.given["text"],
            public=act.given["public"],
            details=act.form.details(),
            minutes=act.given["minutes"],
        )

    words, icon = case.LOG_LOOKS.get(request.GET.get("type", ""), (_("写记录"), "notebook-pen"))
    look = Look(str(words), icon, _("已记录"))
    return respond(request, number, forms.Log, run, look)


@staff_only("tickets.work")
def attachments(request: HttpRequest, number: str) -> HttpResponse:
    def run(act: Act) -> object:
        file = act.given["file"]
        return working.attach(
            **act.who, name=file.name, chunks=file.chunks(), public=act.given["public"]
        )

    look = Look(_("加附件"), "paperclip", _("附件已保存"), multipart=True)
    return respond(request, number, forms.Attachment, run, look)


@staff_only("tickets.view")
@require_safe
def attachment(request: HttpRequest, number: str, pk: int) -> HttpResponseBase:
    """Hand out a file, never as something that a browser would run."""
    ticket = queries.by_number(staff_viewer(request), number)
    found = ticket.attachments.filter(pk=pk).first()
    if found is None:
        raise Missing("attachment.unknown", number=number)
    return download(sha256=found.sha256, name=found.name, media_type=found.media_type)


@staff_only("tickets.work")
def supplement(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(
        _("请客户补充"),
        "message-circle",
        _("已请客户补充"),
        note=_("客户会收到通知；答复之前，服务承诺的计时暂停。"),
    )
    return respond(
        request, number, forms.Question, lambda act: asking.ask(**act.who, **act.given), look
    )


@staff_only("tickets.work")
def answer(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(_("登记客户补充"), "reply", _("已登记"))
    return respond(
        request, number, forms.Answer, lambda act: asking.answer(**act.who, **act.given), look
    )


def resolve(act: Act) -> object:
    """Submit the result that the form holds."""
    return closing.resolve(
        **act.who,
        cause=act.given.get("cause", ""),
        fix=act.given.get("fix", ""),
        result=act.given["result"],
        advice=act.given["advice"],
        retest_passed=act.given.get("retest_passed", False),
        provisional=act.given.get("provisional", False),
        provisional_because=act.given.get("provisional_because", ""),
    )


@staff_only("tickets.resolve")
def resolution(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(_("提交处理结果"), "check", _("已提交，客户会收到结果"))
    return respond(request, number, forms.Resolution, resolve, look)


@staff_only("tickets.close")
def notice(request: HttpRequest, number: str) -> HttpResponse:
    """Note that somebody told the applicant the result, since no message has reached them."""

    def run(act: Act) -> object:
        closing.tell(**act.who)
        return working.log(**act.who, type_="call", text=act.given["text"])

    look = Look(_("登记已告知客户"), "megaphone", _("已登记告知"))
    return respond(request, number, forms.Notice, run, look)


@staff_only("tickets.close")
def confirmation(request: HttpRequest, number: str) -> HttpResponse:
    def run(act: Act) -> object:
        if act.given["score"] is None:
            return closing.confirm(**act.who)
        return evaluating.confirm_and_evaluate(**act.who, **act.given)

    look = Look(
        _("登记客户认可"),
        "thumbs-up",
        _("已登记客户认可"),
        note=_("只在客户已经明确表示认可结果时登记；评分照客户的话填，不要代客户评分。"),
    )
    return respond(request, number, forms.Confirmation, run, look)


@staff_only("tickets.close")
def refusal(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(_("登记客户不认可"), "thumbs-down", _("已重新打开"), tone="danger")
    return respond(
        request, number, forms.Refusal, lambda act: closing.refuse(**act.who, **act.given), look
    )


@staff_only("tickets.close")
def closure(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(
        _("关闭工单"),
        "circle-check-big",
        _("已关闭"),
        extra="console/tickets/conditions.html",
    )
    return respond(
        request,
        number,
        forms.Closure,
        lambda act: closing.close(**act.who),
        look,
        lambda ticket: {
            "conditions": case.conditions(
                ticket, staff_viewer(request), queries.resolutions_of(ticket)
            )
        },
    )


@staff_only("feedback.record")
def evaluation(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(
        _("登记客户评价"), "star", _("评价已登记"), note=_("照客户的话登记，不要代客户评分。")
    )
    return respond(
        request,
        number,
        forms.Evaluation,
        lambda act: evaluating.record_evaluation(**act.who, **act.given),
        look,
    )
