"""What a list of tickets can be narrowed to; a figure and the list behind it use the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext_lazy as _

from changtong.clocks import queries as clocks
from changtong.infra.clock import now
from changtong.standard import queries as standard
from changtong.tickets.domain.lifecycle import UNFINISHED
from changtong.web.console import wording
from changtong.web.ui import labels


if TYPE_CHECKING:
    from django.http import QueryDict
    from django.utils.functional import Promise

    from changtong.tickets.models import Ticket


SOON = timedelta(hours=2)
EVERY: dict[str, str | Promise] = {
    "kind": _("所有类型"),
    "state": _("所有状态"),
    "priority": _("所有优先级"),
    "channel": _("所有渠道"),
    "when": _("所有时间"),
    "category": _("所有分类"),
}
CODES = ("kind", "state", "priority", "channel")
# These tabs hold one state each.
ONE_STATE = frozenset({"registered", "unassigned", "resolved"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One select above a list."""

    name: str
    every: str
    value: str
    options: tuple[tuple[str, str], ...]


def today(at: datetime) -> datetime:
    """Return when the day of a moment began here."""
    return datetime.combine(localtime(at).date(), time(), tzinfo=get_current_timezone())


def late(rows: QuerySet[Ticket], at: datetime) -> QuerySet[Ticket]:
    return rows.filter(due_at__lt=at)


def soon(rows: QuerySet[Ticket], at: datetime) -> QuerySet[Ticket]:
    return rows.filter(due_at__gte=at, due_at__lt=at + SOON)


def opened_today(rows: QuerySet[Ticket], at: datetime) -> QuerySet[Ticket]:
    return rows.filter(opened_at__gte=today(at))


def breached_today(rows: QuerySet[Ticket], at: datetime) -> QuerySet[Ticket]:
    return rows.filter(number__in={one.subject for one in clocks.breached(since=today(at))})


Narrow = Callable[["QuerySet[Ticket]", datetime], "QuerySet[Ticket]"]
WHEN_DUE: dict[str, tuple[str | Promise, Narrow]] = {
    "late": (_("已超时"), late),
    "soon": (_("两小时内到期"), soon),
}
WHEN_HAPPENED: dict[str, tuple[str | Promise, Narrow]] = {
    "opened-today": (_("今日登记"), opened_today),
    "breached-today": (_("今日超时"), breached_today),
}


def wanted(given: QueryDict) -> dict[str, str]:
    """Return what the request narrows by; what nobody knows is dropped."""
    found = {name: given.get(name, "") for name in EVERY}
    return {
        name: value
        for name, value in found.items()
        if name == "category"
        or (name == "when" and value in {**WHEN_DUE, **WHEN_HAPPENED})
        or (name in CODES and value in labels.TABLES[name])
    }


def narrowed(rows: QuerySet[Ticket], by: Mapping[str, str], *, at: datetime) -> QuerySet[Ticket]:
    """Return the tickets that fit everything asked for."""
    exact = {name: value for name, value in by.items() if value and name != "when"}
    narrow = {**WHEN_DUE, **WHEN_HAPPENED}.get(by.get("when", ""))
    rows = rows.filter(**exact)
    return narrow[1](rows, at) if narrow else rows


def choices(by: Mapping[str, str], *, tab: str) -> list[Choice]:
    """Return the selects that make sense on a tab."""
    return [
        Choice(name, str(every), by.get(name, ""), tuple(_options(name, by, tab)))
        for name, every in EVERY.items()
        if name != "state" or tab not in ONE_STATE
    ]


def _options(name: str, by: Mapping[str, str], tab: str) -> list[tuple[str, Any]]:
    if name == "when":
        sorts = WHEN_HAPPENED if tab == "newest" else WHEN_DUE
        return [(code, words) for code, (words, _narrow) in sorts.items()]
    if name == "category":
        edition = standard.read(standard.edition_in_force(at=now()).pk)
        leaves = edition.leaves(kind=by.get("kind") or None)
        return [(one.code, wording.category(one.code, edition)) for one in leaves]
    known = labels.choices(name)
    if name == "state" and tab != "newest":
        return [one for one in known if one[0] in set(UNFINISHED)]
    return known
