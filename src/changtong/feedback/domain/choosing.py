"""What is told about which event, to whom and by which channels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    PORTAL = "portal"


class Recipient(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"


class Texting(StrEnum):
    """Whether an event is worth a text message; everything is worth an e-mail."""

    ALWAYS = "always"
    WITHOUT_EMAIL = "without_email"


@dataclass(frozen=True, slots=True)
class Contact:
    """How an applicant can be reached; an empty field is not known."""

    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One channel to one address; the portal needs none."""

    channel: Channel
    address: str = ""


# A text message interrupts: it is for what needs the applicant's attention or action, and for
# everything when it is the only way.
TEXTING: Mapping[str, Texting] = MappingProxyType(
    {
        "ticket.opened": Texting.ALWAYS,
        "ticket.accepted": Texting.WITHOUT_EMAIL,
        "ticket.assigned": Texting.ALWAYS,
        "visit.planned": Texting.ALWAYS,
        "ticket.supplement_asked": Texting.ALWAYS,
        "supplement.reminded": Texting.ALWAYS,
        "ticket.paused": Texting.WITHOUT_EMAIL,
        "ticket.resumed": Texting.WITHOUT_EMAIL,
        "ticket.resolved": Texting.ALWAYS,
        "ticket.reopened": Texting.WITHOUT_EMAIL,
        "ticket.closed": Texting.WITHOUT_EMAIL,
        "ticket.rejected": Texting.ALWAYS,
        "ticket.cancelled": Texting.WITHOUT_EMAIL,
        "ticket.merged": Texting.ALWAYS,
        "ticket.unmerged": Texting.ALWAYS,
        "merger.answered": Texting.ALWAYS,
        "evaluation.reminded": Texting.ALWAYS,
        "announcement.ended": Texting.ALWAYS,
        "announcement.postponed": Texting.WITHOUT_EMAIL,
    }
)

# Acceptance at once is part of the first message, the visit that comes with an assignment part
# of that; later, or moved, they are news.
PARTS = frozenset({"ticket.accepted", "visit.planned"})

# Proves a telephone number, so it goes there and nowhere else.
# One is typed by whoever asked, the other is read out to the staff who had it sent.
CODES = frozenset({"code.requested", "code.requested_at_desk"})
TAGS = frozenset(TEXTING) | CODES

# Told to everybody who has a line there; the portal shows the announcement itself.
OF_OUTAGES = frozenset({"announcement.ended", "announcement.postponed"})

# Written together with the question it repeats, for later; no entry causes it by itself.
TOLD = TAGS - {"supplement.reminded"} - OF_OUTAGES

_EMAIL = re.compile(r"[^\s@<>(),;:\"\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])")
_MOBILE = re.compile(r"1[3-9]\d{9}")


def ways(*, tag: str, contact: Contact) -> tuple[Way, ...]:
    """Return by which channels an applicant is told; always at least the portal."""
    texting = TEXTING[tag]
    chosen = [Way(Channel.PORTAL)]
    if is_email(contact.email):
        chosen.append(Way(Channel.EMAIL, contact.email))
    if is_mobile(contact.phone) and (texting is Texting.ALWAYS or not is_email(contact.email)):
        chosen.append(Way(Channel.SMS, contact.phone))
    return tuple(chosen)


def is_news(*, tag: str, told_with_another: bool) -> bool:
    """Say whether an event is told by itself; some are part of what another message says."""
    return tag in TEXTING and not (tag in PARTS and told_with_another)


def is_email(address: str) -> bool:
    """Say whether mail can be sent to this; what could become a header is no address."""
    return _EMAIL.fullmatch(address) is not None and ".." not in address


def is_mobile(number: str) -> bool:
    """Say whether a text message can be sent to this."""
    return _MOBILE.fullmatch(number) is not None
