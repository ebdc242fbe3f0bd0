"""
The parts of every screen. Begin a template with ``{% load i18n ui %}``.

Layouts to extend: ``ui/console.html``, ``ui/portal.html``, ``ui/plain.html`` (blocks title and
content). Chinese is the source language: ``{% translate "工单" %}``.
A living picture of everything is at /ui/kit; the long guide is docs/guide/writing-a-screen.md.

Page
    {% page_header title note="…" back=url trail="…" %}{% button … %}{% endpage_header %}
    {% panel "客户" id="customer" clause="4.2.1" flush=True %}…{% endpanel %}
    {% tabs entries label="…" %}                     entries: label, url, active, count (optional)
    {% notice "warning" title="…" %}…{% endnotice %}
        tones: info success warning error neutral
    {% nothing "没有工单" text="…" icon="inbox" %}   {% waiting %}
    {% live url id="queue" every=5 %}…{% endlive %}
Badges
    {% state_badge ticket.state %} {% kind_badge … %} {% priority_badge … %}
    {% channel_badge … %} {% family_badge … %} {% tier_badge … %}
    <strong{% tongue ticket.title %}>{{ ticket.title }}</strong>   what people wrote
    {% tag "词" tone="warning" icon="flag" variant="solid" %}
    {% clock state="running" due_at=… warn_at=… metric="arrival" %}
        states: running at_risk breached paused met missed stopped
    {% clause "4.2.1" edition=ticket.edition_id %}
    {% moment at relative=True %}   {% deadline due_at %}   {% icon "phone" label="电话" %}
Lists
    {% table listing caption="工单" empty="…" tall=True %}<tr data-href="…">…</tr>{% endtable %}
    {% table columns=columns caption="…" %}…{% endtable %}   {% pager listing %}
    <dl class="facts"><dt>…</dt><dd>…</dd></dl>   {% files attachments %}   {% copy_button text %}
Forms
    {% form action target="#closure" multipart=True %}…{% endform %}   CSRF and key included
    {% form_errors form %}  {% field form.phone hint="…" inputmode="tel" %}
    {% field form.score stars=True %}
    {% button "受理" tone="primary" icon="check" size="md" %}  {% button "查看" href=url %}
        tones: primary neutral quiet danger danger-outline success; sizes: xs sm md lg
    {% dialog "reject" title="…" %}…{% enddialog %}
    {% button "不予受理" opens="reject" %}
    <select name="kind" data-submits>{% options pairs chosen=value every="…" %}</select>
    {% operation_key %}  {% hotline as number %}  {% search_box url value=q placeholder="…" %}
    {% confirm "withdraw" title="…" action=url button="撤销" tone="danger" %}…{% endconfirm %}
Stories
    {% entry "internal" author="…" at=… title="…" %}…{% endentry %}
        kinds: customer public internal operation system; put them in <div class="stream">
    {% journey ticket.state %}  {% stars_shown 4 %}
    {% stat "今日受理" 128 note="…" tone="warning" icon="inbox" href=url %}
        put them in <div class="stat-row">
    {% chart "…" kind="bar" labels=labels series=series unit="件" height="small" %}
Filters
    phone_masked duration_words relative_due since datetime_short datetime_full date_short
    deadline_short deadline_full bytes_size limit_words localized:"title", and
    state_label kind_label channel_label priority_label
    metric_label family_label tier_label role_label clock_label impact_label urgency_label
    mode_label basis_label region_type_label
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from changtong.infra.clock import now
from changtong.web.ui import assets, explained, formats, labels
from changtong.web.ui.components import badges, controls, figures, frames


Part = Callable[..., object]

register = template.Library()

SIMPLE: tuple[Part, ...] = (
    badges.icon,
    badges.tag,
    badges.state_badge,
    badges.kind_badge,
    badges.priority_badge,
    badges.draft_badge,
    badges.channel_badge,
    badges.family_badge,
    badges.tier_badge,
    badges.clock,
    badges.deadline,
    badges.moment,
    badges.stars_shown,
    controls.button,
    controls.operation_key,
    controls.form_errors,
    controls.field,
    controls.options,
    controls.search_box,
    frames.nothing,
    frames.waiting,
    frames.clause,
    frames.pager,
    frames.tabs,
    figures.journey,
    figures.stat,
    figures.chart,
    figures.files,
    figures.copy_button,
)
BLOCKS: tuple[Part, ...] = (
    frames.page_header,
    frames.panel,
    frames.notice,
    frames.table,
    frames.dialog,
    frames.live,
    figures.entry,
)
BLOCKS_WITH_CONTEXT: tuple[Part, ...] = (controls.form, frames.confirm)
FILTERS: tuple[Part, ...] = (
    formats.phone_masked,
    formats.duration_words,
    formats.relative_due,
    formats.since,
    formats.datetime_short,
    formats.datetime_full,
    formats.date_short,
    formats.deadline_full,
    formats.deadline_short,
    formats.bytes_size,
    formats.localized,
    explained.limit_words,
)


@register.simple_tag
def hotline() -> str:
    """Return the number that customers call, or nothing where none is set."""
    return str(settings.HOTLINE)


@register.simple_tag
def tongue(text: object) -> SafeString:
    """Return the `lang` attribute of what people wrote, where it is not the page's language."""
    return formats.tongue(text)


for part in SIMPLE:
    register.simple_tag(part)
for part in BLOCKS:
    register.simple_block_tag(part)
for part in BLOCKS_WITH_CONTEXT:
    register.simple_block_tag(part, takes_context=True)
for shown in FILTERS:
    register.filter(shown.__name__, shown)
for table in labels.TABLES:
    register.filter(f"{table}_label", partial(labels.label, table))

# What htmx may and may not do; the answers 409 and 422 carry the form with its explanation.
HTMX = json.dumps(
    {
        "allowEval": False,
        "includeIndicatorStyles": False,
        # What can be seen can be used: buttons and the focus are not 20 ms behind their words.
        "defaultSettleDelay": 0,
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
        "timeout": 20_000,
        "scrollIntoViewOnBoost": False,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "(409|422)", "swap": True, "error": False},
            {"code": "[45]..", "swap": False, "error": True},
        ],
    }
)


@register.simple_tag
def asset(source: str, *, blocking: bool = False) -> SafeString:
    """Load a script of the front end, such as ``main.ts``; blocking ones run before the paint."""
    kind = "" if blocking else "module"
    address = assets.address(f"src/{source}")
    if kind:
        return format_html('<script type="module" src="{}"></script>', address)
    return format_html('<script src="{}"></script>', address)


@register.simple_tag
def asset_css(source: str = "main.css") -> SafeString:
    """Load a style sheet of the front end."""
    return format_html('<link rel="stylesheet" href="{}">', assets.address(f"src/styles/{source}"))


@register.simple_tag
def picture(path: str) -> str:
    """Return the URL of one of our own pictures."""
    return assets.picture(path)


@register.simple_tag
def htmx_config() -> SafeString:
    """Tell htmx the rules, in a meta element."""
    return format_html('<meta name="htmx-config" content="{}">', HTMX)


@register.simple_tag
def served_at() -> int:
    """Return the server's clock in milliseconds, so that badges tick by it."""
    return int(now().timestamp() * 1000)


@register.simple_tag
def page_language() -> str:
    """Return the language of the page as HTML writes it."""
    language = get_language() or "zh-hans"
    return "zh-Hans" if language.startswith("zh") else language
