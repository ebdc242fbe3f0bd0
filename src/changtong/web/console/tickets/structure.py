"""What stands between cases: the panel of relations, and the dialogs that change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from changtong.clocks import queries as clocks
from changtong.infra.clock import now
from changtong.kernel.errors import Missing, Refused
from changtong.tickets import queries
from changtong.tickets.operations import cascading, linking, merging, splitting
from changtong.tickets.operations.splitting import Matter
from changtong.tickets.queries import relations as related
from changtong.web.console import wording
from changtong.web.console.frame import show
from changtong.web.console.tickets.actions import Act, Look, back_to_case, respond
from changtong.web.console.tickets.forms import TicketForm, category_choices, text_box
from changtong.web.ui import labels
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import datetime_short


if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.functional import Promise

    from changtong.parties.domain.roles import Viewer
    from changtong.tickets.models import Ticket


CHILDREN_SHOWN = 8
OTHERS_AT_MOST = 10
OTHERS = "console/tickets/others.html"
MESSAGES_AT_MOST = 50
WORDS_AT_MOST = 60
# How a link reads from the case that is linked, and from the one that it is linked to.
LINKS: dict[str, tuple[str | Promise, str | Promise, str]] = {
    "related": (gettext_lazy("相关"), gettext_lazy("相关"), "link"),
    "caused_by": (gettext_lazy("起因是"), gettext_lazy("引起了"), "zap"),
    "split_from": (gettext_lazy("拆自"), gettext_lazy("拆出了"), "split"),
}
GROUNDS: dict[str, str | Promise] = {
    "same_line": gettext_lazy("同一线路"),
    "same_customer": gettext_lazy("同一客户"),
    "same_phone": gettext_lazy("同一电话"),
    "same_category": gettext_lazy("同一分类"),
}


@dataclass(frozen=True, slots=True)
class Linked:
    """A case that another one is linked to, in words."""

    words: str | Promise
    icon: str
    ticket: Ticket
    end_url: str


@staff_only("tickets.view")
def relations(request: HttpRequest, number: str) -> HttpResponse:
    """Show what a case has to do with others."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    found = related.suggestions(viewer, ticket)
    mergers = [one for one in related.mergers_of(ticket) if one.undone_at is None]
    names = wording.names_in(one.merged_by for one in mergers)
    parent = related.parent_of(ticket)
    context = {
        "ticket": ticket,
        "repeat": related.repeat_of(viewer, ticket),
        "mergers": [
            {
                "kept": one,
                "inward": one.survivor_id == ticket.pk,
                "other": one.ticket if one.survivor_id == ticket.pk else one.survivor,
                "by": wording.actor(one.merged_by, names),
                "may_undo": viewer.may("tickets.accept") and one.settled_at is None,
            }
            for one in mergers
        ],
        "carried": _carried(ticket),
        "parent": parent if parent and _is_visible(viewer, parent) else None,
        **_children(viewer, ticket),
        "links": _links(viewer, ticket),
        "suggestions": [
            {"ticket": one.ticket, "grounds": [GROUNDS[ground] for ground in one.grounds]}
            for one in found.found
        ],
        "suggestions_clause": found.clause,
        "may_merge": viewer.may("tickets.accept") and not queries.is_final(ticket),
        "may_link": viewer.may("tickets.work"),
        "is_final": queries.is_final(ticket),
    }
    return show(request, "tickets/relations.html", context, part="relations")


def _is_visible(viewer: Viewer, ticket: Ticket) -> bool:
    return queries.visible_to(viewer).filter(pk=ticket.pk).exists()


def _carried(ticket: Ticket) -> list[Any]:
    """Return the open limits towards those whose cases were merged into this one."""
    subjects = related.carried_by(ticket)
    found = [one for one in clocks.of_all(subjects) if one.is_open] if subjects else []
    return sorted(found, key=lambda one: one.due_at)


def _children(viewer: Viewer, ticket: Ticket) -> dict[str, Any]:
    visible = queries.visible_to(viewer).filter(pk__in=related.children_of(ticket).values("pk"))
    count = visible.count()
    return {
        "children": list(visible.order_by("id")[:CHILDREN_SHOWN]) if count else [],
        "children_more": max(0, count - CHILDREN_SHOWN),
        "children_open": related.count_open_children(ticket) if count else 0,
    }


def _links(viewer: Viewer, ticket: Ticket) -> list[Linked]:
    found = []
    for one in related.relations_of(viewer, ticket):
        if one.kind not in LINKS:
            continue
        outward, inward, icon = LINKS[one.kind]
        ends = reverse("console:ticket_link_ending", args=[ticket.number, one.pk])
        lasting = one.kind == "split_from" or not viewer.may("tickets.work")
        words = outward if one.outward else inward
        found.append(Linked(words, icon, one.ticket, "" if lasting else ends))
    return found


# -----------------------------------------------------------------------------------------
# Dialogs
# -----------------------------------------------------------------------------------------


def _number(label: object) -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]
        max_length=24,
        widget=forms.TextInput(
            attrs={"placeholder": "GD", "autocomplete": "off", "list": "others"}
        ),
    )


def _case_named(viewer: Viewer, typed: str) -> str:
    """
    Return the number of a case that somebody typed.

    :raises Refused: ``ticket.unknown``, since it is the number that is wrong, not the page
    """
    try:
        return queries.by_number(viewer, typed.strip()).number
    except Missing as missing:
        raise Refused("ticket.unknown") from missing


def _others(viewer: Viewer) -> Callable[[Ticket], dict[str, Any]]:
    """Offer the customer's other cases, which are mostly meant, so that no number is copied."""

    def offered(ticket: Ticket) -> dict[str, Any]:
        if ticket.customer_id is None:
            return {"others": ()}
        found = queries.of_customer(viewer, ticket.customer_id).exclude(pk=ticket.pk)
        return {"others": found[:OTHERS_AT_MOST]}

    return offered


class Merging(TicketForm):
    other = _number(gettext_lazy("并入哪张工单（单号）"))
    reason = forms.CharField(
        label=gettext_lazy("为什么是同一事项"), max_length=200, widget=text_box(2)
    )


class Separating(TicketForm):
    reason = forms.CharField(
        label=gettext_lazy("撤销并案的理由"), max_length=200, widget=text_box(2)
    )


class Linking(TicketForm):
    other = _number(gettext_lazy("关联哪张工单（单号）"))
    kind = forms.ChoiceField(
        label=gettext_lazy("什么关系"),
        choices=[("related", gettext_lazy("相关")), ("caused_by", gettext_lazy("由那张工单引起"))],
    )


class Adopting(TicketForm):
    other = _number(gettext_lazy("主案的单号"))


class Telling(TicketForm):
    text = forms.CharField(label=gettext_lazy("内容"), max_length=2000, widget=text_box())
    public = forms.BooleanField(
        label=gettext_lazy("客户可见"),
        required=False,
        help_text=gettext_lazy("不勾选则只有工作人员看得到"),
    )


class Splitting(TicketForm):
    entry = forms.ChoiceField(label=gettext_lazy("从哪次联系拆出"))
    title = forms.CharField(label=gettext_lazy("另一事项"), max_length=160)
    category = forms.ChoiceField(label=gettext_lazy("分类"))

    def arrange(self) -> None:
        said = self.ticket.log.exclude(text="").order_by("-id")[:MESSAGES_AT_MOST]
        chosen: Any = self.fields["entry"]
        chosen.choices = [
            (one.pk, f"{datetime_short(one.happened_at)} {one.text[:WORDS_AT_MOST]}")
            for one in said
        ]
        if not chosen.choices:
            chosen.help_text = _("还没有联系记录。先写一条记录，再从那里拆出。")
        category: Any = self.fields["category"]
        none = ("", _("请选择"))
        category.choices = [none] + [
            (f"{labels.label('kind', kind)} · {group}", leaves)
            for kind in labels.KINDS
            for group, leaves in category_choices(self.edition, kind)
        ]

    def matter(self) -> Matter:
        """Return what the new case is about."""
        given = self.cleaned_data
        kind = self.edition.category(given["category"]).kind
        return Matter(kind, given["category"], given["title"])


@staff_only("tickets.accept")
def merger(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    look = Look(
        _("并入另一张工单"),
        "layers",
        _("已并案，客户会收到通知"),
        note=_(
            "并入后本单不再单独计时，对客户的承诺全部由保留的工单承担，以最早的为准；"
            "保留的工单关闭前可以撤销。"
        ),
        extra=OTHERS,
    )

    def run(act: Act) -> object:
        into = _case_named(viewer, act.given["other"])
        return merging.merge(**act.who, into=into, reason=act.given["reason"])

    return respond(request, number, Merging, run, look, _others(viewer))


@staff_only("tickets.accept")
def separation(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(
        _("撤销并案"),
        "undo-2",
        _("已撤销并案，客户会收到通知"),
        note=_("时限恢复到没有并案时的样子：从客户提出时起算，其间到期的按当时到期。"),
    )
    return respond(
        request, number, Separating, lambda act: merging.undo(**act.who, **act.given), look
    )


@staff_only("tickets.work")
def link(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)

    def run(act: Act) -> object:
        other = _case_named(viewer, act.given["other"])
        return linking.link(**act.who, other=other, kind=act.given["kind"])

    look = Look(_("关联工单"), "link", _("已关联"), extra=OTHERS)
    return respond(request, number, Linking, run, look, _others(viewer))


@staff_only("tickets.work")
@require_POST
def link_ending(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    linking.unlink(number=ticket.number, link=pk, actor=viewer.actor, at=now())
    return back_to_case(request, number, _("已解除关联"))


@staff_only("tickets.accept")
def split(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(
        _("拆出另一事项"),
        "split",
        _("已拆出新工单，客户会收到单号"),
        note=_("新工单的时限从所选的那次联系起算，并立即受理。"),
    )

    def run(act: Act) -> object:
        return splitting.split(**act.who, entry=int(act.given["entry"]), matter=act.form.matter())

    return respond(request, number, Splitting, run, look)


@staff_only("tickets.accept")
def parent(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    look = Look(
        _("归入主案"),
        "network",
        _("已归入主案"),
        note=_("主案的进展和结果可以一次转告全部子案；每位客户的承诺、确认和评价仍各自计算。"),
    )

    def run(act: Act) -> object:
        wanted = _case_named(viewer, act.given["other"])
        return linking.make_child(**act.who, parent=wanted)

    return respond(request, number, Adopting, run, look)


@staff_only("tickets.accept")
@require_POST
def parent_ending(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    linking.leave_parent(number=ticket.number, actor=viewer.actor, at=now())
    return back_to_case(request, number, _("已脱离主案"))


@staff_only("tickets.work")
def children_message(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(_("转告全部子案"), "megaphone", _("已记录，正在转告子案"))
    return respond(
        request, number, Telling, lambda act: cascading.tell(**act.who, **act.given), look
    )


@staff_only("tickets.resolve")
@require_POST
def children_resolution(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    cascading.resolve(number=ticket.number, actor=viewer.actor, at=now())
    return back_to_case(request, number, _("正在以同一结果处理子案"))


_TICKET = "tickets/<str:number>"
urlpatterns: Sequence[Any] = [
    path(f"{_TICKET}/relations", relations, name="ticket_relations"),
    path(f"{_TICKET}/merger", merger, name="ticket_merger"),
    path(f"{_TICKET}/separation", separation, name="ticket_separation"),
    path(f"{_TICKET}/links", link, name="ticket_links"),
    path(f"{_TICKET}/links/<int:pk>/ending", link_ending, name="ticket_link_ending"),
    path(f"{_TICKET}/split", split, name="ticket_split"),
    path(f"{_TICKET}/parent", parent, name="ticket_parent"),
    path(f"{_TICKET}/parent/ending", parent_ending, name="ticket_parent_ending"),
    path(f"{_TICKET}/children/message", children_message, name="ticket_children_message"),
    path(
        f"{_TICKET}/children/resolution",
        children_resolution,
        name="ticket_children_resolution",
    ),
]
