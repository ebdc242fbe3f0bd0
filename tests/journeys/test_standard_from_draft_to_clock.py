"""A compliance officer makes one limit stricter; the next fault there is due by it, and says why."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from changtong.clocks.models import Clock
from changtong.standard import queries


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = "金水区宽带故障三小时内恢复。"


def test_standard(stage):
    page = stage.page
    page.context.set_default_timeout(60_000)
    draft = begin(stage)

    # One row for one region, tried on a case before anybody sees it.
    page.goto(f"{draft}/limits?metric=restoration")
    page.get_by_role("link", name="增加一行").first.click()
    page.locator("select[name=region]").select_option("410105")
    for name, values in {
        "region_type": ["urban"],
        "priority": ["P1", "P2", "P3", "P4"],
        "family": ["broadband"],
    }.items():
        for value in values:
            page.locator(f"input[name={name}][value={value}]").check(force=True)
    page.locator("input[name=amount]").fill("3")
    stage.picture("row")
    page.locator("form#row").get_by_role("button", name="保存").click()
    page.wait_for_url("**/limits?metric=restoration")
    page.locator("#trial select[name=region]").select_option("410105")
    expect(page.locator("#tried tr[data-marked]")).to_contain_text("3 小时")
    stage.picture("tried")

    # The clause says so too.
    page.goto(f"{draft}/clauses/13.4")
    page.locator("textarea[name=text]").first.fill(TEXT)
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#difference ins").first).to_be_visible()

    page.goto(f"{draft}/review")
    page.get_by_role("button", name="送审").click()
    expect(page.get_by_text("须由另一人批准")).to_be_visible()

    approve_and_publish(stage, draft)

    # A new fault in the region takes it, and its page says by which clause it is due.
    edition = queries.editions().first()
    assert edition.version == "1.1.0"
    number = stage.report("fault", "宽带断网", "早上起光猫红灯亮，不能上网。")
    stage.work()
    stage.log_in(stage.cast.agent)
    stage.case(number)
    stage.picture("case")
    clock = Clock.objects.get(subject=number, metric="restoration", basis="promise")
    page.locator(f"a[href$='/clocks/{clock.pk}']").click()
    why = page.get_by_role("dialog")
    expect(why).to_contain_text(re.compile("时限\\s*3 ?小时"))
    expect(why).to_contain_text("13.4")
    stage.picture("clock")
    assert queries.clause(edition.pk, "13.4").text == TEXT


def begin(stage):
    """Begin a draft from the edition in force; return its address."""
    page = stage.page
    stage.log_in(stage.cast.compliance)
    stage.open("/console/standard/editions")
    page.get_by_role("link", name="起草修订").click()
    page.get_by_label("修订事由").fill("缩短金水区宽带修复时限")
    page.get_by_role("button", name="建立草案").click()
    page.wait_for_url(re.compile(r"/drafts/\d+$"))
    return page.url


def approve_and_publish(stage, draft):
    page = stage.page
    stage.log_in(stage.cast.manager)
    page.goto(f"{draft}/review")
    page.get_by_role("button", name="批准").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("您没有写过其中任何一处")
    stage.picture("approval")
    dialog.get_by_role("button", name="批准").click()
    page.get_by_role("link", name="发布").click()
    expect(page.locator("input[name=version]")).to_have_value("1.1.0")
    stage.picture("publication")
    page.get_by_role("button", name="发布").click()
    page.wait_for_url("**/standard/editions")
    expect(page.get_by_text("现行有效")).to_be_visible()
