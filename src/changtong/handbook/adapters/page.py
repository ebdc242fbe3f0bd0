"""The handbook as one HTML file that needs no other, for the screen and for a printer."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from changtong.handbook.domain.book import Book, Entry, Table


STYLE = """
:root{color-scheme:light dark;--quiet:light-dark(#555,#b5b5b5);--line:light-dark(#ccc,#555)}
body{max-width:58rem;margin:0 auto;padding:2rem 1rem;font:1rem/1.8 "Noto Serif SC","Songti SC",
SimSun,serif;text-align:justify;line-break:strict}
h1,h2,h3,h4,nav,th,aside{font-family:"Noto Sans SC","PingFang SC",SimHei,sans-serif}
h1{font-size:2rem;text-align:center;line-height:1.3}h2{text-align:center;margin-top:3rem}
h3{font-size:1.05rem;margin:0}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;
max-width:40rem;margin:2rem auto}dt,aside{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
nav ol{list-style:none;padding:0;columns:18rem}a{color:inherit}
article{display:grid;grid-template-columns:1fr 9rem;gap:0 1.5rem;margin:1.2rem 0;
break-inside:avoid}article p{margin:.2rem 0;text-indent:2em}html[lang=en] article p{text-indent:0}
article p+p{color:var(--quiet);font-size:.9em}aside{border-left:1px solid var(--line);
padding-left:.8rem;font-size:.8rem;line-height:1.6;text-align:left}aside div{margin:0}
.frame{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.85rem;
text-align:left;line-height:1.5}th,td{border-bottom:1px solid var(--line);padding:.35rem .5rem;
vertical-align:top}thead th{border-top:2px solid}
@media(max-width:40rem){article{grid-template-columns:1fr}aside{border:0;padding:0}}
@media print{@page{size:A4;margin:22mm 20mm}body{padding:0;font-size:10.5pt}h2{break-before:page}
h2,h3{break-after:avoid}thead{display:table-header-group}tr{break-inside:avoid}}
"""


def html(book: Book, *, breaches_at: str = "") -> bytes:
    """
    Return the handbook as HTML.

    :param breaches_at: address of the late cases of a clause, `{number}` in it; none without
    """
    lang = "en" if book.lang == "en" else "zh-CN"
    parts = [
        (
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{escape(book.running_head)}</title>"
            f"<style>{STYLE}</style></head><body><header><h1>{escape(book.title)}</h1>"
        ),
        f'<p lang="en">{escape(book.subtitle)}</p>' if book.subtitle else "",
        "<dl>",
        *(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in book.facts),
        "</dl></header>",
        f'<nav aria-labelledby="contents"><h2 id="contents">{escape(book.contents)}</h2><ol>',
        *(
            f'<li><a href="#s{at}">{escape(section.heading)}</a></li>'
            for at, section in enumerate(book.sections)
        ),
        "</ol></nav><main>",
    ]
    for at, section in enumerate(book.sections):
        parts.append(
            f'<section aria-labelledby="s{at}"><h2 id="s{at}">{escape(section.heading)}</h2>'
        )
        if section.intro:
            parts.append(f"<p>{escape(section.intro)}</p>")
        parts.extend(_entry(book, one, breaches_at) for one in section.entries)
        for table in section.tables:
            parts.extend(_table(table))
        parts.append("</section>")
    return "".join([*parts, "</main></body></html>"]).encode()


def _entry(book: Book, entry: Entry, breaches_at: str) -> str:
    first, *others = entry.paragraphs
    number = escape(entry.number)
    link = ""
    if breaches_at and entry.late:
        address = escape(breaches_at.format(number=entry.number))
        link = f'<div><a href="{address}">{escape(book.breaches)}</a></div>'
    return (
        f'<article id="c{number}"><div><h3>{number}　{escape(entry.title)}</h3>'
        f"<p>{escape(first)}</p>"
        + "".join(f'<p lang="en">{escape(one)}</p>' for one in others)
        + "</div><aside>"
        + "".join(f"<div>{escape(one)}</div>" for one in entry.margin)
        + f"{link}</aside></article>"
    )


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield f"<h3>{escape(table.title)}</h3>"
    heads = "".join(f'<th scope="col">{escape(one)}</th>' for one in table.heads)
    yield f'<div class="frame" tabindex="0"><table><thead><tr>{heads}</tr></thead><tbody>'
    for row in table.rows:
        yield f"<tr>{''.join(f'<td>{escape(one)}</td>' for one in row)}</tr>"
    yield "</tbody></table></div>"
