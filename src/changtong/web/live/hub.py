"""Who has a screen open, and what each of them is told; no database, no sockets."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from changtong.parties.domain.roles import Viewer
from changtong.tickets.domain.sight import Place, may_see
from changtong.web.live import lists


STREAMS_PER_PERSON = 8
SHOWN_AT_MOST = 200
# Beyond this a screen reads everything anew: that costs less than naming each row.
TOLD_AT_MOST = 200
REMEMBERED = 4_000
PLACES_AT_MOST = 50_000
TYPING_SECONDS = 8.0
# What may bring a ticket into somebody's list of which we do not know where it stood before.
MOVES = frozenset(
    {
        "ticket.opened", "ticket.accepted", "ticket.assigned", "ticket.unassigned",
        "ticket.resolved", "ticket.reopened", "ticket.reclassified",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a valid session, as of the moment they are told something."""

    viewer: Viewer
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """A ticket's place after something happened, and before, if that is known."""

    now: Place
    before: Place | None
    moved: bool


@dataclass(eq=False)
class Stream:
    """One open screen: what it shows, and what it has not been told yet."""

    person: Person
    staff_id: int
    session: str
    session_hash: str
    case: str = ""
    tab: str = ""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    shown: frozenset[str] = frozenset()
    typing_until: float = 0.0
    changed: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)
    company: dict[str, list[tuple[str, bool]]] = field(default_factory=dict)
    told_company: dict[str, list[tuple[str, bool]]] = field(default_factory=dict)
    seen: int = 0
    starts_anew: bool = False
    called: bool = False
    ended: str = ""
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, change: Change) -> None:
        """Remember that a ticket changed, if the person may see it or just could."""
        viewer, place, before = self.person.viewer, change.now, change.before
        sees = may_see(viewer, place)
        saw = before is not None and may_see(viewer, before)
        if not sees and not saw:
            return
        self.changed.add(place.number)
        was_there = change.before is None and not change.moved
        if saw and before is not None:
            was_there = lists.holds(self.tab, viewer, before)
        if sees and not was_there and lists.holds(self.tab, viewer, place):
            self.entered.add(place.number)
        if len(self.changed) > TOLD_AT_MOST:
            self.start_anew()

    def start_anew(self) -> None:
        """Tell the screen to read everything again, instead of what changed."""
        self.changed.clear()
        self.entered.clear()
        self.starts_anew = True
        self.woken.set()

    def end(self, because: str) -> None:
        """Close the stream as soon as it has been told why."""
        self.ended = because
        self.woken.set()


class Hub:
    """All open screens and the latest changes."""

    def __init__(self) -> None:
        # Numbers of another run mean nothing to this one.
        self.run = secrets.token_hex(4)
        self.turn = 0
        self.streams: dict[str, Stream] = {}
        self.places: OrderedDict[str, Place] = OrderedDict()
        self.company_changed: set[str] = set()
        self._at_case: dict[str, set[Stream]] = {}
        self._recent: deque[tuple[int, Change]] = deque(maxlen=REMEMBERED)

    # -------------------------------------------------------------------------------------
    # Screens
    # -------------------------------------------------------------------------------------

    def join(self, stream: Stream, *, since: str) -> None:
        """Add a screen and tell it what it missed; of too many of one person the oldest goes."""
        others = [one for one in self.streams.values() if one.staff_id == stream.staff_id]
        for one in others[: max(0, len(others) - STREAMS_PER_PERSON + 1)]:
            one.end("crowded")
        self.streams[stream.key] = stream
        stream.seen = self.turn
        if stream.case:
            self._at_case.setdefault(stream.case, set()).add(stream)
            self.company_changed.add(stream.case)
        if since:
            self._catch_up(stream, since)

    def leave(self, stream: Stream) -> None:
        """Forget a screen."""
        self.streams.pop(stream.key, None)
        if there := self._at_case.get(stream.case):
            there.discard(stream)
            if not there:
                del self._at_case[stream.case]
            self.company_changed.add(stream.case)

    def _catch_up(self, stream: Stream, since: str) -> None:
        run, _, turn = since.partition(".")
        oldest = self._recent[0][0] if len(self._recent) == REMEMBERED else 0
        if run != self.run or not turn.isascii() or not turn.isdigit() or int(turn) < oldest:
            stream.start_anew()
            return
        for told, change in self._recent:
            if told > int(turn):
                stream.tell(change)
        if stream.changed:
            stream.woken.set()

    def admit(self, asked: Iterable[Stream], standing: Mapping[str, Person]) -> None:
        """
        Give screens what their people may do now; end those without a valid session.

        :param asked: those who were asked about; who has come meanwhile was asked at the door
        """
        for stream in asked:
            person = standing.get(stream.key)
            if person is None or not person.viewer.may("tickets.view"):
                stream.end("session")
            else:
                stream.person = person

    # -------------------------------------------------------------------------------------
    # News
    # -------------------------------------------------------------------------------------

    def publish(self, found: Iterable[Place], moved: frozenset[str]) -> None:
        """Tell every screen what it may know of tickets that changed."""
        self.turn += 1
        changes = []
        for place in found:
            change = Change(place, self.places.get(place.number), place.number in moved)
            changes.append(change)
            self.remember(place)
            self._recent.append((self.turn, change))
        for stream in self._listening():
            for change in changes:
                stream.tell(change)
            stream.seen = self.turn
            if stream.changed:
                stream.woken.set()

    def remember(self, place: Place) -> None:
        """Keep where a ticket stands, so that its next change is one."""
        self.places[place.number] = place
        self.places.move_to_end(place.number)
        if len(self.places) > PLACES_AT_MOST:
            self.places.popitem(last=False)

    def sees(self, viewer: Viewer, number: str) -> bool:
        """Say whether somebody may see a ticket whose place is known."""
        place = self.places.get(number)
        return place is not None and may_see(viewer, place)

    def ring(self, staff_ids: frozenset[int]) -> None:
        """Tell people that something happened to a call of their own; nobody else."""
        for stream in self._listening():
            if stream.staff_id in staff_ids:
                stream.called = True
                stream.woken.set()

    def start_all_anew(self) -> None:
        """Have every screen read everything again, after more than can be named."""
        self.turn += 1
        self._recent.clear()
        self.run = secrets.token_hex(4)
        for stream in self._listening():
            stream.start_anew()

    # -------------------------------------------------------------------------------------
    # Company
    # -------------------------------------------------------------------------------------

    def show(self, stream: Stream, numbers: Sequence[str]) -> None:
        """Note which rows a screen shows, to tell it who looks at them."""
        stream.shown = frozenset(numbers[:SHOWN_AT_MOST])
        self._meet(stream, stream.shown)

    def type(self, stream: Stream, *, at: float) -> None:
        """Note that somebody writes in the case that they look at."""
        if stream.case:
            if stream.typing_until <= at:
                self.company_changed.add(stream.case)
            stream.typing_until = at + TYPING_SECONDS

    def introduce(self, *, at: float) -> None:
        """Tell the screens on a case, and those with its row, who else is there."""
        for stream in self.streams.values():
            if 0 < stream.typing_until <= at:
                stream.typing_until = 0.0
                self.company_changed.add(stream.case)
        if not self.company_changed:
            return
        cases, self.company_changed = self.company_changed, set()
        for stream in self._listening():
            concerned = cases & (stream.shown | {stream.case})
            self._meet(stream, concerned)

    def _meet(self, stream: Stream, numbers: Iterable[str]) -> None:
        told = False
        for number in numbers:
            if not self.sees(stream.person.viewer, number):
                continue
            others = self._others(number, stream.staff_id)
            if others != stream.told_company.get(number, []):
                stream.company[number] = stream.told_company[number] = others
                told = True
        if told:
            stream.woken.set()

    def _others(self, number: str, staff_id: int) -> list[tuple[str, bool]]:
        found: dict[int, tuple[str, bool]] = {}
        for one in self._at_case.get(number, ()):
            if one.staff_id != staff_id and not one.ended:
                writes = one.typing_until > 0 or found.get(one.staff_id, ("", False))[1]
                found[one.staff_id] = (one.person.name, writes)
        return sorted(found.values())

    def _listening(self) -> list[Stream]:
        return [one for one in self.streams.values() if not one.ended]
