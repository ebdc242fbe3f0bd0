"""Every format of the handbook has each clause once, with what was measured beside it."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import pypdfium2
import pytest

from changtong.handbook.adapters import document, page, paper
from changtong.handbook.domain import words
from changtong.handbook.domain.book import Book
from changtong.handbook.domain.composing import Contents, compose
from changtong.standard.adapters import folder
from changtong.standard.domain import law, parsing, reading
from changtong.standard.domain.calendars import Within
from changtong.standard.domain.edition import Edition


STANDARDS = Path(__file__).parents[3] / "standards"
NUMBER = re.compile(r"([A-Z]?[0-9]+(?:\.[A-Z]?[0-9]+)+)\s*\S")


@dataclass(frozen=True)
class Counted:
    met: int
    late: int

    @property
    def share(self) -> float | None:
        return self.met / (self.met + self.late)


def parsed(name: str) -> dict:
    return parsing.parse(folder.texts(STANDARDS / name))


@pytest.fixture(scope="module")
def edition() -> Edition:
    return reading.edition(law.complete(parsed("cn-telecom/1.0.0"), parsed))


def book(edition: Edition, lang: str = "zh") -> Book:
    return compose(
        Contents(
            edition=edition,
            lang=lang,
            since=date(2026, 1, 1),
            until=date(2026, 3, 31),
            version=edition.version,
            approved_by="质量部",
            measured={"4.2": Counted(1999, 1)},
        )
    )


def test_the_pdf_has_every_clause_once_in_its_bookmarks_and_fonts_within(edition, tmp_path):
    made = paper.pdf(book(edition), fonts=tmp_path / "none")

    marks = [one.get_title() for one in pypdfium2.PdfDocument(made).get_toc()]
    numbers = Counter(found.group(1) for mark in marks if (found := NUMBER.match(mark)))
    assert numbers == Counter(list(edition.clauses))
    assert made.count(b"/FontFile") > 0


def test_words_of_a_book_are_set_and_never_run(edition, tmp_path):
    hostile = '#read("/etc/hostname")#eval("1+1")'
    short = replace(book(edition), title=hostile, sections=book(edition).sections[:1])

    made = pypdfium2.PdfDocument(paper.pdf(short, fonts=tmp_path / "none"))

    assert hostile in "".join(made[0].get_textpage().get_text_range().split())


def test_the_docx_has_every_clause_once_as_a_heading(edition):
    read = docx.Document(BytesIO(document.docx(book(edition))))

    headings = [one.text for one in read.paragraphs if one.style.name == "Heading 2"]
    assert [text.split("\u3000")[0] for text in headings] == [
        entry.number for section in book(edition).sections for entry in section.entries
    ]
    assert len(headings) == len(edition.clauses)


def test_the_tables_of_the_docx_repeat_their_heads(edition):
    made = docx.Document(BytesIO(document.docx(book(edition))))

    grids = [one for one in made.tables if one.style.name == "Table Grid"]
    assert grids
    assert all("w:tblHeader" in one.rows[0]._tr.xml for one in grids)


def test_the_docx_is_as_wide_as_its_page_and_lists_its_chapters_before_any_field_is_filled(
    edition,
):
    made = docx.Document(BytesIO(document.docx(book(edition))))

    for table in made.tables:
        wide = sum(column.width.twips for column in table.columns)
        assert wide == pytest.approx(document.ACROSS.twips, abs=5)
        assert f'w:w="{wide}"' in table._tbl.tblPr.xml
    words = [one.text for one in made.paragraphs]
    assert all(words.count(one.heading) == 2 for one in book(edition).sections)


@pytest.mark.parametrize("lang", ["zh", "en", "both"])
def test_the_html_has_every_clause_once(edition, lang):
    made = page.html(book(edition, lang)).decode()

    found = Counter(re.findall(r'<article id="c([^"]+)"', made))
    assert found == Counter(list(edition.clauses))


def test_one_breach_never_reads_as_a_full_hundred(edition):
    entries = {one.number: one for part in book(edition).sections for one in part.entries}

    assert entries["4.2"].margin == ("● 系统执行", "合格率 99.9%", "超时 1 / 共 2,000")
    assert entries["1.1"].margin == ("○ 尚待执行",)


def test_the_html_links_to_late_cases_only_where_there_are_some(edition):
    made = page.html(book(edition), breaches_at="/late?clause={number}").decode()

    assert re.findall(r'href="(/late[^"]*)"', made) == ["/late?clause=4.2"]


def test_the_english_handbook_is_headed_in_english(edition):
    found = book(edition, "en")

    assert found.title == edition.title_en
    assert found.sections[0].heading.startswith("Chapter 1")


def test_a_cut_off_is_told_in_both_languages():
    limit = Within.parse("today before 16:00 else 24h")

    assert words.within("zh", limit) == "16:00 前当日，此后24 小时"
    assert words.within("en", limit) == "the same day before 16:00, else 24 h"


def test_each_page_of_the_docx_names_its_chapter_and_no_row_is_cut(edition):
    made = docx.Document(BytesIO(document.docx(book(edition))))
    (row, *_rest) = next(one for one in made.tables if one.style.name == "Table Grid").rows

    assert "STYLEREF 1" in made.sections[0].header.paragraphs[0]._p.xml
    assert "w:cantSplit" in row._tr.xml
