"""Checklists of the standard: ticked by whoever did it, and required where the standard says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.factories import worlds

from changtong.infra.clock import now
from changtong.journal import queries as journal
from changtong.kernel.errors import Missing, Refused
from changtong.parties.domain.roles import Role
from changtong.standard import queries as standard
from changtong.tickets.operations import closing, ticking, working
from changtong.tickets.queries.ticks import ticks_of


pytestmark = pytest.mark.django_db

BY = {"actor": "system:test"}


@pytest.fixture
def number(monkeypatch):
    """A fault being handled, whose edition requires the first item of its list."""
    worlds.publish_standard()
    district = worlds.build_district("花园", "410105", phone="13800001111", customer="王芳")
    ticket = worlds.open_in(district, at=now(), kind="fault", category="fault.broadband.no_link")
    at = now()
    holder = district.staff[Role.TECHNICIAN].pk
    working.assign(
        number=ticket.number, team_id=None, assignee_id=holder, clause="6.2", at=at, **BY
    )
    working.start(number=ticket.number, at=at, **BY)
    edition = standard.read(ticket.edition_id)
    wanted = edition.checklists_of(kind="fault", category=ticket.category)[0]
    first = replace(wanted.items[0], required=True)
    required = replace(wanted, items=(first, *wanted.items[1:]))
    others = tuple(one for one in edition.checklists if one.code != wanted.code)
    strict = replace(edition, checklists=(required, *others))
    monkeypatch.setattr(standard, "read", lambda _edition: strict)
    return ticket.number


def resolve(number):
    edition = standard.read(0)
    cause, fix = edition.causes(kind="fault")[0].code, edition.fixes(kind="fault")[0].code
    words = {"result": "更换光猫后恢复", "advice": "", "retest_passed": True}
    return closing.resolve(number=number, cause=cause, fix=fix, at=now(), **words, **BY)


def test_without_what_is_required_there_is_no_result(number):
    with pytest.raises(Refused) as refused:
        resolve(number)
    assert refused.value.code == "checklist.unfinished"
    assert refused.value.clause == "8.2"

    ticking.tick(number=number, item="fault.tested", at=now(), **BY)

    assert resolve(number).result == "更换光猫后恢复"


def test_a_tick_counts_once_and_can_be_taken_back_with_its_trace(number):
    at = now()

    assert ticking.tick(number=number, item="fault.tested", at=at, **BY)
    assert not ticking.tick(number=number, item="fault.tested", at=at, **BY)
    assert ticking.take_back(number=number, item="fault.tested", at=at, **BY)
    assert not ticking.take_back(number=number, item="fault.tested", at=at, **BY)

    assert ticks_of(number) == {}
    tags = [one.tag for one in journal.timeline(number) if one.tag.startswith("item.")]
    assert tags == ["item.ticked", "item.taken_back"]
    with pytest.raises(Refused, match=r"checklist\.unfinished"):
        resolve(number)


def test_only_what_the_case_asks_for_can_be_ticked_while_it_is_handled(number):
    with pytest.raises(Missing, match=r"checklist\.item_unknown"):
        ticking.tick(number=number, item="complaint.contacted", at=now(), **BY)
    ticking.tick(number=number, item="fault.tested", at=now(), **BY)
    resolve(number)

    with pytest.raises(Refused, match=r"checklist\.not_handled"):
        ticking.take_back(number=number, item="fault.tested", at=now() + timedelta(1), **BY)
