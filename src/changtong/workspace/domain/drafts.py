"""What somebody has begun to write on a ticket."""

from __future__ import annotations

import re
from collections.abc import Mapping

from changtong.kernel.errors import Refused


PLACE_AT_MOST = 120
FIELDS_AT_MOST = 20
LETTERS_AT_MOST = 20_000
# A form of a case: nothing else is worth keeping, and nothing else is kept.
PLACE = re.compile(r"/console/tickets/[A-Z0-9-]{1,24}/[a-z/]{1,60}")


def checked(place: str, values: Mapping[str, str]) -> dict[str, str]:
    """
    Return the values of a form as they are kept.

    :raises Refused: ``draft.not_kept``
    """
    letters = sum(len(name) + len(value) for name, value in values.items())
    fits = len(values) <= FIELDS_AT_MOST and letters <= LETTERS_AT_MOST
    if not fits or not PLACE.fullmatch(place) or len(place) > PLACE_AT_MOST:
        raise Refused("draft.not_kept", place=place)
    return {name: value for name, value in values.items() if value.strip()}
