"""The roster of a week: who is on duty when, and what changing it would do to appointments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from changtong.dispatch.domain.rosters import usual
from changtong.dispatch.operations import assigning, planning
from changtong.dispatch.queries import loads, rosters
from changtong.infra.clock import now
from changtong.kernel.errors import Missing, Refused
from changtong.kernel.time import Period
from changtong.parties import queries as parties
from changtong.standard import queries as standard
from changtong.web.console import roster_week
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import datetime_short
from changtong.web.ui.messages import sentence


if TYPE_CHECKING:
    from changtong.dispatch.queries.rosters import Appointment
    from changtong.parties.domain.roles import Viewer
    from changtong.parties.models import Staff, Team
    from changtong.standard.domain.edition import Edition


TEAMS_AT_MOST = 12
USUAL_AT_MOST = 4
LOOKED_BACK, LOOKED_AHEAD = timedelta(days=28), timedelta(days=7)
KEEP, REASSIGN = "keep", "reassign"


def _clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def _calendar() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Hours(forms.Form):
    """From when until when; an end that is not later lies on the next day."""

    starts = forms.TimeField(label=gettext_lazy("上班"), widget=_clock())
    ends = forms.TimeField(
        label=gettext_lazy("下班"), widget=_clock(), help_text=gettext_lazy("早于上班时间即为次日")
    )

    def period(self, day: date) -> Period:
        """Return the hours on a day."""
        given = self.cleaned_data
        zone = rosters.midnight(day).tzinfo
        start = datetime.combine(day, given["starts"], tzinfo=zone)
        end = datetime.combine(day, given["ends"], tzinfo=zone)
        return Period(start, end if end > start else end + roster_week.A_DAY)


class Away(forms.Form):
    """Days on which somebody is away."""

    first = forms.DateField(label=gettext_lazy("从"), widget=_calendar())
    last = forms.DateField(label=gettext_lazy("至（含）"), widget=_calendar())
    away_for = forms.ChoiceField(
        label=gettext_lazy("假别"),
        choices=[(one.value, w) for one, w in roster_week.REASONS.items()],
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A change of somebody's roster: what it is called, what it does, which stretches go."""

    person: Staff
    day: date
    title: str
    done: str
    do: Callable[[datetime], object]
    gone: Sequence[Period]


@dataclass(frozen=True, slots=True)
class Consequence:
    """What becomes of an appointment if it is given to somebody else."""

    appointment: Appointment
    words: str
    # Nobody has it afterwards; a dispatcher must look after it.
    is_left: bool = False
    is_moved: bool = False


@staff_only("dispatch.view")
def page(request: HttpRequest) -> HttpResponse:
    viewer, at = staff_viewer(request), now()
    day = _day(request.GET.get("day", ""), at)
    monday = day - timedelta(days=day.weekday())
    every = rosters.teams(viewer)
    team = _team(request, every)
    shown = [team] if team else every[:TEAMS_AT_MOST]
    edition = _edition(at)
    days = roster_week.days_of(edition, monday, at)
    found = rosters.week(shown, monday)
    ids = [one.person.pk for roster in found for one in roster.people]
    week_ends = rosters.midnight(monday + timedelta(days=7))
    booked = rosters.booked_in(ids, max(at, rosters.midnight(monday)), week_ends)
    context = {
        "weeks": [roster_week.drawn(one, days, booked, at) for one in found],
        "days": days,
        "day": day,
        "monday": monday,
        "sunday": days[-1].on,
        "before": _url(monday - timedelta(days=7), team),
        "after": _url(monday + timedelta(days=7), team),
        "this": _url(localtime(at).date(), team),
        "teams": every,
        "team": team,
        "clipped": len(shown) < len(every) and not team,
        "plans": viewer.may("roster.plan"),
        "repeats": viewer.may("roster.plan") and not days[-1].is_over,
        "hours_clause": roster_week.visit_hours(edition).clause,
        "edition": edition,
        "unknown": any(not one.is_known for one in days),
    }
    return show(request, "roster/page.html", context)


@staff_only("roster.plan")
def of_day(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Show somebody's day with what can be changed about it, or put them on duty."""
    viewer, at = staff_viewer(request), now()
    person, on = rosters.member(viewer, pk), _day(day, at)
    form = Hours(request.POST or None)
    if request.method == "POST" and form.is_valid():
        planning.put_on(staff_id=person.pk, period=form.period(on), actor=viewer.actor, at=at)
        return _back(request, on, _("已排班"))
    return _editor(request, person, on, form)


@staff_only("roster.plan")
@require_POST
def change(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Let a duty be at other hours; what is booked in what goes is shown first."""
    viewer, at = staff_viewer(request), now()
    person, on = rosters.member(viewer, pk), _day(day, at)
    form, was = Hours(request.POST), _duty(request.POST.get("was", ""))
    if not form.is_valid():
        return _editor(request, person, on, form)
    period = form.period(on)

    def do(at: datetime) -> object:
        return planning.move(staff_id=person.pk, was=was, period=period, actor=viewer.actor, at=at)

    wanted = Change(person, on, _("调整班次"), _("班次已调整"), do, rosters.lost(was, period))
    return _weighed(request, viewer, wanted, at)


@staff_only("roster.plan")
def removal(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Show what taking somebody off duty would do, or do it."""
    viewer, at = staff_viewer(request), now()
    person, on = rosters.member(viewer, pk), _day(day, at)
    given = request.POST if request.method == "POST" else request.GET
    was = _duty(given.get("was", ""))

    def do(at: datetime) -> object:
        if not planning.take_off(staff_id=person.pk, period=was, actor=viewer.actor, at=at):
            raise Missing("shift.unknown")
        return None

    wanted = Change(person, on, _("移除班次"), _("班次已移除"), do, [was])
    return _weighed(request, viewer, wanted, at)


@staff_only("roster.plan")
@require_POST
def leave(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Give somebody leave; what is booked in it is shown first."""
    viewer, at = staff_viewer(request), now()
    person, on = rosters.member(viewer, pk), _day(day, at)
    form = Away(request.POST)
    if not form.is_valid():
        return _editor(request, person, on, Hours(), away=form)
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]

    def do(at: datetime) -> object:
        return planning.grant_leave(
            staff_id=person.pk,
            first=first,
            last=last,
            reason=form.cleaned_data["away_for"],
            actor=viewer.actor,
            at=at,
        )

    ends = rosters.midnight(max(first, last) + roster_week.A_DAY)
    gone = [Period(rosters.midnight(first), ends)]
    return _weighed(request, viewer, Change(person, on, _("请假"), _("请假已登记"), do, gone), at)


@staff_only("roster.plan")
@require_POST
def leave_withdrawal(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Take somebody's leave back."""
    viewer, at = staff_viewer(request), now()
    person, on = rosters.member(viewer, pk), _day(day, at)
    planning.withdraw_leave(staff_id=person.pk, day=on, actor=viewer.actor, at=at)
    return _back(request, on, _("已销假，班次请重新安排"))


@staff_only("roster.plan")
@require_POST
def repetition(request: HttpRequest) -> HttpResponse:
    """Plan the week like the one before it, where nothing is planned yet."""
    viewer, at = staff_viewer(request), now()
    day = _day(request.POST.get("day", ""), at)
    every = rosters.teams(viewer)
    team = _team(request, every)
    if team is None and request.POST.get("team_code"):
        raise Missing("team.unknown")
    members = parties.memberships_in(one.pk for one in ([team] if team else every))
    planned, left_out = planning.repeat_week(
        staff_ids=sorted({one.staff_id for one in members if one.staff.is_active}),
        monday=day - timedelta(days=day.weekday()),
        actor=viewer.actor,
        at=at,
    )
    words = _("照上周排了 %(planned)s 个班次；%(left_out)s 个因已有班次、请假或时间已过没有排")
    return _back(request, day, words % {"planned": planned, "left_out": left_out}, team=team)


def _weighed(request: HttpRequest, viewer: Viewer, wanted: Change, at: datetime) -> HttpResponse:
    """Do what is wanted once its consequences have been seen; before that show them."""
    found = rosters.appointments(viewer, wanted.person.pk, wanted.gone)
    then = request.POST.get("then", "")
    if request.method == "POST" and (not found or then in {KEEP, REASSIGN}):
        wanted.do(at)
        moved = _moved(viewer, found, at) if then == REASSIGN else []
        left = sum(one.is_left for one in moved)
        words = wanted.done
        if moved:
            counts = {"done": len(moved) - left, "left": left}
            words += _("；已改派 %(done)s 项预约，%(left)s 项须调度处理") % counts
        return _back(request, wanted.day, words)
    context = {
        "change": wanted,
        "found": found,
        "outcomes": _tried(viewer, wanted, found, at) if found else [],
        "reassigns": viewer.may("dispatch.assign"),
        "given": [
            (name, value)
            for name, value in (request.POST or request.GET).items()
            if name not in {"operation_key", "csrfmiddlewaretoken", "then"}
        ],
        "action": request.path,
        "edition": _edition(at),
    }
    return _in_dialog(request, "roster/consequences.html", context, again=request.method == "POST")


def _tried(
    viewer: Viewer, wanted: Change, found: Sequence[Appointment], at: datetime
) -> list[Consequence]:
    """Return what would come of giving the appointments to others, by doing it and undoing it."""
    if not viewer.may("dispatch.assign"):
        return [Consequence(one, "") for one in found]
    with transaction.atomic():
        wanted.do(at)
        outcomes = _moved(viewer, found, at)
        transaction.set_rollback(True)
    return outcomes


def _moved(viewer: Viewer, found: Sequence[Appointment], at: datetime) -> list[Consequence]:
    """Give these appointments to the best of the others."""
    if not viewer.may("dispatch.assign"):
        return []
    outcomes = []
    for one in found:
        if not one.ticket:
            outcomes.append(Consequence(one, _("您无权查看，须调度处理"), is_left=True))
            continue
        try:
            with transaction.atomic():
                result = assigning.reassign(
                    number=one.ticket, reason=_("班次调整"), actor=viewer.actor, at=at
                )
        except Refused as refused:
            outcomes.append(Consequence(one, sentence(refused), is_left=True))
            continue
        given = loads.given(result)
        if given is None:
            outcomes.append(Consequence(one, _("没有合适的人，会告警"), is_left=True))
            continue
        chosen = given.reason.get("chosen") or {}
        said = {"name": chosen.get("name", ""), "at": datetime_short(given.visit_at)}
        is_moved = given.visit_at != one.period.start
        words = _("改派给%(name)s，约在 %(at)s") % said
        outcomes.append(Consequence(one, words, is_moved=is_moved))
    return outcomes


def _editor(
    request: HttpRequest, person: Staff, on: date, form: Hours, *, away: Away | None = None
) -> HttpResponse:
    viewer, at = staff_viewer(request), now()
    midnight = rosters.midnight(on)
    team = [one.staff_id for one in parties.memberships_in(_teams_of(person, viewer))]
    found = rosters.between(team, midnight - LOOKED_BACK, midnight + LOOKED_AHEAD)
    chips = roster_week.chips(found[person.pk], on)
    day = next(one for one in roster_week.days_of(_edition(at), on, at))
    offered = usual(
        (one for duties in found.values() for one in duties),
        roster_week.visiting(_edition(at)).tz,
        at_most=USUAL_AT_MOST,
    ) or [(localtime(one.start).time(), localtime(one.end).time()) for one in day.hours if one.end]
    away = away or Away(initial={"first": on, "last": on})
    context = {
        "person": person,
        "day": day,
        "on": on.isoformat(),
        "form": form,
        "away": away,
        "usual": offered,
        "chips": [(one, _hours_form(one)) for one in chips],
        "leave": rosters.leave_of(person.pk, on),
        "reasons": roster_week.REASONS,
        "booked": rosters.appointments(
            viewer, person.pk, [Period(midnight, midnight + roster_week.A_DAY)]
        ),
        "edition": _edition(at),
    }
    return _in_dialog(request, "roster/day.html", context, again=form.is_bound or away.is_bound)


def _hours_form(chip: roster_week.Chip) -> Hours:
    start, end = localtime(chip.period.start), localtime(chip.period.end or chip.period.start)
    return Hours(initial={"starts": start.time(), "ends": end.time()}, auto_id="id_was_%s")


def _in_dialog(
    request: HttpRequest, template: str, context: dict[str, Any], *, again: bool
) -> HttpResponse:
    status = UNPROCESSABLE if again else 200
    response = show(request, template, context, part="form", status=status)
    if again:
        response.headers["HX-Retarget"] = "#action-body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _teams_of(person: Staff, viewer: Viewer) -> list[int]:
    seen = {one.pk for one in rosters.teams(viewer)}
    return [one.team_id for one in person.memberships.all() if one.team_id in seen]


def _team(request: HttpRequest, every: Sequence[Team]) -> Team | None:
    code = request.POST.get("team_code") or request.GET.get("team_code", "")
    return next((one for one in every if one.code == code), None)


def _day(text: str, at: datetime) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return localtime(at).date()


def _duty(text: str) -> Period:
    """
    Return the duty that a form names.

    :raises Missing: ``shift.unknown``
    """
    start, _slash, end = text.partition("/")
    try:
        return Period(datetime.fromisoformat(start), datetime.fromisoformat(end))
    except ValueError as error:
        raise Missing("shift.unknown") from error


def _edition(at: datetime) -> Edition:
    return standard.read(standard.edition_in_force(at=at).pk)


def _url(day: date, team: Team | None) -> str:
    given = {"day": day.isoformat(), **({"team_code": team.code} if team else {})}
    return f"{reverse('console:roster')}?{urlencode(given)}"


def _back(
    request: HttpRequest, day: date, words: str, *, team: Team | None = None
) -> HttpResponse:
    messages.success(request, words)
    return htmx.go_to(request, _url(day, team or _looked_at(request)))


def _looked_at(request: HttpRequest) -> Team | None:
    """Return the one team on the page that a change is made from."""
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    code = QueryDict(urlsplit(page).query).get("team_code")
    return next((one for one in rosters.teams(staff_viewer(request)) if one.code == code), None)


DAY = "roster/<int:pk>/<str:day>"

urlpatterns = [
    path("roster", page, name="roster"),
    path("roster/repetition", repetition, name="roster_repetition"),
    path(DAY, of_day, name="roster_day"),
    path(f"{DAY}/change", change, name="roster_change"),
    path(f"{DAY}/removal", removal, name="roster_removal"),
    path(f"{DAY}/leave", leave, name="roster_leave"),
    path(f"{DAY}/leave/withdrawal", leave_withdrawal, name="roster_leave_withdrawal"),
]
