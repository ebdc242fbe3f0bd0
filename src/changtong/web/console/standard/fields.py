"""The fields that authors fill in, each as the files write it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


if TYPE_CHECKING:
    from django.utils.safestring import SafeString


TEXT_AT_MOST = 5_000
UNITS = (
    ("min", gettext_lazy("分钟")),
    ("h", gettext_lazy("小时")),
    ("d", gettext_lazy("天")),
    ("wd", gettext_lazy("个工作日")),
    ("mo", gettext_lazy("个月")),
)
# A limit may also end with the day on which it begins.
TODAY = "today"
LIMITS = (*UNITS, (TODAY, gettext_lazy("当日")))
# What a step or a rule may wait: working days and months are for limits alone.
LENGTHS = UNITS[:3]
LENGTH = re.compile(r"([0-9]+)(min|h|d|wd|mo)")


class Lines(forms.CharField):
    """A list of texts, one a line."""

    widget: type[forms.Widget] = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


class Words(Lines):
    """A list of short texts on one line, with spaces between."""

    widget = forms.TextInput

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, list) else (value or "").split()


class Percents(Words):
    """Shares on one line as percent: 50 75 90."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            value = [f"{round(share * 100, 6):g}" for share in value]
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        try:
            shares = [round(float(part) / 100, 8) for part in super().to_python(value)]
        except ValueError:
            shares = [-1.0]
        if any(not 0 < share < 1 for share in shares):
            raise forms.ValidationError(_("请写 1 到 99 之间的数字，用空格隔开。"))
        return sorted(set(shares))


class LengthInput(forms.MultiWidget):
    """A number and its unit, side by side."""

    def __init__(self, units: Iterable[tuple[str, Any]]) -> None:
        number = forms.NumberInput(attrs={"min": 1, "inputmode": "numeric"})
        unit = forms.Select(choices=list(units))
        super().__init__({"amount": number, "unit": unit})

    def decompress(self, value: Any) -> list[Any]:
        found = LENGTH.fullmatch(str(value or ""))
        return [found[1], found[2]] if found else [None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        looks = ("input w-24!", "select w-28!")
        for part, look in zip(context["widget"]["subwidgets"], looks, strict=True):
            part["attrs"]["class"] = look
        return context

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return format_html('<span class="flex gap-1">{}</span>', super().render(*args, **kwargs))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        # A program writes a length as the files do.
        if name in data:
            return data[name]
        amount, unit = super().value_from_datadict(data, files, name)
        return f"{amount}{unit}" if amount else ""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and super().value_omitted_from_data(data, files, name)


class Length(forms.CharField):
    """A length of time in one unit, written as in the files: 48h."""

    def __init__(self, *, units: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(max_length=20, widget=LengthInput(units), **kwargs)


class Paragraph(forms.CharField):
    """A longer text; line ends are those of the files, and its own spaces stay."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, max_length=TEXT_AT_MOST, **kwargs)

    def to_python(self, value: Any) -> Any:
        return (super().to_python(value) or "").replace("\r\n", "\n")
