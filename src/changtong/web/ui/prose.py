"""Text that people write in Markdown, as HTML that can do nothing but be read."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt


# Raw HTML stays words. What the parser makes is cleaned all the same: its faults are not ours.
_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("strong", "em", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
# A picture of another place would tell that place who reads.
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "tel"}


def prose(text: str) -> SafeString:
    """Return Markdown as HTML without scripts, styles, pictures or forms."""
    made = _PARSER.render(text).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    return SafeString(
        nh3.clean(
            made,
            tags=TAGS,
            attributes=ATTRIBUTES,
            url_schemes=SCHEMES,
            link_rel="noopener noreferrer nofollow",
        )
    )
