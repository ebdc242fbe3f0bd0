"""A customer's broadband is dead; a technician comes, and the matter ends as a sealed file."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def repair(stage, number):
    page = stage.page
    stage.log_in(stage.cast.technician)
    stage.open("/console/work/")
    stage.picture("technician-work")
    page.get_by_role("button", name="接单并出发").click()
    expect(page.get_by_role("button", name="已到场")).to_be_visible()
    page.get_by_role("button", name="已到场").click()
    expect(page.get_by_text("完成：提交结果").first).to_be_visible()
    page.get_by_role("link", name="测量").click()
    page.locator("dialog [name=item]").fill("光功率")
    page.locator("dialog [name=value]").fill("-21.3")
    page.locator("dialog [name=unit]").fill("dBm")
    stage.picture("technician-measures")
    page.get_by_role("dialog").locator("form").get_by_role("button").last.click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("link", name="完成：提交结果").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[name=cause]").select_option(index=1)
    dialog.locator("[name=fix]").select_option(index=1)
    dialog.locator("[name=result]").fill("更换入户尾纤，光功率恢复正常。")
    dialog.locator("[name=advice]").fill("请勿弯折尾纤。")
    dialog.locator("[name=retest_passed]").check()
    stage.picture("technician-resolves")
    dialog.get_by_role("button", name="提交处理结果").click()
    expect(page.get_by_text("已提交，客户会收到结果")).to_be_visible()
    stage.work()
    page.reload()
    expect(page.get_by_text("现在没有派给您的工作")).to_be_visible()
    stage.open(f"/console/tickets/{number}")
    stage.picture("case-resolved")


def story(stage):
    """Tell it from the report to the sealed file; return the number."""
    page = stage.page
    number = stage.report("fault", "宽带断网，光猫红灯闪", "今天早上开始完全上不了网，重启无效。")
    stage.work()
    page.reload()
    expect(page.get_by_text("李强").first).to_be_visible()
    stage.picture("assigned")
    repair(stage, number)
    told = [one for one in stage.mail.received if "更换入户尾纤" in one.get_content()]
    assert len(told) == 1
    stage.return_to(number)
    expect(page.locator("#result").get_by_text("更换入户尾纤")).to_be_visible()
    stage.picture("result")
    stage.rate(5)
    expect(page.get_by_text("已办结").first).to_be_visible()
    assert stage.state_of(number) == "closed"
    return number


def test_fault(stage):
    number = story(stage)

    assert "sound" in stage.verify(number).lower()


def test_fault_on_a_telephone(stage):
    stage.page.set_viewport_size({"width": 360, "height": 740})

    number = story(stage)

    assert "sound" in stage.verify(number).lower()


def test_fault_in_english(stage):
    page = stage.page
    stage.open("/")
    page.get_by_role("button", name="EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")

    number = stage.report(
        "fault", "宽带断网 no internet", "The red light is on since this morning."
    )
    stage.work()
    page.reload()

    expect(page.get_by_text("李强").first).to_be_visible()
    stage.picture("assigned")
    assert any(
        "fault" in one["text"].lower() for one in stage.sms.received if number in one["text"]
    )
