"""Customers and lines put right; what two people change at once is merged field by field."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from changtong.infra.clock import now
from changtong.kernel.errors import Missing, Refused
from changtong.parties import queries as parties
from changtong.parties.operations import correcting
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.ui import htmx, labels
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.messages import sentence
from changtong.workspace.domain import merging


if TYPE_CHECKING:
    from changtong.parties.models import Customer


LANGUAGES = [("zh-hans", _("中文")), ("en", _("英文"))]
LINE_STATES = [
    ("active", _("正常")),
    ("suspended", _("已停机")),
    ("terminated", _("已拆机")),
]


class Merged(forms.Form):
    """A form about a row that others may change while it is open."""

    # What the fields were when the form was opened.
    opened = forms.JSONField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, row: Any, again: Callable[[], Any], **kwargs: Any) -> None:
        standing = self.standing_of(row)
        kwargs["initial"] = {**standing, "opened": standing}
        super().__init__(*args, **kwargs)
        self.again = again

    @classmethod
    def merged_fields(cls) -> list[str]:
        """Return the fields that are merged: all but the one that remembers."""
        return [name for name in cls.base_fields if name != "opened"]

    @classmethod
    def standing_of(cls, row: Any) -> dict[str, str]:
        """Return what a row says, as the form's text."""
        values = {name: getattr(row, name) for name in cls.merged_fields()}
        return {name: "" if value is None else str(value) for name, value in values.items()}

    def clean(self) -> dict[str, Any]:
        """Merge with what the row is by now; where both changed the same field, ask."""
        given = super().clean() or self.cleaned_data
        opened = given.pop("opened", None)
        mine = {
            name: "" if given[name] is None else str(given[name])
            for name in self.fields
            if name in given
        }
        # Locked, so that nobody changes it between this look and the operation.
        standing = self.standing_of(self.again())
        if not isinstance(opened, dict):
            opened = standing
        found = merging.merged(opened, mine, standing)
        for name in found.disputed:
            words = gettext("您打开后别人已改为“%(theirs)s”，您填的是“%(mine)s”。请确认后再提交。")
            said = {
                "theirs": self._worded(name, standing[name]),
                "mine": self._worded(name, mine[name]),
            }
            self.add_error(name, words % said)
        if found.disputed:
            # Whoever submits again has seen both.
            self.data = {**dict(self.data.items()), "opened": json.dumps(standing)}
        return {**standing, **found.values}

    def _worded(self, name: str, value: str) -> str:
        choices: Mapping[str, Any] = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(value, value)) or gettext("（空）")


class CustomerCorrection(Merged):
    name = forms.CharField(label=_("姓名"), max_length=96)
    phone = forms.CharField(
        label=_("电话"), max_length=20, help_text=_("客户用这个号码登录自助服务，请核实后再改")
    )
    email = forms.EmailField(label=_("邮箱"), required=False)
    language = forms.ChoiceField(label=_("语言"), choices=LANGUAGES)
    tier = forms.ChoiceField(
        label=_("等级"), choices=labels.choices("tier"), help_text=_("新登记的工单按新等级计时限")
    )

    def __init__(self, *args: Any, grades: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not grades:
            # Then it stays as it is, whatever is sent.
            del self.fields["tier"]


class LineCorrection(Merged):
    address = forms.CharField(label=_("装机地址"), max_length=160)
    access_resource = forms.CharField(label=_("接入资源"), max_length=64, required=False)
    state = forms.ChoiceField(label=_("状态"), choices=LINE_STATES)
    monthly_rent = forms.DecimalField(
        label=_("月租（元）"), max_digits=10, decimal_places=2, min_value=0, required=False
    )


@staff_only("customers.correct")
def customer(request: HttpRequest, number: str) -> HttpResponse:
    """Put right who a customer is and how they are reached."""
    viewer = staff_viewer(request)
    found = _customer(request, number)
    form = CustomerCorrection(
        request.POST or None,
        row=found,
        again=lambda: parties.locked_customer(number),
        grades=viewer.may("customers.grade"),
    )

    def run() -> None:
        correcting.correct_customer(
            number=number, actor=viewer.actor, at=now(), **form.cleaned_data
        )

    return _answered(request, found, form, run, found.name)


@staff_only("customers.correct")
def line(request: HttpRequest, number: str, line: str) -> HttpResponse:
    """Put right what is written about a line."""
    viewer = staff_viewer(request)
    owner = _customer(request, number)
    found = parties.lines_visible_to(viewer).filter(customer=owner, number=line).first()
    if found is None:
        raise Missing("line.unknown", number=line)
    form = LineCorrection(request.POST or None, row=found, again=lambda: parties.locked_line(line))

    def run() -> None:
        given = dict(form.cleaned_data)
        rent = given.pop("monthly_rent")
        correcting.correct_line(
            number=line,
            monthly_rent=Decimal(rent) if rent else None,
            actor=viewer.actor,
            at=now(),
            **given,
        )

    return _answered(request, owner, form, run, line)


def _customer(request: HttpRequest, number: str) -> Customer:
    visible = parties.customers_visible_to(staff_viewer(request))
    found = visible.filter(number=number).first()
    if found is None:
        raise Missing("customer.unknown", number=number)
    return found


def _answered(
    request: HttpRequest, owner: Customer, form: Merged, run: Callable[[], None], about: str
) -> HttpResponse:
    back = reverse("console:customer", args=[owner.number])
    if request.method == "POST" and form.is_valid():
        try:
            run()
        except Refused as refused:
            form.add_error(None, sentence(refused))
        else:
            messages.success(request, gettext("资料已更正"))
            return htmx.go_to(request, back)
    context = {"form": form, "about": about, "owner": owner, "back": back}
    status = UNPROCESSABLE if form.errors else 200
    return show(request, "customers/correction.html", context, status=status)


CUSTOMER = "customers/<str:number>"

urlpatterns = [
    path(f"{CUSTOMER}/correction", customer, name="customer_correction"),
    path(f"{CUSTOMER}/lines/<str:line>/correction", line, name="line_correction"),
]
