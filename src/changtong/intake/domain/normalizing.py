"""What people typed, made safe to keep and equal where it means the same."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from changtong.kernel.errors import Refused
from changtong.parties.domain import phones
from changtong.tickets.domain.report import TITLE_AT_MOST, Report


# The widths of the ticket's columns; a description has no width of its own, so it gets one here
# that no person fills by typing.
AT_MOST = {
    "description": 20_000,
    "contact_name": 96,
    "contact_phone": 20,
    "contact_email": 254,
    "address": 160,
    "special_needs": 200,
    "language": 8,
    "source": 24,
    "source_reference": 64,
}

# Controls and halves of characters cannot be seen; what turns the reading direction around can
# make a text look like another one.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_BLANKS = re.compile(r"[^\S\n]+")
_SENTENCE_END = re.compile(r"[。！？!?\n]|\.\s")
_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")
_INTERNATIONAL = re.compile(r"\+[1-9]\d{6,14}")


def text(raw: str) -> str:
    """Return the text without characters that cannot be seen, and without blanks around it."""
    if not raw:
        return ""
    lines = raw.replace("\r\n", "\n").replace("\r", "\n")
    return _BLANKS.sub(" ", _UNSEEN.sub("", lines)).strip()


def number(raw: str) -> str:
    """Return a number or code as it is stored: half-width, without any blanks."""
    return "".join(unicodedata.normalize("NFKC", text(raw)).split())


def phone(raw: str) -> str:
    """
    Return the digits of a Chinese number, or a foreign number with its plus sign.

    :raises Refused: ``report.phone_invalid``
    """
    if not raw.strip():
        return ""
    digits = phones.normalized(raw)
    if digits is not None:
        return digits
    foreign = re.sub(r"[()\-.]", "", number(raw))
    if _INTERNATIONAL.fullmatch(foreign) and not foreign.startswith("+86"):
        return foreign
    raise Refused("report.phone_invalid", phone=raw)


def email(raw: str) -> str:
    """
    Return the address that a message can be sent to.

    :raises Refused: ``report.email_invalid``
    """
    address = number(raw)
    if address and not _EMAIL.fullmatch(address):
        raise Refused("report.email_invalid", email=raw)
    return address


def title_from(description: str) -> str:
    """Return the first sentence, for a matter that came without a title."""
    first = _SENTENCE_END.split(description.strip(), maxsplit=1)[0].strip()
    return first if len(first) <= TITLE_AT_MOST else f"{first[: TITLE_AT_MOST - 1]}…"


def cleaned(report: Report) -> Report:
    """
    Return the report with every field cleaned, and a title if it had none.

    :raises Refused: ``report.phone_invalid``, ``report.email_invalid``, ``report.too_long``
    """
    description = text(report.description)
    title = " ".join(text(report.title).split())
    reference = text(report.source_reference)
    clean = replace(
        report,
        title=title or title_from(description),
        description=description,
        contact_name=text(report.contact_name),
        contact_phone=phone(report.contact_phone),
        contact_email=email(report.contact_email),
        address=text(report.address),
        special_needs=text(report.special_needs),
        # A reference is only unique within its source, so it cannot be without one.
        source=text(report.source) or (report.channel if reference else ""),
        source_reference=reference,
    )
    for field, at_most in AT_MOST.items():
        if len(getattr(clean, field)) > at_most:
            raise Refused("report.too_long", field=field, at_most=at_most)
    return clean
