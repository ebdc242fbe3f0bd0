"""What holds other things: headers, panels, tables, dialogs, tabs, live regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from changtong.web.ui.components.markup import filled
from changtong.web.ui.tables import Column, Heading, Listing


CLAUSES_URL = "/console/standard/clauses/"
CLAUSE = (
    '<button type="button" class="clause-chip" popovertarget="{}" aria-label="{}" hx-get="{}"'
    ' hx-trigger="click once" hx-target="#{}" hx-swap="innerHTML">§{}</button>'
    '<span class="popover" popover data-anchored id="{}" role="note">{}</span>'
)


def page_header(
    content: SafeString, title: object, *, note: object = "", back: str = "", trail: object = ""
) -> SafeString:
    """Head a page with its title; the content between the tags is its actions."""
    return _render(
        "page_header",
        {
            "title": title,
            "note": note,
            "back": back,
            "trail": trail,
            "actions": SafeString(content.strip()),
        },
    )


def panel(
    content: SafeString,
    title: object = "",
    *,
    id: str = "",  # noqa: A002 - HTML calls it that
    clause: str = "",
    flush: bool = False,
) -> SafeString:
    """Frame a part of a page."""
    return _render(
        "panel",
        {"title": title, "id": id, "clause": clause, "flush": flush, "content": content},
    )


def notice(
    content: SafeString, tone: str = "info", *, title: object = "", icon: str = ""
) -> SafeString:
    """Tell the reader something that matters here and now."""
    icons = {"info": "info", "success": "circle-check", "warning": "triangle-alert"}
    shown = icon or icons.get(tone, "octagon-alert")
    return _render(
        "notice",
        {"tone": tone, "title": title, "icon": shown, "content": SafeString(content.strip())},
    )


def nothing(title: object, *, text: object = "", icon: str = "inbox") -> SafeString:
    """Say that there is nothing to show, and what to do about it."""
    return _render("nothing", {"title": title, "text": text, "icon": icon})


def waiting() -> SafeString:
    """Hold the place of something that is being fetched."""
    return _render("waiting", {})


def clause(number: str, *, edition: object = "", url: str = "") -> SafeString | str:
    """Show a clause's number; pressing it shows the clause's text."""
    if not number:
        return ""
    address = url or f"{CLAUSES_URL}{number}"
    if edition:
        address = f"{address}?{urlencode({'edition': str(edition)})}"
    place = f"clause-{_unique()}"
    label = _("标准第 %(number)s 条") % {"number": number}
    return filled(CLAUSE, place, label, address, place, number, place, _("正在加载"))


def table(
    content: SafeString,
    listing: Listing | None = None,
    *,
    columns: Sequence[Column] = (),
    caption: object = "",
    empty: object = "",
    empty_text: object = "",
    tall: bool = False,
    stacks: bool = True,
) -> SafeString:
    """Frame table rows with sortable headings, a pager and an empty state."""
    headings = (
        listing.headings
        if listing is not None
        else [Heading(column, None, None) for column in columns]
    )
    return _render(
        "table",
        {
            "listing": listing,
            "headings": headings,
            "caption": caption,
            "empty": empty,
            "empty_text": empty_text,
            "tall": tall,
            "stacks": stacks,
            "content": SafeString(content.strip()),
        },
    )


def pager(listing: Listing) -> SafeString:
    """Link to the next and the previous page."""
    return _render("pager", {"listing": listing})


def tabs(entries: Sequence[Any], *, label: object = "") -> SafeString:
    """Link between the pages of one subject; entries have label, url, active and maybe count."""
    return _render("tabs", {"entries": entries, "label": label})


def dialog(
    content: SafeString,
    id: str,  # noqa: A002 - HTML calls it that
    *,
    title: object,
    insistent: bool = False,
) -> SafeString:
    """Make a dialog that a button with ``opens="<id>"`` shows."""
    return _render(
        "dialog",
        {"id": id, "title": title, "insistent": insistent, "content": content},
    )


def confirm(
    context: Context,
    content: SafeString,
    id: str,  # noqa: A002 - HTML calls it that
    *,
    title: object,
    action: str,
    button: object,
    tone: str = "primary",
    target: str = "",
) -> SafeString:
    """Make a dialog that asks before it posts; the content explains, and may hold fields."""
    return _render(
        "confirm",
        {
            "id": id,
            "title": title,
            "action": action,
            "button": button,
            "tone": tone,
            "target": target,
            "content": content,
            "csrf_token": context.get("csrf_token"),
        },
    )


def live(
    content: SafeString,
    url: str,
    *,
    id: str,  # noqa: A002 - HTML calls it that
    every: int = 5,
    on: str = "",
    rows: str = "",
) -> SafeString:
    """
    Refresh a region while somebody looks at it, keeping focus and open details.

    :param on: ``tickets`` to refresh when one changes, and otherwise hardly ever
    :param rows: where single rows of it are fetched when they change
    """
    told = format_html(' data-live-on="{}"', on) if on else ""
    if rows:
        told = format_html('{} data-rows="{}"', told, rows)
    return format_html(
        '<div id="{}" data-live{} hx-ext="morph" hx-get="{}" hx-trigger="every {}s, refresh"'
        ' hx-swap="morph" hx-target="this">{}</div>',
        id,
        told,
        url,
        every,
        content,
    )


def _unique() -> str:
    return uuid4().hex[:8]


def _render(name: str, context: dict[str, Any]) -> SafeString:
    return SafeString(render_to_string(f"ui/components/{name}.html", context))
