"""Tickets as rows of a list, drawn in Python: a page shows fifty, and a template costs more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from changtong.standard import queries as standard
from changtong.tickets.domain.lifecycle import State
from changtong.web.console import wording
from changtong.web.ui.components import badges
from changtong.web.ui.components.markup import filled
from changtong.web.ui.formats import tongue
from changtong.web.ui.tables import Column


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


# How the badge looks before a clock is late; the standard's own warnings are sent elsewhere.
RISK_SHARE = 5
RISK_AT_MOST = timedelta(hours=2)
COLUMNS = (
    Column(gettext_lazy("单号")),
    Column(gettext_lazy("事项")),
    Column(gettext_lazy("时限")),
    Column(gettext_lazy("优先级")),
    Column(gettext_lazy("状态")),
    Column(gettext_lazy("客户")),
    Column(gettext_lazy("地区")),
    Column(gettext_lazy("办理人")),
    Column(gettext_lazy("登记时间")),
)
# What a row shows and nothing else: with all columns of all tables PostgreSQL needs longer to
# plan the query than to answer it, and Django to make objects of what it said.
SHOWN = (
    "pk",
    "number",
    "title",
    "kind",
    "category",
    "state",
    "priority",
    "tier",
    "contact_name",
    "opened_at",
    "due_at",
    "reopened_count",
    "edition_id",
    "customer__name",
    "region__name",
    "team__name",
    "assignee__name",
)
FORM = """\
<tr class="ticket-row" data-href="{}" id="row-{}"{}>\
<th scope="row" data-label="%s">{}\
<a class="font-mono text-[0.8125rem] whitespace-nowrap" href="{}">{}</a></th>
<td data-label="%s"><span class="block min-w-0 max-w-[26rem]">\
<span class="block truncate font-medium" title="{}"{}>{}</span>\
<span class="quiet flex items-center gap-2 text-xs">{}<span class="truncate">{}</span></span>\
</span></td>
<td data-label="%s">{}</td>
<td data-label="%s">{}</td>
<td data-label="%s">{}{}</td>
<td data-label="%s"><span class="whitespace-nowrap">{}</span>{}</td>
<td data-label="%s"><span class="whitespace-nowrap">{}</span></td>
<td data-label="%s"><span class="{}">{}</span></td>
<td data-label="%s"><span class="quiet whitespace-nowrap">{}</span></td>
</tr>
"""

PICK = '<input type="checkbox" class="row-pick checkbox" aria-label="{}" autocomplete="off">'


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket and how a list shows it."""

    ticket: Any
    category: str
    drawn: SafeString


def listed(found: QuerySet[Ticket]) -> QuerySet[Ticket, Any]:
    """Return what rows show of these tickets, as named tuples."""
    return found.values_list(*SHOWN, named=True)


def rows_of(found: Iterable[Any], *, at: datetime, picked: bool = False) -> list[Row]:
    """
    Draw the rows of tickets that `listed` has fetched.

    :param picked: rows can be picked, to do one thing to several
    """
    cases = reverse("console:tickets")
    form = _form(get_language() or "")
    rows = []
    for one in found:
        category = wording.category(one.category, standard.read(one.edition_id))
        url = f"{cases}{one.number}"
        rows.append(Row(one, category, _drawn(form, one, category, url, at, picked=picked)))
    return rows


def risky_from(since: datetime, due_at: datetime | None) -> datetime | None:
    """Return when a deadline begins to look pressing."""
    if due_at is None:
        return None
    return due_at - min(RISK_AT_MOST, max((due_at - since) / RISK_SHARE, timedelta()))


@lru_cache(maxsize=4)
def _form(language: str) -> str:
    """Return the form of a row with the headings of a language, which a card shows."""
    return FORM % tuple(escape(str(column.label)) for column in COLUMNS)


def _drawn(
    form: str, ticket: Any, category: str, url: str, at: datetime, *, picked: bool
) -> SafeString:
    return filled(
        form,
        url,
        ticket.number,
        SafeString(" data-marked") if ticket.priority == "P1" else "",
        filled(PICK, _("选择 %(number)s") % {"number": ticket.number}) if picked else "",
        url,
        ticket.number,
        ticket.title,
        tongue(ticket.title),
        ticket.title,
        badges.kind_badge(ticket.kind),
        category,
        _clock(ticket, at),
        badges.priority_badge(ticket.priority),
        badges.state_badge(ticket.state),
        _reopened(ticket.reopened_count),
        ticket.customer__name or ticket.contact_name,
        filled(" {}", badges.tier_badge(ticket.tier)) if ticket.tier != "standard" else "",
        ticket.region__name,
        "whitespace-nowrap" if ticket.assignee__name else "quiet whitespace-nowrap",
        ticket.assignee__name or ticket.team__name or "–",
        badges.moment(ticket.opened_at, relative=True, at=at),
    )


def _clock(ticket: Any, at: datetime) -> SafeString | str:
    if ticket.due_at is None:
        waits = ticket.state in {State.HELD, State.PENDING}
        return badges.clock(state="paused") if waits else ""
    warn_at = risky_from(ticket.opened_at, ticket.due_at)
    return badges.clock(state="running", due_at=ticket.due_at, warn_at=warn_at, at=at)


def _reopened(count: int) -> SafeString | str:
    if not count:
        return ""
    words = _("重开 %(count)s 次") % {"count": count}
    return filled(' <span class="quiet text-xs">{}</span>', words)
