"""What an example expects, as fields: each value that is there, and room for two more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.web.console.standard import wording
from changtong.web.console.standard.fields import Lines
from changtong.web.ui import labels


SPARE = 2
QUESTIONS = (("targets", gettext_lazy("期限是多久")), ("due", gettext_lazy("几时到期")))

Path = tuple[str, ...]


def leaves(expect: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every single value that an example expects, and where it stands."""
    for key, value in expect.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*above, key))
        else:
            yield (*above, key), value


def fields(name: str, expect: Mapping[str, Any]) -> Iterator[tuple[str, forms.Field, Any]]:
    """Yield a field for each value, and those in which more is asked for."""
    for at, (path, value) in enumerate(leaves(expect)):
        field = _field(value)
        field.label = " · ".join(_words(step) for step in path)
        yield f"{name}_{at}", field, value
    for at in range(SPARE):
        more = f"{name}_more_{at}"
        nothing = [("", "–")]
        yield (
            f"{more}_question",
            forms.ChoiceField(
                label=_("还应得什么"), choices=[*nothing, *QUESTIONS], required=False
            ),
            "",
        )
        for key in ("metric", "basis"):
            choices = [*nothing, *labels.choices(key)]
            field = forms.ChoiceField(
                label=wording.key_words(key), choices=choices, required=False
            )
            yield f"{more}_{key}", field, ""
        yield (
            f"{more}_value",
            forms.CharField(
                label=_("应得的值"),
                required=False,
                max_length=60,
                help_text=_("期限写 48h、5wd；时刻写 2026-03-01T10:00:00+08:00"),
            ),
            "",
        )


def _field(value: Any) -> forms.Field:
    if isinstance(value, bool):
        return forms.BooleanField(required=False)
    if isinstance(value, int | float):
        return forms.FloatField(required=False)
    if isinstance(value, list):
        return Lines(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    return forms.CharField(required=False, max_length=500)


def _words(step: str) -> str:
    questions = dict(QUESTIONS)
    if step in questions:
        return str(questions[step])
    for table in ("metric", "basis"):
        if step in labels.TABLES[table]:
            return str(labels.label(table, step))
    return wording.key_words(step)


def value(name: str, expect: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the example expects now; a value that was emptied is asked no more."""
    found: dict[str, Any] = deepcopy(dict(expect))
    for at, (path, was) in enumerate(leaves(expect)):
        now = given.get(f"{name}_{at}")
        if now in (None, "", []) and was != now:
            _put(found, path, None)
        elif now != was:
            _put(found, path, now)
    for at in range(SPARE):
        more = f"{name}_more_{at}"
        asked = [given.get(f"{more}_{key}", "") for key in ("question", "metric", "basis")]
        if all(asked) and given.get(f"{more}_value"):
            _put(found, tuple(asked), given[f"{more}_value"])
    return found


def _put(holder: dict[str, Any], path: Path, value: Any) -> None:
    first, rest = path[0], path[1:]
    if rest:
        _put(holder.setdefault(first, {}), rest, value)
        if not holder[first]:
            del holder[first]
    elif value is None:
        holder.pop(first, None)
    else:
        holder[first] = value
