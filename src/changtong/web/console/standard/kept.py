"""How a clause is kept, for its page: shares of three periods, a plot by week, late cases."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from changtong.analytics.queries import keeping
from changtong.clocks import queries as clocks
from changtong.clocks.queries import Conformity
from changtong.tickets import queries as tickets
from changtong.web.console.standard.showing import provinces


if TYPE_CHECKING:
    from collections.abc import Mapping

    from changtong.parties.domain.roles import Viewer
    from changtong.tickets.models import Ticket


PERIODS = (30, 90, 365)
LATE_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """How a clause of one edition is kept, as one person may see it."""

    # Days, percentage in words, and what it is made of.
    periods: tuple[tuple[int, str, Conformity], ...]
    weeks: tuple[str, ...]
    series: tuple[dict[str, Any], ...]
    # Places over the second period, those kept worst first.
    places: tuple[tuple[str, str, Conformity], ...]
    running: int
    late: tuple[Ticket, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.weeks or self.running)


def kept(viewer: Viewer, *, edition_id: int, clause: str, at: datetime) -> Kept:
    """Return how a clause is kept; the numbers are of all cases, the list of the viewer's own."""
    since = at - timedelta(days=PERIODS[-1])
    tz = timezone.get_current_timezone()
    days = clocks.conformity_by_day(
        edition_id=edition_id, clause=clause, since=since, until=at, tz=tz
    )
    broken = clocks.broken_under(edition_id=edition_id, clause=clause, since=since)
    numbers = list(dict.fromkeys(found.subject for found in broken))
    late = tickets.by_numbers(viewer, numbers).order_by("-id")[:LATE_AT_MOST] if numbers else ()
    weeks = sorted({_monday(day) for day in days})
    met, missed = _by_week(days, "met"), _by_week(days, "late")
    return Kept(
        periods=tuple(_period(days, timezone.localdate(at), length) for length in PERIODS),
        weeks=tuple(f"{week:%m-%d}" for week in weeks),
        series=(
            {"name": _("按时"), "values": [met[week] for week in weeks]},
            {"name": _("超时"), "values": [missed[week] for week in weeks]},
        ),
        places=_places(edition_id, clause, at),
        running=clocks.open_under(edition_id=edition_id, clause=clause),
        late=tuple(late),
    )


def _places(edition_id: int, clause: str, at: datetime) -> tuple[tuple[str, str, Conformity], ...]:
    since = at - timedelta(days=PERIODS[1])
    found = keeping.by_region(edition_id=edition_id, clause=clause, since=since, until=at)
    names = provinces(found)
    met: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for path, one in found.items():
        met[names[path]] += one.met
        late[names[path]] += one.late
    sums = [(name, Conformity(met[name], late[name])) for name in sorted(set(names.values()))]
    sums.sort(key=lambda each: each[1].share or 0)
    return tuple((name, _percentage(one), one) for name, one in sums)


def _period(
    days: Mapping[date, Conformity], today: date, length: int
) -> tuple[int, str, Conformity]:
    first = today - timedelta(days=length)
    found = [one for day, one in days.items() if day > first]
    total = Conformity(sum(one.met for one in found), sum(one.late for one in found))
    return length, _percentage(total), total


def _percentage(one: Conformity) -> str:
    # Rounded down: a single breach never reads as a full hundred.
    return "—" if one.share is None else f"{int(one.share * 1000) / 10:.1f}%"


def _by_week(days: Mapping[date, Conformity], what: str) -> Counter[date]:
    weeks: Counter[date] = Counter()
    for day, one in days.items():
        weeks[_monday(day)] += getattr(one, what)
    return weeks


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
