"""Every main page, light and dark: no violation of WCAG 2.2 AA, no error, nothing too wide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.factories import worlds

from changtong.parties.domain.roles import Role
from changtong.web.ui.auth import PORTAL_PHONE


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
THEMES = ("light", "dark")
PORTAL = ("/", "/portal/login", "/portal/report/fault", "/portal/tickets/", "/portal/help/")
PORTAL_TICKETS = ("acknowledged", "in_progress", "pending", "resolved", "closed")
# The role that meets a page, and the page.
CONSOLE: tuple[tuple[Role, str], ...] = (
    (Role.SUPERVISOR, "/console/"),
    (Role.AGENT, "/console/tickets/"),
    (Role.AGENT, "/console/tickets/new"),
    (Role.AGENT, "/console/tickets/{in_progress}"),
    (Role.AGENT, "/console/tickets/{pending}/files"),
    (Role.AGENT, "/console/tickets/{closed}/result"),
    (Role.AGENT, "/console/tickets/{rated_low}/feedback"),
    (Role.AGENT, "/console/tickets/{in_progress}/resolution"),
    (Role.AGENT, "/console/customers/?q={line}"),
    (Role.AGENT, "/console/settings/"),
    (Role.AGENT, "/console/phrases/"),
    (Role.AGENT, "/console/macros/"),
    (Role.AGENT, "/console/counters/"),
    (Role.AGENT, "/console/search?q=宽带"),
    (Role.AGENT, "/console/knowledge/"),
    (Role.AGENT, "/console/knowledge/new"),
    (Role.AGENT, "/console/tickets/views/new"),
    (Role.DISPATCHER, "/console/dispatch/"),
    (Role.DISPATCHER, "/console/dispatch/resources"),
    (Role.DISPATCHER, "/console/tickets/{accepted}/assignment"),
    (Role.DISPATCHER, "/console/tickets/{in_progress}/dispatch"),
    (Role.SUPERVISOR, "/console/feedback/"),
    (Role.AGENT, "/console/standard/"),
    (Role.COMPLIANCE, "/console/standard/editions"),
    (Role.COMPLIANCE, "/console/standard/drafts/new"),
    (Role.AUDITOR, "/console/journal/"),
    (Role.ARCHIVIST, "/console/archive/"),
    (Role.ARCHIVIST, "/console/archive/{closed}"),
    (Role.ADMINISTRATOR, "/console/staff/"),
)
# How tall the page is when it has been laid out.
TALL = """new Promise(told => requestAnimationFrame(() => requestAnimationFrame(
    () => told(document.documentElement.scrollHeight))))"""
# At least as high as what stays at the bottom of a window, in pixels.
BAR = 100
TECHNICIAN = ("/console/work/", "/console/tickets/{in_progress}", "/console/tickets/{assigned}")


class Visitor:
    """Goes from page to page and notes what is wrong with each."""

    def __init__(self, browser: Any, url: str, *, theme: str, width: int = 1440) -> None:
        self.url, self.theme = url, theme
        self.context = browser.new_context(
            locale="zh-CN", color_scheme=theme, viewport={"width": width, "height": 800}
        )
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.wrong.append(f"{self.page.url}: {error}"))

    def _hear(self, line: Any) -> None:
        # The live program does not run here; pages ask the site instead.
        if line.type == "error" and "/live/" not in line.location["url"]:
            self.wrong.append(f"{self.page.url}: {line.text}")

    def be(self, client: Any) -> None:
        """Carry the session of a test client."""
        session = client.cookies["sessionid"].value
        self.context.clear_cookies()
        self.context.add_cookies([{"name": "sessionid", "value": session, "url": self.url}])

    def visit(self, path: str) -> None:
        answer = self.page.goto(f"{self.url}{path}", wait_until="load")
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        self.page.wait_for_timeout(150)

    def judge(self, path: str) -> None:
        """Let axe-core judge the page, all of it in sight: a bar that stays hides nothing for good."""
        size = self.page.viewport_size
        height = size["height"]
        # What comes into sight may be taller than was thought of it.
        while height < (whole := self.page.evaluate(TALL)):
            height = whole + BAR
            self.page.set_viewport_size({**size, "height": height})
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
        )
        self.page.set_viewport_size(size)
        self.wrong += [
            f"{path} ({self.theme}): {one['id']} {node['target']} {node['html'][:120]}"
            for one in found["violations"]
            for node in one["nodes"][:3]
        ]

    def measure(self, path: str) -> None:
        too_wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if too_wide > 0:
            self.wrong.append(f"{path}: {too_wide}px too wide")


@pytest.fixture
def district(live_system: Any, settings: Any, tmp_path: Path) -> worlds.District:
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    settings.FILES_ROOT = tmp_path / "files"
    settings.SEALS_FILE = tmp_path / "seals.log"
    worlds.publish_standard()
    made = worlds.build_district("花园", "410105", phone="13800001111", customer="王芳")
    worlds.fill_with_tickets(made)
    return made


def filled(path: str, district: worlds.District) -> str:
    numbers = {state: ticket.number for state, ticket in district.tickets.items()}
    return path.format(**numbers, line=district.line.number)


def customer(client: Any, district: worlds.District) -> Any:
    session = client.session
    session[PORTAL_PHONE] = district.phone
    session.save()
    return client


def portal_pages(district: worlds.District) -> list[str]:
    numbers = [district.tickets[state].number for state in PORTAL_TICKETS]
    return [*PORTAL, *(f"/portal/tickets/{number}" for number in numbers)]


@pytest.mark.parametrize("theme", THEMES)
def test_the_portal_is_accessible(browser, client, live_system, district, theme):
    visitor = Visitor(browser, live_system.url, theme=theme)
    visitor.be(customer(client, district))
    for path in portal_pages(district):
        visitor.visit(path)
        visitor.judge(path)
    visitor.context.close()
    assert not visitor.wrong, "\n".join(visitor.wrong)


@pytest.mark.parametrize("theme", THEMES)
def test_the_console_is_accessible(browser, client, live_system, district, theme):
    visitor = Visitor(browser, live_system.url, theme=theme)
    visitor.visit("/accounts/login/")
    visitor.judge("/accounts/login/")
    for role, template in CONSOLE:
        path = filled(template, district)
        client.force_login(
            district.staff[role], backend="django.contrib.auth.backends.ModelBackend"
        )
        visitor.be(client)
        visitor.visit(path)
        visitor.judge(template)
    visitor.context.close()
    assert not visitor.wrong, "\n".join(visitor.wrong)


def test_nothing_is_too_wide_for_a_telephone(browser, client, live_system, district):
    visitor = Visitor(browser, live_system.url, theme="light", width=360)
    visitor.be(customer(client, district))
    for path in portal_pages(district):
        visitor.visit(path)
        visitor.measure(path)
    client.logout()
    client.force_login(
        district.staff[Role.TECHNICIAN], backend="django.contrib.auth.backends.ModelBackend"
    )
    visitor.be(client)
    for template in TECHNICIAN:
        visitor.visit(filled(template, district))
        visitor.measure(template)
        visitor.judge(template)
    visitor.context.close()
    assert not visitor.wrong, "\n".join(visitor.wrong)
