"""The forms behind the actions on a ticket; their choices come from the ticket's edition."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from changtong.tickets import queries
from changtong.tickets.operations import working
from changtong.web.ui import labels
from changtong.web.ui.formats import duration_words, localized
from changtong.workspace.domain import merging


if TYPE_CHECKING:
    from changtong.standard.domain.edition import Edition
    from changtong.standard.domain.rules import PauseReason
    from changtong.tickets.models import Ticket


TEXT_AT_MOST = 2000
LOG_TYPES = (
    ("note", _("备注")),
    ("call", _("通话")),
    ("message", _("消息")),
    ("answer", _("正式答复")),
    ("remote_action", _("远程操作")),
    ("visit", _("上门")),
    ("measurement", _("测量")),
    ("part_used", _("用料")),
    ("retest", _("复测")),
)


def text_box(rows: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": TEXT_AT_MOST})


def minutes_spent() -> forms.IntegerField:
    """Return the field that asks how long something took; nobody has to say it."""
    return forms.IntegerField(
        label=_("用时（分钟）"), required=False, min_value=1, max_value=working.MINUTES_AT_MOST
    )


def named(choices: Iterable[Any]) -> list[tuple[str, str]]:
    """Return an edition's choices as a form wants them."""
    return [(one.code, localized(one)) for one in choices]


def category_choices(edition: Edition, kind: str) -> list[tuple[str, Any]]:
    """Return the categories of a kind, grouped under their parents."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for leaf in edition.leaves(kind=kind):
        parent = localized(edition.category(leaf.parent)) if leaf.parent else localized(leaf)
        groups.setdefault(parent, []).append((leaf.code, localized(leaf)))
    return list(groups.items())


class TicketForm(forms.Form):
    """A form about one ticket under its edition."""

    # Fields whose controls a template of their own draws.
    drawn_elsewhere: tuple[str, ...] = ()

    def __init__(self, *args: Any, ticket: Ticket, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ticket = ticket
        self.edition = edition
        self.arrange()

    def arrange(self) -> None:
        """Fill in what depends on the ticket."""


class Graded(TicketForm):
    """How a ticket is graded; what somebody else changed meanwhile is merged field by field."""

    category = forms.ChoiceField(label=_("分类"))
    impact = forms.ChoiceField(label=_("影响"), choices=labels.choices("impact"))
    urgency = forms.ChoiceField(label=_("紧急"), choices=labels.choices("urgency"))
    # What the fields were when the form was opened.
    opened = forms.JSONField(widget=forms.HiddenInput, required=False)

    MERGED = ("category", "impact", "urgency")

    def arrange(self) -> None:
        choices = self.categories()
        empty = [] if self.ticket.category else [("", _("请选择"))]
        self._choice("category").choices = [*empty, *choices]
        self.initial.update(self._standing(self.ticket))
        self.initial["opened"] = self._standing(self.ticket)

    def clean(self) -> dict[str, Any]:
        """Merge with what the ticket is by now; where both changed the same field, ask."""
        given = super().clean() or self.cleaned_data
        opened = given.pop("opened", None)
        mine = {name: given[name] for name in self.MERGED if name in given}
        if not isinstance(opened, dict) or len(mine) < len(self.MERGED):
            return given
        # Locked, so that nobody changes it between this look and the operation.
        standing = self._standing(queries.locked(self.ticket.number))
        found = merging.merged(opened, mine, standing)
        for name in found.disputed:
            words = gettext("您打开后别人已改为“%(theirs)s”，您选的是“%(mine)s”。请确认后再提交。")
            said = {
                "theirs": self._worded(name, standing[name]),
                "mine": self._worded(name, mine[name]),
            }
            self.add_error(name, words % said)
        if found.disputed:
            # Whoever submits again has seen both.
            self.data = {**dict(self.data.items()), "opened": json.dumps(standing)}
        return {**given, **found.values}

    def _standing(self, ticket: Ticket) -> dict[str, str]:
        return {name: str(getattr(ticket, name)) for name in self.MERGED}

    def _worded(self, name: str, value: str) -> str:
        if name != "category":
            return labels.label(name, value)
        return localized(self.edition.category(value)) if value else ""

    def categories(self) -> list[tuple[str, Any]]:
        """Return the categories to choose from."""
        return category_choices(self.edition, self.ticket.kind)

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        return field


class Acceptance(Graded):
    pass


class Reclassification(Graded):
    """The ticket's own kind comes first; the others are for what was taken for it by mistake."""

    reason = forms.CharField(label=_("改动理由"), max_length=200, widget=text_box(2))

    def categories(self) -> list[tuple[str, Any]]:
        others = [
            (f"{labels.label('kind', kind)} · {group}", leaves)
            for kind in labels.KINDS
            if kind != self.ticket.kind
            for group, leaves in category_choices(self.edition, kind)
        ]
        return super().categories() + others


class Rejection(TicketForm):
    reason = forms.ChoiceField(label=_("标准允许的理由"), widget=forms.RadioSelect)

    def arrange(self) -> None:
        allowed = self.edition.rejections(kind=self.ticket.kind)
        self.fields["reason"].choices = named(allowed)  # type: ignore[attr-defined]


class Cancellation(TicketForm):
    reason = forms.CharField(label=_("客户撤销的原因"), max_length=64)


class Pause(TicketForm):
    reason = forms.ChoiceField(label=_("标准允许的理由"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("说明"), max_length=TEXT_AT_MOST, required=False, widget=text_box(2)
    )

    def arrange(self) -> None:
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            (one.code, self._worded(one))
            for one in self.edition.pause_reasons(kind=self.ticket.kind)
        ]

    @property
    def chosen(self) -> PauseReason:
        """Return what the standard says about the reason that was given."""
        return self.edition.pause_reason(self.cleaned_data["reason"], kind=self.ticket.kind)

    def clean_note(self) -> str:
        """Demand a note where somebody has to approve."""
        note = str(self.cleaned_data["note"])
        if "reason" in self.cleaned_data and self.chosen.needs_approval and not note.strip():
            raise forms.ValidationError(_("须批准的理由，请写明情况和依据"))
        return note

    @staticmethod
    def _worded(reason: PauseReason) -> str:
        if reason.approved_within is None:
            return localized(reason)
        return gettext("%(reason)s（%(within)s内须获批准）") % {
            "reason": localized(reason),
            "within": duration_words(reason.approved_within),
        }


class PauseApproval(TicketForm):
    answer = forms.CharField(label=_("批注"), max_length=500, required=False, widget=text_box(2))


class PauseRejection(TicketForm):
    answer = forms.CharField(label=_("不批准的理由"), max_length=500, widget=text_box(2))


class RepairCompletion(TicketForm):
    text = forms.CharField(
        label=_("永久修复做了什么"), max_length=TEXT_AT_MOST, widget=text_box(3)
    )


class Callback(TicketForm):
    reached = forms.TypedChoiceField(
        label=_("是否接通"),
        coerce=lambda value: value == "yes",
        choices=[("yes", _("已接通")), ("no", _("未接通"))],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("客户的意见，或未接通的情况"), max_length=TEXT_AT_MOST, widget=text_box(3)
    )


class Log(TicketForm):
    type = forms.ChoiceField(label=_("类型"), choices=LOG_TYPES)
    text = forms.CharField(
        label=_("内容"), max_length=TEXT_AT_MOST, required=False, widget=text_box()
    )
    item = forms.CharField(
        label=_("测量项目或材料"), max_length=60, required=False, help_text=_("测量、用料时填写")
    )
    value = forms.CharField(label=_("读数或数量"), max_length=20, required=False)
    unit = forms.CharField(label=_("单位"), max_length=12, required=False)
    passed = forms.BooleanField(label=_("复测通过"), required=False)
    minutes = minutes_spent()
    public = forms.BooleanField(
        label=_("客户可见"), required=False, help_text=_("不勾选则只有工作人员看得到")
    )

    # Which fields a type of entry uses besides its text.
    USED_BY = {
        "measurement": ("item", "value", "unit"),
        "part_used": ("item", "value"),
        "retest": ("passed",),
    }
    # Without which an entry would say nothing; a test says whether it was passed.
    NEEDED_BY = {
        "measurement": ("item", "value"),
        "part_used": ("item",),
        "retest": ("type",),
    }

    def arrange(self) -> None:
        """Ask only for what belongs to a type that was chosen beforehand."""
        chosen = str(self.initial.get("type", ""))
        if chosen not in dict(LOG_TYPES):
            return
        self.fields["type"].widget = forms.HiddenInput()
        for name in ("item", "value", "unit", "passed"):
            if name not in self.USED_BY.get(chosen, ()):
                del self.fields[name]
        names = {"measurement": _("测量项目"), "part_used": _("材料")}
        if chosen in names:
            self.fields["item"].label = names[chosen]
            self.fields["item"].help_text = ""
            self.fields["value"].label = _("读数") if chosen == "measurement" else _("数量")
            self.fields["text"].widget.attrs["rows"] = 2
            self.order_fields(["type", "item", "value", "unit", "text", "public"])
        # An entry that says nothing is refused; better to say so beforehand.
        for name in self.NEEDED_BY.get(chosen, ("text",)):
            self.fields[name].required = True

    def details(self) -> dict[str, object]:
        """Return what belongs to the chosen type."""
        given = self.cleaned_data
        match given["type"]:
            case "measurement":
                found = {"item": given["item"], "value": given["value"], "unit": given["unit"]}
            case "part_used":
                found = {"part": given["item"], "count": given["value"] or "1"}
            case "retest":
                return {"passed": bool(given["passed"])}
            case _:
                found = {}
        return {name: value for name, value in found.items() if value}


class Attachment(TicketForm):
    file = forms.FileField(label=_("文件"))
    public = forms.BooleanField(label=_("客户可见"), required=False)


class Question(TicketForm):
    question = forms.CharField(
        label=_("请客户补充什么"), max_length=TEXT_AT_MOST, widget=text_box(3)
    )


class Answer(TicketForm):
    text = forms.CharField(label=_("客户的补充"), max_length=TEXT_AT_MOST, widget=text_box(3))


class Resolution(TicketForm):
    cause = forms.ChoiceField(label=_("原因"), required=False)
    fix = forms.ChoiceField(label=_("处理方法"), required=False)
    result = forms.CharField(
        label=_("结果"),
        max_length=TEXT_AT_MOST,
        widget=text_box(3),
        help_text=_("客户会收到这段话"),
    )
    advice = forms.CharField(
        label=_("给客户的建议"), max_length=TEXT_AT_MOST, required=False, widget=text_box(2)
    )
    retest_passed = forms.BooleanField(
        label=_("复测通过"),
        required=False,
        help_text=_("还没有复测的先不勾选，提交后补做；复测通过才能办结"),
    )
    provisional = forms.BooleanField(
        label=_("临时恢复，尚待永久修复"),
        required=False,
        help_text=_("业务已恢复，但还要彻底修复；永久修复的时限从现在起算，办结后继续"),
    )
    provisional_because = forms.CharField(
        label=_("采取的临时措施，为什么未能彻底修复"),
        max_length=TEXT_AT_MOST,
        required=False,
        widget=text_box(2),
        help_text=_("临时恢复时填写"),
    )

    def clean(self) -> dict[str, Any]:
        """Demand a reason for what is only provisional."""
        given = super().clean() or self.cleaned_data
        if given.get("provisional") and not given.get("provisional_because", "").strip():
            self.add_error("provisional_because", _("请写明临时措施和未能彻底修复的原因"))
        return given

    def arrange(self) -> None:
        kind = self.ticket.kind
        if not any(
            row.then.starts_on == "repair.provisional"
            for limit in self.edition.limits
            if limit.kind == kind
            for row in limit.rows
        ):
            del self.fields["provisional"], self.fields["provisional_because"]
        asked = {one.code for one in self.edition.closing_conditions(kind=kind)}
        none = ("", _("请选择"))
        choices = {"cause": self.edition.causes(kind=kind), "fix": self.edition.fixes(kind=kind)}
        for name, allowed in choices.items():
            if allowed:
                self.fields[name].choices = [none, *named(allowed)]  # type: ignore[attr-defined]
                self.fields[name].required = f"{name}_coded" in asked
            else:
                del self.fields[name]
        if "retest_passed" not in asked:
            del self.fields["retest_passed"]


class Notice(TicketForm):
    text = forms.CharField(
        label=_("怎样告知的"),
        max_length=TEXT_AT_MOST,
        widget=text_box(2),
        help_text=_("例如：电话告知本人，已说明结果和建议"),
    )


class Refusal(TicketForm):
    reason = forms.CharField(
        label=_("客户不认可的理由"), max_length=TEXT_AT_MOST, widget=text_box(3)
    )


class Closure(TicketForm):
    """Nothing to fill in: the standard's conditions decide."""


class Evaluation(TicketForm):
    score = forms.TypedChoiceField(
        label=_("评分"),
        coerce=int,
        empty_value=None,
        choices=[(n, str(n)) for n in range(1, 6)],
        widget=forms.RadioSelect,
    )
    tags = forms.MultipleChoiceField(
        label=_("标签"), required=False, widget=forms.CheckboxSelectMultiple
    )
    comment = forms.CharField(
        label=_("客户的话"), max_length=TEXT_AT_MOST, required=False, widget=text_box(2)
    )

    def arrange(self) -> None:
        tags = self.edition.evaluation(kind=self.ticket.kind).tags
        self.fields["tags"].choices = named(tags)  # type: ignore[attr-defined]


class Confirmation(Evaluation):
    """The applicant said yes, and perhaps how it was."""

    def arrange(self) -> None:
        super().arrange()
        self.fields["score"].required = False
        self.fields["score"].help_text = _("客户一并评价时填写")


class Assignment(TicketForm):
    """Whom the dispatcher chose; the candidates are shown with their reasons."""

    staff = forms.IntegerField(required=False)
    team = forms.IntegerField(required=False)
    reason = forms.CharField(
        label=_("选择理由"), max_length=200, required=False, help_text=_("指定人员或班组时填写")
    )
    drawn_elsewhere = ("staff", "team")


class Handover(TicketForm):
    """To whom somebody hands over what they have, and what whoever goes on must know."""

    note = forms.CharField(
        label=_("交接说明"),
        max_length=200,
        widget=text_box(3),
        help_text=_("做到哪一步、还差什么、答应过客户什么；作为内部备注留在工单里"),
    )
    staff = forms.IntegerField(required=False)
    team = forms.IntegerField(required=False)
    drawn_elsewhere = ("staff", "team")
