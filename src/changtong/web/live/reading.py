"""How far the journal has been read, when entries may become visible out of order."""

from __future__ import annotations

from collections.abc import Iterable


# An entry whose transaction lasts longer is found by the pages' own slow refresh.
AWAITED_SECONDS = 30.0
# An import that is undone leaves a gap as large as itself.
AWAITED_AT_MOST = 1_000


class Reading:
    """
    The last identifier read, and those below it that nobody has seen yet.

    Identifiers are drawn before the commit, so of two entries the later may be visible first.
    """

    def __init__(self, last: int) -> None:
        self.last = last
        self._awaited: dict[int, float] = {}

    @property
    def awaited(self) -> list[int]:
        """Return the identifiers that may still appear."""
        return list(self._awaited)

    def advance(self, found: Iterable[int], *, at: float) -> None:
        """Note what was found, in order, and what was passed over."""
        for one in found:
            if self._awaited.pop(one, None) is None and one > self.last:
                first = max(self.last + 1, one - AWAITED_AT_MOST)
                self._awaited.update(dict.fromkeys(range(first, one), at))
                self.last = one
        kept = [one for one in self._awaited.items() if at - one[1] < AWAITED_SECONDS]
        self._awaited = dict(kept[-AWAITED_AT_MOST:])
