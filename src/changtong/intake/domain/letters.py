"""One message of e-mail, read without trust: nothing in it can make reading it fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses
from html.parser import HTMLParser


PARTS_AT_MOST = 100
TEXT_AT_MOST = 20_000
BULK = frozenset({"bulk", "list", "junk"})
LISTS = ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond", "X-Loop")
MACHINES = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)(?:[+@]|$)")
# GBK and GB2312 are what senders say and GB 18030 is what they send.
WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "big5": "big5hkscs"}
GUESSED = ("utf-8", "gb18030")
# Where a programme of mail begins what was said before.
EARLIER = re.compile(
    r"^(?:>|-{2,}\s*(?:Original Message|原始邮件|回复的?原邮件|转发邮件信息)\s*-{2,}"
    r"|.{4,200}(?:wrote|写道|寫道)[:：]$|_{20,}$|(?:发件人|From)[:：] ?.+@)",
    re.IGNORECASE,
)
BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "blockquote", "table"})
UNSPOKEN = frozenset({"script", "style", "head", "title", "template"})


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a message."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """
    What a message says.

    :param automatic: why nobody is to be answered; empty if a person wrote it
    :param verdict: what our own mail server found about the sender: `pass`, `fail` or nothing
    """

    message_id: str = ""
    sender: str = ""
    sender_name: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
    automatic: str = ""
    verdict: str = ""


def read(raw: bytes, *, auth_server: str = "") -> Letter | None:
    """Return what a message says; None if it cannot be read at all."""
    # The library's work grows with the square of how deep parts lie in each other.
    if raw.lower().count(b"multipart/") > PARTS_AT_MOST:
        return None
    try:
        return _read(message_from_bytes(raw, policy=policy.default), auth_server=auth_server)
    # Whatever the library stumbles over, the next message must still be read.
    except Exception:  # noqa: BLE001 - its mistakes have no class of their own
        return None


def split(text: str) -> tuple[str, str]:
    """Return what is new in a text and what it quotes from before."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if EARLIER.match(line.strip()):
            return "\n".join(lines[:at]).strip(), "\n".join(lines[at:]).strip()
    return text.strip(), ""


def words_of(html: str) -> str:
    """Return the words of a page, one line for each block."""
    reader = _Words()
    reader.feed(html)
    lines = (" ".join(line.split()) for line in "".join(reader.said).splitlines())
    return "\n".join(line for line in lines if line)


def _read(parsed: EmailMessage, *, auth_server: str) -> Letter:
    senders = getaddresses(_headers(parsed, "From"))
    # Who writes for several, or for nobody, cannot be answered.
    name, sender = senders[0] if len(senders) == 1 else ("", "")
    text, html, files = _parts(parsed)
    return Letter(
        message_id=_line(parsed, "Message-ID")[:255],
        sender=sender.strip().lower()[:254],
        sender_name=name[:96],
        recipients=_recipients(parsed),
        subject=_line(parsed, "Subject"),
        text=(text or words_of(html))[:TEXT_AT_MOST],
        html=html,
        files=tuple(files),
        automatic=_automatic(parsed, sender.strip().lower()),
        verdict=_verdict(parsed, auth_server),
    )


def _headers(parsed: Message, name: str) -> list[str]:
    return [
        _read_header(parsed, key, str(value))
        for key, value in parsed.raw_items()
        if key.lower() == name.lower()
    ]


def _read_header(parsed: Message, name: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        # Bytes that no header may have: the library would show a question mark for each.
        return _decoded(value)
    return str(parsed.policy.header_fetch_parse(name, value))


def _line(parsed: Message, name: str) -> str:
    return " ".join(" ".join(_headers(parsed, name)[:1]).split())


def _recipients(parsed: Message) -> tuple[str, ...]:
    names = ("Delivered-To", "X-Original-To", "To", "Cc")
    found = getaddresses([one for name in names for one in _headers(parsed, name)])
    return tuple(address.strip().lower() for _, address in found)


def _automatic(parsed: Message, sender: str) -> str:
    submitted = _line(parsed, "Auto-Submitted").split(";")[0].strip().lower()
    if submitted not in {"", "no"}:
        return "auto-submitted"
    if _line(parsed, "Precedence").lower() in BULK or any(name in parsed for name in LISTS):
        return "bulk"
    if parsed.get_content_type() == "multipart/report" or _line(parsed, "Return-Path") == "<>":
        return "report"
    return "machine" if MACHINES.match(sender) else ""


def _verdict(parsed: Message, auth_server: str) -> str:
    """Read only what our own server wrote: the topmost line, since others are below it."""
    own = _headers(parsed, "Authentication-Results")[:1]
    if not auth_server or not own:
        return ""
    server, _, results = own[0].partition(";")
    if server.split()[:1] != [auth_server]:
        return ""
    found = re.search(r"(?:^|[;\s])dmarc=(\w+)", results)
    return found[1].lower() if found and found[1].lower() in {"pass", "fail"} else ""


def _parts(parsed: EmailMessage) -> tuple[str, str, list[File]]:
    text, html, files = "", "", []
    for part in _leaves(parsed):
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        kind, name = part.get_content_type(), part.get_filename()
        if name or part.get_content_disposition() == "attachment":
            files.append(File(_decoded(name or "file"), content))
        elif kind == "text/plain":
            text = text or _in_words(content, part.get_content_charset() or "")
        elif kind == "text/html":
            html = html or _in_words(content, part.get_content_charset() or "")
        elif not kind.startswith("text/"):
            files.append(File("file", content))
    return text, html, files


def _leaves(parsed: EmailMessage) -> Iterator[Message]:
    for count, part in enumerate(parsed.walk()):
        if count >= PARTS_AT_MOST:
            return
        if not part.is_multipart():
            yield part


def _decoded(value: str) -> str:
    return _in_words(value.encode("utf-8", "surrogateescape"), "")


def _in_words(content: bytes, charset: str) -> str:
    charset = charset.lower()
    for one in (WIDER.get(charset, charset), *GUESSED):
        if not one:
            continue
        try:
            return content.decode(one)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("utf-8", "replace")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._unspoken = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unspoken += tag in UNSPOKEN
        if tag in BREAKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unspoken = max(0, self._unspoken - (tag in UNSPOKEN))
        if tag in BREAKS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unspoken:
            self.said.append(data)
