"""A leader sees who has too much, and gives some of it to somebody else, by hand and by key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from tests.factories import people, worlds
from tests.journeys.keyboard import press

from changtong.dispatch.operations import assigning, rostering
from changtong.infra.clock import now
from changtong.kernel.time import Period
from changtong.tickets import queries


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def team(stage):
    """A leader and two agents on duty; the first has three cases, the second none."""
    leader, busy, free = (
        people.staff(name, role, region="410105")
        for name, role in (("周班长", "leader"), ("林芳", "agent"), ("何静", "agent"))
    )
    people.team("花园二班", leader, busy, free, mode="desk", region="410105")
    at = now()
    by = {"actor": "system:test", "at": at}
    for person in (busy, free):
        people.qualified(person, "customer_care")
        shift = Period(at - timedelta(hours=1), at + timedelta(hours=8))
        rostering.plan_shifts(staff_id=person.pk, periods=[shift], **by)
    numbers = [worlds.open_in(stage.cast.district, at=at).number for _each in range(3)]
    for number in numbers:
        assigning.assign_to(number=number, staff_id=busy.pk, reason="先到先办", **by)
    return leader, busy, free, numbers


def confirm(stage, page, name):
    """Look at what would come of it, then do it."""
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#verdict")).to_contain_text("能办 1 张")
    stage.picture(name, page)
    press(page, "Enter")
    expect(dialog.locator("#verdict")).to_contain_text("已办 1 张")
    press(page, "Escape")
    expect(dialog).to_be_hidden()


def test_a_leader_rebalances(stage, seat, team):
    leader, busy, free, (dragged, keyed, kept) = team
    page = seat(leader)
    page.goto(f"{stage.system.url}/console/board")
    cards = {one: page.locator(f"#lane-{one.pk} [data-card]") for one in (busy, free)}
    expect(cards[busy]).to_have_count(3)
    stage.picture("unfair", page)

    page.locator(f"#card-{dragged}").drag_to(page.locator(f"#lane-{free.pk}"))
    confirm(stage, page, "by-hand")
    expect(cards[free]).to_have_count(1)

    page.locator(f"#card-{keyed} [data-picks]").focus()
    press(page, "Enter")
    wanted = page.locator(f"[data-here='staff:{free.pk}']")
    for _step in range(6):
        if wanted.evaluate("one => one === document.activeElement"):
            break
        press(page, "ArrowDown")
    expect(wanted).to_be_focused()
    press(page, "Enter")
    confirm(stage, page, "by-key")
    expect(cards[free]).to_have_count(2)
    expect(cards[busy]).to_have_count(1)
    stage.picture("fair", page)

    holders = [queries.followed_by_link(one).assignee_id for one in (dragged, keyed, kept)]
    assert holders == [free.pk, free.pk, busy.pk]
