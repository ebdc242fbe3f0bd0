"""What of a ticket's checklists is ticked: the journal says, and nothing else keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import JSONObject

from changtong.journal import queries as journal


TICKED, TAKEN_BACK = "item.ticked", "item.taken_back"
_TOLD = JSONObject(tag="tag", item=KT("facts__item"), actor="actor", at="happened_at")


@dataclass(frozen=True, slots=True)
class Tick:
    """Who ticked an item, and when."""

    actor: str
    at: datetime


def ticks_of(number: str) -> dict[str, Tick]:
    """Return the keys of the items of a ticket that are ticked."""
    return standing(_told(number).values_list("told", flat=True))


def all_ticks() -> ArraySubquery:
    """Return what was ticked and taken back of each ticket, for a query of tickets."""
    return ArraySubquery(_told(OuterRef("number")).values("told"))


def standing(told: Iterable[Mapping[str, str]]) -> dict[str, Tick]:
    """Return what is ticked after all that was ticked and taken back, in this order."""
    ticks: dict[str, Tick] = {}
    for one in told:
        if one["tag"] == TICKED:
            ticks[one["item"]] = Tick(one["actor"], datetime.fromisoformat(one["at"]))
        else:
            ticks.pop(one["item"], None)
    return ticks


def _told(number: Any) -> QuerySet[Any]:
    return journal.timeline(number).filter(tag__in=(TICKED, TAKEN_BACK)).annotate(told=_TOLD)
