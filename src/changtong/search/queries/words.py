"""The trade's words, the operator's own among them, and how common each lexeme is."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from django.conf import settings
from django.db import connection

from changtong.search.domain.synonyms import Thesaurus, thesaurus


OWN = "synonyms.toml"
# PostgreSQL keeps the most common lexemes and their shares; they change slowly.
KEPT_SECONDS = 600
_DOCUMENTS = "SELECT reltuples FROM pg_class WHERE oid = 'search_document'::regclass"
_SHARES = """
SELECT lexeme, share
FROM pg_stats,
     unnest(most_common_elems::text::text[], most_common_elem_freqs) AS one (lexeme, share)
WHERE schemaname = current_schema() AND tablename = 'search_document' AND attname = 'words'
AND lexeme IS NOT NULL
"""


def trade() -> Thesaurus:
    """Return the words that stand for each other, read again when the operator changes theirs."""
    own = Path(settings.HOME) / OWN
    return _trade(own, own.stat().st_mtime_ns if own.is_file() else 0)


@lru_cache(maxsize=2)
def _trade(own: Path, changed: int) -> Thesaurus:
    shipped = files("changtong.search").joinpath("data", "synonyms.toml").read_text("utf-8")
    given = [tomllib.loads(shipped)]
    if changed:
        given.append(tomllib.loads(own.read_text("utf-8")))
    return thesaurus(given)


def shares(*, second: float) -> Mapping[str, float]:
    """Return the share of documents that hold each of the most common lexemes."""
    return _known(int(second) // KEPT_SECONDS)[1]


def documents(*, second: float) -> float:
    """Return about how many documents there are; 0 as long as PostgreSQL has not counted them."""
    return _known(int(second) // KEPT_SECONDS)[0]


@lru_cache(maxsize=1)
def _known(_period: int) -> tuple[float, Mapping[str, float]]:
    with connection.cursor() as cursor:
        cursor.execute(_DOCUMENTS)
        (count,) = cursor.fetchone()
        cursor.execute(_SHARES)
        return max(0.0, count), dict(cursor.fetchall())
