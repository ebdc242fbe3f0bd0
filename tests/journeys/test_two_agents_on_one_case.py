"""Two agents open the same case: they see each other, and nobody's work is lost in silence."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.factories import people, worlds

from changtong.infra.clock import now
from changtong.tickets import queries
from changtong.tickets.domain.lifecycle import State


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CLAIMED = "已接下这张工单"


@pytest.fixture
def number(stage):
    """A case that nobody has yet."""
    return worlds.open_in(stage.cast.district, at=now()).number


@pytest.fixture
def desks(stage, seat, number):
    """Both agents, each with the case on their screen."""
    colleague = people.staff("林芳", "agent", region="410105")
    people.qualified(colleague, "customer_care")
    pages = [seat(stage.cast.agent), seat(colleague)]
    for page in pages:
        page.goto(f"{stage.system.url}/console/tickets/{number}")
    return pages


def change(page, **chosen):
    """Open the form for category and grade and choose, without sending."""
    page.get_by_role("button", name="其他操作").click()
    page.locator("#steps").get_by_text("改分类或优先级", exact=True).click()
    again(page, **chosen)


def again(page, **chosen):
    dialog = page.get_by_role("dialog")
    for field, value in chosen.items():
        dialog.locator(f"[name={field}]").select_option(value)
    dialog.locator("[name=reason]").fill("客户来电核实")


def send(page):
    page.get_by_role("dialog").get_by_role("button", name="改分类或优先级").click()


def graded(number):
    ticket = queries.followed_by_link(number)
    return ticket.impact, ticket.urgency


def test_two_agents_see_each_other(stage, seat, number, live_program, desks):
    mine, theirs = desks
    expect(mine.locator(".company")).to_have_text("林芳 在看")
    expect(theirs.locator(".company")).to_have_text("赵敏 在看")

    theirs.locator(".composer-text").press_sequentially("正在联系客户")

    expect(mine.locator(".company")).to_have_text("林芳 正在输入")
    stage.picture("one-writes", mine)
    theirs.close()
    expect(mine.locator(".company")).to_have_text("")


def test_two_agents_save_different_fields_and_both_are_kept(stage, number, desks):
    mine, theirs = desks
    change(mine, impact="group")
    change(theirs, urgency="high")

    send(theirs)
    expect(theirs.get_by_role("dialog")).to_be_hidden()
    send(mine)
    expect(mine.get_by_role("dialog")).to_be_hidden()

    assert graded(number) == ("group", "high")


def test_two_agents_save_the_same_field_and_the_second_is_asked(stage, number, desks):
    mine, theirs = desks
    change(mine, impact="group")
    change(theirs, impact="area")
    send(theirs)
    expect(theirs.get_by_role("dialog")).to_be_hidden()

    send(mine)

    asked = mine.get_by_role("dialog").get_by_text("您打开后别人已改为“片区”，您选的是“多个客户”")
    expect(asked).to_be_visible()
    assert graded(number)[0] == "area"
    stage.picture("asked", mine)
    again(mine, impact="group")
    send(mine)
    expect(mine.get_by_role("dialog")).to_be_hidden()
    assert graded(number)[0] == "group"


def test_two_agents_claim_and_one_has_it(stage, number, desks):
    mine, theirs = desks
    for page in desks:
        expect(page.locator(".case-actions").get_by_text("领取", exact=True).first).to_be_visible()

    for page in desks:
        page.locator(".case-actions").get_by_text("领取", exact=True).first.click()

    expect(theirs.locator("#answer")).to_contain_text("赵敏")
    expect(theirs.locator("#answer")).to_contain_text(CLAIMED)
    stage.picture("too-late", theirs)
    expect(mine.locator(".case-head")).to_contain_text("赵敏")
    ticket = queries.followed_by_link(number)
    assert (ticket.state, ticket.assignee_id) == (State.ASSIGNED, stage.cast.agent.pk)
