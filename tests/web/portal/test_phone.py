"""A customer with a phone in one hand: reports in under a minute, in large type, in English, and rates."""

from __future__ import annotations

import time
from typing import Any

import pytest
from tests.web.test_accessibility import AXE, RULES, customer, district


__all__ = ["district"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

A_MINUTE = 60
# How long a finger needs from one thing to the next.
A_TAP_MS = 700


@pytest.fixture
def phone(browser: Any, client: Any, live_system: Any, district: Any) -> Any:
    context = browser.new_context(
        locale="zh-CN",
        viewport={"width": 360, "height": 740},
        has_touch=True,
        service_workers="block",
    )
    context.set_default_timeout(20_000)
    session = customer(client, district).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_system.url}])
    page = context.new_page()
    yield page
    context.close()


def tap(page: Any, thing: Any) -> None:
    page.wait_for_timeout(A_TAP_MS)
    thing.scroll_into_view_if_needed()
    box = thing.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def too_wide(page: Any) -> int:
    return int(
        page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )


def violations(page: Any) -> list[str]:
    # High enough for nothing to lie under the bar at the bottom, as it does only until one scrolls.
    page.set_viewport_size({"width": 360, "height": 4000})
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    return [
        f"{one['id']} {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]
    ]


def test_a_fault_is_reported_in_under_a_minute(phone, live_system, district):
    district.customer.email = "wang@example.cn"
    district.customer.save(update_fields=["email"])
    begun = time.monotonic()
    phone.goto(f"{live_system.url}/")
    tap(phone, phone.locator(".report-button"))
    phone.wait_for_url("**/portal/report/fault**")
    tap(phone, phone.locator("#suggestions label").nth(1))
    tap(phone, phone.get_by_role("button", name="提交"))
    # The line has other open faults: is it one of them? No.
    another = phone.locator("[name=same_as][value='']")
    another.wait_for()
    tap(phone, another)
    tap(phone, phone.get_by_role("button", name="提交"))
    phone.wait_for_url("**/portal/tickets/GD*")

    assert time.monotonic() - begun < A_MINUTE
    assert phone.locator(".standing strong").inner_text()
    assert too_wide(phone) == 0


def test_large_type_is_large_fits_and_stays(phone, live_system, district):
    phone.goto(f"{live_system.url}/")
    usual = phone.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    tap(phone, phone.locator("[data-toggles=type]"))
    for path in ("/", "/portal/report/fault", "/portal/tickets/", "/portal/mine"):
        phone.goto(f"{live_system.url}{path}")
        large = phone.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
        assert large >= usual * 1.25, path
        assert too_wide(phone) == 0, path
        assert violations(phone) == [], path


def test_everything_is_in_english(phone, live_system, district):
    phone.context.add_cookies([{"name": "django_language", "value": "en", "url": live_system.url}])
    resolved = district.tickets["resolved"].number
    for path in (
        "/",
        "/portal/report/fault",
        "/portal/check",
        "/portal/check/broadband",
        "/portal/mine",
        f"/portal/tickets/{resolved}",
    ):
        phone.goto(f"{live_system.url}{path}")
        assert phone.evaluate("document.documentElement.lang") == "en"
        assert violations(phone) == [], path
        assert too_wide(phone) == 0, path


@pytest.mark.parametrize("path", ["/", "/portal/report/fault", "/portal/tickets/"])
def test_a_page_itself_is_light(client, district, path):
    answer = customer(client, district).get(path)

    assert len(answer.content) < 100 * 1024
