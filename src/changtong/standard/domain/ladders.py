"""Who is told of a limit that runs out, step by step, until somebody takes it in hand."""

from dataclasses import dataclass
from datetime import timedelta

from changtong.standard.domain import words


@dataclass(frozen=True, slots=True)
class Rung:
    """
    One step of a ladder; exactly one of `share`, `before` and `after` says when it comes.

    :param share: of the limit; 1 is its end
    :param before: so long before the limit ends
    :param after: so long after it has ended
    """

    number: int
    level: str
    also_by: tuple[str, ...]
    clause: str
    share: float | None = None
    before: timedelta | None = None
    after: timedelta | None = None
    repeat_every: timedelta | None = None
    repeat_at_most: int = 0

    @property
    def is_after_the_end(self) -> bool:
        """Say whether the step comes once the limit is broken."""
        return self.after is not None or self.share == 1

    @property
    def height(self) -> int:
        """Return how far up the level is that is told."""
        return words.LEVELS.index(self.level)


@dataclass(frozen=True, slots=True)
class Ladder:
    """
    The steps of one kind of limit.

    :param answer_within: if nobody answers a step for so long, the next level is told
    :param told_in: the calendar in whose open time notices go out; without it, at any hour
    """

    rungs: tuple[Rung, ...]
    answer_within: timedelta
    clause: str
    told_in: str | None = None
