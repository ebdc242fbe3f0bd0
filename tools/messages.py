"""
Keep the English catalogue complete. Chinese is the source language, so it is never missing.

    python tools/messages.py update     # write new messages into the catalogue, drop unused ones
    python tools/messages.py check      # name what has no English; exit 1 if anything has none
    python tools/messages.py fill FILE  # put the English of a JSON object {Chinese: English} in
    python tools/messages.py compile    # write the .mo file that Django reads

Messages are found without system gettext: templates by Django's own lexer, Python by its parser.
"""

from __future__ import annotations

import ast
import fcntl
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split
from django.utils.translation import trim_whitespace


ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src/changtong"
CATALOG = SOURCE / "locale/en/LC_MESSAGES/django.po"

SINGULAR = {"gettext", "gettext_lazy", "gettext_noop", "_", "_lazy"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXTUAL = {"pgettext", "pgettext_lazy"}
CONSTANT = re.compile(r"""_\((?P<quote>["'])(?P<text>.+?)(?P=quote)\)""")
FACT = re.compile(r"%\((\w+)\)[sd]")


@dataclass(frozen=True)
class Message:
    """One message as the source has it."""

    text: str
    plural: str | None
    context: str | None
    place: str
    line: int


def main(arguments: list[str]) -> int:
    """
    Do what the first argument says, one caller at a time.

    Two that write the catalogue at once would lose each other's English.
    """
    with Path(__file__).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        return run(arguments)


def run(arguments: list[str]) -> int:
    """Do it."""
    match arguments:
        case ["update"]:
            update()
            return check()
        case ["check"]:
            return check()
        case ["fill", file]:
            update(json.loads(Path(file).read_text(encoding="utf-8")))
            compile_catalog()
            return check()
        case ["compile"]:
            compile_catalog()
            return 0
    print(__doc__)
    return 2


def update(english: Mapping[str, str | list[str]] | None = None) -> None:
    """Write the catalogue: messages in the source, with the English there is and what is new."""
    known = catalog()
    fresh = Catalog(locale="en", charset="utf-8", header_comment="# English for 畅通.")
    for message in messages():
        text = (message.text, message.plural) if message.plural else message.text
        fresh.add(text, locations=[(message.place, 0)], context=message.context)
    for entry in fresh:
        if entry.id and (old := known.get(entry.id, context=entry.context)):
            entry.string = old.string
        if entry.id and english and not any(entry.string or ""):
            plural = isinstance(entry.id, tuple)
            given = english.get(entry.id[0] if plural else entry.id, "")
            # A list is the English for one and for many.
            entry.string = tuple(given) if plural else given
    fresh.project, fresh.version, fresh.fuzzy = "changtong", "0", False
    fresh.msgid_bugs_address = fresh.last_translator = fresh.language_team = ""
    # A date would make every run a change.
    fresh.creation_date = fresh.revision_date = known.creation_date
    CATALOG.parent.mkdir(parents=True, exist_ok=True)
    with CATALOG.open("wb") as file:
        write_po(file, fresh, width=98, sort_output=True, omit_header=False, include_lineno=False)


def check() -> int:
    """Name every message without English, and English that lacks one of the message's facts."""
    complaints = list(missing()) + list(broken())
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


def missing() -> Iterator[str]:
    """Name the messages that have no English."""
    known = catalog()
    for message in messages():
        text = (message.text, message.plural) if message.plural else message.text
        entry = known.get(text, context=message.context)
        strings = (
            (entry.string if isinstance(entry.string, tuple) else (entry.string,)) if entry else ()
        )
        if not strings or not all(strings):
            yield f"{message.place}:{message.line}: no English for {message.text!r}"


def broken() -> Iterator[str]:
    """Name the translations that use other facts than their message."""
    for entry in catalog():
        if not entry.id or not entry.string:
            continue
        originals = entry.id if isinstance(entry.id, tuple) else (entry.id,)
        strings = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        wanted = set(FACT.findall(" ".join(originals)))
        yield from (
            f"{CATALOG.name}: facts differ in {originals[0]!r}: {string!r}"
            for string in strings
            if string and set(FACT.findall(string)) - wanted
        )


def compile_catalog() -> None:
    """Write the compiled catalogue beside its source."""
    with CATALOG.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog())


def catalog() -> Catalog:
    """Read the English catalogue."""
    if not CATALOG.exists():
        return Catalog(locale="en")
    with CATALOG.open("rb") as file:
        return read_po(file, locale="en")


def messages() -> Iterator[Message]:
    """Find every message in templates and Python files, each once per place."""
    for path in sorted(SOURCE.rglob("*")):
        found: Iterator[Message]
        if path.suffix in {".html", ".txt"} and "templates" in path.parts:
            found = in_template(path.read_text(encoding="utf-8"), _short(path))
        elif path.suffix == ".py":
            found = in_python(path.read_text(encoding="utf-8"), _short(path))
        else:
            continue
        yield from found


def in_python(source: str, place: str) -> Iterator[Message]:
    """Find the messages in one Python file."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [
            each.value
            for each in node.args
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        if name in SINGULAR and texts:
            yield Message(texts[0], None, None, place, node.lineno)
        elif name in PLURAL and len(texts) > 1:
            yield Message(texts[0], texts[1], None, place, node.lineno)
        elif name in CONTEXTUAL and len(texts) > 1:
            yield Message(texts[1], None, texts[0], place, node.lineno)


def in_template(source: str, place: str) -> Iterator[Message]:
    """Find the messages in one template."""
    tokens = iter(Lexer(source).tokenize())
    commented = False
    for token in tokens:
        words = list(smart_split(token.contents)) if token.token_type == TokenType.BLOCK else []
        head = words[0] if words else ""
        commented = head == "comment" or (commented and head != "endcomment")
        if commented:
            continue
        if head in {"translate", "trans"}:
            context = _unquoted(words[words.index("context") + 1]) if "context" in words else None
            if words[1][:1] in {'"', "'"}:
                yield Message(_percents(_unquoted(words[1])), None, context, place, _line(token))
        elif head in {"blocktranslate", "blocktrans"}:
            yield _block(words, tokens, place, _line(token))
        if token.token_type in {TokenType.BLOCK, TokenType.VAR}:
            for match in CONSTANT.finditer(token.contents):
                yield Message(_percents(match["text"]), None, None, place, _line(token))


def _block(words: list[str], tokens: Iterator[Token], place: str, line: int) -> Message:
    texts = [""]
    for token in tokens:
        head = token.contents.split()[0] if token.token_type == TokenType.BLOCK else ""
        if head in {"endblocktranslate", "endblocktrans"}:
            break
        if head == "plural":
            texts.append("")
        elif token.token_type == TokenType.VAR:
            texts[-1] += f"%({token.contents})s"
        elif token.token_type == TokenType.TEXT:
            texts[-1] += _percents(token.contents)
    if "trimmed" in words:
        texts = [trim_whitespace(text) for text in texts]
    context = _unquoted(words[words.index("context") + 1]) if "context" in words else None
    return Message(texts[0], texts[1] if len(texts) > 1 else None, context, place, line)


def _percents(text: str) -> str:
    # Django doubles percent signs before it looks a template's message up.
    return text.replace("%", "%%")


def _unquoted(word: str) -> str:
    return word.split("|", 1)[0].strip("\"'")


def _line(token: Token) -> int:
    return token.lineno or 0


def _short(path: Path) -> str:
    return path.relative_to(ROOT / "src").as_posix()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
