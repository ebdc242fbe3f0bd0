"""Buttons, fields and forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import flatatt
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from changtong.web.ui.components import badges


# daisyUI's classes, written out so that Tailwind finds them.
BUTTON_TONES = {
    "primary": "btn-primary",
    "neutral": "btn-outline",
    "quiet": "btn-ghost",
    "danger": "btn-error",
    "danger-outline": "btn-error btn-outline",
    "success": "btn-success",
}
_SELECTED = SafeString(" selected")
BUTTON_SIZES = {"xs": "btn-xs", "sm": "btn-sm", "md": "", "lg": "btn-lg"}


def button(
    words: object,
    *,
    tone: str = "neutral",
    size: str = "sm",
    icon: str = "",
    href: str = "",
    opens: str = "",
    icon_only: bool = False,
    **attributes: Any,
) -> SafeString:
    """
    Make a button, or a link that looks like one when it has an `href`.

    A button submits its form unless it `opens` a dialog or says ``type="button"``. Other
    attributes are passed on: ``name="decision" value="accept" hx_get="/…"``.
    """
    square = "btn-square" if icon_only else ""
    classes = " ".join(filter(None, ["btn", BUTTON_TONES[tone], BUTTON_SIZES[size], square]))
    given = {name.replace("_", "-"): value for name, value in attributes.items() if value != ""}
    attrs: dict[str, Any] = {"class": f"{classes} {given.pop('class', '')}".strip()}
    if icon_only:
        attrs |= {"aria-label": str(words), "title": str(words)}
    if href:
        attrs["href"] = href
    else:
        attrs["type"] = "button" if opens else "submit"
    if opens:
        attrs |= {"data-opens": opens, "aria-haspopup": "dialog"}
    picture = badges.icon(icon) if icon else ""
    text = "" if icon_only else format_html("<span>{}</span>", words)
    name = "a" if href else "button"
    return format_html("<{}{}>{}{}</{}>", name, flatatt({**attrs, **given}), picture, text, name)


def operation_key() -> SafeString:
    """Make the hidden field that lets the server recognize a repeated submission."""
    return format_html('<input type="hidden" name="operation_key" value="{}">', uuid4())


def form(
    context: Context,
    content: SafeString,
    action: str = "",
    *,
    method: str = "post",
    target: str = "",
    swap: str = "outerHTML",
    multipart: bool = False,
    key: bool = True,
    **attributes: Any,
) -> SafeString:
    """Wrap fields in a form with the CSRF token and an operation key; `target` makes it htmx."""
    given = {name.replace("_", "-"): value for name, value in attributes.items()}
    return _render(
        "form",
        {
            "action": action,
            "method": method,
            "target": target,
            "swap": swap,
            "multipart": multipart,
            "key": key and method == "post",
            "csrf_token": context.get("csrf_token"),
            "attributes": flatatt(given),
            "content": content,
        },
    )


def form_errors(form: forms.BaseForm) -> SafeString:
    """Show what is wrong with the form as a whole."""
    return _render("form_errors", {"errors": form.non_field_errors()})


def field(
    bound: BoundField,
    *,
    label: str = "",
    hint: str = "",
    stars: bool = False,
    optional: bool = True,
    at_most_bytes: int = 0,
    **attributes: Any,
) -> SafeString:
    """
    Show a form field with label, hint, error and the right control for its widget.

    Radio buttons and check boxes become cards, a file field an area to drop files on; other
    attributes go to the control: ``inputmode="tel" autocomplete="tel" placeholder="…"``.
    """
    if bound.is_hidden:
        return SafeString(str(bound))
    widget = bound.field.widget
    given: dict[str, Any] = {n.replace("_", "-"): v for n, v in attributes.items()}
    described = []
    if hint or bound.help_text:
        described.append(f"{bound.auto_id}_hint")
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
        given["aria-invalid"] = "true"
    if described:
        given["aria-describedby"] = " ".join(described)
    kind, classes = _control(widget, stars=stars)
    if classes:
        given["class"] = f"{classes} {given.get('class', '')}".strip()
    if bound.field.required and kind not in {"choices", "stars"}:
        given["aria-required"] = "true"
    return _render(
        "field",
        {
            "bound": bound,
            "kind": kind,
            "label": label or bound.label,
            "hint": hint or bound.help_text,
            "control": bound.as_widget(attrs=given) if kind not in {"choices", "stars"} else "",
            "options": list(bound.subwidgets) if kind in {"choices", "stars"} else (),
            "described_by": " ".join(described),
            "show_optional": optional and not bound.field.required,
            "at_most_bytes": at_most_bytes,
        },
    )


# What kind of control each widget becomes, and its class; the first match counts.
CONTROLS: tuple[tuple[tuple[type[forms.Widget], ...], str, str], ...] = (
    ((forms.RadioSelect, forms.CheckboxSelectMultiple), "choices", ""),
    ((forms.CheckboxInput,), "check", ""),
    ((forms.FileInput,), "file", ""),
    ((forms.Textarea,), "plain", "textarea"),
    ((forms.Select,), "plain", "select"),
    ((forms.Widget,), "plain", "input"),
)


def _control(widget: forms.Widget, *, stars: bool) -> tuple[str, str]:
    if stars:
        return "stars", ""
    return next((kind, css) for types, kind, css in CONTROLS if isinstance(widget, types))


def options(
    pairs: Iterable[tuple[object, object]], *, chosen: object = "", every: object = ""
) -> SafeString:
    """Make the options of a select from (value, words), with a first one for `every` value."""
    rows = [*([("", every)] if every else ()), *pairs]
    drawn = (
        (value, _SELECTED if str(value) == str(chosen) else "", words) for value, words in rows
    )
    return format_html_join("", '<option value="{}"{}>{}</option>', drawn)


def search_box(
    action: str = "",
    *,
    name: str = "q",
    value: str = "",
    label: str = "",
    placeholder: str = "",
) -> SafeString:
    """Make a search form that works by GET."""
    shown = {"action": action, "name": name, "value": value or ""}
    return _render("search_box", {**shown, "label": label, "placeholder": placeholder})


def _render(name: str, context: dict[str, Any]) -> SafeString:
    return SafeString(render_to_string(f"ui/components/{name}.html", context))
