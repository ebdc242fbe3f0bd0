"""Compose the handbook of an edition from what it says and what was measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from changtong.handbook.domain.book import Book, Entry, Lang, Section, Table
from changtong.handbook.domain.words import (
    calendar_facts,
    condition,
    day,
    listed,
    pick,
    week,
    within,
    word,
)
from changtong.standard.domain.comparing import ClauseChange, Comparison
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.rules import Chapter, Clause, Term
from changtong.standard.domain.words import KINDS


class Measured(Protocol):
    """What the clocks of a clause came to."""

    @property
    def met(self) -> int: ...
    @property
    def late(self) -> int: ...
    @property
    def share(self) -> float | None: ...


@dataclass(frozen=True, kw_only=True)
class Contents:
    """All that a handbook is made of; who approved it and its state come from the records."""

    edition: Edition
    lang: Lang
    since: date
    until: date
    version: str
    approved_by: str
    # The path of the place that was measured; empty is everywhere.
    region: str = ""
    regions: Mapping[str, str] = field(default_factory=dict)
    measured: Mapping[str, Measured] = field(default_factory=dict)
    previous: str = ""
    comparison: Comparison | None = None

    def pick(self, chinese: str, english: str) -> str:
        return pick(self.lang, chinese, english)

    @property
    def names(self) -> Mapping[str, str]:
        """Return the names of what only this edition and this catalog know."""
        found = {f"region:{code}": name for code, name in self.regions.items()}
        for one in self.edition.categories:
            found[f"category:{one.code}"] = self.pick(one.name, one.name_en)
        return found


def compose(contents: Contents) -> Book:
    """Return the handbook: chapters, then the annexes."""
    edition, tell = contents.edition, contents.pick
    title = tell(edition.title, edition.title_en)
    chapters = [one for one in edition.chapters if one.source is None]
    law = [one for one in edition.chapters if one.source is not None]
    period = f"{day(contents.lang, contents.since)} – {day(contents.lang, contents.until)}"
    return Book(
        lang=contents.lang,
        title=title,
        subtitle=edition.title_en if contents.lang == "both" else "",
        running_head=f"{title} {contents.version}",
        facts=(
            (tell("编号", "Code"), edition.code),
            (tell("版次", "Version"), contents.version),
            (tell("施行日期", "In force from"), day(contents.lang, edition.effective_from)),
            (tell("批准", "Approved by"), contents.approved_by),
            (tell("统计期间", "Measured over"), period),
            (tell("统计地区", "Measured in"), _place(contents)),
            (tell("文本摘要", "Digest"), edition.digest),
        ),
        contents=tell("目　录", "Contents"),
        pages=("第 ", " 页，共 ", " 页") if contents.lang != "en" else ("Page ", " of ", ""),
        breaches=tell("查看超时工单", "Show late cases"),
        sections=(
            *(_chapter(contents, one, _ordinal(contents, one)) for one in chapters),
            *_annexes(contents, law),
        ),
    )


def _place(contents: Contents) -> str:
    codes = [code for code in contents.region.split("/") if code]
    if not codes:
        return contents.pick("全部地区", "all regions")
    return " ".join(contents.regions.get(code, code) for code in codes)


def _ordinal(contents: Contents, chapter: Chapter) -> str:
    return contents.pick(f"第 {chapter.number} 章", f"Chapter {chapter.number}")


def _annexes(contents: Contents, law: list[Chapter]) -> Iterator[Section]:
    tell = contents.pick
    letters = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    def heading(chinese: str, english: str) -> str:
        letter = next(letters)
        return tell(f"附录 {letter}　{chinese}", f"Annex {letter}  {english}")

    yield Section(heading("术语", "Terms"), tables=(_terms(contents),))
    yield Section(heading("时限表", "Limits"), tables=tuple(_limits(contents)))
    yield Section(heading("工作日历", "Calendars"), tables=(_calendars(contents),))
    yield Section(heading("法律依据", "Basis in law"), tables=(_sources(contents),))
    for one in law:
        yield _chapter(contents, one, one.number)
    yield Section(heading("尚待执行的条款", "Not yet enforced"), tables=(_unenforced(contents),))
    history = heading("与上一版的差别", "Changes against the edition before")
    if contents.comparison is None:
        yield Section(
            history, intro=tell("本版为首版，没有上一版。", "This is the first edition.")
        )
    else:
        intro = tell(f"与 {contents.previous} 版比较。", f"Compared with {contents.previous}.")
        yield Section(history, tables=tuple(_changes(contents, contents.comparison)), intro=intro)


def _chapter(contents: Contents, chapter: Chapter, ordinal: str) -> Section:
    return Section(
        heading=f"{ordinal}　{contents.pick(chapter.title, chapter.title_en)}",
        entries=tuple(
            _entry(contents, one)
            for one in contents.edition.clauses.values()
            if one.chapter == chapter.number
        ),
    )


def _entry(contents: Contents, clause: Clause) -> Entry:
    paragraphs = [contents.pick(clause.text, clause.text_en)]
    title = contents.pick(clause.title, clause.title_en)
    if contents.lang == "both":
        paragraphs.append(clause.text_en)
        title = f"{title}　{clause.title_en}"
    found = contents.measured.get(clause.number)
    return Entry(
        number=clause.number,
        title=title,
        paragraphs=tuple(paragraphs),
        margin=tuple(_margin(contents, clause, found)),
        enforced=clause.enforced,
        late=found.late if found else 0,
    )


def _margin(contents: Contents, clause: Clause, found: Measured | None) -> Iterator[str]:
    tell = contents.pick
    if not clause.enforced:
        yield tell("○ 尚待执行", "○ not yet enforced")
        return
    yield tell("● 系统执行", "● enforced")
    if found is None or found.share is None:
        if clause.number in _timed(contents.edition):
            yield tell("期间内无办结时限", "no limit ended in the period")
        return
    # Rounded down: a single breach never reads as a full hundred.
    share = int(found.share * 1000) / 10
    yield tell(f"合格率 {share:.1f}%", f"kept {share:.1f}%")
    total = found.met + found.late
    yield tell(f"超时 {found.late:,} / 共 {total:,}", f"late {found.late:,} of {total:,}")


def _timed(edition: Edition) -> set[str]:
    return {row.then.clause for limit in edition.limits for row in limit.rows}


def _terms(contents: Contents) -> Table:
    tell = contents.pick

    def meaning(term: Term) -> str:
        words = tell(term.meaning, term.meaning_en)
        return f"{words} {term.meaning_en}" if contents.lang == "both" else words

    return Table(
        heads=(tell("术语", "Term"), tell("英文", "Chinese"), tell("含义", "Meaning")),
        rows=tuple(
            (tell(one.name, one.name_en), tell(one.name_en, one.name), meaning(one))
            for one in contents.edition.terms
        ),
        widths=(2, 2, 6),
    )


def _limits(contents: Contents) -> Iterator[Table]:
    tell, lang, names = contents.pick, contents.lang, contents.names
    heads = (
        tell("时限", "Limit"),
        tell("性质", "Basis"),
        tell("优先级", "Priority"),
        tell("其他条件", "Where and for whom"),
        tell("期限", "Within"),
        tell("日历", "Calendar"),
        tell("条款", "Clause"),
    )
    for kind in KINDS:
        rows = []
        for limit in contents.edition.limits:
            for row in limit.rows if limit.kind == kind else ():
                calendar = contents.edition.calendar(row.then.calendar)
                priorities = sorted(row.when.get("priority", ()))
                rows.append(
                    (
                        word(lang, limit.metric),
                        word(lang, limit.basis),
                        listed(lang, priorities) or tell("全部", "All"),
                        condition(lang, row.when, names, without="priority"),
                        within(lang, row.then.within),
                        tell(calendar.name, calendar.name_en) or calendar.code,
                        row.then.clause,
                    )
                )
        yield Table(heads, tuple(sorted(rows)), word(lang, kind), (3, 2, 3, 6, 4, 4, 2))


def _calendars(contents: Contents) -> Table:
    tell, lang = contents.pick, contents.lang
    return Table(
        heads=(
            tell("日历", "Calendar"),
            tell("时区", "Time zone"),
            tell("每周开放", "Open in a week"),
            tell("季节与节假日", "Seasons and holidays"),
        ),
        rows=tuple(
            (
                tell(one.name, one.name_en) or one.code,
                one.timezone,
                week(lang, one.weekly),
                calendar_facts(lang, one),
            )
            for one in contents.edition.calendars.values()
        ),
        widths=(3, 3, 5, 7),
    )


def _sources(contents: Contents) -> Table:
    tell = contents.pick
    articles: dict[str, list[str]] = {}
    for one in contents.edition.clauses.values():
        for basis in one.legal_basis:
            source, _space, article = basis.partition(" ")
            articles.setdefault(source, []).append(article)
    return Table(
        heads=(
            tell("文件", "Instrument"),
            tell("版本", "Version"),
            tell("发布机关", "Issued by"),
            tell("引用条文", "Articles cited"),
        ),
        rows=tuple(
            (
                tell(one.name, one.name_en),
                one.version,
                one.issuer,
                listed(contents.lang, dict.fromkeys(filter(None, articles.get(one.code, ()))))
                or "—",
            )
            for one in contents.edition.sources.values()
        ),
        widths=(5, 2, 4, 5),
    )


def _unenforced(contents: Contents) -> Table:
    tell = contents.pick
    return Table(
        heads=(tell("条款", "Clause"), tell("标题", "Title"), tell("责任岗位", "Owner")),
        rows=tuple(
            (one.number, tell(one.title, one.title_en), one.owner)
            for one in contents.edition.clauses.values()
            if not one.enforced
        ),
        widths=(2, 6, 4),
    )


def _changes(contents: Contents, comparison: Comparison) -> Iterator[Table]:
    tell, lang, names = contents.pick, contents.lang, contents.names

    def texts(change: ClauseChange) -> str:
        sides = (change.old, change.new)
        words = [tell(one.text, one.text_en) if one else "—" for one in sides]
        return " → ".join(dict.fromkeys(words))

    yield Table(
        heads=(tell("条款", "Clause"), tell("改动", "Change"), tell("文字", "Text")),
        rows=tuple((one.number, word(lang, one.how), texts(one)) for one in comparison.clauses),
        title=tell("条款", "Clauses"),
        widths=(2, 2, 10),
    )
    yield Table(
        heads=(
            tell("时限", "Limit"),
            tell("适用", "Where"),
            tell("原期限", "Before"),
            tell("新期限", "Now"),
            tell("评判", "Judged"),
        ),
        rows=tuple(
            (
                word(lang, one.target.metric),
                condition(lang, one.when, names),
                listed(lang, dict.fromkeys(within(lang, t.within) for t in one.before)) or "—",
                listed(lang, dict.fromkeys(within(lang, t.within) for t in one.after)) or "—",
                word(lang, one.judged),
            )
            for one in comparison.limits
        ),
        title=tell("时限", "Limits"),
        widths=(3, 5, 4, 4, 2),
    )
