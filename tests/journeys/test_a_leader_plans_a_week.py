"""A leader plans next week by key, and sees what taking somebody off duty does to a customer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.timezone import localtime
from playwright.sync_api import expect
from tests.factories import people, worlds
from tests.journeys.keyboard import press

from changtong.dispatch.operations import assigning
from changtong.dispatch.queries import rosters
from changtong.infra.clock import now


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_leader_plans_a_week(stage, seat):
    leader, agent = (
        people.staff(name, role, region="410105")
        for name, role in (("周班长", "leader"), ("林芳", "agent"))
    )
    people.team("花园二班", leader, agent, mode="desk", region="410105")
    people.qualified(agent, "customer_care")
    today = localtime(now()).date()
    monday = today + timedelta(days=7 - today.weekday())
    page = seat(leader)
    page.goto(f"{stage.system.url}/console/roster?day={monday}")
    row = page.get_by_role("row").filter(has_text="林芳")
    expect(page.locator("tfoot").get_by_text("08:00–20:00")).to_have_count(7)

    # From the leader's Monday down to the agent's, or the other way round.
    row.locator("[data-cell]").nth(1).focus()
    press(page, "ArrowLeft")
    press(page, "Enter")
    page.get_by_role("dialog").get_by_role("button", name="08:00–20:00").click()
    chip = row.locator(".roster-chip")
    expect(chip).to_have_text("08:00–20:00")
    expect(page.locator("tfoot").get_by_text("08:00–20:00")).to_have_count(6)
    stage.picture("planned", page)

    ticket = worlds.open_in(stage.cast.district, at=now())
    order = assigning.assign_to(
        number=ticket.number, staff_id=agent.pk, reason="先到先办", actor="system:test", at=now()
    )
    at = rosters.midnight(monday) + timedelta(hours=9)
    order.bookings.create(staff=agent, period=DateTimeTZRange(at, at + timedelta(hours=1)))
    page.reload()
    row.locator("[data-cell]").first.focus()
    press(page, "Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 项预约")
    expect(dialog).to_contain_text(ticket.number)
    stage.picture("consequence", page)
    expect(chip).to_have_count(1)

    dialog.get_by_text("保留").click()
    dialog.get_by_role("button", name="移除班次").click()
    expect(chip).to_have_count(0)
