"""Words about a case: an internal note or a message to the customer, and what helps to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries
from changtong.tickets.operations import working
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.console.tickets.forms import TEXT_AT_MOST, minutes_spent
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import date_short, datetime_short
from changtong.workspace.domain import phrases as rules
from changtong.workspace.operations import drafts, watching
from changtong.workspace.operations import phrases as operations
from changtong.workspace.queries import phrases as phrases_kept
from changtong.workspace.queries import watches


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket
    from changtong.workspace.models import Phrase


OFFERED_AT_MOST = 8
INTERNAL, PUBLIC = "internal", "public"


class Words(forms.Form):
    """What is written, and for whom."""

    mode = forms.ChoiceField(choices=[(INTERNAL, ""), (PUBLIC, "")])
    text = forms.CharField(label=gettext_lazy("内容"), max_length=TEXT_AT_MOST)
    minutes = minutes_spent()


@staff_only("tickets.work")
@require_POST
def words(request: HttpRequest, number: str) -> HttpResponse:
    """Write an internal note, or a message that the customer reads."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    form = Words(request.POST)
    if not form.is_valid():
        return render(
            request, "console/tickets/unwritten.html", {"form": form}, status=UNPROCESSABLE
        )
    is_public = form.cleaned_data["mode"] == PUBLIC
    working.log(
        number=ticket.number,
        type_="message" if is_public else "note",
        text=form.cleaned_data["text"],
        public=is_public,
        minutes=form.cleaned_data["minutes"],
        actor=viewer.actor,
        at=now(),
    )
    drafts.drop(staff_id=viewer.staff_id or 0, place=request.path)
    messages.success(request, _("已发给客户") if is_public else _("已记为内部备注"))
    return htmx.go_to(request, reverse("console:ticket", args=[number]))


@staff_only("tickets.view")
@require_POST
def watch(request: HttpRequest, number: str) -> HttpResponse:
    """Follow a case, or follow it no longer."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    if watches.is_watching(viewer.staff_id, ticket):
        watching.unfollow(viewer=viewer, number=number)
        messages.success(request, _("已取消关注"))
    else:
        watching.follow(viewer=viewer, number=number, at=now())
        messages.success(request, _("已关注，有变化会通知您"))
    return htmx.go_to(request, reverse("console:ticket", args=[number]))


@staff_only("tickets.work")
def offers(request: HttpRequest, number: str) -> HttpResponse:
    """Offer canned texts, filled in from this case, for what was typed after ``::``."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    values = values_of(ticket, viewer)
    found = phrases_kept.matching(viewer, request.GET.get("q", ""))[:OFFERED_AT_MOST]
    offered = [{"kept": one, "text": rules.filled(one.text, values)} for one in found]
    context = {"offered": offered, "has_some": bool(request.GET.get("q"))}
    return render(request, "console/phrases/offers.html", context)


@staff_only("tickets.work")
def colleagues(request: HttpRequest, number: str) -> HttpResponse:
    """Offer colleagues who may see this case, for what was typed after ``@``."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    found = watches.colleagues(viewer, request.GET.get("q", ""))[: OFFERED_AT_MOST * 3]
    people = watches.who_see(ticket, found)[:OFFERED_AT_MOST]
    return render(request, "console/phrases/colleagues.html", {"people": people})


@staff_only("tickets.work")
def phrases(request: HttpRequest) -> HttpResponse:
    """Show the viewer's canned texts, and keep another."""
    viewer = staff_viewer(request)
    if request.method == "POST":
        team = request.POST.get("team", "")
        operations.keep(
            viewer=viewer,
            name=request.POST.get("name", ""),
            keyword=request.POST.get("keyword", ""),
            text=request.POST.get("text", ""),
            team_id=int(team) if team.isascii() and team.isdecimal() else None,
        )
        messages.success(request, _("常用语已保存"))
        return htmx.go_to(request, reverse("console:phrases"))
    return _phrases(request, viewer)


@staff_only("tickets.work")
def phrase(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a canned text among the others to be changed, and change it."""
    viewer = staff_viewer(request)
    if request.method == "POST":
        operations.change(
            viewer=viewer,
            phrase_id=pk,
            name=request.POST.get("name", ""),
            keyword=request.POST.get("keyword", ""),
            text=request.POST.get("text", ""),
        )
        messages.success(request, _("常用语已保存"))
        return htmx.go_to(request, reverse("console:phrases"))
    return _phrases(request, viewer, changed=phrases_kept.one(viewer, pk))


def _phrases(
    request: HttpRequest, viewer: Viewer, *, changed: Phrase | None = None
) -> HttpResponse:
    teams = parties.teams_led_by(viewer.staff_id)
    led = {one.pk for one in teams}
    context = {
        "phrases": [
            {
                "kept": one,
                "dialog": f"remove-{one.pk}",
                "is_mine": one.team_id is None or one.team_id in led,
            }
            for one in phrases_kept.of(viewer)
        ],
        "teams": teams,
        "variables": rules.VARIABLES,
        "changed": changed,
    }
    return show(request, "phrases/phrases.html", context)


@staff_only("tickets.work")
@require_POST
def phrase_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a canned text."""
    operations.drop(viewer=staff_viewer(request), phrase_id=pk)
    messages.success(request, _("常用语已删除"))
    return htmx.go_to(request, reverse("console:phrases"))


def values_of(ticket: Ticket, viewer: Viewer) -> dict[str, str]:
    """Return what this case says for each variable."""
    me = parties.names_of([viewer.staff_id or 0])
    return {
        "客户姓名": ticket.contact_name,
        "工单号": ticket.number,
        "标题": ticket.title,
        "业务号码": ticket.line.number if ticket.line else "",
        "地址": ticket.address,
        "时限": datetime_short(ticket.due_at) if ticket.due_at else "",
        "办理人": ticket.assignee.name if ticket.assignee else "",
        "我的姓名": me.get(viewer.staff_id or 0, ""),
        "今天": date_short(localtime(now()).date()),
    }
