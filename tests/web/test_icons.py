"""Every icon that a page can ask for is in the sprite's list; a missing one is a failed page."""

from __future__ import annotations

import re
from pathlib import Path

from changtong.web.console import menu, wording
from changtong.web.ui import labels


ROOT = Path(__file__).resolve().parents[2]
LISTED = set((ROOT / "frontend/icons.txt").read_text().split())
ASKED = re.compile(r"""\{%\s*icon\s+"([a-z0-9-]+)"|\bicon="([a-z0-9-]+)\"""")


def test_every_icon_of_the_templates_and_views_is_listed():
    files = [*ROOT.glob("src/changtong/web/**/*.html"), *ROOT.glob("src/changtong/web/**/*.py")]
    asked = {
        (name, path.name)
        for path in files
        for pair in ASKED.findall(path.read_text("utf-8"))
        for name in pair
        if name
    }
    assert sorted(one for one in asked if one[0] not in LISTED) == []


def test_every_icon_of_the_wordings_is_listed():
    looks = {look.icon for table in labels.TABLES.values() for look in table.values()} - {None}
    tables = [value for module in (wording, menu) for value in vars(module).values()]
    worded = {
        pair[-1]
        for table in tables
        if isinstance(table, dict)
        for pair in table.values()
        if isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[-1], str)
    }
    icons = {name for name in worded if re.fullmatch(r"[a-z0-9-]+", name)}
    assert sorted((looks | icons) - LISTED) == []
