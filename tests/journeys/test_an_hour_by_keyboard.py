"""An agent's hour in short: twenty cases, taken, noted on and resolved without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.factories import worlds
from tests.journeys.keyboard import press

from changtong.infra.clock import now
from changtong.tickets import queries
from changtong.tickets.domain.lifecycle import State


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CASES = 20
TABS_AT_MOST = 40
COUNT_POINTERS = """
addEventListener("pointerdown", () =>
  sessionStorage.setItem("pointers", Number(sessionStorage.getItem("pointers")) + 1), true)
"""


def walk_to(page, selector):
    """Press Tab until the field or button has the focus."""
    for _ in range(TABS_AT_MOST):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        press(page, "Tab")
    raise AssertionError(f"no way to {selector} by keyboard")


def write_note(page, text):
    press(page, "m")
    expect(page.locator(".composer-text")).to_be_focused()
    page.keyboard.insert_text(text)
    walk_to(page, ".composer-send")
    press(page, "Enter")
    expect(page.locator(".stream").get_by_text(text)).to_be_visible()


def resolve(stage, page):
    """Begin, then write the result into the form that the same key opens."""
    expect(page.locator(".case-actions").get_by_text("开始处理", exact=True)).to_be_visible()
    # What changed may be shown before the page is loaded again, and a key pressed between is lost.
    with page.expect_navigation():
        press(page, "x")
    expect(page.locator(".case-actions").get_by_text("提交处理结果", exact=True)).to_be_visible()
    press(page, "x")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[name=result]")).to_be_visible()
    walk_to(page, "dialog [name=result]")
    page.keyboard.insert_text("已在电话中说明操作步骤，客户照做后成功。")
    for name in ("cause", "fix"):
        if dialog.locator(f"select[name={name}]").count():
            walk_to(page, f"dialog select[name={name}]")
            press(page, "ArrowDown")
    walk_to(page, "dialog .form-actions .btn-primary")
    with page.expect_navigation():
        press(page, "Enter")
    stage.page = page
    stage.is_now("待确认")


def test_an_hour_by_keyboard(stage, seat):
    numbers = {
        worlds.open_in(stage.cast.district, at=now(), title=f"怎么设置路由器 {place}").number
        for place in range(CASES)
    }
    page = seat(stage.cast.agent)
    page.add_init_script(COUNT_POINTERS)
    page.goto(f"{stage.system.url}/console/")
    press(page, "Control+k")
    typed = page.locator(".palette-input")
    expect(typed).to_be_focused()
    press(page, "Escape")
    expect(typed).to_be_hidden()
    expect(typed).not_to_be_focused()
    # An agent begins in the queue: its address does not tell that it has been loaded again.
    with page.expect_navigation(url="**/console/tickets/"):
        press(page, "g")
        press(page, "t")
    done = set()
    for place in range(CASES):
        before = page.url
        press(page, "t")
        page.wait_for_url(lambda url, before=before: url != before and "/GD" in url)
        done.add(page.url.rsplit("/", 1)[-1].partition("?")[0])
        if place == 0:
            write_note(page, "客户说话慢，请耐心。")
        resolve(stage, page)
    stage.picture("last", page)

    assert done == numbers
    states = {queries.followed_by_link(number).state for number in numbers}
    assert states == {State.RESOLVED}
    assert page.evaluate("sessionStorage.getItem('pointers')") is None
