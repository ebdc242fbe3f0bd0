"""The handbook as DOCX, in the styles that a word processor knows."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from changtong.handbook.domain.book import Book, Entry, Table


if TYPE_CHECKING:
    from docx.document import Document as Pages

SERIF, SANS = "宋体", "黑体"
INK = RGBColor(0, 0, 0)
QUIET = RGBColor(0x59, 0x59, 0x59)


def docx(book: Book) -> bytes:
    """Return the handbook as DOCX; the word processor fills in the contents when it is opened."""
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
    _field(pages.add_paragraph(), r'TOC \o "1-2" \h \z \u')
    update = OxmlElement("w:updateFields")
    update.set(qn("w:val"), "true")
    pages.settings.element.append(update)


def _entry(pages: Pages, entry: Entry) -> None:
    """Put the clause and its margin side by side; a table keeps them together on every screen."""
    heading = pages.add_heading(f"{entry.number}　{entry.title}", 2)
    heading.paragraph_format.keep_with_next = True
    side = pages.add_table(rows=1, cols=2)
    side.autofit = False
    words, margin = side.rows[0].cells
    words.width, margin.width = Cm(12.2), Cm(4)
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
    made.autofit = False
    widths = [Cm(16.2 * width / sum(table.widths)) for width in table.widths]
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
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(8.5)


def _running(pages: Pages, book: Book) -> None:
    page = pages.sections[0]
    page.different_first_page_header_footer = True
    head = page.header.paragraphs[0]
    head.text = f"{book.running_head}\t"
    # The style has stops of its own, in the middle and for paper of another width.
    pages.styles["Header"].paragraph_format.tab_stops.clear_all()
    head.paragraph_format.tab_stops.add_tab_stop(Cm(16.2), WD_TAB_ALIGNMENT.RIGHT)
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
    for kind in ("begin", None, "separate", "end"):
        part = OxmlElement("w:instrText" if kind is None else "w:fldChar")
        if kind is None:
            part.set(qn("xml:space"), "preserve")
            part.text = instruction
        else:
            part.set(qn("w:fldCharType"), kind)
        paragraph.add_run()._r.append(part)  # noqa: SLF001
