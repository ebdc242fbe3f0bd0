"""Differences and limits as the screens show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from changtong.catalog import queries as regions
from changtong.kernel.errors import Refused
from changtong.standard.domain import places, selecting
from changtong.web.console.standard import wording
from changtong.web.ui import labels
from changtong.web.ui.explained import limit_words
from changtong.web.ui.messages import sentence


if TYPE_CHECKING:
    from collections.abc import Mapping

    from changtong.standard.domain.comparing import Comparison, LimitChange
    from changtong.standard.domain.edition import Edition
    from changtong.standard.domain.rules import Limit, Target


# Counties: nothing is told apart below them.
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A comparison in words, in the order in which people read it."""

    clauses: tuple[Any, ...]
    limits: tuple[dict[str, Any], ...]
    groups: tuple[tuple[str, tuple[dict[str, Any], ...]], ...]
    step: str
    stricter: int
    looser: int

    @property
    def is_empty(self) -> bool:
        return not (self.clauses or self.limits or self.groups)


def shown(comparison: Comparison) -> Shown:
    """Return a comparison in words."""
    names = region_names()
    groups: dict[str, list[dict[str, Any]]] = {}
    for change in comparison.entries:
        told = {
            "how": change.how,
            "name": change.name,
            "fields": [wording.change_words(one) for one in change.fields],
        }
        groups.setdefault(wording.file_words(change.file), []).append(told)
    return Shown(
        clauses=tuple(
            {
                "change": change,
                "fields": [
                    wording.change_words(one)
                    for one in change.fields
                    if one.key not in ("text", "text_en")
                ],
                "texts": {one.key for one in change.fields} & {"text", "text_en"},
            }
            for change in comparison.clauses
        ),
        limits=tuple(limit_shown(change, names) for change in comparison.limits),
        groups=tuple((name, tuple(found)) for name, found in groups.items()),
        step=comparison.step,
        stricter=sum(change.judged == "stricter" for change in comparison.limits),
        looser=sum(change.judged in ("looser", "mixed") for change in comparison.limits),
    )


def limit_shown(change: LimitChange, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the change of one row of limits in words."""
    return {
        "how": change.how,
        "judged": change.judged,
        "metric": labels.label("metric", change.target.metric),
        "basis": change.target.basis,
        "kinds": change.kinds,
        "when": when_words(change.when, names),
        "old": _withins(change.before),
        "new": _withins(change.after),
        "details": _details(change),
        "clause": change.target.clause,
    }


def _withins(targets: Iterable[Target]) -> list[str]:
    return list(dict.fromkeys(limit_words(str(target.within)) for target in targets))


def _details(change: LimitChange) -> list[dict[str, str]]:
    """Return what else than the length differs in a changed row."""
    if change.how != "changed":
        return []
    old, new = change.before[0], change.after[0]
    keys = ("calendar", "pausable", "warn_at", "starts_on", "stops_on", "clause", "figure")
    return [
        {
            "name": wording.key_words(key),
            "old": wording.value_words(getattr(old, key), key),
            "new": wording.value_words(getattr(new, key), key),
        }
        for key in keys
        if getattr(old, key) != getattr(new, key)
    ]


def region_names() -> dict[str, str]:
    """Return the name of every region by its code."""
    return dict(regions.regions().values_list("code", "name"))


def place_words(path: str) -> str:
    """Return the name of a place by its path; the empty path is everywhere."""
    code = places.code(path) if path else ""
    return region_names().get(code, code) if code else _("全部地区")


def provinces(paths: Iterable[str]) -> dict[str, str]:
    """Return for each path the province it lies in, or what lies below the one place there is."""
    steps = {path: path.strip("/").split("/") for path in paths}
    depth = 1
    while depth < DEEPEST and len({tuple(one[:depth]) for one in steps.values()}) == 1:
        depth += 1
    names = region_names()
    return {path: names.get(one[:depth][-1], one[:depth][-1]) for path, one in steps.items()}


def when_words(when: Mapping[str, Iterable[str]], names: Mapping[str, str]) -> str:
    """Return what a row selects in words, places by their names."""
    parts = []
    order = ("region", "region_type", "priority", "family", "tier", "category")
    for key in sorted(when, key=lambda one: order.index(one) if one in order else len(order)):
        given = when[key]
        values: list[str] = [given] if isinstance(given, str) else sorted(given)
        if key == "region":
            words = _("、").join(names.get(places.code(one), one) for one in values)
        else:
            words = wording.value_words(values, key)
        parts.append(words)
    return " · ".join(parts) or _("其余全部")


def limits_under(edition: Edition, number: str) -> list[dict[str, Any]]:
    """Return the rows of limits that enforce a clause, each once for all kinds of case."""
    names = region_names()
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for limit, row in _rows(edition.limits):
        if row.then.clause != number:
            continue
        when = when_words(row.when, names)
        within = limit_words(str(row.then.within))
        known = found.setdefault(
            (limit.code, when, within),
            {"metric": limit.metric, "basis": limit.basis, "kinds": [], "when": when},
        )
        known["within"] = within
        known["kinds"].append(limit.kind)
    return list(found.values())


def _rows(limits: Iterable[Limit]) -> Iterator[tuple[Limit, selecting.Row[Target]]]:
    for limit in limits:
        for row in limit.rows:
            yield limit, row


@dataclass(frozen=True, slots=True)
class Tried:
    """What one limit is for an example case, before and after."""

    metric: str
    basis: str
    old: str
    new: str
    clause: str
    differs: bool


def tried(old: Edition | None, new: Edition, case: Mapping[str, str]) -> tuple[list[Tried], str]:
    """Return the limits of an example case in both editions, and why there are none if so."""
    try:
        after = {(one.limit, one.metric, one.basis): one for one in new.targets(**case)}
        targets = old.targets(**case) if old else ()
    except Refused as refused:
        return [], sentence(refused)
    before = {(one.limit, one.metric, one.basis): one for one in targets}
    found = []
    for key in dict.fromkeys((*after, *before)):
        was, now = before.get(key), after.get(key)
        target = now or was
        if target is None:
            continue
        words = [limit_words(str(one.within)) if one else "" for one in (was, now)]
        found.append(
            Tried(target.metric, target.basis, words[0], words[1], target.clause, was != now)
        )
    return sorted(found, key=lambda one: (not one.differs, one.metric)), ""
