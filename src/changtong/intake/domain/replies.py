"""The address that an answer to a message of ours goes to; only who got the message knows it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable


# 128 bits: an address has 64 characters before its @, so there is no room for more.
DIGITS = 32
_LOCAL = re.compile(r"(?P<number>[a-z]+\d{8}-\d{6,12})\.(?P<seal>[0-9a-f]{32})")


def address_for(*, number: str, recipient: str, reply_to: str, key: str) -> str:
    """Return where a person answers about a ticket."""
    local, _, domain = reply_to.partition("@")
    return f"{local}+{number.lower()}.{_seal(number, recipient, key)}@{domain}"


def number_from(
    addresses: Iterable[str], *, sender: str, reply_to: str, key: str
) -> tuple[str, bool]:
    """
    Return the ticket that an answer is about, and whether its sender was given the address.

    A forwarded address is worth nothing to somebody else: it holds only with its recipient.
    """
    local, _, domain = reply_to.lower().partition("@")
    for address in addresses:
        before, _, host = address.lower().partition("@")
        prefix, _, rest = before.partition("+")
        found = _LOCAL.fullmatch(rest)
        if found is None or not domain or (prefix, host) != (local, domain):
            continue
        number = found["number"].upper()
        return number, hmac.compare_digest(found["seal"], _seal(number, sender, key))
    return "", False


def _seal(number: str, recipient: str, key: str) -> str:
    said = f"mail.reply\n{number.upper()}\n{recipient.strip().lower()}".encode()
    return hmac.new(key.encode(), said, hashlib.sha256).hexdigest()[:DIGITS]
