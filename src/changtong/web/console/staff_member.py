"""One member of staff: teams, proofs, duties, what they hold, where they stand; and leaving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from changtong.catalog import queries as catalog
from changtong.dispatch.operations import assigning, departing
from changtong.dispatch.queries import orders, rosters
from changtong.infra.clock import now
from changtong.kernel.errors import Missing, Refused
from changtong.parties import operations as parties_operations
from changtong.parties import queries as parties
from changtong.parties.operations import staffing
from changtong.tickets import queries as tickets
from changtong.web.console import roster_week
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.console.staff import edition_now, standing
from changtong.web.console.tickets.rows import COLUMNS, listed, rows_of
from changtong.web.ui import htmx, labels
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import localized
from changtong.web.ui.messages import sentence


if TYPE_CHECKING:
    from changtong.parties.domain.roles import Viewer
    from changtong.parties.models import Staff


HELD_AT_MOST = 30
AHEAD = timedelta(days=14)


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Proof(forms.Form):
    """A qualification that somebody gains or renews."""

    skill = forms.ChoiceField(label=gettext_lazy("资质"))
    certificate = forms.CharField(label=gettext_lazy("证书编号"), max_length=48)
    valid_from = forms.DateField(label=gettext_lazy("取得日"), widget=_day())
    expires_on = forms.DateField(label=gettext_lazy("有效期至（含）"), widget=_day())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.code, localized(one)) for one in edition_now().skills]
        self.fields["skill"].choices = choices  # type: ignore[attr-defined]


class Post(forms.Form):
    """The role somebody has, and the region it is for."""

    role = forms.ChoiceField(label=gettext_lazy("岗位"))
    region = forms.ChoiceField(label=gettext_lazy("地区"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = labels.choices("role")  # type: ignore[attr-defined]
        regions = [(one.code, one.name) for one in catalog.regions()]
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


@staff_only("staff.view")
@require_GET
def member(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _seen(staff_viewer(request), pk))


@staff_only("staff.qualify")
@require_POST
def qualification(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a proof, or renew one: the same skill from a later day."""
    viewer, form = staff_viewer(request), Proof(request.POST)
    person = _seen(viewer, pk)

    def run() -> None:
        given = form.cleaned_data
        parties_operations.qualify(staff=person, actor=viewer.actor, at=now(), **given)

    return _done(request, person, form, run, _("资质已登记"), proof=form)


@staff_only("staff.qualify")
@require_POST
def disqualification(request: HttpRequest, pk: int, qualification: int) -> HttpResponse:
    """Withdraw a proof, with a reason."""
    viewer = staff_viewer(request)
    person = _seen(viewer, pk)
    staffing.disqualify(
        staff_id=person.pk,
        qualification_id=qualification,
        reason=request.POST.get("reason", "")[:200],
        actor=viewer.actor,
        at=now(),
    )
    return _back(request, person, _("资质已撤销"))


@staff_only("staff.manage")
@require_POST
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody another role or region."""
    viewer, form = staff_viewer(request), Post(request.POST)
    person = _seen(viewer, pk)

    def run() -> None:
        staffing.transfer(
            staff_id=person.pk,
            role=form.cleaned_data["role"],
            region_code=form.cleaned_data["region"],
            actor=viewer.actor,
            at=now(),
        )

    return _done(request, person, form, run, _("岗位和地区已调整"), post=form)


@staff_only("dispatch.assign")
@require_POST
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """Give all open work of somebody to the best of the others."""
    viewer = staff_viewer(request)
    person = rosters.member(viewer, pk)
    count = assigning.relieve(staff_id=person.pk, actor=viewer.actor, at=now())
    left = len(orders.tickets_of(person.pk))
    words = _("移交了 %(done)s 张，还有 %(left)s 张须逐张处理")
    return _back(request, person, words % {"done": count - left, "left": left})


@staff_only("staff.manage")
@require_POST
def dismissal(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the account of somebody who holds nothing any more."""
    viewer = staff_viewer(request)
    person = _seen(viewer, pk)
    departing.depart(staff_id=person.pk, actor=viewer.actor, at=now())
    return _back(request, person, _("账号已停用"))


def _seen(viewer: Viewer, pk: int) -> Staff:
    person = parties.personnel(viewer).filter(pk=pk).first()
    if person is None:
        raise Missing("staff.unknown", staff=pk)
    return person


def _done(
    request: HttpRequest,
    person: Staff,
    form: forms.Form,
    run: Callable[[], None],
    words: str,
    **shown: forms.Form,
) -> HttpResponse:
    if form.is_valid():
        try:
            run()
        except Refused as refused:
            form.add_error(None, sentence(refused))
        else:
            return _back(request, person, words)
    return _page(request, person, status=UNPROCESSABLE, **shown)


def _back(request: HttpRequest, person: Staff, words: str) -> HttpResponse:
    messages.success(request, words)
    if not parties.personnel(staff_viewer(request)).filter(pk=person.pk).exists():
        return htmx.go_to(request, reverse("console:board"))
    return htmx.go_to(request, reverse("console:staff_member", args=[person.pk]))


def _page(
    request: HttpRequest,
    person: Staff,
    *,
    status: int = 200,
    proof: forms.Form | None = None,
    post: forms.Form | None = None,
) -> HttpResponse:
    viewer, at = staff_viewer(request), now()
    today = localtime(at).date()
    start = rosters.midnight(today)
    held = listed(tickets.unfinished(viewer).filter(assignee_id=person.pk))[:HELD_AT_MOST]
    context = {
        "person": person,
        "memberships": parties.memberships_of(person.pk),
        "proofs": _proofs(person, today),
        "days": _days(rosters.between([person.pk], start, start + AHEAD)[person.pk], today),
        "rows": rows_of(held, at=at),
        "columns": COLUMNS,
        "count": tickets.open_counts([person.pk]).get(person.pk, 0),
        "proof": proof or (Proof() if viewer.may("staff.qualify") else None),
        "post": post or (_post(person) if viewer.may("staff.manage") else None),
        "renewing": proof is not None,
        "is_self": person.pk == viewer.staff_id,
    }
    return show(request, "staff/member.html", context, status=status)


def _post(person: Staff) -> Post:
    return Post(initial={"role": person.role, "region": person.region.code})


def _proofs(person: Staff, today: date) -> list[dict[str, Any]]:
    names = {one.code: localized(one) for one in edition_now().skills}
    return [
        {
            "held": one,
            "name": names.get(one.skill, one.skill),
            "standing": standing(one.expires_on, today),
        }
        for one in parties.qualifications(person.pk)
    ]


def _days(duties: Any, today: date) -> list[tuple[date, tuple[roster_week.Chip, ...]]]:
    days = [today + timedelta(days=count) for count in range(AHEAD.days)]
    return [(day, found) for day in days if (found := roster_week.chips(duties, day))]


MEMBER = "staff/<int:pk>"

urlpatterns = [
    path(MEMBER, member, name="staff_member"),
    path(f"{MEMBER}/qualifications", qualification, name="staff_qualification"),
    path(
        f"{MEMBER}/qualifications/<int:qualification>/withdrawal",
        disqualification,
        name="staff_disqualification",
    ),
    path(f"{MEMBER}/transfer", transfer, name="staff_transfer"),
    path(f"{MEMBER}/handover", handover, name="staff_handover"),
    path(f"{MEMBER}/dismissal", dismissal, name="staff_dismissal"),
]
