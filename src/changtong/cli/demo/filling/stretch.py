"""The tickets of one stretch of time, as rows."""

from __future__ import annotations

import random
from dataclasses import dataclass

from changtong.cli.demo.filling import course as courses
from changtong.cli.demo.filling.copying import Table, instant, table
from changtong.cli.demo.filling.setting import Setting
from changtong.cli.demo.filling.ticket import One
from changtong.journal import domain as sealing


# Identifiers are taken in blocks; what a block does not use stays unused.
ENTRIES, CLOCKS = 20, 16


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal entry before it is sealed: its leaf, and its row without the seal."""

    pk: int
    leaf: str
    row: str


class Tickets:
    """The tickets of one stretch, as rows."""

    def __init__(self, setting: Setting, *, first: int, end: int, first_entry: int) -> None:
        self.setting = setting
        self.first, self.end = first, end
        self.chance = random.Random(f"{setting.seed}:{first}")  # noqa: S311 - load data
        self.entries: list[Entry] = []
        self.recorded_at = instant(setting.until)
        self.next_entry = first_entry + first * ENTRIES
        self.next_clock = setting.first.clock + first * CLOCKS
        self.tickets = table(
            "tickets_ticket",
            "id number kind state state_before channel title description language customer_id"
            " line_id contact_name contact_phone contact_email special_needs address region_id"
            " region_path region_type family tier edition_id category impact urgency priority"
            " decisions team_id assignee_id due_at opened_by opened_at accepted_at responded_at"
            " assigned_at resolved_at answered_at told_at confirmed_at confirmed_by"
            " evaluation_requested_at closed_at reopened_count finished_because source"
            " source_reference",
        )
        self.contacts = table(
            "intake_contact",
            "channel ticket_id joined matched phone source source_reference answers actor"
            " received_at",
        )
        self.log = table(
            "tickets_logentry", "ticket_id type public text details actor happened_at"
        )
        self.resolutions = table(
            "tickets_resolution",
            "ticket_id cause fix result advice retest_passed actor resolved_at refused_because",
        )
        self.supplements = table(
            "tickets_supplement", "ticket_id question asked_by asked_at due_at clause answer"
        )
        self.holds = table("tickets_hold", "ticket_id reason source set_at lifted_at")
        self.work_orders = table(
            "dispatch_workorder",
            "number ticket_id ticket_number team_id technician_id mode state work_for issued_at"
            " started_at arrived_at ended_at ended_because reason clause",
        )
        self.evaluations = table(
            "feedback_evaluation",
            "id ticket_id round asked_at remind_at reminded_at over_at silent_consent_at clause"
            " score tags comment answered_at by actor",
        )
        self.clocks = table(
            "clocks_clock",
            "id subject metric basis clause edition_id calendar within pausable warn_shares"
            " starts_on stops_on started_at applies_from due_at is_provisional warn_at warned"
            " state breached_at stopped_at stopped_by voided_at voided_by void_reason"
            " void_evidence",
        )
        self.pauses = table(
            "clocks_pause",
            "clock_id reason clause started_at ends_latest_at actor ended_by",
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        """All but the journal, in an order in which each row finds what it refers to."""
        return (
            self.tickets,
            self.contacts,
            self.log,
            self.resolutions,
            self.supplements,
            self.holds,
            self.work_orders,
            self.evaluations,
            self.clocks,
            self.pauses,
        )

    def write(self) -> None:
        """Write all tickets of the stretch in the order of time."""
        setting, chance = self.setting, self.chance
        opened: list[int] = []
        while len(opened) < self.end - self.first:
            position = (self.first + chance.random() * (self.end - self.first)) / setting.tickets
            at = courses.opened_at(position=position, since=setting.since, until=setting.until)
            if courses.hour_is_likely(at, chance):
                opened.append(at)
        opened.sort()
        for offset, at in enumerate(opened):
            One(self, self.first + offset, at).write()

    def record(self, tag: str, subject: str, actor: str, at: int, facts: str) -> None:
        """
        Add a journal entry; the facts are canonical JSON of plain words and numbers.

        Writing the line that is sealed by hand takes a tenth of the encoder's time.
        """
        happened_at, recorded_at, pk = instant(at), self.recorded_at, self.next_entry
        self.next_entry += 1
        line = (
            f'{{"actor":"{actor}","facts":{facts},"happened_at":"{happened_at}","id":{pk},'
            f'"recorded_at":"{recorded_at}","subject":"{subject}","tag":"{tag}"}}'
        )
        row = f"{pk}\t{tag}\t{subject}\t{actor}\t{facts}\t{happened_at}\t{recorded_at}"
        self.entries.append(Entry(pk, sealing.leaf_of(line.encode()), row))
