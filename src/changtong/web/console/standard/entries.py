"""One entry of a table as a form: every value has a field, and comes back as it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.web.console.standard import expecting, helping, naming, wording
from changtong.web.console.standard.fields import (
    LENGTHS,
    UNITS,
    Length,
    Lines,
    Paragraph,
    Percents,
    Words,
)
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
    from changtong.web.console.standard.columns import Column


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
        # What is on offer is the same in each of a hundred rows.
        self._offers: dict[str, list[tuple[str, Any]]] = {}
        for column in columns:
            for name, field, value in self._fields(column, column.name, column.of(current)):
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
            for at in range(self._count(name, value or ())):
                inner = value[at] if value and at < len(value) else {}
                for one in column.inner:
                    for under, field, shown in self._fields(
                        one, f"{name}_{at}_{one.name}", one.of(inner)
                    ):
                        # An empty row below those that are there is no mistake.
                        field.required = False
                        field.help_text = "" if at else field.help_text
                        yield under, field, shown
        elif column.sort == "expect":
            yield from expecting.fields(name, value or {})
        else:
            yield name, self._field(column, value), _shown(column, value)

    def _count(self, name: str, value: Any) -> int:
        of_row = re.compile(rf"{name}_(\d{{1,3}})_")
        last = max(
            (int(found[1]) + 1 for key in self.data if (found := of_row.match(key))),
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
            nothing = "–" if column.required else _("同本表")
            return forms.ChoiceField(choices=[("", nothing), *choices], **same)
        if column.sort in ("one", "some"):
            several = column.sort == "some"
            field = self._coded(column.key, column.offers, several=several, was=value)
            for key, given in same.items():
                setattr(field, key, given)
            return field
        return _BUILDERS[column.sort](**same)

    def _coded(self, key: str, offers: str, *, several: bool, was: Any) -> forms.Field:
        """Return a field for codes; one that is not on offer any more is not lost."""
        if offers not in self._offers:
            self._offers[offers] = list(self._offered(offers))
        choices = list(self._offers[offers])
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
            "fault": lambda: edition.leaves(kind="fault"),
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
            bound = [self[n] for n in self.fields if _belongs(n, column)]
            if column.sort == "rows":
                rows = list(self._sets(column, column.name))
                found.append({"words": words, "hint": hint, "rows": rows})
            elif column.sort in ("when", "given", "expect"):
                found.append({"words": words, "hint": hint, "fields": bound})
            elif found and "plain" in found[-1]:
                found[-1]["plain"] += bound
            else:
                found.append({"plain": bound})
        return found

    def _sets(self, column: Column, name: str) -> Iterator[dict[str, Any]]:
        """Yield the fields of each row, and below them the rows that lie in it."""
        inner = [one for one in column.inner if one.sort == "rows"]
        for at in count():
            row = f"{name}_{at}_"
            below = tuple(f"{row}{one.name}_" for one in inner)
            names = [n for n in self.fields if n.startswith(row)]
            if not names:
                return
            yield {
                "fields": [self[n] for n in names if not n.startswith(below)],
                "groups": [
                    {
                        "words": wording.key_words(one.words_key),
                        "rows": list(self._sets(one, f"{row}{one.name}")),
                    }
                    for one in inner
                ],
            }

    # What is written
    # -------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for column in self.columns:
            if column.sort == "rows":
                self._check(column, column.name, column.of(self.current) or [])
        return given

    def _check(self, column: Column, name: str, was: list[Any]) -> None:
        """Find what is missing in rows of which something is filled in."""
        for at in range(self._count(name, was)):
            row = f"{name}_{at}"
            for one in column.inner if self._is_filled(row) else ():
                field = f"{row}_{one.name}"
                if one.sort == "rows":
                    self._check(one, field, one.of(was[at] if at < len(was) else {}) or [])
                elif one.required and field in self.fields and not self.cleaned_data.get(field):
                    self.add_error(field, _("这一行还缺这一项。"))

    def _is_filled(self, row: str) -> bool:
        return any(
            _is_given(self.cleaned_data.get(n)) for n in self.fields if n.startswith(f"{row}_")
        )

    def value(self) -> dict[str, Any]:
        """Return the entry's table: what it had and nobody asked about stays."""
        return self._table(self.columns, "", self.current)

    def _table(
        self, columns: tuple[Column, ...], prefix: str, current: Mapping[str, Any]
    ) -> dict[str, Any]:
        flat: dict[str, Any] = {}
        nested: dict[str, dict[str, Any]] = {}
        for column in columns:
            outer, _point, inner = column.key.partition(".")
            given = self._written(column, f"{prefix}{column.name}", column.of(current))
            if inner:
                holder = nested.setdefault(outer, deepcopy(dict(current.get(outer, {}))))
                if given is not None or inner in holder:
                    holder[inner] = [] if given is None else given
            else:
                flat[outer] = given
        kept = {key for key, given in flat.items() if given is not None}
        # An empty table says something else than none: nothing, in place of what the base says.
        said = {key: table for key, table in nested.items() if table or key in current}
        return merged(current, flat, keep=kept) | said

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
        for at in range(self._count(name, was)):
            before = was[at] if at < len(was) else {}
            if self._is_filled(f"{name}_{at}"):
                yield as_written(self._table(column.inner, f"{name}_{at}_", before), before)


LONG = 12


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
    "limit": partial(Length, units=UNITS),
    "percents": Percents,
    "whole": partial(forms.IntegerField, min_value=0),
    "share": partial(forms.FloatField, min_value=0, max_value=1),
    "percent": partial(forms.FloatField, min_value=0, max_value=100),
    "flag": partial(forms.ChoiceField, choices=_YES_OR_NO),
    "day": _date,
}
