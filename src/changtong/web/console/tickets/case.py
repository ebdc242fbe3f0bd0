"""The case page: everything about one ticket, one tab at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.infra.clock import now
from changtong.intake import queries as intake
from changtong.intake.queries import assurances
from changtong.journal import queries as journal
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain import closing as closing_rules
from changtong.tickets.domain.lifecycle import UNFINISHED
from changtong.tickets.queries import efforts
from changtong.tickets.queries.ticks import all_ticks, standing
from changtong.web.console import wording
from changtong.web.console.frame import Tab, show
from changtong.web.console.tickets import asked as waiting
from changtong.web.console.tickets import assured, limits, remedies, steps, ticking
from changtong.web.console.tickets.spent import spent
from changtong.web.console.tickets.strip import strip
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import localized
from changtong.web.ui.questions import told
from changtong.workspace.queries import macros, watches


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.journal.models import Entry
    from changtong.standard.domain.edition import Edition
    from changtong.standard.domain.rules import ClosingCondition
    from changtong.tickets.models import LogEntry, Resolution, Ticket


STREAM_AT_MOST = 150
RELATED_AT_MOST = 6
# What the log itself shows; the journal's line about it would say it twice.
SAID_TWICE = frozenset({"ticket.logged", "ticket.told"})
# The clocks' own bookkeeping is shown at the clocks.
BOOKKEEPING = (
    "clock.started",
    "clock.stopped",
    "clock.paused",
    "clock.resumed",
    "clock.voided",
    "clock.reopened",
    "clock.carried",
    "clock.restored",
)
# Entries with words of the customer's or to the customer, and how they look.
WORDED = {
    "ticket.supplement_asked": "public",
    "ticket.supplemented": "customer",
    "ticket.reopened": "customer",
}
TABS: tuple[tuple[str, str | Promise], ...] = (
    ("ticket", gettext_lazy("动态")),
    ("ticket_dispatch", gettext_lazy("派工")),
    ("ticket_files", gettext_lazy("附件与补充")),
    ("ticket_result", gettext_lazy("结果与关闭")),
    ("ticket_feedback", gettext_lazy("通知与评价")),
    ("ticket_record", gettext_lazy("档案")),
)
LOG_LOOKS: dict[str, tuple[str | Promise, str]] = {
    "note": (gettext_lazy("备注"), "notebook-pen"),
    "call": (gettext_lazy("通话"), "phone"),
    "remote_action": (gettext_lazy("远程操作"), "monitor"),
    "visit": (gettext_lazy("上门"), "truck"),
    "measurement": (gettext_lazy("测量"), "gauge"),
    "part_used": (gettext_lazy("用料"), "package"),
    "retest": (gettext_lazy("复测"), "activity"),
    "message": (gettext_lazy("消息"), "message-square"),
    "answer": (gettext_lazy("答复"), "reply"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the stream, whatever it came from."""

    kind: str
    title: str
    icon: str
    author: str
    at: datetime
    text: str
    facts: tuple[tuple[str, str], ...] = ()
    clause: str = ""
    only_system: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A closing condition, met or not."""

    name: str
    clause: str
    met: bool
    remedy: str | Promise = ""
    url: str = ""


@staff_only("tickets.view")
def case(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    ticket = opened(viewer, number)
    wanted = request.GET.get("show", "")
    happenings = stream(ticket, only=wanted)
    context = {
        **shell(viewer, ticket, tab="ticket"),
        "happenings": happenings,
        "only": wanted,
        "unfinished": UNFINISHED,
        "spent": spent(ticket),
        "stream_cut": len(happenings) >= STREAM_AT_MOST,
    }
    return show(request, "tickets/case.html", context, part="tab")


@staff_only("tickets.view")
def result(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    ticket = opened(viewer, number)
    edition = standard.read(ticket.edition_id)
    every = queries.resolutions_of(ticket)
    kept = sorted(every, key=attrgetter("resolved_at"), reverse=True)[:10]
    names = wording.names_in(one.actor for one in kept)
    context = {
        **shell(viewer, ticket, tab="ticket_result"),
        "resolutions": [
            {
                "kept": one,
                "by": wording.actor(one.actor, names),
                "cause": wording.choice(one.cause, edition),
                "fix": wording.choice(one.fix, edition),
            }
            for one in kept
        ],
        "conditions": conditions(ticket, viewer, every),
    }
    return show(request, "tickets/result.html", context, part="tab")


@staff_only("tickets.view")
def files(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    ticket = opened(viewer, number)
    attachments = list(ticket.attachments.order_by("-attached_at")[:50])
    supplements = list(ticket.supplements.order_by("-asked_at")[:20])
    names = wording.names_in(
        [one.actor for one in attachments] + [one.asked_by for one in supplements]
    )
    context = {
        **shell(viewer, ticket, tab="ticket_files"),
        "attaches": steps.possible("attachments", ticket, viewer),
        "attachments": [
            {
                "kept": one,
                "by": wording.actor(one.actor, names),
                "url": reverse("console:ticket_attachment", args=[number, one.pk]),
            }
            for one in attachments
        ],
        "mails": list(intake.mails_of(ticket)[:50]),
        "supplements": [
            {"kept": one, "by": wording.actor(one.asked_by, names)} for one in supplements
        ],
    }
    return show(request, "tickets/files.html", context, part="tab")


def opened(viewer: Viewer, number: str) -> Ticket:
    """
    Return a ticket as a tab of its page needs it.

    :raises Missing: ``ticket.unknown``
    """
    return queries.by_number(
        viewer,
        number,
        is_watched=watches.watched_by(viewer.staff_id),
        macros=macros.offered(viewer),
        has_remedies=queries.with_remedies(),
        has_time=efforts.with_time(),
        said=intake.all_answers(),
        ticks=all_ticks(),
        assured=assurances.with_told(),
    )


def shell(viewer: Viewer, ticket: Ticket, *, tab: str) -> dict[str, Any]:
    """Return what every tab of the case page shows around a ticket that was `opened`."""
    edition = standard.read(ticket.edition_id)
    clocks, related = limits.shown(ticket.number), _related(viewer, ticket)
    asked = queries.open_pause_request(ticket) if ticket.state in steps.HANDLED else None
    running = frozenset(one.clock.metric for one in clocks if one.clock.is_open)
    next_step, other_steps = steps.offers(ticket, viewer, steps.Standing(asked, running))
    category = None
    if ticket.category:
        category = edition.category(ticket.category)
    return {
        "ticket": ticket,
        "edition": edition,
        "category": category,
        "category_name": wording.category(ticket.category, edition),
        "lacking": lacking(ticket, edition),
        "lacking_clause": edition.acceptance(kind=ticket.kind).clause,
        "clocks": clocks,
        "strip": strip(ticket, related, clocks),
        "is_watching": ticket.is_watched,  # type: ignore[attr-defined]
        "asked": waiting.shown(asked, edition) if asked else None,
        "remedies": (
            remedies.shown(ticket, viewer)
            if ticket.has_remedies  # type: ignore[attr-defined]
            else []
        ),
        "decisions": wording.decisions(ticket.decisions, edition),
        "related": related,
        **ticking.shown(ticket, viewer, standing(ticket.ticks)),  # type: ignore[attr-defined]
        "answers": told(ticket.said),  # type: ignore[attr-defined]
        "assured": assured.shown(ticket, viewer, edition),
        "next_step": next_step,
        "other_steps": other_steps,
        "tabs": [
            Tab(label, reverse(f"console:{route}", args=[ticket.number]), active=route == tab)
            for route, label in TABS
            if route != "ticket_record" or viewer.may("archive.view")
        ],
        "at": now(),
    }


def lacking(ticket: Ticket, edition: Edition) -> str:
    """Name what still stands in the way of accepting a registered ticket."""
    if ticket.state != "acknowledged":
        return ""
    given = {
        "description": ticket.description,
        "contact_phone": ticket.contact_phone,
        "contact_email": ticket.contact_email,
        "contact_name": ticket.contact_name,
        "address": ticket.address,
        "line": ticket.line_id,
        "customer": ticket.customer_id,
        "region": ticket.region_id,
    }
    return wording.lacking(edition.acceptance(kind=ticket.kind).required, given)


# What the viewer may do about a condition that does not hold yet: a step of the case page.
REMEDIES: dict[str, tuple[str | Promise, str, str]] = {
    "resolution_recorded": (gettext_lazy("提交处理结果"), "resolution", ""),
    "retest_passed": (gettext_lazy("补做复测"), "log", "?type=retest"),
    "answer_delivered": (gettext_lazy("登记正式答复"), "log", "?type=answer"),
    "applicant_told": (gettext_lazy("登记已告知客户"), "notice", ""),
    "applicant_confirmed_or_silent": (gettext_lazy("登记客户认可"), "confirmation", ""),
}


def conditions(ticket: Ticket, viewer: Viewer, resolutions: Sequence[Resolution]) -> list[Checked]:
    """Return the standard's closing conditions, whether each holds, and what to do if not."""
    rules = standard.read(ticket.edition_id).closing_conditions(kind=ticket.kind)
    unmet = closing_rules.unmet(conditions=rules, situation=queries.situation(ticket, resolutions))
    return [_checked(one, ticket, viewer, met=one not in unmet) for one in rules]


def _checked(one: ClosingCondition, ticket: Ticket, viewer: Viewer, *, met: bool) -> Checked:
    remedy, step, query = REMEDIES.get(one.code, ("", "", ""))
    if met or not step or not steps.possible(step, ticket, viewer):
        return Checked(localized(one), one.clause, met)
    url = reverse(f"console:ticket_{step}", args=[ticket.number]) + query
    return Checked(localized(one), one.clause, met, remedy, url)


def stream(ticket: Ticket, *, only: str = "") -> list[Happening]:
    """Return what was done, said and recorded, the latest first."""
    logged = list(ticket.log.order_by("-id")[:STREAM_AT_MOST])
    entries = [
        entry
        for entry in journal.timeline(ticket.number).order_by("-id")[:STREAM_AT_MOST]
        if entry.tag not in SAID_TWICE and entry.tag not in BOOKKEEPING and not _by_work(entry)
    ]
    mentioned = [
        one
        for entry in entries
        for one in (entry.facts.get("assignee"), entry.facts.get("staff"))
        if isinstance(one, int)
    ]
    names = wording.names_in(
        [one.actor for one in logged] + [one.actor for one in entries], and_staff=mentioned
    )
    happenings = [_said(one, names) for one in logged]
    edition = standard.read(ticket.edition_id)
    words = _words(ticket, entries)
    for entry in entries:
        told = wording.story(entry, names, edition)
        happenings.append(
            Happening(
                kind=WORDED.get(entry.tag, "system"),
                title=told.words,
                icon=told.icon,
                author=told.actor,
                at=told.at,
                text=words.get(entry.pk, ""),
                facts=told.facts,
                clause=told.clause,
                only_system=entry.tag not in WORDED,
            )
        )
    happenings.sort(key=attrgetter("at"), reverse=True)
    return _chosen(happenings, only)[:STREAM_AT_MOST]


def _by_work(entry: Entry) -> bool:
    """Say whether a work order keeps the case open or stops doing so, which it says itself."""
    return str(entry.facts.get("source", "")).startswith("work_order:")


def _words(ticket: Ticket, entries: Sequence[Entry]) -> dict[int, str]:
    """Return what was asked, answered and objected to: the journal keeps no words of people."""
    tags = {entry.tag for entry in entries}
    asked = {"ticket.supplement_asked", "ticket.supplemented"}
    supplements = {one.pk: one for one in ticket.supplements.all()} if tags & asked else {}
    refused = (
        dict(
            ticket.resolutions.exclude(refused_at=None).values_list(
                "refused_at", "refused_because"
            )
        )
        if "ticket.reopened" in tags
        else {}
    )
    words: dict[int, str] = {}
    for entry in entries:
        supplement = supplements.get(entry.facts.get("supplement", 0))
        if entry.tag == "ticket.reopened":
            words[entry.pk] = refused.get(entry.happened_at, "")
        elif supplement is not None:
            told = entry.tag == "ticket.supplemented"
            words[entry.pk] = supplement.answer if told else supplement.question
    return words


def _chosen(happenings: Sequence[Happening], only: str) -> list[Happening]:
    match only:
        case "public":
            return [one for one in happenings if one.kind in {"public", "customer"}]
        case "internal":
            return [one for one in happenings if one.kind == "internal"]
        case "log":
            return [one for one in happenings if not one.only_system]
        case "system":
            return [one for one in happenings if one.only_system]
    return list(happenings)


def _said(entry: LogEntry, names: Mapping[int, str]) -> Happening:
    title, icon = LOG_LOOKS.get(entry.type, (entry.type, "notebook-pen"))
    by_customer = entry.actor.startswith(("phone:", "customer:"))
    kind = "customer" if by_customer else "public" if entry.public else "operation"
    if entry.type == "note" and not entry.public:
        kind = "internal"
    return Happening(
        kind=kind,
        title=str(title),
        icon=icon,
        author=wording.actor(entry.actor, names),
        at=entry.happened_at,
        text=entry.text,
        facts=tuple(
            _details(entry.details | ({"minutes": entry.minutes} if entry.minutes else {}))
        ),
    )


DETAILS: dict[str, str | Promise] = {
    "item": gettext_lazy("项目"),
    "value": gettext_lazy("读数"),
    "unit": gettext_lazy("单位"),
    "part": gettext_lazy("材料"),
    "count": gettext_lazy("数量"),
    "passed": gettext_lazy("复测"),
    "minutes": gettext_lazy("时长（分）"),
    "repair": gettext_lazy("修复"),
    "callback": gettext_lazy("回访"),
    "attempt": gettext_lazy("第几次"),
}
AFTERCARE: dict[str, str | Promise] = {
    "provisional": gettext_lazy("临时恢复"),
    "permanent": gettext_lazy("永久修复"),
    "reached": gettext_lazy("已接通"),
    "missed": gettext_lazy("未接通"),
}


def _details(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    shown = []
    for name, value in details.items():
        if name == "unit":
            continue
        words = f"{value} {details.get('unit', '')}".strip() if name == "value" else str(value)
        if isinstance(value, bool):
            words = _("通过") if value else _("未通过")
        elif name in ("repair", "callback"):
            words = str(AFTERCARE.get(str(value), value))
        shown.append((str(DETAILS.get(name, name)), words))
    return shown


def _related(viewer: Viewer, ticket: Ticket) -> list[Ticket]:
    if ticket.line_id is not None:
        found = queries.of_line(viewer, ticket.line_id)
    elif ticket.customer_id is not None:
        found = queries.of_customer(viewer, ticket.customer_id)
    else:
        return []
    return list(found.exclude(pk=ticket.pk)[:RELATED_AT_MOST])
