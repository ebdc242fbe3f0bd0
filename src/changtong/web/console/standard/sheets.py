"""The tables that authors edit as forms: which columns each has."""

from __future__ import annotations

import re
from collections.abc import Mapping

from changtong.standard.domain import words
from changtong.web.console.standard.columns import Column, Sheet


_NAMED = (Column("code"), Column("name"), Column("name_en"))
_KINDS = Column("kinds", "some", required=False, offers="kind")
_CLAUSE = Column("clause", "clause")
_OWN_CLAUSE = Column("clause", "clause", required=False)
_CHOICES = Sheet("choice", (*_NAMED, _KINDS, _OWN_CLAUSE), (_OWN_CLAUSE,))
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CASE = ("kind", "priority", "impact", "urgency", "region", "region_type", "family", "tier")


def _rule(*columns: Column) -> Sheet:
    return Sheet("rule", (Column("kinds", "some", offers="kind"), *columns, _CLAUSE))


def _needs(*, required: bool) -> tuple[Column, ...]:
    """Return what a category needs; it takes from its file what it does not say."""
    return (
        Column("families", "some", required=required, offers="family"),
        Column("mode", "one", required=required, offers="mode"),
        Column("skill", "one", required=required, offers="skill"),
        Column("instruments", "some", required=False, offers="instrument"),
        Column("venue", "one", required=False, offers="venue"),
        Column("work_for", "span", required=required),
        Column("impact", "one", required=False, offers="impact"),
        Column("urgency", "one", required=False, offers="urgency"),
        Column("clause", "clause", required=required),
    )


_STEP = (
    Column("share", "percent", required=False),
    Column("before", "span", required=False),
    Column("after", "span", required=False, called="after_end"),
    Column("level", "one", offers="level"),
    Column("also_by", "some", required=False, offers="also_by"),
    Column("repeat_every", "span", required=False),
    Column("repeat_at_most", "whole", required=False),
    _OWN_CLAUSE,
)
_PART = (
    Column("amount", required=False),
    Column("of", "one", required=False, offers="of"),
    Column("share", required=False, called="proportion"),
    Column("divided_by", "whole", required=False),
    Column("per", "one", offers="per"),
)
_FIRST = (
    Column("number"),
    Column("title"),
    Column("title_en"),
    Column("text", "long"),
    Column("text_en", "long"),
    Column("enforced", "flag"),
)
_ASKED = (
    Column("code"),
    Column("name", called="question"),
    Column("name_en", called="question_en"),
)
_SAID = (Column("name", called="answer"), Column("name_en", called="answer_en"))
_QUESTION = (
    *_ASKED,
    Column("type", "one", offers="type"),
    Column("required", "flag", required=False, called="must_answer"),
    Column("public", "flag", required=False),
    _OWN_CLAUSE,
    Column("choice", "rows", inner=(Column("code"), *_SAID)),
)
_TICKED = (
    *_NAMED,
    Column("required", "flag", required=False, called="must_tick"),
    _OWN_CLAUSE,
)
_QUESTION_OF_CHECK = (
    *_ASKED,
    Column("advice", required=False),
    Column("advice_en", required=False),
    Column(
        "option",
        "rows",
        inner=(
            *_SAID,
            Column("next"),
            Column("category", "one", required=False, offers="fault", called="leads_to"),
        ),
    ),
)
_SEASON = (
    Column("from", called="season_from"),
    Column("to", called="season_to"),
    Column("name", required=False),
    Column("name_en", required=False),
    *(Column(f"weekly.{day}", "words", required=False) for day in _WEEKDAYS),
    Column("makeup_hours", "words", required=False),
)
_LIMIT = (
    Column("code"),
    Column("kinds", "some", offers="kind"),
    Column("metric", "one", offers="metric"),
    Column("basis", "one", offers="basis", called="own_basis"),
    Column("starts_on", "one", offers="moment"),
    Column("stops_on", "one", offers="moment"),
    Column("again_until", "one", required=False, offers="moment"),
    Column("calendar", "one", offers="calendar"),
    Column("pausable", "flag", required=False),
    Column("warn_at", "percents", required=False),
    Column("void_if_cause", "some", required=False, offers="cause"),
    _CLAUSE,
)
_LIMIT_ROW = (
    Column("when", "when", required=False, attributes=words.LIMIT_ATTRIBUTES),
    Column("within", "limit"),
    _OWN_CLAUSE,
)
_FIGURE = (
    Column("code"),
    Column("title"),
    Column("title_en"),
    Column("value", required=False, called="figure_value"),
    Column("compare", "one", offers="compare"),
    Column("statistic", "one", offers="statistic"),
    Column("source", "one", required=False, offers="source"),
    Column("article", required=False),
    Column("confidence", "one", offers="confidence"),
    Column("status", "one", offers="status"),
    Column("wording", required=False),
    Column("internal_target", required=False),
    Column("note", required=False),
    Column("effective_from", "day", required=False),
    Column("effective_to", "day", required=False),
    Column("owner", required=False, called="own_owner"),
    Column("reviewed_on", "day", required=False, called="own_reviewed_on"),
)
_HOURS = (
    Column("when", "when", required=False, attributes=words.VISIT_ATTRIBUTES),
    Column("calendar", "one", offers="calendar"),
    _CLAUSE,
)


# By the name of the file, or the beginning of it.
SHEETS: Mapping[str, Sheet] = {
    "edition.toml": Sheet(head=(Column("title"), Column("title_en"))),
    "terms.toml": Sheet(
        "term", (*_NAMED, Column("meaning", "long"), Column("meaning_en", "long"))
    ),
    "sources.toml": Sheet(
        "source",
        (
            *_NAMED,
            Column("version"),
            Column("issuer"),
            Column("effective_from", "day", required=False),
            Column("in_force", "one", required=False, offers="in_force"),
            Column("read_in", required=False),
        ),
    ),
    "figures/": Sheet("figure", _FIGURE, (Column("owner"), Column("reviewed_on", "day"))),
    "calendars/": Sheet(
        "year",
        (
            Column("year", "whole"),
            Column("notice", required=False),
            Column("holidays", "lines", required=False),
            Column("workdays", "lines", required=False),
        ),
        (
            *_NAMED,
            Column("base", "one", required=False, offers="calendar"),
            Column("timezone", required=False),
            *(Column(f"weekly.{day}", "words", required=False) for day in _WEEKDAYS),
            Column("makeup_hours", "words", required=False),
            _OWN_CLAUSE,
            Column("season", "rows", inner=_SEASON),
        ),
    ),
    "tables/acceptance.toml": _rule(
        Column("required", "lines"), Column("confident_at_least", "share")
    ),
    "tables/archiving.toml": Sheet(head=(Column("sealed_within", "span"), _CLAUSE)),
    "tables/assignment.toml": _rule(
        Column("open_at_most", "whole"), Column("alarm_after", "span")
    ),
    "tables/attachments.toml": Sheet(
        head=(
            Column("at_most_bytes", "whole"),
            Column("at_most_count", "whole"),
            Column("media_types", "lines"),
            _CLAUSE,
        )
    ),
    "tables/categories/": Sheet(
        "category",
        (
            *_NAMED,
            Column("parent", "one", required=False, offers="category"),
            Column("keywords", "lines", required=False),
            *_needs(required=False),
        ),
        (Column("kind", "one", offers="kind"), *_needs(required=False)),
    ),
    "tables/causes.toml": _CHOICES,
    "tables/children.toml": _rule(
        Column("pauses_with_parent", "flag", required=False),
        Column("ends_first", "flag", required=False),
    ),
    "tables/callbacks.toml": _rule(Column("attempts_at_most", "whole")),
    "tables/contact_hours.toml": _rule(
        Column("told_in", "one", offers="calendar", called="contact_in"),
        Column("at_any_hour", "some", required=False, offers="priority"),
    ),
    "tables/channels.toml": _CHOICES,
    "tables/checklists.toml": Sheet(
        "checklist",
        (
            *_NAMED,
            Column("category", "one", offers="category", called="taken_by"),
            _CLAUSE,
            Column("item", "rows", inner=_TICKED),
        ),
    ),
    "tables/closing.toml": Sheet("condition", (*_NAMED, _KINDS, _CLAUSE)),
    "tables/counters.toml": Sheet(
        "class",
        (*_NAMED, Column("letter"), Column("kind", "one", offers="kind"), _OWN_CLAUSE),
        head=(
            Column("wait_within", "span"),
            Column("called_at_least", "whole"),
            Column("priority", "rows", inner=(*_NAMED, _OWN_CLAUSE), called="called_first"),
            _CLAUSE,
        ),
    ),
    "tables/duplicates.toml": _rule(Column("within", "span")),
    "tables/evaluation.toml": _rule(
        Column("within", "span"),
        Column("remind_after", "span"),
        Column("silent_consent_after", "span"),
        Column("low_score_at_most", "whole"),
        Column("follow_up_within", "span"),
        Column("tag", "rows", inner=(*_NAMED, _OWN_CLAUSE)),
    ),
    "tables/fixes.toml": _CHOICES,
    "tables/identity.toml": Sheet(
        "method",
        (*_NAMED, Column("by_code", "flag", required=False), _OWN_CLAUSE),
        head=(
            Column("channels", "lines", called="asked_in"),
            Column(
                "required",
                "rows",
                inner=(
                    Column("category", "one", offers="category"),
                    Column("methods", "lines"),
                    _OWN_CLAUSE,
                ),
                called="must_check",
            ),
            Column(
                "consent",
                "rows",
                inner=(
                    *_NAMED,
                    Column("wording", "long", required=False, called="read_out"),
                    Column("wording_en", "long", required=False, called="read_out_en"),
                    Column("only_told", "flag", required=False),
                    _OWN_CLAUSE,
                ),
            ),
            _CLAUSE,
        ),
    ),
    "tables/instruments.toml": _CHOICES,
    "tables/intake_forms.toml": Sheet(
        "form",
        (
            Column("code"),
            Column("category", "one", offers="category", called="asked_of"),
            Column("script", "long"),
            Column("script_en", "long"),
            _CLAUSE,
            Column("field", "rows", inner=_QUESTION),
        ),
    ),
    "tables/ladders.toml": Sheet(
        "row",
        (
            Column("when", "when", required=False, attributes=words.LADDER_ATTRIBUTES),
            Column("answer_within", "span", called="unanswered_for"),
            Column("told_in", "one", required=False, offers="calendar"),
            _CLAUSE,
            Column("step", "rows", inner=_STEP),
        ),
    ),
    "tables/pauses.toml": Sheet(
        "pause",
        (
            *_NAMED,
            _KINDS,
            Column("at_most", "span"),
            Column("keeps_visit_for", "span", required=False),
            Column("approved_within", "span", required=False),
            _CLAUSE,
        ),
    ),
    "tables/portal.toml": Sheet(
        head=(
            Column("code_digits", "whole"),
            Column("code_valid_for", "span"),
            Column("code_attempts", "whole"),
            Column("code_resent_after", "span"),
            Column("link_valid_for", "span"),
            _CLAUSE,
        )
    ),
    "tables/priority.toml": Sheet(
        "row",
        (
            Column("when", "when", required=False, attributes=words.PRIORITY_ATTRIBUTES),
            Column("priority", "one", offers="priority"),
            _CLAUSE,
        ),
    ),
    "tables/rehearsal.toml": Sheet(
        head=(Column("days_at_least", "whole"), Column("cases_at_least", "whole"), _CLAUSE)
    ),
    "tables/rejections.toml": _CHOICES,
    "tables/remedies.toml": Sheet(
        "remedy",
        (
            *_NAMED,
            Column("kinds", "some", offers="kind"),
            Column("metric", "one", offers="metric"),
            Column("basis", "one", offers="basis"),
            Column("part", "rows", inner=_PART),
            Column("at_most", required=False),
            Column("begun_day_counts", "flag", required=False),
            Column("excluded_causes", "some", required=False, offers="cause"),
            Column("categories", "some", required=False, offers="category"),
            _CLAUSE,
        ),
    ),
    "tables/repeats.toml": _rule(Column("within", "span")),
    "tables/reopening.toml": _rule(Column("within", "span"), Column("at_most", "whole")),
    "tables/retention.toml": _rule(*_NAMED, Column("months", "whole"), Column("basis")),
    "tables/self_checks.toml": Sheet(
        "check",
        (
            *_NAMED,
            Column("families", "some", offers="family", called="checked_families"),
            _CLAUSE,
            Column("step", "rows", inner=_QUESTION_OF_CHECK, called="check_step"),
        ),
    ),
    "tables/skills.toml": Sheet(
        "skill", (*_NAMED, Column("renewed_after_months", "whole", required=False), _CLAUSE)
    ),
    "tables/supplement.toml": _rule(
        Column("answer_within", "span"),
        Column("remind_after", "span"),
        Column("asked_at_most", "whole"),
    ),
    "tables/targets/": Sheet(
        "limit", _LIMIT, begins=(Column("row", "rows", inner=_LIMIT_ROW, called="limit_row"),)
    ),
    "tables/venues.toml": _CHOICES,
    "tables/visits.toml": _rule(
        Column("speed_kmh", "whole"),
        Column("detour_percent", "whole"),
        Column("missed_after", "span"),
        Column("offered_from", "span"),
        Column("offered_within", "span"),
        Column("offered_every", "span"),
        Column("row", "rows", inner=_HOURS),
    ),
    "examples/": Sheet(
        "example",
        (
            Column("name"),
            Column("at", required=False),
            Column("given", "given", attributes=(*_CASE, "category")),
            Column("expect", "expect"),
        ),
    ),
    "clauses/": Sheet(
        head=(
            Column("number"),
            Column("title"),
            Column("title_en"),
            Column("areas", "lines"),
            Column("owner"),
            Column("review_on", "day"),
        ),
        first=Column("clause", "rows", inner=_FIRST),
    ),
}


# Files that an author may add, besides those of `SHEETS` that the edition does not have yet.
NEW = (
    re.compile(r"calendars/[a-z0-9-]{1,40}\.toml"),
    re.compile(r"clauses/[0-9]{2}\.toml"),
    re.compile(r"tables/targets/[a-z0-9-]{1,40}\.toml"),
    re.compile(r"figures/[a-z0-9-]{1,40}\.toml"),
    re.compile(r"examples/[a-z0-9-]{1,40}\.toml"),
    re.compile(r"tables/categories/[a-z0-9-]{1,40}\.toml"),
)
FOLDERS = (
    "clauses/",
    "calendars/",
    "tables/targets/",
    "tables/categories/",
    "figures/",
    "examples/",
)


def sheet_of(file: str) -> Sheet:
    """Return how a file is edited as forms; an empty sheet if only as text."""
    for name, sheet in SHEETS.items():
        if file == name or (name.endswith("/") and file.startswith(name)):
            return sheet
    return Sheet()


def may_begin(file: str) -> bool:
    """Say whether an author may add a file of this name."""
    return file in SHEETS or any(pattern.fullmatch(file) for pattern in NEW)
