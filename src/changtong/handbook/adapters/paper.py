"""The handbook as PDF, typeset by Typst with the fonts of the front end's build."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from changtong.handbook.domain.book import Book


TEMPLATE = Path(__file__).with_name("handbook.typ")


def pdf(book: Book, *, fonts: Path) -> bytes:
    """Return the handbook as PDF; where the fonts were not built, with those of the system."""
    # Seventeen megabytes that only this needs.
    import typst

    made = typst.compile(  # type: ignore[misc]  # its stub leaves open what it takes
        TEMPLATE.read_bytes(),
        font_paths=[str(fonts)] if fonts.is_dir() else [],
        ignore_system_fonts=fonts.is_dir(),
        sys_inputs={"book": json.dumps(asdict(book), ensure_ascii=False)},
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made
