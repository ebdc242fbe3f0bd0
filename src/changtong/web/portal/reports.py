"""Report a fault, ask for a service, complain, enquire: under a minute."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from changtong.catalog import queries as catalog
from changtong.feedback import queries as feedback
from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.intake import queries as intake_queries
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.domain import triage
from changtong.tickets.domain.lifecycle import Kind
from changtong.tickets.domain.report import Report
from changtong.tickets.operations import working
from changtong.web.portal import times
from changtong.web.portal.asking import Answers
from changtong.web.portal.checks import found_out
from changtong.web.portal.home import Health, told_to
from changtong.web.ui import htmx, labels
from changtong.web.ui.access import customer_only
from changtong.web.ui.auth import portal_viewer
from changtong.web.ui.formats import localized
from changtong.web.ui.messages import sentence


if TYPE_CHECKING:
    from changtong.standard.domain.rules import Category


OTHER = ""
SUGGESTED_AT_MOST = 8


class Matter(forms.Form):
    """What the customer says; the line tells us the rest."""

    line = forms.ChoiceField(label=_("哪条业务"), required=False, widget=forms.RadioSelect)
    family = forms.ChoiceField(label=_("业务类型"), required=False)
    region = forms.ChoiceField(label=_("所在地区"), required=False)
    category = forms.CharField(required=False, max_length=64)
    title = forms.CharField(label=_("一句话说明"), max_length=160, required=False)
    description = forms.CharField(
        label=_("详细情况"), required=False, max_length=5000, widget=forms.Textarea
    )
    contact_name = forms.CharField(label=_("联系人"), max_length=96)
    contact_email = forms.EmailField(label=_("电子邮箱"), required=False)
    wanted_at = forms.ChoiceField(
        label=_("上门时间"),
        required=False,
        error_messages={"invalid_choice": _("这个时间刚被别人约走，请另选一个。")},
    )
    special_needs = forms.CharField(label=_("特殊需要"), required=False, max_length=200)
    photo = forms.FileField(label=_("照片或截图"), required=False)
    about = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    check = forms.SlugField(required=False, max_length=32, widget=forms.HiddenInput)
    path = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args: Any, viewer: Viewer, kind: str, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.at = kind, at
        lines = parties.lines_visible_to(viewer).select_related("service").order_by("number")
        choices = [(one.number, f"{localized(one.service)} {one.number}") for one in lines[:20]]
        self.fields["line"].choices = [*choices, (OTHER, _("其他业务"))]  # type: ignore[attr-defined]
        self.fields["family"].choices = labels.choices("family")  # type: ignore[attr-defined]
        self.fields["region"].choices = [  # type: ignore[attr-defined]
            (region.code, region.name) for region in catalog.regions() if region.parent_id
        ]
        self.offered = times.free(viewer, kind, self.data, at=at)
        self.fields["wanted_at"].choices = times.choices(self.offered, at=at)  # type: ignore[attr-defined]
        if not choices:
            del self.fields["line"]
        self.initial.setdefault("line", choices[0][0] if choices else OTHER)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("line") and not cleaned.get("region"):
            self.add_error("region", _("请选择所在地区。"))
        chosen = next(
            (one for one in _leaves(self.kind, self.at) if one.code == cleaned.get("category")),
            None,
        )
        cleaned["category"] = chosen.code if chosen else None
        # A tap on what is wrong is as good as a sentence about it.
        cleaned["title"] = cleaned.get("title") or (localized(chosen) if chosen else "")
        if not cleaned["title"]:
            self.add_error("title", _("请选一项，或者用一句话说明。"))
        return cleaned

    def clean_wanted_at(self) -> datetime | None:
        wanted = self.cleaned_data["wanted_at"]
        return datetime.fromisoformat(wanted) if wanted else None


def _leaves(kind: str, at: datetime) -> tuple[Category, ...]:
    return standard.read(standard.edition_in_force(at=at).pk).leaves(kind=kind)


def suggested(kind: str, *, family: str, text: str, at: datetime) -> list[Category]:
    """Return what it may be about: what the words say first, then what the service can have."""
    edition = standard.read(standard.edition_in_force(at=at).pk)
    fitting = {
        one.code: one
        for one in edition.leaves(kind=kind)
        if not family or not one.families or family in one.families
    }
    found = triage.propose(edition=edition, kind=kind, text=text, family=family or None)
    spoken = [found.category.code, *found.others] if found else []
    codes = [code for code in dict.fromkeys([*spoken, *fitting]) if code in fitting]
    return [fitting[code] for code in codes[:SUGGESTED_AT_MOST]]


@customer_only
def suggestions(request: HttpRequest, kind: str) -> HttpResponse:
    """Answer with a tap's worth of words for each thing that it may be about."""
    if kind not in set(Kind):
        raise Http404
    context = {
        "suggested": _suggested_by(request.GET, portal_viewer(request), kind, at=now()),
        "chosen": request.GET.get("category", ""),
    }
    return render(request, "portal/reports/suggestions.html", context)


def _suggested_by(given: Any, viewer: Viewer, kind: str, *, at: datetime) -> list[Category]:
    number = given.get("line") or ""
    line = parties.lines_visible_to(viewer).filter(number=number).first() if number else None
    family = line.family if line else given.get("family") or ""
    text = f"{given.get('title') or ''} {given.get('description') or ''}"
    return suggested(kind, family=family, text=text, at=at)


@customer_only
def report(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in set(Kind):
        raise Http404
    viewer, at = portal_viewer(request), now()
    outage = _known_outage(request, viewer, kind, at=at)
    if outage is not None:
        return render(request, "portal/reports/known.html", {"one": outage, "kind": kind})
    form = Matter(
        request.POST or None,
        request.FILES or None,
        viewer=viewer,
        kind=kind,
        at=at,
        initial=_initial(request, viewer),
    )
    given = request.POST or form.initial
    found, checked = "", ""
    if given.get("check"):
        found, checked, _facts = found_out(given["check"], given.get("path") or "", at=at)
    about = request.POST or {"category": found}
    answers = Answers(about, kind=kind, at=at, sent=request.method == "POST")
    offered: list[Any] | None = None
    if request.method == "POST" and _is_complete(request, form, answers):
        try:
            number = _receive(request, form, answers)
            return htmx.go_to(request, f"/portal/tickets/{number}?new=1")
        except Refused as refused:
            if refused.code in intake_queries.SAME_MATTER:
                numbers = cast("list[str]", refused.facts.get("numbers", []))
                offered = intake_queries.same_matter_offer(viewer, numbers)
            form.add_error(None, sentence(refused))
    asks_more = _asks_more(request, answers)
    context = {
        "form": form,
        "answers": answers,
        "asks_more": asks_more,
        "kind": kind,
        "offered": offered,
        "suggested": _suggested_by(given, viewer, kind, at=at),
        "chosen": request.POST.get("category", found),
        "checked": checked,
        "choices": form.fields["wanted_at"].choices,  # type: ignore[attr-defined]
        "visits": form.offered,
    }
    is_wrong = form.errors or answers.errors or asks_more
    status = 409 if offered is not None else 422 if is_wrong else 200
    return render(request, "portal/reports/report.html", context, status=status)


def _is_complete(request: HttpRequest, form: Matter, answers: Answers) -> bool:
    """Tell whether everything is said, looking at all of it."""
    complete = form.is_valid()
    if answers.is_bound:
        complete = answers.is_valid() and complete
    return complete and not _asks_more(request, answers)


def _asks_more(request: HttpRequest, answers: Answers) -> bool:
    """Tell whether what was tapped asks what the page, for want of scripts, did not show yet."""
    if answers.is_bound or answers.about is None or "asked" not in request.POST:
        return False
    # What a device kept while there was no network is sent by no page that could show them.
    return "plain" in request.POST or "HX-Target" in request.headers


def _initial(request: HttpRequest, viewer: Viewer) -> dict[str, str]:
    customer = parties.customer_by_phone(viewer.phone)
    initial = {
        "contact_name": customer.name if customer else "",
        "contact_email": customer.email if customer else "",
        "line": request.GET.get("line", ""),
        "check": request.GET.get("check", ""),
        "path": request.GET.get("path", ""),
    }
    about = request.GET.get("about", "")
    if about:
        # Whose matter it is not learns nothing of it, not even that it exists.
        ticket = tickets.by_number(viewer, about)
        title = gettext("对工单 %(number)s 的处理不满意") % {"number": ticket.number}
        initial |= {"about": ticket.number, "title": title}
        initial["line"] = ticket.line.number if ticket.line else ""
    return {name: value for name, value in initial.items() if value}


def _known_outage(request: HttpRequest, viewer: Viewer, kind: str, *, at: datetime) -> Any:
    """Return the outage that the line is touched by, unless the customer says it is not that."""
    number = request.GET.get("line", "")
    if request.method != "GET" or kind != Kind.FAULT or not number or "other" in request.GET:
        return None
    line = parties.lines_visible_to(viewer).select_related("region").filter(number=number).first()
    if line is None:
        return None
    return Health(line, None, told_to(line, feedback.standing(at=at), at=at)).outage


def _receive(request: HttpRequest, form: Matter, answers: Answers) -> str:
    given, viewer, at = form.cleaned_data, portal_viewer(request), form.at
    about = tickets.by_number(viewer, given["about"]) if given["about"] else None
    checked = found_out(given["check"], given["path"], at=at) if given["check"] else None
    received = intake.receive(
        report=Report(
            kind=form.kind,
            channel="web",
            title=given["title"],
            # The customer's one sentence is their words, too; nobody has to write it twice.
            description=given["description"] or given["title"],
            contact_name=given["contact_name"],
            contact_phone=viewer.phone,
            contact_email=given["contact_email"],
            family="" if given.get("line") else given["family"],
            category=given["category"],
            wanted_at=given["wanted_at"],
            special_needs=given["special_needs"],
            language=getattr(request, "LANGUAGE_CODE", "zh-hans"),
            answers=answers.answers if answers.is_bound else None,
        ),
        line_number=given.get("line") or "",
        region_code="" if given.get("line") else given["region"],
        same_as=request.POST.get("same_as") or None,
        anyway=bool(request.POST.get("anyway")),
        actor=viewer.actor,
        at=at,
    )
    number = received.ticket.number
    if about is not None and not received.joined:
        _refer(about, number, actor=viewer.actor, at=at)
    if checked is not None:
        _, words, facts = checked
        working.log(
            number=number,
            type_="note",
            text=gettext("自助检测：%(found)s") % {"found": words},
            details=facts,
            public=True,
            actor=viewer.actor,
            at=at,
        )
    if photo := given.get("photo"):
        working.attach(
            number=number,
            name=photo.name,
            chunks=photo.chunks(),
            public=True,
            actor=viewer.actor,
            at=at,
        )
    return number


def _refer(about: Any, complaint: str, *, actor: str, at: datetime) -> None:
    """Note on each of the two that the other belongs to it."""
    facts = {"complaint": complaint, "about": about.number}
    words = gettext("就工单 %(about)s 提出投诉，投诉工单 %(complaint)s") % facts
    for number in (about.number, complaint):
        if number == complaint or not tickets.is_final(about):
            working.log(
                number=number,
                type_="note",
                text=words,
                details=facts,
                public=True,
                actor=actor,
                at=at,
            )
