"""A customer orders a change and says nothing afterwards: silence is consent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from changtong.feedback.operations import ending
from changtong.infra.clock import now


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_service_request(stage):
    page = stage.page
    number = stage.report("service_request", "宽带套餐变更", "想把宽带套餐变更为 1000M。")
    stage.work()
    stage.log_in(stage.cast.agent)
    stage.handle_at_desk(number, "套餐已变更，下月生效。")
    stage.return_to(number)
    expect(page.locator("#result").get_by_text("套餐已变更")).to_be_visible()
    stage.picture("result")

    assert ending.take_silence_as_consent(at=now() + timedelta(days=30)) == 1
    stage.work()

    page.reload()
    expect(page.get_by_text("已办结").first).to_be_visible()
    stage.picture("closed-by-silence")
    assert "sound" in stage.verify(number).lower()
