"""Small things that lists show by the hundred: built in Python, because templates cost more."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from changtong.infra.clock import now
from changtong.web.ui import assets, formats, labels
from changtong.web.ui.components.markup import filled


STARS = 5


def icon(name: str, *, label: str = "", size: str = "") -> SafeString:
    """
    Draw an icon of the sprite; decorative unless it has a label.

    :raises ValueError: if frontend/icons.txt does not list the icon
    """
    if name not in assets.icon_names():
        raise ValueError(f"No icon {name!r}: add it to frontend/icons.txt and build again.")
    return _drawn(f"{assets.address('icons.svg')}#{name}", str(label), size)


@lru_cache(maxsize=1_024)
def _drawn(href: str, label: str, size: str) -> SafeString:
    classes = f"icon {size}".strip()
    if label:
        return filled(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>',
            classes,
            label,
            href,
        )
    return filled('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, href)


def tag(words: object, *, tone: str = "neutral", icon: str = "", variant: str = "") -> SafeString:
    """Show a short word in a frame. Variants: `solid`, `plain`."""
    picture = _picture(icon)
    classes = f"tag tag-{variant}" if variant else "tag"
    return filled('<span class="{}" data-tone="{}">{}{}</span>', classes, tone, picture, words)


def state_badge(code: object) -> SafeString:
    return _badge("state", code)


def kind_badge(code: object) -> SafeString:
    return _badge("kind", code, variant="plain")


def channel_badge(code: object) -> SafeString:
    return _badge("channel", code, variant="plain")


def family_badge(code: object) -> SafeString:
    return _badge("family", code, variant="plain")


def tier_badge(code: object) -> SafeString:
    return _badge("tier", code)


def draft_badge(code: object) -> SafeString:
    return _badge("draft_state", code)


def priority_badge(code: object) -> SafeString:
    return _badge("priority", code, variant="solid" if str(code) == "P1" else "")


def clock(
    *,
    state: str,
    due_at: datetime | None = None,
    warn_at: datetime | None = None,
    metric: str = "",
    at: datetime | None = None,
) -> SafeString:
    """
    Show a clock with the time left; the browser keeps running ones up to date.

    A `running` clock is shown as at risk or breached by itself, from `warn_at` and `due_at`.
    """
    at = at or now()
    if state in {"running", "at_risk"} and due_at is not None:
        state = _running_state(due_at=due_at, warn_at=warn_at, at=at, stored=state)
    ticking = state in {"running", "at_risk", "breached"} and due_at is not None
    look = labels.look("clock", state)
    words = formats.relative_due(due_at, at) if ticking else look.words
    name = filled("<span>{}</span>", labels.label("metric", metric)) if metric else ""
    said = labels.label("clock", state)
    title = f"{said} · {formats.deadline_full(due_at)}" if due_at else said
    due = due_at.isoformat() if due_at else ""
    return filled(
        '<time class="clock" data-clock="{}" datetime="{}" data-due="{}" data-warn="{}" title="{}"'
        '{}>{}{}<span class="sr-only" data-state-words>{}</span><span data-left>{}</span></time>',
        state,
        due,
        due if ticking else "",
        warn_at.isoformat() if ticking and warn_at else "",
        title,
        _says(get_language() or "") if ticking else "",
        _picture(look.icon),
        name,
        said if ticking else "",
        words,
    )


@lru_cache(maxsize=4)
def _says(language: str) -> SafeString:
    """Give the browser the words for what a ticking clock may become."""
    return filled(
        ' data-says-running="{}" data-says-at-risk="{}" data-says-breached="{}"',
        *(labels.label("clock", state) for state in ("running", "at_risk", "breached")),
    )


def _running_state(
    *, due_at: datetime, warn_at: datetime | None, at: datetime, stored: str
) -> str:
    if at >= due_at:
        return "breached"
    if warn_at is not None:
        return "at_risk" if at >= warn_at else "running"
    return stored


def deadline(moment: datetime | None) -> SafeString | str:
    """Show when something is due; a last day ends at its 24:00."""
    if moment is None:
        return ""
    return filled(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        formats.deadline_full(moment),
        formats.deadline_short(moment),
    )


def moment(
    moment: datetime | None, *, relative: bool = False, at: datetime | None = None
) -> SafeString | str:
    """Show a moment shortly, with the full date and time as its title."""
    if moment is None:
        return ""
    words = formats.since(moment, at) if relative else formats.datetime_short(moment)
    return filled(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        formats.datetime_full(moment),
        words,
    )


def stars_shown(score: int | None) -> SafeString | str:
    """Show a given score as stars, with the number for screen readers."""
    if score is None:
        return ""
    href = f"{assets.address('icons.svg')}#star"
    drawn = format_html_join(
        "",
        '<svg class="icon" aria-hidden="true"{}><use href="{}"></use></svg>',
        ((SafeString(" data-full") if place < score else "", href) for place in range(STARS)),
    )
    return filled(
        '<span class="stars-shown" role="img" aria-label="{}/{}">{}</span>', score, STARS, drawn
    )


def _badge(table: str, code: object, *, variant: str = "") -> SafeString:
    # A list shows the same few badges some hundred times.
    sprite, text = assets.address("icons.svg"), str(getattr(code, "value", code))
    return _badge_in(get_language() or "", sprite, table, text, variant)


@lru_cache(maxsize=1_024)
def _badge_in(language: str, sprite: str, table: str, code: str, variant: str) -> SafeString:
    look = labels.look(table, code)
    return tag(look.words, tone=look.tone, icon=look.icon or "", variant=variant)


def _picture(name: str | None) -> SafeString | str:
    return icon(name) if name else ""
