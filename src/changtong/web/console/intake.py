"""The intake desk: an agent on the telephone or at the counter turns a report into a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.intake import queries as contacts
from changtong.intake.operations.assuring import Assured
from changtong.kernel.errors import Missing, Refused
from changtong.parties import queries as parties
from changtong.parties.domain import phones
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.standard.domain.edition import Edition
from changtong.tickets import queries as tickets
from changtong.tickets.domain import triage
from changtong.web.console import callers, counters, proving, wording
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.console.intake_form import IntakeForm
from changtong.web.console.tickets.forms import category_choices
from changtong.web.ui import explained, htmx, labels, messages
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import localized
from changtong.web.ui.questions import Questions, questions


if TYPE_CHECKING:
    from collections.abc import Mapping

    from changtong.parties.models import Line
    from changtong.standard.domain.rules import Category, Graded, Target


LETTERS_AT_LEAST = 2
REFUSED = 409
WRONG_CONTACT = {"report.phone_invalid": "contact_phone", "report.email_invalid": "contact_email"}
WRONG_IDENTITY = frozenset({"identity.unverified", "identity.unproved"})
ANSWERED_WRONGLY = frozenset({"answer.required", "answer.invalid"})
PROMISED = ("acceptance", "first_response", "arrival", "restoration", "resolution", "answer")


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the words suggest, for a person to agree or not."""

    category: Category | None
    name: str
    confidence: int
    reasons: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    choices: list[tuple[str, Any]]
    # What a person chose; empty where the words or the category decide.
    chosen: str
    impact: str
    wanted_impact: str
    urgency: str
    wanted_urgency: str
    graded: Graded
    targets: tuple[tuple[Target, str], ...]
    lacking: str
    lacking_clause: str
    edition_id: int
    questions: Questions | None
    # How identity must still be checked before this is registered, and the clause that says so.
    unverified: tuple[str, ...]
    unverified_clause: str

    @property
    def impacts(self) -> list[tuple[str, Any]]:
        """Return what the impact may be changed to."""
        return labels.choices("impact")

    @property
    def urgencies(self) -> list[tuple[str, Any]]:
        """Return what the urgency may be changed to."""
        return labels.choices("urgency")


@staff_only("tickets.open")
def desk(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    if request.method == "POST":
        return _receive(request, viewer)
    calling = callers.number_of_call(viewer, request.GET.get("call", ""))
    phone = request.GET.get("phone", "").strip() or calling
    came_with = counters.at_desk(viewer, request.GET.get("queue_number", ""))
    phone = phone or (came_with.number.phone if came_with else "")
    found = callers.lines_of(viewer, phone)
    line = _line(viewer, request.GET.get("line", "")) or (found[0] if len(found) == 1 else None)
    initial = {"line": line.number if line else "", "contact_phone": phone, **_contact_of(line)}
    initial |= {"identity": _way_of_call(calling, line)} | counters.began_with(came_with)
    form = IntakeForm(viewer=viewer, initial=initial)
    context = {
        "phone": phone,
        "found": None if line else found,
        "enough": bool(phone),
        "came_with": came_with,
    }
    return show(request, "intake/desk.html", {**_shown(viewer, form, line), **context})


@staff_only("tickets.open")
def lines(request: HttpRequest) -> HttpResponse:
    """Answer the look-up while the agent types."""
    viewer = staff_viewer(request)
    text = request.GET.get("find", "").strip()
    found = parties.lines_matching(viewer, text) if len(text) >= LETTERS_AT_LEAST else []
    context = {
        "found": found,
        "text": text,
        "enough": len(text) >= LETTERS_AT_LEAST,
        "is_cut": len(found) >= parties.MATCHES_AT_MOST,
        "number": phones.normalized(text),
        "is_number": not any(letter.isalpha() for letter in text),
    }
    return show(request, "intake/lines.html", context)


@staff_only("tickets.open")
def caller(request: HttpRequest) -> HttpResponse:
    """Show the line that the agent chose, with what is open on it, or a number without one."""
    viewer = staff_viewer(request)
    line = _line(viewer, request.GET.get("line", ""))
    phone = {"contact_phone": request.GET.get("phone", "")}
    initial = {"line": line.number if line else "", **(_contact_of(line) or phone)}
    calling = callers.number_of_call(viewer, request.GET.get("call", ""))
    initial["identity"] = _way_of_call(calling, line)
    form = IntakeForm(viewer=viewer, initial=initial)
    context = {"is_call": bool(calling)}
    return show(
        request, "intake/desk.html", {**_shown(viewer, form, line), **context}, part="caller"
    )


@staff_only("tickets.open")
def proposal(request: HttpRequest) -> HttpResponse:
    """Propose a category and show the grade and limits that would follow."""
    viewer = staff_viewer(request)
    line = _line(viewer, request.GET.get("line", ""))
    found = proposed(request.GET, line)
    # Left alone while it is the same, since the agent may be writing there.
    code = found.questions.form.code if found.questions else ""
    asks_anew = code != request.GET.get("asked", "")
    return show(request, "intake/proposal.html", {"proposed": found, "asks_anew": asks_anew})


def proposed(given: QueryDict, line: Line | None) -> Proposed:
    """Return the category that the words suggest, or the one chosen, and what follows from it."""
    edition_id = standard.edition_in_force(at=now()).pk
    edition = standard.read(edition_id)
    kind = given.get("kind", "fault")
    kind = kind if kind in labels.KINDS else "fault"
    family = line.family if line else given.get("family") or None
    found = triage.propose(
        edition=edition,
        kind=kind,
        text=f"{given.get('title', '')} {given.get('description', '')}",
        family=family,
        history=tickets.categories_of_line(line.pk if line else None),
    )
    chosen = _chosen(edition, kind, given.get("chosen", ""))
    category = chosen or (found.category if found else None)
    impact = _one_of("impact", given.get("impact"), category.impact if category else "single")
    urgency = _one_of("urgency", given.get("urgency"), category.urgency if category else "normal")
    tier = line.customer.tier if line else "standard"
    place = {
        "region": line.region.path if line else "",
        "region_type": line.region.region_type if line else "urban",
    }
    graded = edition.priority(impact=impact, urgency=urgency, tier=tier, **place)
    rule = edition.acceptance(kind=kind)
    return Proposed(
        category=category,
        name=localized(category) if category else "",
        confidence=round(found.confidence * 100) if found and not chosen else 0,
        reasons=tuple(wording.reason(one) for one in found.reasons) if found else (),
        others=tuple((code, wording.category(code, edition)) for code in found.others)
        if found
        else (),
        choices=category_choices(edition, kind),
        chosen=chosen.code if chosen else "",
        impact=impact,
        wanted_impact=given.get("impact", ""),
        urgency=urgency,
        wanted_urgency=given.get("urgency", ""),
        graded=graded,
        targets=_promised(edition, kind, graded.priority, place, family, tier, category),
        lacking=wording.lacking(rule.required, given.dict()),
        lacking_clause=rule.clause,
        edition_id=edition_id,
        questions=questions(
            edition,
            edition_id,
            kind=kind,
            category=category.code if category else "",
            given={name: str(value) for name, value in given.items()},
        ),
        **_unverified(edition, category, given),
    )


def _unverified(edition: Edition, category: Category | None, given: QueryDict) -> dict[str, Any]:
    rule = edition.identity
    channel, method = given.get("channel", ""), given.get("identity", "")
    code = category.code if category else ""
    required = rule.required_for(channel=channel, category=code) if rule else None
    if rule is None or required is None or method in required.methods:
        return {"unverified": (), "unverified_clause": ""}
    ways = tuple(localized(one) for one in rule.methods if one.code in required.methods)
    return {"unverified": ways, "unverified_clause": required.clause}


def _promised(
    edition: Edition,
    kind: str,
    priority: str,
    place: Mapping[str, str],
    family: str | None,
    tier: str,
    category: Category | None,
) -> tuple[tuple[Target, str], ...]:
    found = edition.targets(
        kind=kind,
        priority=priority,
        **place,
        family=family or "broadband",
        tier=tier,
        category=category.code if category else "",
    )
    promised = [one for one in found if one.metric in PROMISED]
    promised.sort(key=lambda one: (PROMISED.index(one.metric), one.basis))
    return tuple((one, explained.within(one.within)) for one in promised)


def _chosen(edition: Edition, kind: str, code: str) -> Category | None:
    try:
        found = edition.category(code) if code else None
    except Missing:
        return None
    return found if found and found.kind == kind else None


def _one_of(table: str, wanted: str | None, usual: str) -> str:
    return wanted if wanted in labels.TABLES[table] else usual


def _line(viewer: Viewer, number: str) -> Line | None:
    if not number:
        return None
    found = parties.lines_visible_to(viewer).filter(number=number)
    return found.select_related("customer", "service", "region").first()


def _contact_of(line: Line | None) -> dict[str, str]:
    if line is None:
        return {}
    return {
        "contact_name": line.customer.name,
        "contact_phone": line.customer.phone,
        "contact_email": line.customer.email,
    }


def _way_of_call(calling: str, line: Line | None) -> str:
    """Return what a call tells about who calls; a number that was typed tells nothing."""
    return "calling_number" if line is not None and calling == line.customer.phone else ""


def _shown(viewer: Viewer, form: IntakeForm, line: Line | None) -> dict[str, Any]:
    return {
        "form": form,
        "line": line,
        "known": callers.known_of(viewer, line),
        "questions": form.questions,
        **proving.shown(form, line),
    }


def _receive(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    form = IntakeForm(_fitting(request.POST), viewer=viewer)
    line = _line(viewer, request.POST.get("line", ""))
    if not form.is_valid():
        return _again(request, viewer, form, line, status=UNPROCESSABLE)
    try:
        received = intake.receive(
            report=form.report(),
            actor=viewer.actor,
            viewer=viewer,
            at=now(),
            line_number=line.number if line else "",
            customer_number=form.cleaned_data["customer"],
            region_code=form.cleaned_data["region"],
            same_as=request.POST.get("same_as") or None,
            anyway=bool(request.POST.get("anyway")),
            by_agent=bool(form.cleaned_data["category"]),
            assured=Assured(
                method=form.cleaned_data["identity"],
                consents=form.cleaned_data["consents"],
                proof=form.cleaned_data["proof"],
            ),
        )
    except Refused as refusal:
        if refusal.code in ANSWERED_WRONGLY:
            wrong = {"wrong": refusal.facts["field"], "wrong_words": messages.sentence(refusal)}
            return _again(request, viewer, form, line, status=UNPROCESSABLE, **wrong)
        if refusal.code in WRONG_IDENTITY or refusal.code in WRONG_CONTACT:
            wrong_field = WRONG_CONTACT.get(refusal.code, "identity")
            form.add_error(wrong_field, messages.sentence(refusal))
            return _again(request, viewer, form, line, status=UNPROCESSABLE)
        if refusal.code not in contacts.SAME_MATTER:
            raise
        numbers = cast("list[str]", refusal.facts.get("numbers", []))
        return _again(
            request,
            viewer,
            form,
            line,
            status=REFUSED,
            offer=contacts.same_matter_offer(viewer, numbers),
            offer_clause=refusal.clause,
            hidden=refusal.facts["hidden"],
        )
    counters.note_case(viewer, request.POST.get("queue_number", ""), received.ticket)
    if received.joined:
        return htmx.go_to(request, reverse("console:ticket", args=[received.ticket.number]))
    return htmx.go_to(request, reverse("console:receipt", args=[received.ticket.number]))


def _fitting(given: QueryDict) -> QueryDict:
    """Drop a category that was proposed before the agent chose another kind."""
    edition = standard.read(standard.edition_in_force(at=now()).pk)
    if _chosen(edition, given.get("kind", ""), given.get("category", "")):
        return given
    fitting = given.copy()
    fitting["category"] = ""
    return fitting


def _again(
    request: HttpRequest,
    viewer: Viewer,
    form: IntakeForm,
    line: Line | None,
    *,
    status: int,
    **context: Any,
) -> HttpResponse:
    shown = {
        **_shown(viewer, form, line),
        "proposed": proposed(request.POST, line),
        "came_with": counters.at_desk(viewer, request.POST.get("queue_number", "")),
        **context,
    }
    return show(request, "intake/desk.html", shown, status=status)
