"""A customer complains, refuses the first answer, rates the second low, and is called."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_complaint(stage):
    page = stage.page
    number = stage.report("complaint", "服务态度差", "营业厅人员态度恶劣，推诿。")
    stage.work()
    stage.log_in(stage.cast.agent)
    stage.case(number)
    stage.step("写记录", type="answer", text="已致电客户道歉并说明处理意见。")
    stage.handle_at_desk(number, "已对当事人批评教育。")
    stage.return_to(number)
    page.get_by_role("button", name="没有解决").click()
    page.get_by_role("dialog").locator("textarea").fill("没有人向我道歉。")
    stage.picture("refusal")
    page.get_by_role("dialog").get_by_role("button", name="继续处理").click()
    expect(page.locator("#result")).to_have_count(0)
    stage.work()

    stage.log_in(stage.cast.agent)
    stage.case(number)
    expect(page.get_by_text("重开 1 次")).to_be_visible()
    stage.picture("reopened")
    if page.locator(".case-actions").get_by_text("开始处理", exact=True).first.is_visible():
        stage.press("开始处理")
        stage.is_now("处理中")
    stage.resolve(number, "班长已上门致歉。")
    stage.return_to(number)
    expect(page.locator("#result").get_by_text("班长已上门致歉")).to_be_visible()
    stage.rate(1, "太慢了")

    stage.log_in(stage.cast.supervisor)
    stage.open("/console/feedback/")
    expect(page.get_by_text("太慢了")).to_be_visible()
    page.get_by_text("登记回访结果").click()
    page.locator("textarea[name=outcome]").fill("已回访致歉，客户接受。")
    stage.picture("follow-up")
    page.get_by_role("button", name="登记回访").click()
    expect(page.get_by_text("没有待回访的低分评价")).to_be_visible()
    assert stage.state_of(number) == "closed"
    assert "sound" in stage.verify(number).lower()
