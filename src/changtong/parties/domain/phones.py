"""Telephone numbers as people in China write them."""

from __future__ import annotations

import re
import unicodedata


_SEPARATORS = re.compile(r"[\s\-()（）.]+")
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|[2-8]\d{6,7}|400\d{7}|1\d{4}")


def normalized(raw: str) -> str | None:
    """Return the digits of a Chinese telephone number, or None if it is not one."""
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", raw))
    digits = digits.removeprefix("+86").removeprefix("0086")
    if len(digits) == 13 and digits.startswith("86"):  # noqa: PLR2004 - 86 and 11 digits
        digits = digits[2:]
    return digits if _PHONE.fullmatch(digits) else None


def is_mobile(digits: str) -> bool:
    """Say whether a normalized number can receive a text message."""
    return len(digits) == 11 and digits[0] == "1"  # noqa: PLR2004
