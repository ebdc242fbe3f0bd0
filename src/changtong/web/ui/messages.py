"""
The one place where a refusal becomes a sentence.

Operations raise ``Refused("noun.reason", clause="4.2.1", fact=…)``. Add its sentence here, in
Chinese, with the facts by name (``%(fact)s``), and its English in ``locale/en``. A test checks
that every code used in the source has a sentence and that the sentence only uses facts that exist.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.kernel.errors import Refused
from changtong.web.ui import formats, labels


# One line per code, sorted; keep the sentence short and say what to do next.
SENTENCES: dict[str, str | Promise] = {
    "operation.key_reused": gettext_lazy("这个操作已经提交过，内容不同，请刷新页面后重试。"),
    "ticket.cannot_move": gettext_lazy("工单当前状态不允许此操作，请刷新页面查看最新状态。"),
    "ticket.missing": gettext_lazy("没有这张工单，或您无权查看。"),
}
UNKNOWN: str | Promise = gettext_lazy("按服务标准，这个操作现在不能进行。")

# Facts whose value is a code are worded by the table of the same name.
WORDED_BY = {"current": "state", "wanted": "state", **{name: name for name in labels.TABLES}}


def sentence(refused: Refused) -> str:
    """Word a refusal; an unknown code gets the general sentence and shows the code."""
    template = SENTENCES.get(refused.code)
    if template is None:
        return f"{_unknown()} ({refused.code})"
    return str(template) % _Facts({name: _worded(name, v) for name, v in refused.facts.items()})


def facts_named_in(code: str) -> frozenset[str]:
    """Return the names of the facts that a code's sentence uses."""
    return frozenset(re.findall(r"%\((\w+)\)s", str(SENTENCES[code])))


def _unknown() -> str:
    return str(UNKNOWN)


def _worded(name: str, value: object) -> str:
    if isinstance(value, datetime):
        return formats.datetime_short(value)
    if isinstance(value, timedelta):
        return formats.duration_words(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return _("、").join(_worded(name, each) for each in value)
    if name in WORDED_BY:
        return labels.label(WORDED_BY[name], value)
    return str(value)


class _Facts(dict[str, str]):
    """Show a fact that the refusal did not carry as an ellipsis, instead of failing the page."""

    def __missing__(self, name: str) -> str:
        return "…"
