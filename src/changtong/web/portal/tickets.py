"""Follow a case, add to it, accept or refuse the result, rate it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from changtong.clocks import queries as clocks
from changtong.dispatch.queries import appointments
from changtong.feedback import queries as feedback_queries
from changtong.feedback.operations import evaluating
from changtong.infra.clock import now
from changtong.intake import queries as intake_queries
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.operations import asking, closing, opening, working
from changtong.web.portal.appointment import missed_wish, visit_of
from changtong.web.portal.progress import followed, promise_among
from changtong.web.ui import htmx
from changtong.web.ui.access import customer_only
from changtong.web.ui.auth import portal_viewer
from changtong.web.ui.downloads import download
from changtong.web.ui.questions import told


LISTED_AT_MOST = 50
# The instrument that the page names as giving the right to appeal.
APPEALS = "appeal-measures"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said about a case, by the customer or to them."""

    mine: bool
    at: datetime
    text: str
    title: str = ""


class Words(forms.Form):
    text = forms.CharField(label=_("内容"), max_length=5000, widget=forms.Textarea)


class Rating(forms.Form):
    """The evaluation: stars, reasons, a comment."""

    score = forms.TypedChoiceField(
        label=_("总体评价"),
        coerce=int,
        choices=[(n, str(n)) for n in range(1, 6)],
        widget=forms.RadioSelect,
    )
    tags = forms.MultipleChoiceField(
        label=_("您的感受"), required=False, widget=forms.CheckboxSelectMultiple
    )
    comment = forms.CharField(
        label=_("想说的话"), required=False, max_length=2000, widget=forms.Textarea
    )

    def __init__(self, *args: Any, tags: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = tags  # type: ignore[attr-defined]


@customer_only
def tickets(request: HttpRequest) -> HttpResponse:
    viewer = portal_viewer(request)
    found = list(queries.newest(viewer)[:LISTED_AT_MOST])
    context = {"matters": followed(found, at=now()), "viewer": viewer}
    return render(request, "portal/tickets/list.html", context)


@customer_only
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    viewer = portal_viewer(request)
    return _page(request, _seen(viewer, number), rating=None)


def _seen(viewer: Viewer, number: str) -> Any:
    return queries.by_number(viewer, number, said=intake_queries.all_answers())


def _page(request: HttpRequest, found: Any, *, rating: Rating | None) -> HttpResponse:
    evaluation = feedback_queries.evaluation_of(found)
    asked = evaluation is not None and evaluation.answered_at is None
    (shown,) = followed([found], at=now())
    context = {
        "ticket": found,
        "one": shown,
        "visit": visit_of(shown.order),
        "movable": appointments.movable(shown.order),
        "missed_wish": missed_wish(found, shown.order),
        "resolution": found.resolutions.filter(refused_at=None).first(),
        "supplement": found.supplements.filter(answered_at=None).first(),
        "answers": told(found.said),
        "stream": stream_of(found, portal_viewer(request)),
        "attachments": list(found.attachments.filter(public=True).order_by("id")),
        "evaluation": evaluation,
        "rating": (rating or Rating(tags=_tags(found))) if asked else None,
        "words": Words(),
        "new": "new" in request.GET,
        "appeal": _appeal(found) if shown.promise and shown.promise.broken else None,
    }
    status = 422 if rating is not None else 200
    return render(request, "portal/tickets/ticket.html", context, status=status)


def _appeal(found: Any) -> Any:
    """Return the limit after which a complaint may go to the authority, if it is law here."""
    figure = standard.read(found.edition_id).figures.get("complaint.answer")
    if figure is None or figure.source != APPEALS or figure.within.unit != "day":
        return None
    return figure


def stream_of(found: Any, viewer: Viewer) -> list[Said]:
    """Return what we and the customer have said since the report, the latest first."""
    messages = feedback_queries.portal_messages(viewer).filter(ticket=found)[:LISTED_AT_MOST]
    said = [Said(False, one.sent_at or one.created_at, one.body, one.subject) for one in messages]
    public = found.log.filter(public=True).order_by("-id")[:LISTED_AT_MOST]
    said += [Said(not one.actor.startswith("staff:"), one.happened_at, one.text) for one in public]
    refused = found.resolutions.exclude(refused_at=None)
    said += [Said(True, one.refused_at, one.refused_because) for one in refused]
    answered = found.supplements.exclude(answered_at=None)
    said += [Said(True, one.answered_at, one.answer) for one in answered]
    return sorted(said, key=lambda one: one.at, reverse=True)


def promise_of(found: Any) -> Any:
    """Return the clock that says until when, as the customer understands it."""
    return promise_among(list(clocks.of(found.number)))


def _tags(found: Any) -> list[tuple[str, str]]:
    rule = standard.read(found.edition_id).evaluation(kind=found.kind)
    english = (get_language() or "").startswith("en")
    return [(tag.code, tag.name_en if english else tag.name) for tag in rule.tags]


def _back(request: HttpRequest, number: str) -> HttpResponse:
    return htmx.go_to(request, f"/portal/tickets/{number}")


@customer_only
@require_POST
def confirmation(request: HttpRequest, number: str) -> HttpResponse:
    viewer = portal_viewer(request)
    found = queries.by_number(viewer, number)
    closing.confirm(number=found.number, actor=viewer.actor, at=now())
    return _back(request, number)


@customer_only
@require_POST
def refusal(request: HttpRequest, number: str) -> HttpResponse:
    viewer = portal_viewer(request)
    found = queries.by_number(viewer, number)
    closing.refuse(
        number=found.number,
        reason=request.POST.get("text", ""),
        actor=viewer.actor,
        at=now(),
    )
    return _back(request, number)


@customer_only
@require_POST
def evaluation(request: HttpRequest, number: str) -> HttpResponse:
    """Record the rating; whoever rates a result has also accepted it."""
    viewer = portal_viewer(request)
    found = _seen(viewer, number)
    form = Rating(request.POST, tags=_tags(found))
    if not form.is_valid():
        return _page(request, found, rating=form)
    evaluating.confirm_and_evaluate(
        number=found.number, actor=viewer.actor, at=now(), **form.cleaned_data
    )
    return _back(request, number)


@customer_only
@require_POST
def supplement(request: HttpRequest, number: str) -> HttpResponse:
    viewer = portal_viewer(request)
    found = queries.by_number(viewer, number)
    asking.answer(
        number=found.number, text=request.POST.get("text", ""), actor=viewer.actor, at=now()
    )
    return _back(request, number)


@customer_only
@require_POST
def messages(request: HttpRequest, number: str) -> HttpResponse:
    viewer = portal_viewer(request)
    found = queries.by_number(viewer, number)
    working.log(
        number=found.number,
        type_="message",
        text=request.POST.get("text", ""),
        public=True,
        actor=viewer.actor,
        at=now(),
    )
    return _back(request, number)


@customer_only
@require_POST
def attachments(request: HttpRequest, number: str) -> HttpResponse:
    viewer = portal_viewer(request)
    found = queries.by_number(viewer, number)
    file = request.FILES.get("file")
    if file is None:
        return _back(request, number)
    working.attach(
        number=found.number,
        name=file.name or "",
        chunks=file.chunks(),
        public=True,
        actor=viewer.actor,
        at=now(),
    )
    return _back(request, number)


@customer_only
def attachment(request: HttpRequest, number: str, sha256: str) -> FileResponse:
    found = queries.by_number(portal_viewer(request), number)
    file = found.attachments.filter(sha256=sha256, public=True).first()
    if file is None:
        raise Http404
    return download(sha256=file.sha256, name=file.name, media_type=file.media_type)


@customer_only
@require_POST
def cancellation(request: HttpRequest, number: str) -> HttpResponse:
    viewer = portal_viewer(request)
    found = queries.by_number(viewer, number)
    opening.cancel(
        number=found.number,
        reason=request.POST.get("text") or "customer",
        actor=viewer.actor,
        at=now(),
    )
    return _back(request, number)
