"""The forms behind an action on several tickets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.web.console.tickets.forms import text_box
from changtong.web.console.tickets.macros import print_of
from changtong.web.ui import labels
from changtong.workspace.queries import macros as kept


NUMBERS_AT_MOST = 50 * 65
PEOPLE_AT_MOST = 300


class Selected(forms.Form):
    """A form about several tickets."""

    numbers = forms.CharField(max_length=NUMBERS_AT_MOST, widget=forms.HiddenInput)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arrange(viewer)

    def arrange(self, viewer: Viewer) -> None:
        """Fill in what depends on the viewer."""


class Assigned(Selected):
    to = forms.ChoiceField(label=_("分派给"))
    reason = forms.CharField(label=_("理由"), max_length=200)

    def arrange(self, viewer: Viewer) -> None:
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        people = parties.staff_visible_to(viewer).filter(is_active=True)[:PEOPLE_AT_MOST]
        field.choices = [
            ("", _("请选择")),
            (
                _("班组"),
                [(f"team:{one.pk}", one.name) for one in parties.teams_visible_to(viewer)],
            ),
            (_("人员"), [(f"staff:{one.pk}", f"{one.name} {one.number}") for one in people]),
        ]


class Noted(Selected):
    text = forms.CharField(label=_("备注"), widget=text_box(3), help_text=_("只有员工能看到"))


class Told(Selected):
    text = forms.CharField(
        label=_("进度消息"),
        widget=text_box(3),
        help_text=_("客户在进度页上能看到，请勿写其他客户的信息"),
    )


class Run(Selected):
    """A macro, chosen with its steps as they are now: what was tried is what is done."""

    macro = forms.ChoiceField(
        label=_("快捷处理"),
        error_messages={"invalid_choice": _("这项快捷处理刚被修改或删除，请重新选择。")},
    )

    def arrange(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.macros = {f"{one.pk}:{print_of(one)}": one for one in kept.of(viewer)}
        field = self.fields["macro"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [
            ("", _("请选择")),
            *((code, one.name) for code, one in self.macros.items()),
        ]
        if not self.macros:
            field.help_text = _("还没有快捷处理；可在“个人设置”里新建。")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        return {**given, "viewer": self.viewer, "macro": self.macros.get(given.get("macro", ""))}


class Regraded(Selected):
    impact = forms.ChoiceField(label=_("影响"), choices=labels.choices("impact"))
    urgency = forms.ChoiceField(label=_("紧急"), choices=labels.choices("urgency"))
    reason = forms.CharField(label=_("改动理由"), max_length=200)
