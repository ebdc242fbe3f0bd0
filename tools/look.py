"""
Look at pages as people do: screenshots in every width, theme and language, and axe-core's opinion.

    python tools/look.py http://127.0.0.1:8000/ui/kit --out /tmp/look --widths 1440,1024,360

Exits with 1 if axe-core finds a violation of WCAG 2.2 AA or the console shows an error.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright


AXE = Path(__file__).parents[1] / "frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HEIGHT = 900


def main() -> int:
    """Look at each page once per width, theme and language."""
    wanted = _arguments()
    wanted.out.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    with sync_playwright() as driver:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for address in wanted.addresses:
            for language in wanted.languages.split(","):
                for theme in wanted.themes.split(","):
                    for width in map(int, wanted.widths.split(",")):
                        problems += _look(browser, address, language, theme, width, wanted.out)
        browser.close()
    for problem in dict.fromkeys(problems):
        print(problem)
    print(f"{len(problems)} problems; pictures in {wanted.out}")
    return 1 if problems else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("addresses", nargs="+")
    parser.add_argument("--out", type=Path, default=Path("/tmp/look"))  # noqa: S108
    parser.add_argument("--widths", default="1440,1024,360")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument("--languages", default="zh-hans,en")
    return parser.parse_args()


def _look(
    browser: Browser, address: str, language: str, theme: str, width: int, out: Path
) -> list[str]:
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT}, color_scheme=theme, locale=language
    )
    context.add_cookies([{"name": "django_language", "value": language, "url": address}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if _wrong(line, address) else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address, wait_until="networkidle")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(400)
    name = f"{address.split('//')[1].split('/', 1)[1].strip('/').replace('/', '-') or 'home'}"
    name = "".join(each if each.isalnum() else "-" for each in name)
    label = f"{name}.{language}.{theme}.{width}"
    page.screenshot(path=out / f"{label}.png", full_page=True)
    problems = [f"{label}: console: {line}" for line in said]
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if overflow > 0:
        problems.append(f"{label}: {overflow}px too wide")
    problems += [f"{label}: {line}" for line in _axe(page)]
    context.close()
    return problems


def _wrong(line: ConsoleMessage, address: str) -> bool:
    # The page itself may be an error page; only what it loads must succeed.
    return line.type == "error" and line.location.get("url") != address


def _axe(page: Page) -> list[str]:
    # Evaluated by the debugger, so that the page's own security policy stays as strict as it is.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
    )
    return [
        f"axe {violation['id']}: {node['target']} {node['failureSummary'].splitlines()[1].strip()}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


if __name__ == "__main__":
    sys.exit(main())
