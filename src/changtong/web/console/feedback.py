"""Evaluations, follow-ups of low scores, and messages that did not arrive."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from changtong.feedback import queries
from changtong.feedback.operations import following_up
from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.standard import queries as standard
from changtong.standard.domain.edition import Edition
from changtong.web.console import wording
from changtong.web.console.frame import show
from changtong.web.console.tickets import case
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import localized


if TYPE_CHECKING:
    from changtong.feedback.models import Evaluation


FOLLOW_UPS_AT_MOST = 50
MESSAGES_AT_MOST = 60
PERIODS = (7, 30, 90)


@staff_only("feedback.view")
def page(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    at = now()
    days = _days(request)
    found = list(queries.follow_ups(viewer)[:FOLLOW_UPS_AT_MOST])
    context = {
        "satisfaction": queries.average(viewer, since=at - timedelta(days=days)),
        "delivery": queries.delivery(at=at),
        "days": days,
        "periods": [
            {
                "label": _("近 %(days)d 天") % {"days": one},
                "url": f"?days={one}",
                "active": one == days,
            }
            for one in PERIODS
        ],
        "follow_ups": [
            {"kept": one, "tags": _tags(one.evaluation, standard.read(one.ticket.edition_id))}
            for one in found
        ],
        "at": at,
    }
    return show(request, "feedback/page.html", context)


@staff_only("feedback.follow_up")
@require_POST
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what came of calling the applicant."""
    viewer = staff_viewer(request)
    if not queries.follow_ups(viewer).filter(pk=pk).exists():
        raise Missing("follow_up.unknown", follow_up=pk)
    following_up.handle_follow_up(
        follow_up_id=pk,
        outcome=request.POST.get("outcome", ""),
        actor=viewer.actor,
        at=now(),
    )
    messages.success(request, _("回访已登记"))
    back = "feedback" if viewer.may("feedback.view") else "tickets"
    return htmx.go_to(request, reverse(f"console:{back}"))


@staff_only("tickets.view")
def of_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Show what the applicant was told and what they said."""
    viewer = staff_viewer(request)
    ticket = case.opened(viewer, number)
    evaluation = queries.evaluation_of(ticket)
    edition = standard.read(ticket.edition_id)
    context: dict[str, Any] = {
        **case.shell(viewer, ticket, tab="ticket_feedback"),
        "evaluation": evaluation,
        "tags": _tags(evaluation, edition) if evaluation else [],
        "follow_up": getattr(evaluation, "follow_up", None) if evaluation else None,
        "notifications": [
            {"kept": one, "words": wording.TAGS.get(one.tag, (one.tag, ""))[0]}
            for one in queries.notifications_of(ticket).order_by("-id")[:MESSAGES_AT_MOST]
        ],
    }
    return show(request, "feedback/of_ticket.html", context, part="tab")


def _tags(evaluation: Evaluation, edition: Edition) -> list[str]:
    chosen = set(evaluation.tags)
    names: dict[str, str] = {}
    for rule in edition.evaluations.values():
        names |= {one.code: localized(one) for one in rule.tags}
    return [names.get(code, code) for code in evaluation.tags if code in chosen]


def _days(request: HttpRequest) -> int:
    wanted = request.GET.get("days", "")
    return int(wanted) if wanted in {str(one) for one in PERIODS} else PERIODS[0]
