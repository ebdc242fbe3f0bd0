"""A customer asks; the desk asks back, answers, and the matter ends as a sealed file."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_enquiry(stage):
    page = stage.page
    number = stage.report("enquiry", "怎么设置路由器", "路由器怎么设置密码，使用方法是什么？")
    stage.work()
    stage.log_in(stage.cast.agent)
    stage.case(number)
    stage.step("请客户补充", question="路由器是什么型号？")
    stage.work()
    stage.return_to(number)
    expect(page.get_by_text("路由器是什么型号？").first).to_be_visible()
    stage.picture("asked")
    page.locator("#supplement textarea").fill("AX3000")
    page.get_by_role("button", name="提交补充").click()
    expect(page.locator("#supplement")).to_have_count(0)
    stage.work()
    stage.log_in(stage.cast.agent)
    stage.case(number)
    page.get_by_role("link", name="附件与补充").click()
    expect(page.get_by_text("AX3000").first).to_be_visible()

    stage.handle_at_desk(number, "登录 192.168.1.1 后在无线设置中修改密码。")
    stage.return_to(number)
    expect(page.locator("#result").get_by_text("无线设置")).to_be_visible()
    stage.rate(4)

    expect(page.get_by_text("已办结").first).to_be_visible()
    assert "sound" in stage.verify(number).lower()
