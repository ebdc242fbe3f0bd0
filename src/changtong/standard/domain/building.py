"""Build each rule of an edition from its table in a file."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType

from changtong.kernel.errors import Refused
from changtong.standard.domain import places, words
from changtong.standard.domain.calendars import Within
from changtong.standard.domain.ladders import Ladder, Rung
from changtong.standard.domain.parsing import Section
from changtong.standard.domain.remedies import Part, Remedy
from changtong.standard.domain.rules import (
    AcceptanceRule,
    ArchivingRule,
    AssignmentRule,
    AttachmentRule,
    CallbackRule,
    Category,
    Chapter,
    ChildRule,
    Choice,
    Clause,
    ClosingCondition,
    DuplicateRule,
    EvaluationRule,
    Figure,
    Graded,
    PauseReason,
    PortalRule,
    ReopeningRule,
    RepeatRule,
    RetentionClass,
    Skill,
    Source,
    SupplementRule,
    Target,
    Term,
    VisitHours,
    VisitRule,
)
from changtong.standard.domain.selecting import REGION, Row


def clause(file: Section, section: Section, chapter: Chapter) -> Clause:
    number = section.text("number")
    # An article of a law is its own legal basis.
    article = number.removeprefix(f"{chapter.number}.")
    own_basis = (f"{chapter.source} {article}",) if chapter.source else ()
    return Clause(
        number=number,
        chapter=chapter.number,
        title=section.text("title"),
        title_en=section.text("title_en"),
        text=section.text("text"),
        text_en=section.text("text_en"),
        enforced=section.flag("enforced", default=False),
        rules=section.some_of("rules", tuple(words.RULES_IN_CODE), ()),
        evidence=section.texts("evidence", ()),
        owner=section.text("owner", file.text("owner")),
        review_on=section.day("review_on") if "review_on" in section else file.day("review_on"),
        legal_basis=(*own_basis, *section.texts("legal_basis", ())),
        families=section.some_of("families", words.FAMILIES, words.FAMILIES),
        kinds=section.some_of("kinds", words.KINDS, words.KINDS),
        adopts=section.texts("adopts", ()),
    )


def term(section: Section) -> Term:
    return Term(
        code=section.text("code"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        meaning=section.text("meaning"),
        meaning_en=section.text("meaning_en"),
    )


def source(_: Section, section: Section) -> Source:
    return Source(
        code=section.text("code"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        version=section.text("version"),
        issuer=section.text("issuer"),
        effective_from=section.day("effective_from") if "effective_from" in section else None,
        in_force=section.one_of("in_force", words.IN_FORCE, "verified"),
        read_in=section.text("read_in", ""),
    )


def figure(file: Section, section: Section) -> Figure:
    return Figure(
        code=section.text("code"),
        title=section.text("title"),
        title_en=section.text("title_en"),
        value=section.text("value", ""),
        compare=section.one_of("compare", words.COMPARISONS),
        statistic=section.one_of("statistic", words.STATISTICS),
        source=section.text("source", ""),
        article=section.text("article", ""),
        confidence=section.one_of("confidence", words.CONFIDENCES),
        status=section.one_of("status", words.FIGURE_STATES),
        note=section.text("note", ""),
        wording=section.text("wording", ""),
        internal_target=section.text("internal_target", ""),
        effective_from=section.day("effective_from") if "effective_from" in section else None,
        effective_to=section.day("effective_to") if "effective_to" in section else None,
        owner=section.text("owner", file.text("owner")),
        reviewed_on=section.day("reviewed_on")
        if "reviewed_on" in section
        else file.day("reviewed_on"),
    )


def category(file: Section, section: Section) -> Category:
    def inherited(key: str) -> Section:
        return section if key in section else file

    return Category(
        code=section.text("code"),
        parent=section.optional("parent"),
        kind=file.one_of("kind", words.KINDS),
        name=section.text("name"),
        name_en=section.text("name_en"),
        families=inherited("families").some_of("families", words.FAMILIES),
        keywords=section.texts("keywords", ()),
        mode=inherited("mode").one_of("mode", words.MODES),
        skill=inherited("skill").text("skill"),
        instruments=inherited("instruments").texts("instruments", ()),
        venue=inherited("venue").optional("venue"),
        work_for=inherited("work_for").span("work_for"),
        impact=inherited("impact").one_of("impact", words.IMPACTS, "single"),
        urgency=inherited("urgency").one_of("urgency", words.URGENCIES, "normal"),
        clause=inherited("clause").text("clause"),
    )


def skill(section: Section) -> Skill:
    return Skill(
        code=section.text("code"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        renewed_after_months=section.whole("renewed_after_months", at_least=1)
        if "renewed_after_months" in section
        else None,
        clause=section.text("clause"),
    )


def choice(section: Section, clause: str) -> Choice:
    return Choice(
        code=section.text("code"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        clause=section.text("clause", clause or None),
    )


def _when(section: Section, attributes: Sequence[str]) -> Mapping[str, frozenset[str]]:
    if "when" not in section:
        return MappingProxyType({})
    table = section.table("when")
    found = {}
    for attribute, value in table.raw().items():
        if attribute not in attributes:
            table.note("attribute.unknown", attribute, allowed=sorted(attributes))
            continue
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not values:
            table.note("value.wrong_type", attribute, wanted="text or list of texts")
            continue
        known = words.ATTRIBUTES.get(attribute)
        for wanted in values:
            if known is not None and wanted not in known:
                table.note("value.not_allowed", attribute, value=wanted, allowed=list(known))
            if attribute == REGION and not places.is_readable(str(wanted)):
                table.note("region.unreadable", attribute, value=wanted)
        found[attribute] = frozenset(map(str, values))
    return MappingProxyType(found)


def graded(section: Section) -> Row[Graded]:
    priority = section.one_of("priority", words.PRIORITIES)
    graded = Graded(priority, section.text("clause"))
    return Row(_when(section, words.PRIORITY_ATTRIBUTES), graded, section.origin)


def target_row(
    section: Section, row: Section, figures: Mapping[str, Figure], **same: str
) -> Row[Target]:
    def inherited(key: str) -> Section:
        return row if key in row else section

    figure = row.optional("figure")
    target = Target(
        within=_figure_or_own(row, figure, figures),
        calendar=inherited("calendar").text("calendar"),
        pausable=inherited("pausable").flag("pausable", default=False),
        warn_at=inherited("warn_at").shares("warn_at"),
        starts_on=section.one_of("starts_on", words.MOMENTS),
        stops_on=section.one_of("stops_on", words.MOMENTS),
        clause=inherited("clause").text("clause"),
        figure=figure,
        void_if_cause=inherited("void_if_cause").texts("void_if_cause", ()),
        again_until=section.one_of("again_until", words.MOMENTS)
        if "again_until" in section
        else "",
        **same,
    )
    return Row(_when(row, words.LIMIT_ATTRIBUTES), target, row.origin)


def _figure_or_own(row: Section, figure: str | None, figures: Mapping[str, Figure]) -> Within:
    if figure is None:
        return row.within("within")
    if figure not in figures:
        row.note("figure.unknown", "figure", figure=figure)
        return Within(1, "minute")
    try:
        return figures[figure].within
    except Refused:
        row.note("value.not_a_limit", "figure", value=figures[figure].value)
        return Within(1, "minute")


def acceptance(section: Section) -> AcceptanceRule:
    return AcceptanceRule(
        required=section.texts("required"),
        confident_at_least=section.share("confident_at_least"),
        clause=section.text("clause"),
    )


def duplicates(section: Section) -> DuplicateRule:
    return DuplicateRule(within=section.span("within"), clause=section.text("clause"))


def repeat(section: Section) -> RepeatRule:
    return RepeatRule(within=section.span("within"), clause=section.text("clause"))


def child(section: Section) -> ChildRule:
    return ChildRule(
        pauses_with_parent=section.flag("pauses_with_parent", default=False),
        ends_first=section.flag("ends_first", default=True),
        clause=section.text("clause"),
    )


def supplement(section: Section) -> SupplementRule:
    return SupplementRule(
        answer_within=section.span("answer_within"),
        remind_after=section.span("remind_after"),
        asked_at_most=section.whole("asked_at_most", at_least=1),
        clause=section.text("clause"),
    )


def assignment(section: Section) -> AssignmentRule:
    return AssignmentRule(
        open_at_most=section.whole("open_at_most", at_least=1),
        alarm_after=section.span("alarm_after"),
        clause=section.text("clause"),
    )


def pause(section: Section) -> PauseReason:
    return PauseReason(
        code=section.text("code"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        at_most=section.span("at_most"),
        clause=section.text("clause"),
        keeps_visit_for=section.span("keeps_visit_for")
        if "keeps_visit_for" in section
        else timedelta(),
        approved_within=section.span("approved_within") if "approved_within" in section else None,
    )


def callback(section: Section) -> CallbackRule:
    return CallbackRule(
        attempts_at_most=section.whole("attempts_at_most", at_least=1),
        clause=section.text("clause"),
    )


def visit(section: Section) -> VisitRule:
    return VisitRule(
        hours=tuple(
            Row(
                _when(row, words.VISIT_ATTRIBUTES),
                VisitHours(row.text("calendar"), row.text("clause")),
            )
            for row in section.tables("row")
        ),
        speed_kmh=section.whole("speed_kmh", at_least=1),
        detour_percent=section.whole("detour_percent", at_least=100),
        missed_after=section.span("missed_after"),
        offered_from=section.span("offered_from"),
        offered_within=section.span("offered_within"),
        offered_every=section.span("offered_every"),
        clause=section.text("clause"),
    )


def remedy(section: Section) -> Remedy:
    return Remedy(
        code=section.text("code"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        metric=section.one_of("metric", words.METRICS),
        basis=section.one_of("basis", words.BASES),
        parts=tuple(_remedy_part(part) for part in section.tables("part")),
        at_most=_money(section, "at_most") if "at_most" in section else None,
        begun_day_counts=section.flag("begun_day_counts", default=False),
        excluded_causes=section.texts("excluded_causes", ()),
        categories=section.texts("categories", ()),
        clause=section.text("clause"),
    )


def _remedy_part(section: Section) -> Part:
    is_share = "of" in section
    return Part(
        of=section.one_of("of", words.REMEDY_BASES) if is_share else "",
        amount=Decimal() if is_share else _money(section, "amount"),
        share=_money(section, "share") if is_share else Decimal(),
        divided_by=section.whole("divided_by", at_least=1) if is_share else 1,
        per=section.one_of("per", words.REMEDY_COUNTS),
    )


def _money(section: Section, key: str) -> Decimal:
    """Return a number that is written as text, so that it is exactly what was written."""
    text = section.text(key)
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) is None:
        section.note("value.not_a_number", key, value=text)
        return Decimal()
    return Decimal(text)


def condition(section: Section) -> ClosingCondition:
    return ClosingCondition(
        code=section.one_of("code", words.CLOSING_CONDITIONS),
        name=section.text("name"),
        name_en=section.text("name_en"),
        clause=section.text("clause"),
    )


def evaluation(section: Section) -> EvaluationRule:
    clause = section.text("clause")
    return EvaluationRule(
        within=section.span("within"),
        remind_after=section.span("remind_after"),
        silent_consent_after=section.span("silent_consent_after"),
        low_score_at_most=section.whole("low_score_at_most", at_least=1),
        follow_up_within=section.span("follow_up_within"),
        tags=tuple(choice(tag, clause) for tag in section.tables("tag")),
        clause=clause,
    )


def reopening(section: Section) -> ReopeningRule:
    return ReopeningRule(
        within=section.span("within"),
        at_most=section.whole("at_most", at_least=1),
        clause=section.text("clause"),
    )


def retention(section: Section) -> RetentionClass:
    return RetentionClass(
        code=section.text("code"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        months=section.whole("months", at_least=1),
        basis=section.text("basis"),
        clause=section.text("clause"),
    )


def archiving(section: Section) -> ArchivingRule:
    return ArchivingRule(section.span("sealed_within"), section.text("clause"))


def attachments(section: Section) -> AttachmentRule:
    return AttachmentRule(
        at_most_bytes=section.whole("at_most_bytes", at_least=1),
        media_types=section.texts("media_types"),
        at_most_count=section.whole("at_most_count", at_least=1),
        clause=section.text("clause"),
    )


def portal(section: Section) -> PortalRule:
    return PortalRule(
        code_digits=section.whole("code_digits", at_least=4),
        code_valid_for=section.span("code_valid_for"),
        code_attempts=section.whole("code_attempts", at_least=1),
        code_resent_after=section.span("code_resent_after"),
        link_valid_for=section.span("link_valid_for"),
        clause=section.text("clause"),
    )


def ladder_row(section: Section) -> Row[Ladder]:
    ladder = Ladder(
        rungs=tuple(
            _rung(number, step, section) for number, step in enumerate(section.tables("step"), 1)
        ),
        answer_within=section.span("answer_within"),
        clause=section.text("clause"),
        told_in=section.optional("told_in"),
    )
    return Row(_when(section, words.LADDER_ATTRIBUTES), ladder, section.origin)


def _rung(number: int, step: Section, row: Section) -> Rung:
    times = [key for key in ("share", "before", "after") if key in step]
    if len(times) != 1:
        step.note("step.not_one_time", "", found=times)
    repeats = "repeat_every" in step
    return Rung(
        number=number,
        level=step.one_of("level", words.LEVELS),
        also_by=step.some_of("also_by", words.OUTSIDE, ()),
        clause=(step if "clause" in step else row).text("clause"),
        share=step.share("share") if "share" in step else None,
        before=step.span("before") if "before" in step else None,
        after=step.span("after") if "after" in step else None,
        repeat_every=step.span("repeat_every") if repeats else None,
        repeat_at_most=step.whole("repeat_at_most", at_least=1) if repeats else 0,
    )
