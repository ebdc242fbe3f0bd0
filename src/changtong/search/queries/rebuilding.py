"""What is left to be made again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from changtong.search.models import Document, Rebuilding
from changtong.search.queries import sources
from changtong.search.queries.sources import EVERYTHING


class Part(NamedTuple):
    """The next keys of a kind, and the last one before them."""

    kind: str
    after: int
    keys: list[int]


def left() -> dict[str, tuple[int, int]]:
    """Return for each kind up to which key all is done, and how many follow."""
    done = dict(Rebuilding.objects.values_list("kind", "done_to"))
    return {
        kind: (to, sources.of_kind(kind).rows(EVERYTHING).filter(pk__gt=to).count())
        for kind, to in sorted(done.items())
    }


def begun() -> list[tuple[str, int]]:
    """Return what is being made again, and up to which key it is done."""
    return list(Rebuilding.objects.order_by("kind").values_list("kind", "done_to"))


def mostly_new(left: dict[str, tuple[int, int]]) -> bool:
    """Say whether more is to be written than there is."""
    return Document.objects.count() < sum(count for _to, count in left.values())


def parts(kind: str, *, after: int, at_most: int) -> Iterator[Part]:
    """Yield all that follows a key, in parts."""
    source = sources.of_kind(kind)
    while keys := source.keys(after=after, at_most=at_most):
        yield Part(kind, after, keys)
        after = keys[-1]
