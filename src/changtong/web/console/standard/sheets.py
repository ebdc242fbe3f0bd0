"""The tables that authors edit as forms: which columns each has, and how a value is entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.web.console.standard import wording
from changtong.web.console.standard.forms import Lines, Paragraph, Words, clause_choices, merged
from changtong.web.ui import labels


if TYPE_CHECKING:
    from changtong.standard.domain.edition import Edition


Sort = Literal["text", "long", "lines", "words", "span", "whole", "share", "day", "clause", "some"]
# Which words a coded column offers.
_OFFERS = {"kinds": "kind", "families": "family"}


@dataclass(frozen=True, slots=True)
class Column:
    """One value of an entry; a key with a point lies in a table of its own."""

    key: str
    sort: Sort = "text"
    required: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as a form sees it: its own values, and one list of entries."""

    table: str = ""
    columns: tuple[Column, ...] = ()
    head: tuple[Column, ...] = ()


_NAMED = (Column("code"), Column("name"), Column("name_en"))
_KINDS = Column("kinds", "some", required=False)
_CLAUSE = Column("clause", "clause")
_OWN_CLAUSE = Column("clause", "clause", required=False)
_CHOICES = Sheet("choice", (*_NAMED, _KINDS, _OWN_CLAUSE), (_OWN_CLAUSE,))
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _rule(*columns: Column) -> Sheet:
    return Sheet("rule", (Column("kinds", "some"), *columns, _CLAUSE))


# By the name of the file, or the beginning of it.
SHEETS: Mapping[str, Sheet] = {
    "terms.toml": Sheet(
        "term", (*_NAMED, Column("meaning", "long"), Column("meaning_en", "long"))
    ),
    "sources.toml": Sheet("source", (*_NAMED, Column("version"), Column("issuer"))),
    "calendars/": Sheet(
        "year",
        (
            Column("year", "whole"),
            Column("notice", required=False),
            Column("holidays", "lines", required=False),
            Column("workdays", "lines", required=False),
        ),
        (
            *_NAMED,
            Column("timezone"),
            *(Column(f"weekly.{day}", "words", required=False) for day in _WEEKDAYS),
            Column("makeup_hours", "words", required=False),
            _OWN_CLAUSE,
        ),
    ),
    "tables/acceptance.toml": _rule(
        Column("required", "lines"), Column("confident_at_least", "share")
    ),
    "tables/archiving.toml": Sheet(head=(Column("sealed_within", "span"), _CLAUSE)),
    "tables/assignment.toml": _rule(
        Column("open_at_most", "whole"), Column("alarm_after", "span")
    ),
    "tables/attachments.toml": Sheet(
        head=(
            Column("at_most_bytes", "whole"),
            Column("at_most_count", "whole"),
            Column("media_types", "lines"),
            _CLAUSE,
        )
    ),
    "tables/causes.toml": _CHOICES,
    "tables/callbacks.toml": _rule(Column("attempts_at_most", "whole")),
    "tables/channels.toml": _CHOICES,
    "tables/closing.toml": Sheet("condition", (*_NAMED, _KINDS, _CLAUSE)),
    "tables/duplicates.toml": _rule(Column("within", "span")),
    "tables/evaluation.toml": _rule(
        Column("within", "span"),
        Column("remind_after", "span"),
        Column("silent_consent_after", "span"),
        Column("low_score_at_most", "whole"),
        Column("follow_up_within", "span"),
    ),
    "tables/fixes.toml": _CHOICES,
    "tables/instruments.toml": _CHOICES,
    "tables/pauses.toml": Sheet(
        "pause",
        (
            *_NAMED,
            _KINDS,
            Column("at_most", "span"),
            Column("keeps_visit_for", "span", required=False),
            Column("approved_within", "span", required=False),
            _CLAUSE,
        ),
    ),
    "tables/portal.toml": Sheet(
        head=(
            Column("code_digits", "whole"),
            Column("code_valid_for", "span"),
            Column("code_attempts", "whole"),
            Column("code_resent_after", "span"),
            Column("link_valid_for", "span"),
            _CLAUSE,
        )
    ),
    "tables/rejections.toml": _CHOICES,
    "tables/repeats.toml": _rule(Column("within", "span")),
    "tables/reopening.toml": _rule(Column("within", "span"), Column("at_most", "whole")),
    "tables/retention.toml": _rule(*_NAMED, Column("months", "whole"), Column("basis")),
    "tables/skills.toml": Sheet(
        "skill", (*_NAMED, Column("renewed_after_months", "whole", required=False), _CLAUSE)
    ),
    "tables/supplement.toml": _rule(
        Column("answer_within", "span"),
        Column("remind_after", "span"),
        Column("asked_at_most", "whole"),
    ),
    "tables/venues.toml": _CHOICES,
    "clauses/": Sheet(
        head=(
            Column("title"),
            Column("title_en"),
            Column("areas", "lines", required=False),
            Column("owner"),
            Column("review_on", "day"),
        )
    ),
}


def sheet_of(file: str) -> Sheet:
    """Return how a file is edited as forms; an empty sheet if only as text."""
    for name, sheet in SHEETS.items():
        if file == name or (name.endswith("/") and file.startswith(name)):
            return sheet
    return Sheet()


class Entry(forms.Form):
    """One entry of a table, with a field for each of its columns."""

    def __init__(
        self, *args: Any, columns: tuple[Column, ...], edition: Edition, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        for column in columns:
            self.fields[_name(column)] = _field(column, edition)

    def value(self, current: Mapping[str, Any]) -> dict[str, Any]:
        """Return the entry's table: what it had and nobody asked about stays."""
        flat: dict[str, Any] = {}
        nested: dict[str, dict[str, Any]] = {}
        for column in self.columns:
            given = self.cleaned_data[_name(column)]
            if column.sort == "day" and given:
                given = given.isoformat()
            outer, _point, inner = column.key.partition(".")
            if inner:
                nested.setdefault(outer, deepcopy(dict(current.get(outer, {}))))[inner] = given
            else:
                flat[outer] = given
        return merged(current, flat) | nested


def initial(columns: tuple[Column, ...], current: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry's form shows."""
    found = {}
    for column in columns:
        outer, _point, inner = column.key.partition(".")
        value = current.get(outer)
        found[_name(column)] = value.get(inner) if inner and isinstance(value, dict) else value
    return found


def cells(columns: tuple[Column, ...], current: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the values of an entry in words, by the words of their columns."""
    found = initial(columns, current)
    return [
        (wording.key_words(one.key), wording.value_words(found[_name(one)], one.key))
        for one in columns
    ]


def _name(column: Column) -> str:
    return column.key.replace(".", "_")


def _field(column: Column, edition: Edition) -> forms.Field:
    same: dict[str, Any] = {
        "label": wording.key_words(column.key),
        "required": column.required,
    }
    if column.sort == "clause":
        choices = clause_choices(edition)
        if not column.required:
            choices = [("", _("同本表")), *choices]
        return forms.ChoiceField(choices=choices, **same)
    if column.sort == "some":
        offered = labels.choices(_OFFERS[column.key])
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(choices=offered, widget=widget, **same)
    return _BUILDERS[column.sort](**same)


def _date(**same: Any) -> forms.Field:
    return forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **same
    )


_BUILDERS: Mapping[str, Callable[..., forms.Field]] = {
    "text": partial(forms.CharField, max_length=500),
    "long": Paragraph,
    "lines": partial(Lines, widget=forms.Textarea(attrs={"rows": 3})),
    "words": partial(Words, help_text=gettext_lazy("几段之间用空格隔开")),
    "span": partial(forms.CharField, max_length=20, help_text=gettext_lazy("如 30min、48h、15d")),
    "whole": partial(forms.IntegerField, min_value=0),
    "share": partial(forms.FloatField, min_value=0, max_value=1),
    "day": _date,
}
