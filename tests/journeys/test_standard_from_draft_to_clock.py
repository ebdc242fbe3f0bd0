"""A compliance officer makes one limit stricter; the next fault there is due by it, and says why."""

from __future__ import annotations

import re
from datetime import timedelta

import pypdfium2
import pytest
from playwright.sync_api import expect
from tests.factories.intake import report

from changtong.clocks.models import Clock
from changtong.infra.clock import now
from changtong.standard import queries
from changtong.tickets.models import Ticket
from changtong.tickets.operations import opening


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = "金水区宽带故障三小时内恢复。"


def test_standard(stage):
    page = stage.page
    page.context.set_default_timeout(60_000)
    earlier = opened_before(stage)
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

    rehearse(stage, draft)
    page.goto(f"{draft}/review")
    expect(page.locator("#rehearsed")).to_contain_text("重算案件")
    stage.picture("review")
    page.get_by_role("button", name="送审").click()
    expect(page.get_by_text("须由另一人批准")).to_be_visible()

    approve_and_publish(stage, draft)

    # A new fault in the region takes it, and its page says by which clause it is due.
    edition = queries.editions().first()
    assert edition.version == "1.1.0"
    number = stage.report("fault", "宽带断网", "早上起光猫红灯亮，不能上网。", anew=True)
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

    migrate(stage, earlier, edition)
    print_handbook(stage, edition)


def opened_before(stage):
    """Open a fault under the edition that is about to be replaced; return its number."""
    line = stage.cast.line
    opened = opening.open_ticket(
        report=report(category="fault.broadband.no_link"),
        region=line.region,
        customer=stage.cast.customer,
        line=line,
        actor=stage.cast.agent.actor,
        at=now() - timedelta(hours=1),
        by_agent=True,
    )
    return opened.number


def rehearse(stage, draft):
    """See the effect of the draft on last year before anybody is asked to approve it."""
    page = stage.page
    page.goto(f"{draft}/review")
    expect(page.locator("#rehearsed")).to_contain_text("还没有用历史案件预演过")
    page.get_by_role("link", name="去预演").click()
    page.get_by_role("button", name="开始预演").click()
    page.wait_for_url(re.compile(r"/rehearsals/\d+$"))
    stage.work()
    page.reload()
    row = page.locator("#clauses tr", has_text="§13.4").first
    expect(row).to_contain_text("恢复")
    stage.picture("rehearsal")


def migrate(stage, number, edition):
    """Move the case from before to the new edition, its effect seen and confirmed."""
    page = stage.page
    stage.log_in(stage.cast.manager)
    stage.open("/console/standard/editions")
    page.get_by_role("link", name=f"转换在办工单 {edition.version}").click()
    expect(page.get_by_text("有 1 件还按其他版次")).to_be_visible()
    page.locator("#asking").get_by_role("button", name="测算影响").click()
    page.wait_for_url(re.compile(r"/conversions/\d+$"))
    stage.work()
    page.reload()
    expect(page.locator("#examples")).to_contain_text(number)
    stage.picture("effect")
    page.get_by_label("理由").fill("同一小区新旧时限并行，客户分不清")
    page.get_by_role("button", name="确认转换").click()
    expect(page.locator("#record")).to_contain_text("同一小区新旧时限并行")
    stage.work()
    page.reload()
    expect(page.locator("#record")).to_contain_text("已转换")
    stage.picture("moved")
    assert Ticket.objects.get(number=number).edition_id == edition.pk
    clock = Clock.objects.exclude(state="void").get(
        subject=number, metric="restoration", basis="promise"
    )
    assert clock.within == "3h"


def print_handbook(stage, edition):
    """Print the handbook of the new edition; it names who approved it."""
    page = stage.page
    stage.open(f"/console/standard/editions/{edition.pk}/handbook")
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    path = download.value.path()
    assert path.read_bytes().startswith(b"%PDF-")
    text = "".join(one.get_textpage().get_text_bounded() for one in pypdfium2.PdfDocument(path))
    assert "梁启航" in text
    assert TEXT[:8] in text


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
