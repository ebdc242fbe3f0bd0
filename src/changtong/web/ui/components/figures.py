"""What tells a story: the stream, the customer's journey, numbers, charts, files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from changtong.web.ui import labels
from changtong.web.ui.components import badges
from changtong.web.ui.components.markup import filled
from changtong.web.ui.formats import tongue


# How each kind of entry looks: tone, icon, and who may read it.
ENTRIES = {
    "customer": ("accent", "user", _("客户")),
    "public": ("success", "megaphone", _("客户可见")),
    "internal": ("warning", "lock", _("内部备注")),
    "operation": ("info", "wrench", _("处理记录")),
    "system": ("neutral", "settings", _("系统")),
}

ENTRY = (
    '<article class="entry" data-entry="{}" data-tone="{}"><div class="entry-mark">{}</div>'
    '<div class="entry-box"><header class="entry-head">{}</header>'
    '<div class="entry-body"{}>{}</div></div></article>'
)
STEPS = (_("已受理"), _("已分派"), _("处理中"), _("待确认"), _("已完成"))
REACHED = {
    "acknowledged": 0,
    "accepted": 0,
    "assigned": 1,
    "in_progress": 2,
    "pending": 2,
    "held": 2,
    "resolved": 3,
    "closed": 4,
    "rejected": 0,
}


def entry(
    content: SafeString,
    kind: str = "system",
    *,
    author: object = "",
    at: datetime | None = None,
    title: object = "",
    icon: str = "",
    tagged: bool = True,
) -> SafeString:
    """
    Show one entry of a stream. Kinds: customer, public, internal, operation, system.

    :param tagged: say who can read it, which only interests staff
    """
    tone, usual, audience = ENTRIES[kind]
    head = [
        filled("<strong>{}</strong>", author) if author else "",
        badges.tag(audience, tone=tone) if tagged and kind != "system" else "",
        filled("<span>{}</span>", title) if title else "",
        badges.moment(at),
    ]
    return filled(
        ENTRY,
        kind,
        tone,
        badges.icon(icon or usual),
        SafeString("".join(head)),
        tongue(content),
        SafeString(content.strip()),
    )


def journey(state: str, *, reached: int | None = None) -> SafeString:
    """Show a customer how far the matter has come."""
    place = REACHED.get(state, 0) if reached is None else reached
    stopped = state in {"rejected", "cancelled", "merged"}
    steps = []
    for number, words in enumerate(STEPS):
        step = "done" if number < place or state == "closed" else "ahead"
        if number == place and state != "closed":
            step = "stopped" if stopped else "current"
        special = number == place and state in {"acknowledged", "pending", "held"}
        shown = labels.label("state", state) if special or step == "stopped" else words
        steps.append({"words": shown, "step": step})
    return _render("journey", {"steps": steps[: place + 1] if stopped else steps})


def stat(
    label: object,
    value: object,
    *,
    note: object = "",
    tone: str = "neutral",
    icon: str = "",
    href: str = "",
) -> SafeString:
    """Show one number that matters. Put several in ``<div class="stat-row">``."""
    return _render(
        "stat",
        {"label": label, "value": value, "note": note, "tone": tone, "icon": icon, "href": href},
    )


def chart(
    title: object,
    *,
    labels: Sequence[object],
    series: Sequence[dict[str, Any]],
    kind: str = "bar",
    unit: object = "",
    height: str = "",
) -> SafeString:
    """
    Draw a chart with its numbers as a table below. Kinds: bar, hbar, stacked, line, donut.

    :param series: ``[{"name": "电话", "values": [3, 5, 8]}]``
    """
    words = [str(each) for each in labels]
    named = [{**each, "name": str(each["name"])} for each in series]
    rows = [(word, [each["values"][place] for each in named]) for place, word in enumerate(words)]
    return _render(
        "chart",
        {
            "id": f"chart-{uuid4().hex[:8]}",
            "title": title,
            "height": height,
            "series": named,
            "rows": rows,
            "figure": {"kind": kind, "labels": words, "series": named, "unit": str(unit)},
        },
    )


def files(attachments: Sequence[Any], *, empty: object = "") -> SafeString:
    """List files that have name, size, url and maybe media_type."""
    return _render("files", {"files": attachments, "empty": empty})


def copy_button(text: object) -> SafeString:
    """Copy a text, such as a ticket number, to the clipboard."""
    return _render("copy_button", {"text": text})


def _render(name: str, context: dict[str, Any]) -> SafeString:
    return SafeString(render_to_string(f"ui/components/{name}.html", context))
