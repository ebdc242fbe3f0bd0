"""Writes tickets with all that belongs to them as rows for COPY."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from changtong.cli.demo.filling import course as courses
from changtong.cli.demo.filling.copying import Table, instant, table
from changtong.cli.demo.filling.country import Person, Place, Population
from changtong.cli.demo.filling.course import Course
from changtong.cli.demo.filling.staffing import Crew, Crews
from changtong.clocks import queries as clocks
from changtong.journal import domain as sealing
from changtong.kernel.ids import dated_number


if TYPE_CHECKING:
    from changtong.standard.domain.edition import Edition
    from changtong.standard.domain.rules import Category, Target


# Identifiers are taken in blocks; what a block does not use stays unused.
ENTRIES, CLOCKS = 20, 12
AWAITING_CUSTOMER = "customer_information"
LOCAL = timedelta(hours=8)
RESULTS = (
    "已现场处理并测试正常，客户确认恢复使用。",
    "经核查已调整数据配置，业务恢复正常。",
    "已更换线路并复测达标，向客户说明原因。",
    "已按客户要求办理完成并短信告知。",
    "已向客户解释说明，客户表示理解。",
)
SAYINGS = (
    "从昨天晚上开始出现，重启设备没有用，请尽快处理。",
    "这个问题已经影响正常使用，希望今天能解决。",
    "请工作人员先电话联系再上门。",
    "之前反映过一次，这次又出现了。",
    "家里有老人小孩，比较着急。",
)
ADVICE = ("", "请避免弯折光纤。", "如再次出现请直接回复短信。", "建议重启光猫后使用。")


@dataclass(frozen=True, slots=True)
class First:
    """The first identifiers of everything that this run writes."""

    customer: int
    line: int
    ticket: int
    number: int
    work_order_number: int
    clock: int
    evaluation: int


@dataclass(frozen=True, slots=True)
class Setting:
    """What all tickets share."""

    edition: Edition
    edition_id: int
    population: Population
    customers: int
    regions: dict[str, int]
    services: dict[str, int]
    crews: Crews
    first: First
    since: int
    until: int
    tickets: int
    seed: int


def customer_tables() -> tuple[Table, Table]:
    return (
        table("parties_customer", "id number name kind tier phone email language region_id"),
        table(
            "parties_line",
            "id number customer_id service_id family address region_id access_resource state"
            " latitude longitude",
        ),
    )


def write_customers(setting: Setting, tables: tuple[Table, Table], first: int, end: int) -> None:
    """Write the customers from one index up to another, with their lines."""
    customers, lines = tables
    for index in range(first, end):
        person = setting.population.person(index)
        place = setting.population.districts[person.district]
        region = setting.regions[place.code]
        customers.add(
            setting.first.customer + index,
            f"K{person.serial:08d}",
            person.name,
            "enterprise" if person.is_enterprise else "person",
            person.tier,
            person.phone,
            f"k{person.serial}@example.com" if index % 2 else "",
            "zh-hans",
            region,
        )
        for position, family in enumerate(person.families):
            mobile = family == "mobile"
            lines.add(
                line_id(setting, index, position),
                person.phone if mobile else f"LD{person.serial:09d}",
                setting.first.customer + index,
                setting.services[family],
                family,
                place.full_name + person.street,
                region,
                "" if mobile else f"OLT-{place.code}-{index % 6}/PON{index % 16}",
                "active",
                place.latitude,
                place.longitude,
            )


def line_id(setting: Setting, index: int, position: int) -> int:
    """Return the identifier of a customer's first or second line."""
    return setting.first.line + position * setting.customers + index


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
            "channel ticket_id joined matched phone source source_reference actor received_at",
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


class One:
    """One ticket."""

    def __init__(self, stretch: Tickets, index: int, at: int) -> None:
        setting, chance = stretch.setting, stretch.chance
        self.stretch, self.setting, self.chance = stretch, setting, chance
        self.pk = setting.first.ticket + index
        self.index = index
        day = (datetime.fromtimestamp(at, UTC) + LOCAL).date()
        self.number = dated_number("GD", day, setting.first.number + index)
        self.order_number = dated_number("PD", day, setting.first.work_order_number + index)
        self.customer = int(chance.random() * setting.customers)
        self.person: Person = setting.population.person(self.customer)
        position = int(chance.random() * len(self.person.families))
        self.line = line_id(setting, self.customer, position)
        self.family = self.person.families[position]
        self.place: Place = setting.population.districts[self.person.district]
        self.kind = chance.choice(_KINDS)
        self.channel = chance.choice(_CHANNELS)
        self.category: Category = chance.choice(
            _categories(setting.edition, self.kind, self.family)
        )
        self.impact = "group" if chance.random() < 0.06 else self.category.impact  # noqa: PLR2004
        self.urgency = "high" if chance.random() < 0.1 else self.category.urgency  # noqa: PLR2004
        graded = _graded(setting.edition, self.impact, self.urgency, self.person.tier)
        self.priority, self.priority_clause = graded
        self.course: Course = courses.course(
            kind=self.kind,
            visit=self.category.mode == "field",
            at=at,
            until=setting.until,
            chance=chance,
        )
        self.actor = f"phone:{self.person.phone}"
        self.crew: Crew | None = None
        self.assignee = 0
        if "ticket.assigned" in self.course.moments:
            crews = setting.crews.near(mode=self.category.mode, district=self.place.code)
            self.crew = chance.choice(crews)
            self.assignee = chance.choice(self.crew.members)
        self.worker = f"staff:{self.assignee}"
        self.evaluation = setting.first.evaluation + index

    def write(self) -> None:
        due_at = self._clocks()
        self._ticket(due_at)
        self._work()
        self._result()
        self._entries()

    def _at(self, moment: str) -> str | None:
        return instant(self.course.moments.get(moment))

    # -- the ticket itself --------------------------------------------------------------

    def _ticket(self, due_at: int | None) -> None:
        course, chance, person = self.course, self.chance, self.person
        at = instant(course.opened_at)
        closed = instant(course.ended_at)
        because = {"closed": "silent_consent" if course.silent else "confirmed"}.get(
            course.state, "not_our_service" if course.state == "rejected" else ""
        )
        self.stretch.tickets.add(
            self.pk,
            self.number,
            self.kind,
            course.state,
            course.state_before,
            self.channel,
            f"{self.category.name}：{self.place.name}{person.street}",
            "".join(chance.sample(SAYINGS, 2)),
            "zh-hans",
            self.setting.first.customer + self.customer,
            self.line,
            person.name,
            person.phone,
            f"k{person.serial}@example.com" if self.customer % 2 else "",
            "",
            self.place.full_name + person.street,
            self.setting.regions[self.place.code],
            self.place.path,
            self.place.region_type,
            self.family,
            person.tier,
            self.setting.edition_id,
            self.category.code,
            self.impact,
            self.urgency,
            self.priority,
            self._decisions(),
            self.crew.team if self.crew else None,
            self.assignee or None,
            instant(due_at),
            self.actor,
            at,
            self._at("ticket.accepted"),
            self._at("ticket.responded"),
            self._at("ticket.assigned"),
            self._at("ticket.resolved"),
            self._at("ticket.answered"),
            self._at("ticket.told"),
            self._at("ticket.confirmed"),
            self._confirmed_by(),
            self._at("evaluation.requested"),
            closed,
            0,
            because if course.is_final else "",
            "",
            "",
        )
        self.stretch.contacts.add(
            self.channel, self.pk, "f", "t", person.phone, "", "", self.actor, at
        )

    def _confirmed_by(self) -> str:
        if "ticket.confirmed" not in self.course.moments:
            return ""
        return "system:silence" if self.course.silent else self.actor

    def _decisions(self) -> str:
        edition, at = self.setting.edition, _iso(self.course.opened_at)
        made = [
            {
                "about": "category",
                "value": self.category.code,
                "clause": self.category.clause,
                "at": at,
                "why": {"chosen": True},
            },
            {
                "about": "priority",
                "value": self.priority,
                "clause": self.priority_clause,
                "at": at,
                "why": {
                    "impact": self.impact,
                    "urgency": self.urgency,
                    "tier": self.person.tier,
                },
            },
        ]
        accepted_at = self.course.moments.get("ticket.accepted")
        if accepted_at is not None:
            made.append(
                {
                    "about": "acceptance",
                    "value": "automatic" if accepted_at == self.course.opened_at else "by_agent",
                    "clause": edition.acceptance(kind=self.kind).clause,
                    "at": _iso(accepted_at),
                    "why": {"confidence": 1.0},
                }
            )
        return json.dumps(made, ensure_ascii=False)

    # -- its clocks ---------------------------------------------------------------------

    def _clocks(self) -> int | None:
        """Write the clocks that have started; return when the first that runs is due."""
        targets = _targets(
            self.setting.edition,
            self.kind,
            self.priority,
            self.place.region_type,
            self.family,
            self.person.tier,
            self.category.code,
        )
        due = [
            self._clock(target, self.course.moments[target.starts_on])
            for target in targets
            if target.starts_on in self.course.moments
        ]
        return min((one for one in due if one is not None), default=None)

    def _clock(self, target: Target, started_at: int) -> int | None:
        course = self.course
        stretch, until = self.stretch, self.setting.until
        pk = stretch.next_clock
        stretch.next_clock += 1
        due_at, warnings, provisional = _planned(target, self.setting.edition_id, started_at)
        stopped_at = course.moments.get(target.stops_on)
        voided_at = None
        if stopped_at is None and course.ended_at is not None:
            if course.state == "closed":
                stopped_at = course.ended_at
            else:
                voided_at = course.ended_at
        paused = (
            course.waiting_since is not None
            and stopped_at is None
            and target.pausable
            and due_at > course.waiting_since
        )
        if paused:
            due_at += self._pause(pk)
        ended_at = stopped_at or voided_at or until
        breached = not paused and due_at < ended_at
        passed = sum(warning <= ended_at for warning in warnings)
        next_warning = warnings[passed] if passed < len(warnings) and not breached else None
        is_open = stopped_at is None and voided_at is None
        state = "stopped" if stopped_at else "void" if voided_at else "running"
        stretch.clocks.add(
            pk,
            self.number,
            _fixed(target, self.setting.edition_id),
            instant(started_at),
            instant(started_at),
            instant(due_at),
            "t" if provisional else "f",
            instant(next_warning),
            passed,
            "paused" if paused else state,
            instant(due_at) if breached else None,
            instant(stopped_at),
            self.worker if stopped_at else "",
            instant(voided_at),
            self.actor if voided_at else "",
            f"ticket.{course.state}" if voided_at else "",
            "",
        )
        if breached:
            facts = {
                "clock": pk,
                "metric": target.metric,
                "basis": target.basis,
                "clause": target.clause,
                "within": str(target.within),
                "due_at": _iso(due_at),
            }
            stretch.record("clock.breached", self.number, "system:clocks", due_at, _plain(facts))
        return due_at if is_open and not paused else None

    def _pause(self, clock: int) -> int:
        """Write an open pause; return by how much it moves the end at most."""
        assert self.course.waiting_since is not None  # noqa: S101 - for the type checker
        since = self.course.waiting_since
        reasons = self.setting.edition.pause_reasons(kind=self.kind)
        waits_for_customer = self.course.state == "pending"
        reason = next(
            (one for one in reasons if (one.code == AWAITING_CUSTOMER) == waits_for_customer),
            reasons[0],
        )
        seconds = int(reason.at_most.total_seconds())
        self.stretch.pauses.add(
            clock,
            reason.code,
            reason.clause,
            instant(since),
            instant(since + seconds),
            self.worker,
            "",
        )
        return seconds

    # -- what was done ------------------------------------------------------------------

    def _work(self) -> None:
        course = self.course
        if self.crew is None:
            return
        assigned_at, resolved_at = self._at("ticket.assigned"), self._at("ticket.resolved")
        state = "acknowledged"
        if resolved_at:
            state = "completed"
        elif course.waiting_since:
            state = "held"
        elif "ticket.started" in course.moments:
            state = "in_progress"
        self.stretch.work_orders.add(
            self.order_number,
            self.pk,
            self.number,
            self.crew.team,
            self.assignee,
            self.category.mode,
            state,
            f"{int(self.category.work_for.total_seconds())} seconds",
            assigned_at,
            self._at("ticket.started"),
            self._at("visit.arrived"),
            resolved_at,
            "resolved" if resolved_at else "",
            self._reason(),
            "6.1",
        )
        self.stretch.holds.add(
            self.pk, "open_work_order", f"work_order:{self.order_number}", assigned_at, resolved_at
        )
        for at in course.logged_at:
            responding = at == course.moments.get("ticket.responded")
            self.stretch.log.add(
                self.pk,
                "call" if responding else "note",
                "t" if responding else "f",
                "已电话联系客户，约定处理时间。" if responding else self.chance.choice(RESULTS),
                "{}",
                self.worker,
                instant(at),
            )
        if course.state == "pending":
            rule = self.setting.edition.supplement(kind=self.kind)
            since = course.waiting_since or course.opened_at
            self.stretch.supplements.add(
                self.pk,
                "请补充故障现象照片或错误提示。",
                self.worker,
                instant(since),
                instant(since + int(rule.answer_within.total_seconds())),
                rule.clause,
                "",
            )

    def _reason(self) -> str:
        assert self.crew is not None  # noqa: S101 - for the type checker
        others = [one for one in self.crew.members if one != self.assignee][:3]
        return _plain(
            {
                "by": "automatic",
                "clause": "6.1",
                "skill": self.category.skill,
                "chosen": {"staff": self.assignee, "team": self.crew.team, "open": 1, "cost": 1.5},
                "others": [
                    {"staff": one, "team": self.crew.team, "open": 2, "reason": "less_suited"}
                    for one in others
                ],
                "counts": {"less_suited": len(self.crew.members) - 1},
            }
        )

    def _result(self) -> None:
        course, chance = self.course, self.chance
        resolved = course.moments.get("ticket.resolved")
        if resolved is None:
            return
        edition = self.setting.edition
        causes, fixes = edition.causes(kind=self.kind), edition.fixes(kind=self.kind)
        self.stretch.resolutions.add(
            self.pk,
            chance.choice(causes).code if causes else "",
            chance.choice(fixes).code if fixes else "",
            chance.choice(RESULTS),
            chance.choice(ADVICE),
            "t",
            self.worker,
            instant(resolved),
            "",
        )
        rule = edition.evaluation(kind=self.kind)
        remind_at = resolved + int(rule.remind_after.total_seconds())
        answered = course.moments.get("evaluation.given")
        tags = ["fast", "professional"] if course.score > rule.low_score_at_most else ["slow"]
        self.stretch.evaluations.add(
            self.evaluation,
            self.pk,
            0,
            instant(resolved),
            instant(remind_at),
            instant(remind_at) if remind_at <= (answered or self.setting.until) else None,
            instant(resolved + int(rule.within.total_seconds())),
            instant(resolved + int(rule.silent_consent_after.total_seconds())),
            rule.clause,
            course.score or None,
            _plain(tags if course.score else []),
            "",
            instant(answered),
            ("silence" if course.silent else "customer") if answered else "",
            self._confirmed_by(),
        )

    # -- its journal --------------------------------------------------------------------

    def _entries(self) -> None:
        moments, course = self.course.moments, self.course
        category, priority = self.category.code, self.priority
        self._record(
            "ticket.opened",
            self.actor,
            f'{{"category":"{category}","channel":"{self.channel}","edition":'
            f'{self.setting.edition_id},"kind":"{self.kind}","lacking":[],'
            f'"priority":"{priority}"}}',
        )
        self._record(
            "ticket.accepted", self.actor, f'{{"category":"{category}","priority":"{priority}"}}'
        )
        if self.crew is not None:
            self._record(
                "ticket.assigned",
                "system:dispatch",
                f'{{"assignee":{self.assignee},"clause":"6.1","team":{self.crew.team},'
                f'"why":{{"by":"automatic","work_order":"{self.order_number}"}}}}',
            )
        self._record("ticket.started", self.worker, "{}")
        for at in course.logged_at:
            self.stretch.record(
                "ticket.logged", self.number, self.worker, at, '{"public":false,"type":"note"}'
            )
        self._record("visit.arrived", self.worker, "{}")
        self._record("ticket.resolved", self.worker, '{"retest_passed":true}')
        if "ticket.resolved" in moments:
            self.stretch.record(
                "work_order.completed",
                self.number,
                "system:dispatch",
                moments["ticket.resolved"],
                f'{{"because":"resolved","staff":{self.assignee},'
                f'"work_order":"{self.order_number}"}}',
            )
        self._record("ticket.told", "system:feedback", "{}")
        self._record("evaluation.requested", "system:feedback", "{}")
        silent = "true" if course.silent else "false"
        self._record("ticket.confirmed", self._confirmed_by(), f'{{"silent":{silent}}}')
        if course.score:
            self._record(
                "evaluation.given",
                self.actor,
                f'{{"evaluation":{self.evaluation},"score":{course.score}}}',
            )
        because = "silent_consent" if course.silent else "confirmed"
        self._record("ticket.closed", "system:feedback", f'{{"because":"{because}"}}')
        self._record("ticket.rejected", "system:triage", '{"reason":"not_our_service"}')
        self._record("ticket.cancelled", self.actor, '{"reason":"withdrawn"}')

    def _record(self, tag: str, actor: str, facts: str) -> None:
        at = self.course.moments.get(tag)
        if at is not None:
            self.stretch.record(tag, self.number, actor, at, facts)


# ---------------------------------------------------------------------------------------
# What is asked again and again
# ---------------------------------------------------------------------------------------


def _urn(shares: dict[str, int]) -> tuple[str, ...]:
    return tuple(name for name, share in shares.items() for _ in range(share))


_CHANNELS, _KINDS = _urn(courses.CHANNELS), _urn(courses.KINDS)


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=1024)
def _fixed(target: Target, edition_id: int) -> str:
    shares = "{" + ",".join(str(share) for share in target.warn_at) + "}"
    return "\t".join(
        (
            target.metric,
            target.basis,
            target.clause,
            str(edition_id),
            target.calendar,
            str(target.within),
            "t" if target.pausable and target.basis != "legal" else "f",
            shares,
            target.starts_on,
            target.stops_on,
        )
    )


_known: dict[tuple[object, ...], Any] = {}


def _categories(edition: Edition, kind: str, family: str) -> list[Category]:
    key = ("categories", kind, family)
    if key not in _known:
        leaves = edition.leaves(kind=kind)
        fitting = [one for one in leaves if not one.families or family in one.families]
        _known[key] = fitting or list(leaves)
    kept: list[Category] = _known[key]
    return kept


def _graded(edition: Edition, impact: str, urgency: str, tier: str) -> tuple[str, str]:
    key = ("graded", impact, urgency, tier)
    if key not in _known:
        graded = edition.priority(impact=impact, urgency=urgency, tier=tier)
        _known[key] = (graded.priority, graded.clause)
    kept: tuple[str, str] = _known[key]
    return kept


def _targets(
    edition: Edition,
    kind: str,
    priority: str,
    region_type: str,
    family: str,
    tier: str,
    category: str,
) -> tuple[Target, ...]:
    key = ("targets", kind, priority, region_type, family, tier, category)
    if key not in _known:
        _known[key] = edition.targets(
            kind=kind,
            priority=priority,
            region_type=region_type,
            family=family,
            tier=tier,
            category=category,
        )
    kept: tuple[Target, ...] = _known[key]
    return kept


def _planned(target: Target, edition_id: int, at: int) -> tuple[int, list[int], bool]:
    """Return when a limit is due, when to warn, and whether the calendar is still provisional."""
    key = ("limit", id(target))
    if key not in _known:
        samples = [_plan(target, edition_id, start) for start in (at, at + 12_345, at - 987_654)]
        away = [
            (due - start, [one - start for one in warnings])
            for (due, warnings, _), start in zip(
                samples, (at, at + 12_345, at - 987_654), strict=True
            )
        ]
        # Round the clock a limit is always as long; only others are counted one by one.
        _known[key] = away[0] if away[0] == away[1] == away[2] else None
    same = _known[key]
    if same is None:
        return _plan(target, edition_id, at)
    length, warnings = same
    return at + length, [at + one for one in warnings], False


def _plan(target: Target, edition_id: int, at: int) -> tuple[int, list[int], bool]:
    since = datetime.fromtimestamp(at, UTC)
    clock = clocks.planned("", target, edition_id, since=since, applies_from=since)
    due_at = int(clock.due_at.timestamp())
    if len(target.warn_at) > 1:
        # Where the calendar has gaps the later warnings are near enough as shares of it.
        warnings = [at + int((due_at - at) * share) for share in target.warn_at]
    else:
        warnings = []
    if clock.warn_at is not None:
        warnings[:1] = [int(clock.warn_at.timestamp())]
    return due_at, sorted(warnings), clock.is_provisional
