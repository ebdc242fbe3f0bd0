"""The forms in which authors write: a clause, a row of limits, an entry of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.kernel.errors import Refused
from changtong.standard.domain import words
from changtong.standard.domain.calendars import Within
from changtong.web.console.standard.fields import LENGTH, LIMITS, TODAY, Lines, Paragraph, Percents
from changtong.web.ui import labels
from changtong.web.ui.formats import localized


if TYPE_CHECKING:
    from changtong.catalog.models import Region
    from changtong.standard.domain.edition import Edition


_INDENT = "\u3000"


class Title(forms.Form):
    """What a revision is about, and the files that it begins with, if not an edition's."""

    title = forms.CharField(label=gettext_lazy("修订事由"), max_length=200)
    package = forms.FileField(
        label=gettext_lazy("从文件开始"),
        required=False,
        help_text=gettext_lazy("标准文件的 zip 包；不选则从所选版次开始。"),
    )
    edition = forms.ChoiceField(label=gettext_lazy("从哪一版开始"))

    field_order = ("title", "edition", "package")

    def __init__(self, *args: Any, editions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["edition"]
        if isinstance(field, forms.ChoiceField):
            field.choices = editions


class Reason(forms.Form):
    because = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class Publication(forms.Form):
    version = forms.RegexField(
        label=gettext_lazy("版本号"),
        regex=r"^\d{1,4}\.\d{1,4}\.\d{1,4}$",
        error_messages={"invalid": gettext_lazy("请写成 1.2.0 的样子。")},
    )
    effective_from = forms.DateField(
        label=gettext_lazy("施行日期"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class Clause(forms.Form):
    """One clause; what is left empty is taken from its chapter."""

    number = forms.CharField(label=gettext_lazy("条号"), max_length=16)
    title = forms.CharField(label=gettext_lazy("标题"), max_length=120)
    text = Paragraph(label=gettext_lazy("条文"))
    title_en = forms.CharField(label=gettext_lazy("标题（英文）"), max_length=160)
    text_en = Paragraph(label=gettext_lazy("条文（英文）"))
    enforced = forms.BooleanField(
        label=gettext_lazy("由系统执行"),
        required=False,
        help_text=gettext_lazy("有规则引用本条时勾选；否则标为尚待执行。"),
    )
    owner = forms.CharField(label=gettext_lazy("责任岗位"), max_length=60, required=False)
    review_on = forms.DateField(
        label=gettext_lazy("复审日期"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    legal_basis = Lines(
        label=gettext_lazy("法律依据"),
        required=False,
        help_text=gettext_lazy("每行一条：出处代码，空格，条文，如 telecom-regulations 34"),
    )
    evidence = Lines(label=gettext_lazy("证据"), required=False)
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("适用类型"),
        required=False,
        choices=labels.choices("kind"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("不选即全部适用。"),
    )
    families = forms.MultipleChoiceField(
        label=gettext_lazy("适用业务"),
        required=False,
        choices=labels.choices("family"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("不选即全部适用。"),
    )

    def value(self, current: Mapping[str, Any]) -> dict[str, Any]:
        """Return the clause's table: what it had and nobody asked about stays."""
        given = dict(self.cleaned_data)
        given["review_on"] = given["review_on"].isoformat() if given["review_on"] else None
        return merged(current, given, keep={"enforced"})


def merged(
    current: Mapping[str, Any], given: Mapping[str, Any], *, keep: Iterable[str] = ()
) -> dict[str, Any]:
    """Return a table with the given values, without those that are empty."""
    kept = set(keep)
    whole = {**current, **given}
    return {
        key: value
        for key, value in whole.items()
        if key in kept or key not in given or value not in (None, "", [], {})
    }


class Row(forms.Form):
    """One row of limits: for which cases, how long, and how it is counted."""

    region = forms.MultipleChoiceField(label=gettext_lazy("地区"), required=False)
    region_type = forms.MultipleChoiceField(
        label=gettext_lazy("城乡"), required=False, choices=labels.choices("region_type")
    )
    priority = forms.MultipleChoiceField(
        label=gettext_lazy("优先级"), required=False, choices=labels.choices("priority")
    )
    family = forms.MultipleChoiceField(
        label=gettext_lazy("业务"), required=False, choices=labels.choices("family")
    )
    tier = forms.MultipleChoiceField(
        label=gettext_lazy("客户等级"), required=False, choices=labels.choices("tier")
    )
    category = forms.MultipleChoiceField(label=gettext_lazy("分类"), required=False)
    amount = forms.IntegerField(
        label=gettext_lazy("期限"), min_value=1, max_value=9_999, required=False
    )
    unit = forms.ChoiceField(label=gettext_lazy("单位"), choices=LIMITS)
    cut_off = forms.TimeField(
        label=gettext_lazy("受理截止时刻"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=gettext_lazy(
            "这一时刻之前受理的按旁边的期限，之后受理的按上面的期限；不填则一律按上面的期限。"
        ),
    )
    early_amount = forms.IntegerField(
        label=gettext_lazy("截止前受理的期限"), min_value=1, max_value=9_999, required=False
    )
    early_unit = forms.ChoiceField(
        label=gettext_lazy("单位"), choices=LIMITS, required=False, initial=TODAY
    )
    clause = forms.ChoiceField(label=gettext_lazy("依据条款"), required=False)
    calendar = forms.ChoiceField(label=gettext_lazy("工作日历"), required=False)
    pausable = forms.ChoiceField(
        label=gettext_lazy("可以暂停"),
        required=False,
        choices=(
            ("", gettext_lazy("同本表")),
            ("yes", gettext_lazy("可以")),
            ("no", gettext_lazy("不可以")),
        ),
    )
    warn_at = Percents(
        label=gettext_lazy("预警点"),
        required=False,
        help_text=gettext_lazy("用掉期限的百分之几时预警，如 50 75 90；不填则同本表。"),
    )

    WHEN = ("region", "region_type", "priority", "family", "tier", "category")
    BOXES = ("region_type", "priority", "family", "tier")
    LENGTH = ("amount", "unit", "cut_off", "early_amount", "early_unit")

    def __init__(
        self, *args: Any, edition: Edition, regions: list[Region], basis: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        same = ("", _("同本表"))
        self._offer("region", [(one.code, indented(one)) for one in regions])
        self._offer(
            "category",
            [(one.code, localized(one)) for one in edition.categories],
        )
        self._offer("clause", [same, *clause_choices(edition)])
        self._offer(
            "calendar", [same, *((c.code, localized(c)) for c in edition.calendars.values())]
        )
        for name in self.BOXES:
            self.fields[name].widget = forms.CheckboxSelectMultiple(choices=self._choices(name))
        for name in ("region", "category"):
            self.fields[name].widget.attrs["size"] = 6
        if basis == "legal" or "figure" in self.initial:
            # The figure says how long, and a limit of law never pauses.
            for name in self.LENGTH:
                del self.fields[name]
        if basis == "legal":
            del self.fields["pausable"]

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            # A value that is not on offer any more must not be lost by looking at it.
            given = self.initial.get(name) or []
            known = {code for code, _words in choices}
            lost = [(one, one) for one in given if isinstance(given, list) and one not in known]
            field.choices = [*choices, *lost]

    def _choices(self, name: str) -> Any:
        field = self.fields[name]
        return field.choices if isinstance(field, forms.ChoiceField) else ()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "amount" not in self.fields or self.errors:
            return given
        lengths = {"amount": "unit"} | ({"early_amount": "early_unit"} if given["cut_off"] else {})
        for amount, unit in lengths.items():
            if not given[amount] and given[unit] not in ("", TODAY):
                self.add_error(amount, _("请填写多久，或选“当日”。"))
        if given["early_amount"] and not given["cut_off"]:
            self.add_error("cut_off", _("填了截止前的期限，还要填截止时刻。"))
        return given

    def _within(self) -> str:
        given = self.cleaned_data
        within = _length(given["amount"], given["unit"])
        if given["cut_off"]:
            early = _length(given["early_amount"], given["early_unit"])
            within = f"{early} before {given['cut_off']:%H:%M} else {within}"
        return within

    def value(self, current: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row's table: what it had and nobody asked about stays."""
        given = self.cleaned_data
        asked = [name for name in self.WHEN if name in self.fields]
        was = current.get("when", {})
        others = {k: v for k, v in was.items() if k not in asked}
        when = {
            name: as_written(one_or_many(given[name]), was.get(name))
            for name in asked
            if given[name]
        }
        found: dict[str, Any] = {
            "when": as_written({**others, **when}, was),
            "clause": given["clause"],
            "calendar": given["calendar"],
            "warn_at": given["warn_at"],
        }
        if "amount" in self.fields:
            found["within"] = self._within()
        if "pausable" in self.fields:
            found["pausable"] = {"yes": True, "no": False}.get(given["pausable"])
        return merged(current, found, keep={"pausable"} if found.get("pausable") is False else ())


def row_initial(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's table as the form shows it."""
    found: dict[str, Any] = {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in row.get("when", {}).items()
    }
    found |= {key: row[key] for key in ("clause", "calendar", "figure") if key in row}
    if "pausable" in row:
        found["pausable"] = "yes" if row["pausable"] else "no"
    found["warn_at"] = list(row.get("warn_at", ()))
    found["unit"] = "h"
    try:
        within = Within.parse(str(row.get("within", "")))
    except Refused:
        return found
    if within.cut_off is not None:
        early = _amount_and_unit(within.before_cut_off)
        found |= {"cut_off": within.cut_off.time}
        found |= dict(zip(("early_amount", "early_unit"), early, strict=True))
        within = within.cut_off.otherwise
    return found | dict(zip(("amount", "unit"), _amount_and_unit(within), strict=True))


def _amount_and_unit(within: Within) -> tuple[int | None, str]:
    """Return a limit without a cut-off as its two fields show it."""
    found = LENGTH.fullmatch(str(within))
    return (int(found[1]), found[2]) if found else (None, TODAY)


def _length(amount: int | None, unit: str) -> str:
    """Return what two fields say as files write it."""
    return TODAY if unit in ("", TODAY) else f"{amount}{unit}"


def as_written(given: Any, was: Any) -> Any:
    """Return what was written if the given value says the same in another order or form."""
    if isinstance(given, list | str) and isinstance(was, list | str):
        alike = sorted(map(str, many(given))) == sorted(map(str, many(was)))
        return was if alike else given
    return was if given == was else given


def many(value: Any) -> list[Any]:
    """Return a value of a file as a list: one, several, or none."""
    if value in (None, ""):
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def one_or_many(given: Any) -> Any:
    """Return the only value of a list as files write it, by itself."""
    return given[0] if isinstance(given, list) and len(given) == 1 else given


def indented(region: Region) -> str:
    """Return the name of a place, as far to the right as it lies below others."""
    depth = region.path.strip("/").count("/")
    return f"{_INDENT * depth}{region.name}"


def clause_choices(edition: Edition) -> list[tuple[str, str]]:
    """Return the operator's clauses by number and title."""
    return [
        (one.number, f"§{one.number} {localized(one, 'title')}")
        for one in edition.clauses.values()
        if one.number[:1].isdigit()
    ]


class Trial(forms.Form):
    """An example case, to see which limits it would get."""

    kind = forms.ChoiceField(label=gettext_lazy("类型"), choices=labels.choices("kind"))
    priority = forms.ChoiceField(label=gettext_lazy("优先级"), choices=labels.choices("priority"))
    region = forms.ChoiceField(label=gettext_lazy("地区"), required=False)
    family = forms.ChoiceField(label=gettext_lazy("业务"), choices=labels.choices("family"))
    tier = forms.ChoiceField(label=gettext_lazy("客户等级"), choices=labels.choices("tier"))
    category = forms.ChoiceField(label=gettext_lazy("分类"), required=False)

    def __init__(self, *args: Any, edition: Edition, regions: list[Region], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.regions = {one.code: one for one in regions}
        offers = {
            "region": [(one.code, indented(one)) for one in regions],
            "category": [("", _("不限")), *((c.code, localized(c)) for c in edition.leaves())],
        }
        for name, choices in offers.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices

    def case(self) -> dict[str, str]:
        """Return the case as an edition is asked about it."""
        given = {name: str(value) for name, value in self.cleaned_data.items()}
        region = self.regions.get(given["region"])
        return given | {
            "region": region.path if region else "",
            "region_type": region.region_type if region else words.REGION_TYPES[0],
        }
