"""What a screen costs whoever looks at it: bytes, answers to keys and clicks, axe's opinion."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page
from playwright.sync_api import Error as BrowserError

from bench.screens import Screen


AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LANGUAGES = ("zh-hans", "en")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SLOWDOWN = 4
DRAWN = "new Promise(told => requestAnimationFrame(() => requestAnimationFrame(told)))"
# How tall the page is when it has been laid out.
TALL = """new Promise(told => requestAnimationFrame(() => requestAnimationFrame(
    () => told(document.documentElement.scrollHeight))))"""
# Of the window, and of what stays at its bottom, in pixels.
HEIGHT, BAR = 900, 100
# What can be pressed without leaving the page.
PRESSABLE = "summary, button[type=button], [popovertarget], [aria-expanded]"
PRESSES = 5
TEXT_BOX = "main input[type=search], main input[type=text], main textarea"
# The browser tells durations in steps of 8 ms, and nothing below 16.
LISTEN = """
window.felt = [];
new PerformanceObserver(list => {
    for (const one of list.getEntries()) {
        if (one.interactionId) window.felt.push([one.duration, one.name]);
    }
}).observe({type: "event", durationThreshold: 16, buffered: true});
"""


class Onlooker:
    """Sits before one screen after the other, as one person with one browser."""

    def __init__(self, browser: Browser, address: str, sessions: dict[str, str]) -> None:
        self._browser, self._address, self._sessions = browser, address, sessions

    def measure(self, screen: Screen) -> dict[str, Any]:
        """Return what the second load transfers, and the slowest answer to a key or a click."""
        context = self._context(screen, "zh-hans")
        page = context.new_page()
        debugger = context.new_cdp_session(page)
        self._load(page, screen)
        received = _Received(debugger, self._address)
        self._load(page, screen)
        figures: dict[str, Any] = {"transfer_kb": round(received.amount / 1000, 1)}
        debugger.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        felt = _interact(page)
        slowest = max(felt, default=[0, "none above 16"])
        context.close()
        return figures | {"interaction_ms": slowest[0], "slowest": slowest[1]}

    def violations(self, screen: Screen) -> list[str]:
        """Return what axe-core finds in either language and theme."""
        found = []
        for language in LANGUAGES:
            context = self._context(screen, language)
            page = context.new_page()
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                page.set_viewport_size({"width": self._width(screen), "height": HEIGHT})
                # Loaded anew: of a page that changes its colors, axe reads some old and some new.
                self._load(page, screen)
                # All of it in sight: a bar that stays at the bottom hides nothing for good.
                height = HEIGHT
                while height < (whole := page.evaluate(TALL)):
                    height = whole + BAR
                    page.set_viewport_size({"width": self._width(screen), "height": height})
                page.evaluate(AXE.read_text(encoding="utf-8"))
                judged = page.evaluate(
                    "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
                )
                found += [
                    f"{language} {theme}: {one['id']} {node['target']} {node['html'][:120]}"
                    for one in judged["violations"]
                    for node in one["nodes"][:3]
                ]
            context.close()
        return found

    def _context(self, screen: Screen, language: str) -> BrowserContext:
        context = self._browser.new_context(
            viewport={"width": self._width(screen), "height": HEIGHT},
            locale=language,
            reduced_motion="reduce",
            service_workers="block",
        )
        cookies = {"django_language": language, "sessionid": self._sessions.get(screen.who, "")}
        context.add_cookies(
            [
                {"name": name, "value": value, "url": self._address}
                for name, value in cookies.items()
                if value
            ]
        )
        context.add_init_script(LISTEN)
        return context

    def _width(self, screen: Screen) -> int:
        return 390 if screen.who in {"customer", "nobody", "technician"} else 1440

    def _load(self, page: Page, screen: Screen) -> None:
        answer = page.goto(f"{self._address}{screen.path}", wait_until="load")
        if answer is None or answer.status != 200:  # noqa: PLR2004 - all is well
            raise RuntimeError(f"{screen.path}: {answer and answer.status}")
        page.wait_for_timeout(700)


class _Received:
    """Counts the bytes that came from our own server over the wire."""

    def __init__(self, debugger: CDPSession, address: str) -> None:
        self.amount = 0.0
        self._own: set[str] = set()
        self._address = address
        debugger.on("Network.requestWillBeSent", self._sent)
        debugger.on("Network.loadingFinished", self._finished)
        debugger.send("Network.enable")

    def _sent(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith(self._address):
            self._own.add(event["requestId"])

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._own:
            self.amount += event["encodedDataLength"]


def _interact(page: Page) -> list[list[Any]]:
    """Press what can be pressed, type, and open the palette; return what each took."""
    at = page.url
    felt: list[list[Any]] = []

    def gather() -> None:
        # Without a window, nothing draws what has not changed; somebody's screen does, at once.
        page.evaluate(DRAWN)
        page.wait_for_timeout(250)
        felt.extend(page.evaluate("window.felt.splice(0)"))

    for _ in range(3):
        page.keyboard.press("Tab")
    gather()
    candidates = page.locator(PRESSABLE)
    pressed = 0
    for place in range(min(candidates.count(), 30)):
        one = candidates.nth(place)
        if pressed == PRESSES or page.url != at:
            break
        with suppress(BrowserError):
            if one.is_visible():
                one.click(timeout=1500)
                pressed += 1
                gather()
                page.keyboard.press("Escape")
                page.evaluate(DRAWN)
    with suppress(BrowserError):
        box = page.locator(TEXT_BOX).first
        if page.url == at and box.is_visible():
            box.press_sequentially("13", delay=80)
            gather()
    if "/console/" in at:
        page.keyboard.press("Control+k")
        gather()
        page.keyboard.type("zj", delay=80)
    gather()
    return felt
