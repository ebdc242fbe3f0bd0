"""Press keys as somebody does who looks before: not while the page is being changed."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from playwright.sync_api import Page


# What htmx has begun and not ended. It moves the focus last, some milliseconds after the new text
# can be seen, and a key pressed between goes where the focus was before.
CALM = """() => document.readyState === "complete" && !document.querySelector(
  ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")"""


def calm(page: Page) -> None:
    """Wait until nothing on the page is on its way."""
    page.wait_for_function(CALM)


def press(page: Page, key: str) -> None:
    """Press one key, for whatever has the focus when the page is calm."""
    calm(page)
    page.keyboard.press(key)
