"""The handbook as DOCX, in the styles that a word processor knows."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Length, Pt, RGBColor

from changtong.handbook.domain.book import Book, Entry, Table


if TYPE_CHECKING:
    from docx.document import Document as Pages

SERIF, SANS = "宋体", "黑体"
ACROSS = Cm(16.2)
CLAUSE, MARGIN = Cm(12.2), Cm(4)
INK = RGBColor(0, 0, 0)
QUIET = RGBColor(0x59, 0x59, 0x59)


def docx(book: Book) -> bytes:
    """Return the handbook as DOCX; the word processor adds the pages to the contents."""
    pages = Document()
    _dress(pages, english=book.lang == "en")
    pages.core_properties.title = book.running_head
    pages.core_properties.author = ""
    _title_page(pages, book)
    _contents(pages, book)
    for section in book.sections:
        heading = pages.add_heading(section.heading, 1)
        heading.paragraph_format.page_break_before = True
        if section.intro:
            pages.add_paragraph(section.intro)
        for entry in section.entries:
            _entry(pages, entry)
        for table in section.tables:
            if table.title:
                pages.add_heading(table.title, 3)
            _table(pages, table)
    _running(pages, book)
    made = BytesIO()
    pages.save(made)
    return made.getvalue()


def _dress(pages: Pages, *, english: bool) -> None:
    page = pages.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.4)
    fonts = {"Normal": (SERIF, 10.5), "Title": (SANS, 26)}
    fonts |= {"Heading 1": (SANS, 16), "Heading 2": (SANS, 11.5), "Heading 3": (SANS, 11.5)}
    for name, (family, size) in fonts.items():
        style = pages.styles[name]
        style.font.size = Pt(size)
        style.font.color.rgb = INK
        style.font.name = "Times New Roman" if family == SERIF else "Arial"
        given = style.element.get_or_add_rPr().get_or_add_rFonts()
        given.set(qn("w:eastAsia"), family)
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            given.attrib.pop(qn(f"w:{theme}"), None)
    # Without it, stops and commas are drawn as in Taiwan: in the middle of their square.
    language = pages.styles.element.find(f".//{qn('w:lang')}")
    if language is not None:
        language.set(qn("w:eastAsia"), "zh-CN")
    body = pages.styles.add_style("Clause", 1)
    body.base_style = pages.styles["Normal"]
    body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    body.paragraph_format.line_spacing = 1.4
    if not english:
        body.paragraph_format.first_line_indent = Pt(21)
    margin = pages.styles.add_style("Margin", 1)
    margin.base_style = pages.styles["Normal"]
    margin.font.size = Pt(8)
    margin.font.color.rgb = QUIET
    margin.paragraph_format.space_after = Pt(0)


def _title_page(pages: Pages, book: Book) -> None:
    title = pages.add_paragraph(book.title, style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_before = Pt(150)
    if book.subtitle:
        pages.add_paragraph(book.subtitle).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name, value in book.facts:
        pages.add_paragraph(f"{name}　{value}").alignment = WD_ALIGN_PARAGRAPH.CENTER


def _contents(pages: Pages, book: Book) -> None:
    heading = pages.add_paragraph()
    heading.add_run().add_break(WD_BREAK.PAGE)
    heading.add_run(book.contents).bold = True
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    lines = [pages.add_paragraph() for _ in book.sections]
    _open_field(lines[0], r'TOC \o "1-2" \h \z \u')
    # What stands in the field is read where it is never filled in anew.
    for line, section in zip(lines, book.sections, strict=True):
        line.add_run(section.heading)
        line.paragraph_format.space_after = Pt(2)
    _close_field(lines[-1])
    update = OxmlElement("w:updateFields")
    update.set(qn("w:val"), "true")
    pages.settings.element.append(update)


def _entry(pages: Pages, entry: Entry) -> None:
    """Put the clause and its margin side by side; a table keeps them together on every screen."""
    heading = pages.add_heading(f"{entry.number}　{entry.title}", 2)
    heading.paragraph_format.keep_with_next = True
    side = pages.add_table(rows=1, cols=2)
    words, margin = side.rows[0].cells
    _wide(side, [CLAUSE, MARGIN])
    _fill(words, entry.paragraphs, "Clause")
    _fill(margin, entry.margin, "Margin")


def _fill(cell: Any, texts: tuple[str, ...], style: str) -> None:
    cell.paragraphs[0].text = texts[0]
    cell.paragraphs[0].style = style
    for text in texts[1:]:
        cell.add_paragraph(text, style=style)


def _table(pages: Pages, table: Table) -> None:
    if not table.rows:
        pages.add_paragraph("—")
        return
    made = pages.add_table(rows=1, cols=len(table.heads))
    made.style = "Table Grid"
    widths = [Length(ACROSS * width // sum(table.widths)) for width in table.widths]
    for cell, text in zip(made.rows[0].cells, table.heads, strict=True):
        cell.text = ""
        cell.paragraphs[0].add_run(text).bold = True
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    made.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001
    for values in table.rows:
        for cell, text in zip(made.add_row().cells, values, strict=True):
            cell.text = text
    for row in made.rows:
        # A row goes to the next page as a whole.
        row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))  # noqa: SLF001
        for cell in row.cells:
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(8.5)
    _wide(made, widths)


def _wide(table: Any, widths: list[Length]) -> None:
    """Say how wide a table is in each of the three places where a word processor may look."""
    table.autofit = False
    whole = table._tbl.tblPr.find(qn("w:tblW"))  # noqa: SLF001
    whole.set(qn("w:type"), "dxa")
    whole.set(qn("w:w"), str(sum(width.twips for width in widths)))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width


def _running(pages: Pages, book: Book) -> None:
    page = pages.sections[0]
    page.different_first_page_header_footer = True
    head = page.header.paragraphs[0]
    head.text = f"{book.running_head}\t"
    # The style has stops of its own, in the middle and for paper of another width.
    pages.styles["Header"].paragraph_format.tab_stops.clear_all()
    head.paragraph_format.tab_stops.add_tab_stop(ACROSS, WD_TAB_ALIGNMENT.RIGHT)
    # The chapter that the page is in, by the name that every word processor gives the style.
    _field(head, "STYLEREF 1")
    foot = page.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, between, after = book.pages
    foot.add_run(before)
    _field(foot, "PAGE")
    foot.add_run(between)
    _field(foot, "NUMPAGES")
    foot.add_run(after)


def _field(paragraph: Any, instruction: str) -> None:
    _open_field(paragraph, instruction)
    _close_field(paragraph)


def _open_field(paragraph: Any, instruction: str) -> None:
    _mark(paragraph, "begin")
    words = OxmlElement("w:instrText")
    words.set(qn("xml:space"), "preserve")
    words.text = instruction
    paragraph.add_run()._r.append(words)  # noqa: SLF001
    _mark(paragraph, "separate")


def _close_field(paragraph: Any) -> None:
    _mark(paragraph, "end")


def _mark(paragraph: Any, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(mark)  # noqa: SLF001
