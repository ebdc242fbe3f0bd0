"""
Read a service desk's event log, and plan how each incident is lived through again.

The columns are those of the public log of an incident management process (UCI 498): one row for
each time that an incident was changed, with its state, grade and owner at that time, and in every
row what finally became of it. The log has no zone; its times are taken as UTC.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from changtong.kernel.errors import Refused


SOURCE = "incidents-uci498"
UNKNOWN = "?"
TIME = "%d/%m/%Y %H:%M"
STATES = {
    "New": "new",
    "Active": "working",
    "Awaiting User Info": "awaiting_user",
    "Awaiting Vendor": "awaiting_vendor",
    "Awaiting Problem": "awaiting_problem",
    "Awaiting Evidence": "awaiting_evidence",
    "Resolved": "resolved",
    "Closed": "closed",
}
# The standard's nearest reasons for setting a fault aside.
PAUSES = {
    "awaiting_user": "customer_information",
    "awaiting_vendor": "property_access",
    "awaiting_problem": "spare_part",
    "awaiting_evidence": "customer_information",
}
IMPACTS = {"1 - High": "area", "2 - Medium": "group", "3 - Low": "single"}
URGENCIES = {"1 - High": "high", "2 - Medium": "normal", "3 - Low": "low"}
CHANNELS = {"Phone": "phone", "Email": "email"}
MADE = {"true": True, "false": False}
COLUMNS = (
    "number",
    "incident_state",
    "made_sla",
    "caller_id",
    "opened_at",
    "sys_updated_at",
    "contact_type",
    "location",
    "category",
    "subcategory",
    "u_symptom",
    "impact",
    "urgency",
    "priority",
    "assignment_group",
    "assigned_to",
    "closed_code",
)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read, and which column is why."""

    line: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Who had it; empty where the log does not know."""

    group: str = ""
    person: str = ""

    def __bool__(self) -> bool:
        return bool(self.group or self.person)


@dataclass(frozen=True, slots=True)
class Grade:
    """Impact and urgency in the standard's words."""

    impact: str
    urgency: str


@dataclass(frozen=True, slots=True)
class Event:
    """How an incident stood after one change."""

    line: int
    at: datetime
    state: str
    grade: Grade
    owner: Owner


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident with all its changes in order, and what its desk made of it."""

    number: str
    opened_at: datetime
    channel: str
    caller: str
    location: str
    category: str
    subcategory: str
    symptom: str
    priority: str
    closed_code: str
    made_sla: bool
    events: tuple[Event, ...]

    @property
    def title(self) -> str:
        """Return a title; the log holds no words, only the names of categories."""
        return f"{self.category} · {self.subcategory}" if self.category else self.number

    @property
    def description(self) -> str:
        """Return what the log says about the matter, its own grade and verdict included."""
        kept = "made" if self.made_sla else "missed"
        said = (self.category, self.subcategory, self.symptom, self.location, self.caller)
        return (
            f"{', '.join(part for part in said if part)}. In the source: {self.number},"
            f" priority {self.priority}, SLA {kept}, closed with {self.closed_code or 'no code'}."
        )


def read(lines: Iterable[str]) -> tuple[list[Incident], list[BadRow]]:
    """
    Read the log; a bad row is reported and left out, the other rows of its incident are not.

    :raises Refused: ``import.columns_missing``
    """
    reader = csv.reader(lines)
    header = next(reader, [])
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise Refused("import.columns_missing", columns=missing)
    rows: dict[str, list[tuple[Event, Mapping[str, str]]]] = {}
    bad: list[BadRow] = []
    for cells in reader:
        row = dict(zip(header, cells, strict=False))
        found = _event(row, reader.line_num)
        if isinstance(found, BadRow):
            bad.append(found)
        else:
            rows.setdefault(row["number"], []).append((found, row))
    return [_incident(number, events) for number, events in rows.items()], bad


def _event(row: Mapping[str, str], line: int) -> Event | BadRow:
    for column, known in (
        ("incident_state", STATES),
        ("impact", IMPACTS),
        ("urgency", URGENCIES),
        ("contact_type", CHANNELS),
        ("made_sla", MADE),
    ):
        if row.get(column) not in known:
            return BadRow(line, column, row.get(column) or "")
    if not row["number"].strip():
        return BadRow(line, "number", "")
    for column in ("opened_at", "sys_updated_at"):
        try:
            at = _instant(row.get(column) or "")
        except ValueError:
            return BadRow(line, column, row.get(column) or "")
    return Event(
        line=line,
        at=at,
        state=STATES[row["incident_state"]],
        grade=Grade(IMPACTS[row["impact"]], URGENCIES[row["urgency"]]),
        owner=Owner(_known(row, "assignment_group"), _known(row, "assigned_to")),
    )


def _incident(number: str, rows: list[tuple[Event, Mapping[str, str]]]) -> Incident:
    rows.sort(key=lambda row: row[0].at)
    # What the last row says is what the desk itself ended with.
    last = rows[-1][1]
    return Incident(
        number=number,
        opened_at=_instant(last["opened_at"]),
        channel=CHANNELS[last["contact_type"]],
        caller=_known(last, "caller_id"),
        location=_known(last, "location"),
        category=_known(last, "category"),
        subcategory=_known(last, "subcategory"),
        symptom=_known(last, "u_symptom"),
        priority=last.get("priority") or "",
        closed_code=_known(last, "closed_code"),
        made_sla=MADE[last["made_sla"]],
        events=tuple(event for event, _ in rows),
    )


def _instant(text: str) -> datetime:
    return datetime.strptime(text, TIME).replace(tzinfo=UTC)


def _known(row: Mapping[str, str], column: str) -> str:
    value = " ".join((row.get(column) or "").split())
    return "" if value == UNKNOWN else value


# -----------------------------------------------------------------------------------------
# What a person would have done
# -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """
    One thing to do again, at its time.

    :param what: open, accept, regrade, assign, start, pause, resume, resolve, reopen or close
    :param reason: of a pause
    """

    what: str
    at: datetime
    grade: Grade | None = None
    owner: Owner = Owner()
    reason: str = ""


def steps(incident: Incident) -> Iterator[Step]:
    """
    Yield what must be done so that a ticket passes through the incident's states.

    The log leaves out what its desk did not need to do: an incident that was resolved while it
    was new is assigned and started in the same minute. Somebody to whom it was given while it
    waited takes it on when the waiting ends. A closing that was taken back was no closing.
    """
    return _Plan(incident).steps()


class _Plan:
    def __init__(self, incident: Incident) -> None:
        self._incident = incident
        self._stage = "accepted"
        self._owner = Owner()
        self._waiting_for = ""

    def steps(self) -> Iterator[Step]:
        incident = self._incident
        at = incident.opened_at
        grade = incident.events[0].grade
        yield Step("open", at, grade=grade)
        final = _final(incident.events)
        for position, event in enumerate(incident.events):
            # A row can be stamped before the opening; nothing happens before what it follows.
            at = max(at, event.at)
            if position == 0:
                yield Step("accept", at)
            if event.grade != grade:
                grade = event.grade
                yield Step("regrade", at, grade=grade)
            closing = event.state == "closed" and position < final
            yield from self._reach("resolved" if closing else event.state, event.owner, at)
            if self._stage == "closed":
                return

    def _reach(self, state: str, owner: Owner, at: datetime) -> Iterator[Step]:
        if self._stage == "resolved":
            if state == "closed":
                self._stage = "closed"
                yield Step("close", at)
            if state in {"closed", "resolved"}:
                return
            yield Step("reopen", at)
            self._stage = "assigned"
        if self._waiting_for and self._waiting_for != PAUSES.get(state):
            yield Step("resume", at, reason=self._waiting_for)
            self._waiting_for = ""
        if not self._waiting_for:
            yield from self._hand_over(owner, at)
        if state in {"working", "resolved", "closed"}:
            yield from self._work(at)
        if state in PAUSES and not self._waiting_for:
            self._waiting_for = PAUSES[state]
            yield Step("pause", at, reason=self._waiting_for)
        if state in {"resolved", "closed"}:
            self._stage = "resolved"
            yield Step("resolve", at)
        if state == "closed":
            self._stage = "closed"
            yield Step("close", at)

    def _hand_over(self, owner: Owner, at: datetime) -> Iterator[Step]:
        group = owner.group or self._owner.group
        same_group = group == self._owner.group
        person = owner.person or (self._owner.person if same_group else "")
        wanted = Owner(group, person)
        if wanted != self._owner:
            self._owner = wanted
            self._stage = "assigned"
            yield Step("assign", at, owner=wanted)

    def _work(self, at: datetime) -> Iterator[Step]:
        if self._stage == "accepted":
            # Nobody is named; somebody of the desk did it.
            yield Step("assign", at)
            self._stage = "assigned"
        if self._stage == "assigned":
            yield Step("start", at)
            self._stage = "working"


def _final(events: tuple[Event, ...]) -> int:
    """Return the position of the first row of the closing that lasted."""
    position = len(events)
    while position and events[position - 1].state == "closed":
        position -= 1
    return position
