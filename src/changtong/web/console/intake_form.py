"""What an agent writes down at the intake desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from changtong.catalog import queries as catalog
from changtong.infra.clock import now
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.tickets.domain.report import TITLE_AT_MOST, Report
from changtong.web.console.tickets.forms import TEXT_AT_MOST, text_box
from changtong.web.ui import labels
from changtong.web.ui.formats import localized
from changtong.web.ui.questions import Questions, questions


if TYPE_CHECKING:
    from changtong.standard.domain.rules import Choice

# What an agent takes in; the other channels have entrances of their own.
CHANNELS = ("phone", "counter", "email", "sms")


class IntakeForm(forms.Form):
    """What the agent writes down while the applicant speaks."""

    channel = forms.ChoiceField(
        label=_("来自"),
        choices=[(code, labels.CHANNELS[code].words) for code in CHANNELS],
        widget=forms.RadioSelect,
        initial="phone",
    )
    kind = forms.ChoiceField(
        label=_("类型"), choices=labels.choices("kind"), widget=forms.RadioSelect, initial="fault"
    )
    title = forms.CharField(label=_("一句话说明"), max_length=TITLE_AT_MOST)
    description = forms.CharField(
        label=_("客户原话与现象"), max_length=TEXT_AT_MOST, required=False, widget=text_box(4)
    )
    contact_name = forms.CharField(label=_("联系人"), max_length=96, required=False)
    contact_phone = forms.CharField(label=_("联系电话"), max_length=20, required=False)
    contact_email = forms.EmailField(label=_("电子邮箱"), required=False)
    region = forms.ChoiceField(label=_("地区"), required=False, help_text=_("没有选定号码时填写"))
    address = forms.CharField(label=_("地址"), max_length=160, required=False)
    family = forms.ChoiceField(
        label=_("业务"), required=False, choices=[("", _("不确定")), *labels.choices("family")]
    )
    wanted_at = forms.DateTimeField(
        label=_("期望时间"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    special_needs = forms.CharField(
        label=_("特殊需要"),
        max_length=200,
        required=False,
        help_text=_("如老人独居、听障、需要先电话联系"),
    )
    complained_of = forms.CharField(
        label=_("被投诉人员的工号"),
        max_length=24,
        required=False,
        help_text=_("投诉工作人员时填写；本人看不到、也不能处理这张工单"),
    )
    identity = forms.ChoiceField(
        label=_("身份核对"),
        required=False,
        # A code counts for the number on file that it went to, not for another line's.
        error_messages={"invalid_choice": _("请重新选择：验证码须发到当前客户的登记号码并核验。")},
    )
    proof = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    consents = forms.MultipleChoiceField(
        label=_("告知与同意"), required=False, widget=forms.CheckboxSelectMultiple
    )
    line = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)
    customer = forms.CharField(max_length=24, required=False, widget=forms.HiddenInput)
    category = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    impact = forms.ChoiceField(
        required=False, choices=[("", ""), *labels.choices("impact")], widget=forms.HiddenInput
    )
    urgency = forms.ChoiceField(
        required=False, choices=[("", ""), *labels.choices("urgency")], widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        regions = catalog.regions_below(viewer.region_path).values_list("code", "name", "path")
        places = ((code, f"{'　' * (path.count('/') - 2)}{name}") for code, name, path in regions)
        self._offer("region", [("", _("请选择")), *places])

        edition = standard.read(standard.edition_in_force(at=now()).pk)
        # It may be registered without them, but not accepted.
        for name in edition.acceptance(kind=self._kind()).required:
            if name in self.fields:
                self.fields[name].wanted_to_accept = True  # type: ignore[attr-defined]
        rule = edition.identity
        # What the system proves is nothing that an agent may simply choose.
        proved = bool(self["proof"].value())
        ways = [one for one in (rule.methods if rule else ()) if proved or not one.by_code]
        self._offer("identity", [("", _("没有核对")), *_named(ways)])
        self.code_way = rule.code if rule else None
        self.read_out = [one for one in (rule.consents if rule else ()) if one.wording]
        self._offer("consents", _named(rule.consents if rule else ()))

    def _kind(self) -> str:
        wanted = self["kind"].value()
        return wanted if wanted in labels.KINDS else "fault"

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def questions(self) -> Questions | None:
        """Return what the standard asks about the matter, with what was answered."""
        edition = standard.edition_in_force(at=now())
        return questions(
            standard.read(edition.pk),
            edition.pk,
            kind=self["kind"].value(),
            category=self["category"].value() or "",
            given=self.data,
        )

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or self.cleaned_data
        if not given.get("contact_phone") and not given.get("contact_email"):
            self.add_error("contact_phone", _("请至少留一种联系方式"))
        if not given.get("line") and not given.get("customer") and not given.get("region"):
            self.add_error("region", _("请选定号码，或选择地区"))
        self._find_complained_of(given)
        return given

    def _find_complained_of(self, given: dict[str, Any]) -> None:
        number = given.get("complained_of", "").strip()
        given["complained_of_id"] = None
        if not number:
            return
        if given.get("kind") != "complaint":
            self.add_error("complained_of", _("只有投诉才填写被投诉人员"))
            return
        found = parties.staff_visible_to(self.viewer).filter(number__iexact=number).first()
        if found is None:
            self.add_error("complained_of", _("没有这个工号"))
        else:
            given["complained_of_id"] = found.pk

    def report(self) -> Report:
        """Return what was filled in as a report."""
        given = self.cleaned_data
        return Report(
            kind=given["kind"],
            channel=given["channel"],
            title=given["title"],
            description=given["description"],
            contact_name=given["contact_name"],
            contact_phone=given["contact_phone"],
            contact_email=given["contact_email"],
            family=given["family"],
            address=given["address"],
            category=given["category"] or None,
            impact=given["impact"] or None,
            urgency=given["urgency"] or None,
            wanted_at=given["wanted_at"],
            special_needs=given["special_needs"],
            complained_of_id=given["complained_of_id"],
            answers=asked.answers if (asked := self.questions) else None,
        )


def _named(choices: Sequence[Choice]) -> list[tuple[str, Any]]:
    return [(one.code, localized(one)) for one in choices]
