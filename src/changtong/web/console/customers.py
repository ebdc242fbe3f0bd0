"""Customers: look one up, see their lines and matters."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.parties import queries as parties
from changtong.tickets import queries as tickets
from changtong.web.console.frame import show
from changtong.web.console.tickets.rows import COLUMNS, listed, rows_of
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.tables import Column


LETTERS_AT_LEAST = 2
LINES_AT_MOST = 100
TICKETS_AT_MOST = 30
LINE_COLUMNS = (
    Column(_("客户")),
    Column(_("等级")),
    Column(_("号码")),
    Column(_("业务")),
    Column(_("地址")),
    Column(_("状态")),
)
ACTION = Column(_("操作"), quiet=True)


@staff_only("customers.view")
def search(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    text = request.GET.get("q", "").strip()
    found = parties.lines_matching(viewer, text) if len(text) >= LETTERS_AT_LEAST else []
    context = {"q": text, "lines": found, "columns": LINE_COLUMNS, "asked": bool(text)}
    return show(request, "customers/search.html", context, part="found")


@staff_only("customers.view")
def customer(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    visible = parties.customers_visible_to(viewer).select_related("region")
    found = visible.filter(number=number).first()
    if found is None:
        raise Missing("customer.unknown", number=number)
    lines = parties.lines_visible_to(viewer).filter(customer=found)
    history = listed(tickets.of_customer(viewer, found.pk))[:TICKETS_AT_MOST]
    context = {
        "customer": found,
        "lines": lines.select_related("service", "region").order_by("number")[:LINES_AT_MOST],
        "line_columns": (
            LINE_COLUMNS[2:] + ((ACTION,) if viewer.may("customers.correct") else ())
        ),
        "rows": rows_of(history, at=now()),
        "columns": COLUMNS,
    }
    return show(request, "customers/customer.html", context)
