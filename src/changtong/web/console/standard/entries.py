"""One entry of a table as a form: every value has a field, and comes back as it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.web.console.standard import expecting, helping, naming, wording
from changtong.web.console.standard.fields import LENGTHS, Length, Lines, Paragraph, Words
from changtong.web.console.standard.forms import (
    as_written,
    clause_choices,
    many,
    merged,
    one_or_many,
)
from changtong.web.ui import labels
from changtong.web.ui.formats import localized


if TYPE_CHECKING:
    from changtong.standard.domain.edition import Edition
    from changtong.web.console.standard.sheets import Column


# So many empty rows are offered below those that are there; saving offers the next.
SPARE = 1
ROWS_AT_MOST = 60
# In the place of a list: none at all, rather than those of the file.
NONE = "-"
_YES_OR_NO = (
    ("", gettext_lazy("按默认")),
    ("yes", gettext_lazy("是")),
    ("no", gettext_lazy("否")),
)


class Entry(forms.Form):
    """
    One entry of a table, with a field for each of its columns.

    :param current: what the entry says now; what nobody is asked about stays
    :param places: the regions on offer, by code, in words
    """

    def __init__(
        self,
        *args: Any,
        columns: tuple[Column, ...],
        edition: Edition,
        current: Mapping[str, Any],
        places: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.columns, self.edition, self.current, self.places = columns, edition, current, places
        for column in columns:
            for name, field, value in self._fields(column, column.name, _at(current, column)):
                self.fields[name] = field
                self.initial[name] = value

    # What stands in each field
    # -------------------------------------------------------------------------------------

    def _fields(
        self, column: Column, name: str, value: Any
    ) -> Iterator[tuple[str, forms.Field, Any]]:
        if column.sort in ("when", "given"):
            several = column.sort == "when"
            for attribute in column.attributes:
                was = (value or {}).get(attribute)
                field = self._coded(attribute, attribute, several=several, was=was)
                field.label = wording.key_words(attribute)
                yield f"{name}_{attribute}", field, many(was) if several else was
        elif column.sort == "rows":
            for at in range(self._count(column, value or ())):
                inner = value[at] if value and at < len(value) else {}
                for one in column.inner:
                    for under, field, shown in self._fields(
                        one, f"{name}_{at}_{one.name}", inner.get(one.key)
                    ):
                        # An empty row below those that are there is no mistake.
                        field.required = False
                        field.help_text = "" if at else field.help_text
                        yield under, field, shown
        elif column.sort == "expect":
            yield from expecting.fields(name, value or {})
        else:
            yield name, self._field(column, value), _shown(column, value)

    def _count(self, column: Column, value: Any) -> int:
        last = max(
            (int(found[1]) + 1 for key in self.data if (found := _row_of(column, key))),
            default=0,
        )
        return min(max(last, len(value) + SPARE), ROWS_AT_MOST)

    def _field(self, column: Column, value: Any) -> forms.Field:
        same: dict[str, Any] = {
            "label": wording.key_words(column.words_key),
            "required": column.required,
            "help_text": helping.help_words(column.words_key, column.sort),
        }
        if column.key == "kinds" and column.required:
            # At least one must be chosen, so that none does not mean all.
            same["help_text"] = ""
        if column.sort == "clause":
            choices = clause_choices(self.edition)
            return forms.ChoiceField(choices=[("", _("同本表")), *choices], **same)
        if column.sort in ("one", "some"):
            several = column.sort == "some"
            field = self._coded(column.key, column.offers, several=several, was=value)
            for key, given in same.items():
                setattr(field, key, given)
            return field
        return _BUILDERS[column.sort](**same)

    def _coded(self, key: str, offers: str, *, several: bool, was: Any) -> forms.Field:
        """Return a field for codes; one that is not on offer any more is not lost."""
        choices = list(self._offered(offers))
        known = {code for code, _words in choices}
        choices += [(one, one) for one in many(was) if one not in known]
        if not several:
            return forms.ChoiceField(choices=[("", "–"), *choices], required=False)
        if key == "instruments":
            choices.append((NONE, _("不需要")))
        widget: forms.Widget = forms.CheckboxSelectMultiple()
        if len(choices) > LONG:
            widget = forms.SelectMultiple(attrs={"size": 6})
        return forms.MultipleChoiceField(choices=choices, required=False, widget=widget)

    def _offered(self, offers: str) -> Iterator[tuple[str, Any]]:
        edition = self.edition
        listed: Mapping[str, Callable[[], Any]] = {
            "calendar": edition.calendars.values,
            "skill": lambda: edition.skills,
            "source": edition.sources.values,
            "instrument": lambda: edition.instruments,
            "venue": lambda: edition.venues,
            "category": lambda: edition.categories,
            "cause": {
                one.code: one for every in edition.causes_by_kind.values() for one in every
            }.values,
        }
        if offers == "region":
            yield from self.places
        elif offers in listed:
            yield from ((one.code, localized(one)) for one in listed[offers]())
        elif offers in naming.CODES:
            yield from naming.CODES[offers].items()
        else:
            yield from labels.choices(offers)

    # How they lie on the page
    # -------------------------------------------------------------------------------------

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Return the fields in their groups: plain ones, a condition, rows one after the other."""
        found: list[dict[str, Any]] = []
        for column in self.columns:
            words, hint = (
                wording.key_words(column.words_key),
                helping.help_words(column.words_key, ""),
            )
            bound = [(n, self[n]) for n in self.fields if _belongs(n, column)]
            if column.sort == "rows":
                rows: dict[str, list[Any]] = {}
                for name, field in bound:
                    rows.setdefault(name.split("_")[column.name.count("_") + 1], []).append(field)
                sets = list(rows.values())
                found.append({"words": words, "hint": hint, "rows": sets})
            elif column.sort in ("when", "given", "expect"):
                found.append({"words": words, "hint": hint, "fields": [one for _n, one in bound]})
            elif found and "plain" in found[-1]:
                found[-1]["plain"] += [one for _n, one in bound]
            else:
                found.append({"plain": [one for _n, one in bound]})
        return found

    # What is written
    # -------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for column in self.columns:
            if column.sort != "rows":
                continue
            for at in range(self._count(column, self.current.get(column.key, ()))):
                name = f"{column.name}_{at}"
                filled = [one for one in self._values(column, name) if _is_given(one)]
                for one in column.inner if filled else ():
                    missing = f"{name}_{one.name}"
                    if one.required and missing in self.fields and not given.get(missing):
                        self.add_error(missing, _("这一行还缺这一项。"))
        return given

    def _values(self, column: Column, name: str) -> list[Any]:
        return [self.cleaned_data.get(n) for n in self.fields if n.startswith(f"{name}_")]

    def value(self) -> dict[str, Any]:
        """Return the entry's table: what it had and nobody asked about stays."""
        flat: dict[str, Any] = {}
        nested: dict[str, dict[str, Any]] = {}
        for column in self.columns:
            outer, _point, inner = column.key.partition(".")
            was = _at(self.current, column)
            given = self._written(column, column.name, was)
            if inner:
                holder = nested.setdefault(outer, deepcopy(dict(self.current.get(outer, {}))))
                if given is not None or inner in holder:
                    holder[inner] = [] if given is None else given
            else:
                flat[outer] = given
        kept = {key for key, given in flat.items() if given is not None}
        return merged(self.current, flat, keep=kept) | nested

    def _written(self, column: Column, name: str, was: Any) -> Any:
        """Return what a column's fields say; what is the same is written as it was."""
        data = self.cleaned_data
        if column.sort in ("when", "given"):
            given: Any = dict(was or {})
            for attribute in column.attributes:
                chosen = one_or_many(data.get(f"{name}_{attribute}"))
                given[attribute] = as_written(chosen, given.get(attribute))
            given = {key: one for key, one in given.items() if one not in ("", [], None)}
        elif column.sort == "rows":
            given = list(self._rows(column, name, was or []))
        elif column.sort == "expect":
            given = expecting.value(name, was or {}, data)
        else:
            given = _plain(column, data.get(name), was)
        if column.sort in ("some", "when"):
            given = as_written(given, was)
        return None if given in ("", [], {}, None) and was != given else given

    def _rows(self, column: Column, name: str, was: list[Any]) -> Iterator[dict[str, Any]]:
        for at in range(self._count(column, was)):
            before = was[at] if at < len(was) else {}
            if not any(map(_is_given, self._values(column, f"{name}_{at}"))):
                continue
            flat = {
                one.key: self._written(one, f"{name}_{at}_{one.name}", before.get(one.key))
                for one in column.inner
            }
            kept = {key for key, given in flat.items() if given is not None}
            yield as_written(merged(before, flat, keep=kept), before)


LONG = 12


def _at(current: Mapping[str, Any], column: Column) -> Any:
    outer, _point, inner = column.key.partition(".")
    value = current.get(outer)
    return value.get(inner) if inner and isinstance(value, Mapping) else value


def _row_of(column: Column, key: str) -> re.Match[str] | None:
    return re.match(rf"{column.name}_(\d{{1,3}})_", key)


def _belongs(name: str, column: Column) -> bool:
    if column.sort in ("rows", "when", "given", "expect"):
        return name.startswith(f"{column.name}_")
    return name == column.name


def _shown(column: Column, value: Any) -> Any:
    if column.sort == "percent" and value is not None:
        percent = round(value * 100, 6)
        return int(percent) if percent == int(percent) else percent
    if column.sort == "flag" and value is not None:
        return "yes" if value else "no"
    if column.key == "instruments" and value == []:
        return [NONE]
    return many(value) if column.sort == "some" else value


def _plain(column: Column, given: Any, was: Any) -> Any:
    if column.sort == "percent" and given is not None:
        share = round(given / 100, 8)
        return was if share == was else share
    if column.sort == "flag":
        return {"yes": True, "no": False}.get(given)
    if column.sort == "day" and given:
        return given.isoformat()
    if given == [NONE]:
        return []
    return given


def _is_given(value: Any) -> bool:
    return value not in (None, "", [])


def _date(**same: Any) -> forms.Field:
    return forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **same
    )


_BUILDERS: Mapping[str, Callable[..., forms.Field]] = {
    "text": partial(forms.CharField, max_length=500),
    "long": Paragraph,
    "lines": partial(Lines, widget=forms.Textarea(attrs={"rows": 3})),
    "words": Words,
    "span": partial(Length, units=LENGTHS),
    "whole": partial(forms.IntegerField, min_value=0),
    "share": partial(forms.FloatField, min_value=0, max_value=1),
    "percent": partial(forms.FloatField, min_value=0, max_value=100),
    "flag": partial(forms.ChoiceField, choices=_YES_OR_NO),
    "day": _date,
}
