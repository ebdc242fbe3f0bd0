"""Templates are written so that a browser builds what they say."""

from __future__ import annotations

import re
from pathlib import Path

import changtong.web


TEMPLATES = sorted(Path(changtong.web.__file__).parent.glob("*/templates/**/*.html"))
PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL)
# A browser ends the paragraph where one of these begins, and what follows lands outside.
ENDS_IT = re.compile(r"<(?:p|div|ul|ol|dl|form|table|fieldset|section|h\d)\b|{% form ")


def test_no_paragraph_holds_what_ends_it() -> None:
    broken = [
        f"{path.name}: {found.group(0)[:80]}"
        for path in TEMPLATES
        for found in PARAGRAPH.finditer(path.read_text("utf-8"))
        if ENDS_IT.search(found.group(1))
    ]
    assert len(TEMPLATES) > 100
    assert broken == []
