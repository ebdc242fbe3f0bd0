"""One-time codes that are computed and never stored."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from enum import StrEnum


class Answer(StrEnum):
    """What a code that somebody typed turned out to be."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    TOO_MANY = "too_many"


def code(*, key: str, id_: int, phone: str, salt: str, digits: int) -> str:
    """Return the code that belongs to a request; without the key nobody can work it out."""
    message = f"{id_}:{phone}:{salt}".encode()
    drawn = hmac.new(key.encode(), b"one-time-code:" + message, hashlib.sha256).digest()
    return f"{int.from_bytes(drawn, 'big') % 10**digits:0{digits}d}"


def judge(
    *, typed: str, expected: str, attempts: int, at_most: int, expires_at: datetime, at: datetime
) -> Answer:
    """Return what a typed code is worth; time and attempts are judged before the digits."""
    if at >= expires_at:
        return Answer.EXPIRED
    if attempts >= at_most:
        return Answer.TOO_MANY
    right = hmac.compare_digest(typed.encode(), expected.encode())
    return Answer.RIGHT if right else Answer.WRONG
