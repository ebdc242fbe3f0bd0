"""The stage of every story: the running site, a mailbox, a telephone, and a browser."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp.web import AppRunner, TCPSite
from django.db import connections
from django.test import Client
from playwright.sync_api import expect
from tests.factories import cast, people
from tests.integration.feedback.conftest import MailServer, SmsServer, mail, sms

from changtong.archive import queries as archive
from changtong.intake.models import OneTimeCode
from changtong.tickets import queries as tickets
from changtong.web.live.serving import Live


if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from tests.conftest import LiveSystem


__all__ = ["mail", "sms"]

# A machine that does other things, too, needs its time for a page.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS / 2)

VERIFIER = Path(__file__).resolve().parents[2] / "tools/verify_case_file.py"
NUMBER = re.compile(r"GD\d{8}-\d{6}")


@dataclass
class Stage:
    """What the people of a story do, in the words of a story."""

    system: LiveSystem
    page: Page
    mail: MailServer
    sms: SmsServer
    cast: cast.Cast
    story: str
    pictures: int = 0

    def open(self, path: str) -> None:
        self.page.goto(f"{self.system.url}{path}")

    def work(self) -> list[str]:
        """Let the worker do all that is due."""
        return self.system.run_jobs()

    def picture(self, name: str, page: Page | None = None) -> None:
        """Keep what the page looks like now, if somebody wants to look."""
        folder = os.environ.get("CHANGTONG_TEST_SCREENSHOTS")
        if folder:
            page = page or self.page
            self.pictures += 1
            page.wait_for_timeout(250)
            path = Path(folder) / f"{self.story}-{self.pictures:02d}-{name}.png"
            page.screenshot(path=path, full_page=True)

    # -- the customer ------------------------------------------------------------------

    def prove_number(self, phone: str = cast.PHONE) -> None:
        """Type the number, get the code by text message, type the code."""
        self.page.get_by_label(self.words("手机号码", "Mobile number")).fill(phone)
        self.picture("number")
        self.page.get_by_role("button", name=self.words("获取验证码", "Get a code")).click()
        field = self.page.get_by_label(self.words("短信验证码", "Code from the SMS"))
        field.wait_for()
        self.work()
        code = re.search(r"\d{6}", self.sms.received[-1]["text"])
        assert code is not None
        field.fill(code[0])
        self.page.get_by_role("button", name=self.words("确认", "Confirm")).click()

    @property
    def english(self) -> bool:
        # Not evaluated in the page, which may be between two documents.
        return (self.page.locator("html").get_attribute("lang") or "").startswith("en")

    def words(self, chinese: str, english: str) -> str:
        return english if self.english else chinese

    def number(self) -> str:
        """Return the number of the ticket in the address."""
        self.page.wait_for_url(NUMBER)
        found = NUMBER.search(self.page.url)
        assert found is not None
        return found[0]

    def report(self, kind: str, title: str, description: str, *, anew: bool = False) -> str:
        """
        Report a matter in the portal; return the number that the page shows.

        :param anew: an open case is offered as the same matter, and it is another
        """
        self.open(f"/portal/report/{kind}")
        self.prove_number()
        title_field = self.page.get_by_label(self.words("一句话说明", "In one sentence"))
        title_field.fill(title)
        self.page.get_by_label(self.words("详细情况", "Details")).fill(description)
        self.picture("report")
        send = self.page.get_by_role("button", name=self.words("提交", "Submit"))
        send.click()
        if anew:
            other = self.words("不是，是另外一件事", "No, it is something else")
            self.page.get_by_label(other).check()
            send.click()
        number = self.number()
        expect(self.page.get_by_text(self.words("我们已收到", "We have received"))).to_be_visible()
        self.picture("received")
        return number

    def return_to(self, number: str) -> None:
        """Come back as the customer, with a new code, to the page of the matter."""
        OneTimeCode.objects.all().delete()
        self.page.context.clear_cookies()
        self.open(f"/portal/login?next=/portal/tickets/{number}")
        self.prove_number()
        self.number()

    def rate(self, score: int, comment: str = "") -> None:
        """Give stars, which also accepts the result."""
        self.page.locator(f"input[name=score][value='{score}']").check(force=True)
        if comment:
            self.page.locator("textarea[name=comment]").fill(comment)
        self.picture("rating")
        self.page.get_by_role("button", name=self.words("提交评价", "Submit rating")).click()
        expect(self.page.get_by_text(self.words("您的评价", "Your rating")).first).to_be_visible()
        self.work()
        self.page.reload()
        self.picture("rated")

    # -- staff -------------------------------------------------------------------------

    def log_in(self, person: Any) -> None:
        self.page.context.clear_cookies()
        self.open("/accounts/login/?next=/console/")
        self.page.locator("input[name=login]").fill(person.username)
        self.page.locator("input[name=password]").fill(people.PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url("**/console/**")

    def case(self, number: str) -> None:
        self.open(f"/console/tickets/{number}")

    def is_now(self, state: str) -> None:
        """See that the case says so at its head."""
        head = self.page.locator(".case-head .tag").get_by_text(state, exact=True)
        expect(head.first).to_be_visible(timeout=15_000)

    def press(self, name: str) -> None:
        """Press the next step of the case that is open."""
        self.page.locator(".case-actions").get_by_text(name, exact=True).first.click()

    def step(self, name: str, **given: str) -> None:
        """Take another step of the case: open its form, fill it in, send it."""
        following = self.page.locator(".case-actions > a, .case-actions > button").first
        if name not in following.inner_text():
            self.page.get_by_role("button", name="其他操作").click()
        self.page.locator(".case-actions").get_by_text(name, exact=True).first.click()
        dialog = self.page.get_by_role("dialog")
        for label, value in given.items():
            field = dialog.locator(f"[name={label}]")
            chosen = field.evaluate("field => field.tagName") == "SELECT"
            (field.select_option if chosen else field.fill)(value)
        self.picture(name)
        dialog.locator("form").get_by_role("button", name=name).click()
        expect(dialog).to_be_hidden()

    def handle_at_desk(self, number: str, result: str) -> None:
        """Begin and resolve the case as the agent who was given it."""
        self.case(number)
        self.picture("case-assigned")
        self.press("开始处理")
        self.is_now("处理中")
        self.resolve(number, result)

    def resolve(self, number: str, result: str) -> None:
        self.press("提交处理结果")
        dialog = self.page.get_by_role("dialog")
        dialog.locator("[name=result]").fill(result)
        for name in ("cause", "fix"):
            if dialog.locator(f"select[name={name}]").count():
                dialog.locator(f"select[name={name}]").select_option(index=1)
        self.picture("resolution")
        dialog.locator("form").get_by_role("button", name="提交处理结果").click()
        self.is_now("待确认")
        self.work()

    # -- what is true in the end --------------------------------------------------------

    def state_of(self, number: str) -> str:
        return str(
            tickets.visible_to(people.viewer(self.cast.supervisor)).get(number=number).state
        )

    def verify(self, number: str) -> str:
        """Let the stand-alone script judge the sealed file; return what it says."""
        record = archive.record_of(number)
        assert record is not None, f"{number} was not filed"
        done = subprocess.run(
            [sys.executable, "-I", VERIFIER, archive.package_of(record)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def stage(
    request: pytest.FixtureRequest,
    settings: Any,
    tmp_path: Path,
    live_system: LiveSystem,
    page: Page,
    mail: MailServer,
    sms: SmsServer,
) -> Stage:
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    settings.FILES_ROOT = tmp_path / "files"
    settings.SEALS_FILE = tmp_path / "seals.log"
    settings.PUBLIC_URL = live_system.url
    page.context.set_default_timeout(PATIENCE_MS)
    name = request.node.name.removeprefix("test_").split("[")[0]
    return Stage(live_system, page, mail, sms, cast.assemble(), name)


Seat = Callable[[Any], "Page"]


@pytest.fixture
def seat(browser: Browser, live_system: LiveSystem) -> Iterator[Seat]:
    """Return a function that gives somebody a browser of their own, already logged in."""
    contexts = []

    def sit(person: Any) -> Page:
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_system.url}])
        contexts.append(context)
        return context.new_page()

    yield sit
    for context in contexts:
        context.close()


@pytest.fixture
def live_program(settings: Any, stage: Stage) -> Iterator[None]:
    """Run the live program beside the site, so that screens hear of each other."""
    loop = asyncio.new_event_loop()
    listening: Future[int] = Future()
    ended = asyncio.Event()

    async def run() -> None:
        live = Live()
        runner = AppRunner(live.application(), handler_cancellation=True, shutdown_timeout=1)
        await runner.setup()
        await TCPSite(runner, "127.0.0.1", 0).start()
        listening.set_result(runner.addresses[0][1])
        await ended.wait()
        await live._ask(connections.close_all)
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    settings.LIVE_PORT = listening.result(timeout=20)
    yield
    loop.call_soon_threadsafe(ended.set)
    thread.join(timeout=20)
    loop.close()
