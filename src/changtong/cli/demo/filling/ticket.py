"""One ticket, as rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from changtong.cli.demo.filling import clockwork, handling, happenings, limits
from changtong.cli.demo.filling import course as courses
from changtong.cli.demo.filling.copying import instant, iso
from changtong.cli.demo.filling.country import Person, Place
from changtong.cli.demo.filling.course import Course
from changtong.cli.demo.filling.setting import line_id
from changtong.cli.demo.filling.staffing import Crew
from changtong.kernel.ids import dated_number


if TYPE_CHECKING:
    from changtong.cli.demo.filling.stretch import Tickets
    from changtong.standard.domain.rules import Category


LOCAL = timedelta(hours=8)
SAYINGS = (
    "从昨天晚上开始出现，重启设备没有用，请尽快处理。",
    "这个问题已经影响正常使用，希望今天能解决。",
    "请工作人员先电话联系再上门。",
    "之前反映过一次，这次又出现了。",
    "家里有老人小孩，比较着急。",
)


def _urn(shares: dict[str, int]) -> tuple[str, ...]:
    return tuple(name for name, share in shares.items() for _ in range(share))


_CHANNELS, _KINDS = _urn(courses.CHANNELS), _urn(courses.KINDS)


class One:
    """One ticket with all that belongs to it."""

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
            limits.categories(setting.edition, self.kind, self.family)
        )
        self.impact = "group" if chance.random() < 0.06 else self.category.impact  # noqa: PLR2004
        self.urgency = "high" if chance.random() < 0.1 else self.category.urgency  # noqa: PLR2004
        graded = limits.graded(
            setting.edition,
            self.impact,
            self.urgency,
            self.person.tier,
            self.place.path,
            self.place.region_type,
        )
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
        due_at = clockwork.write(self)
        self._ticket(due_at)
        handling.write(self)
        happenings.write(self)

    def at(self, moment: str) -> str | None:
        return instant(self.course.moments.get(moment))

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
            self.at("ticket.accepted"),
            self.at("ticket.responded"),
            self.at("ticket.assigned"),
            self.at("ticket.resolved"),
            self.at("ticket.answered"),
            self.at("ticket.told"),
            self.at("ticket.confirmed"),
            self.confirmed_by,
            self.at("evaluation.requested"),
            closed,
            0,
            because if course.is_final else "",
            "",
            "",
        )
        self.stretch.contacts.add(
            self.channel, self.pk, "f", "t", person.phone, "", "", "[]", self.actor, at
        )

    @property
    def confirmed_by(self) -> str:
        if "ticket.confirmed" not in self.course.moments:
            return ""
        return "system:silence" if self.course.silent else self.actor

    def _decisions(self) -> str:
        edition, at = self.setting.edition, iso(self.course.opened_at)
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
                    "at": iso(accepted_at),
                    "why": {"confidence": 1.0},
                }
            )
        return json.dumps(made, ensure_ascii=False)
