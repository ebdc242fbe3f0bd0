from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q

from changtong.infra.db import Lock
from changtong.knowledge import queries as knowledge
from changtong.parties import queries as parties
from changtong.search.domain.document import Written
from changtong.search.models import WORDS, Document, Rebuilding
from changtong.search.queries import rebuilding, sources
from changtong.search.queries.sources import ARTICLE, EVERYTHING, LINE, TICKET
from changtong.tickets import queries as tickets


COLUMNS = ("kind", "source_id", "number", "title", "text", "names", "at", "open", "words")
AT_ONCE = 500
# How long one turn of catching up may take, in seconds.
A_TURN = 40

_TYPES = {"source_id": "bigint", "at": "timestamptz", "open": "boolean", "words": "tsvector"}
_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
_VALUES = COLUMNS[2:]
_ASSIGNED = ", ".join(f'"{name}" = excluded."{name}"' for name in _VALUES)
_KEPT, _NEW = (", ".join(f'{row}."{name}"' for name in _VALUES) for row in ("kept", "excluded"))
# Names of our own columns only. What says the same as before is not written again.
_WRITE = (
    f"INSERT INTO search_document AS kept ({_NAMES}) SELECT {_NAMES} FROM %s"  # noqa: S608
    f" ON CONFLICT (kind, source_id) DO UPDATE SET {_ASSIGNED}"
    f" WHERE ({_KEPT}) IS DISTINCT FROM ({_NEW})"
)
_TYPED = ", ".join(f'"{name}" {_TYPES.get(name, "text")}' for name in COLUMNS)
_GIVEN = f"json_to_recordset(%s::json) AS given ({_TYPED})"
_INCOMING = f"""
CREATE TEMPORARY TABLE search_incoming AS
SELECT {_NAMES} FROM search_document WITH NO DATA
"""  # noqa: S608
_LOCKED = """
SELECT pg_advisory_xact_lock(%s, hashint8(key)) FROM unnest(%s::bigint[]) AS one (key) ORDER BY key
"""


@transaction.atomic
def index(*, kind: str, keys: Sequence[int]) -> None:
    """
    Make the documents of these rows again as they are now, of all kinds that the rows have.

    What is gone, or says nothing any longer, is removed with all its words.
    """
    _lock(keys)
    write(_written(kind, keys, Q(source_id__in=keys)))


def write(documents: Sequence[Written]) -> None:
    """Write documents as they are given."""
    rows = json.dumps([one.row() for one in documents], ensure_ascii=False)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE % _GIVEN, [rows])


@transaction.atomic
def index_ticket(*, number: str) -> None:
    """Make the documents of a ticket and of what was said in it again."""
    cases = tickets.visible_to(EVERYTHING).filter(number=number)
    index(kind=TICKET, keys=list(cases.values_list("pk", flat=True)))


@transaction.atomic
def index_customer(*, customer_id: int) -> None:
    """
    Make everything again that names a customer: themselves, their lines, their cases.

    After a correction or an erasure this is what takes the old words out of the index.
    """
    index(kind=sources.CUSTOMER, keys=[customer_id])
    lines = parties.lines_visible_to(EVERYTHING).filter(customer_id=customer_id)
    _index_all(LINE, lines.values_list("pk", flat=True))
    cases = tickets.of_customer(EVERYTHING, customer_id)
    _index_all(TICKET, cases.values_list("pk", flat=True))


@transaction.atomic
def index_article(*, article_id: int) -> None:
    """Make the document of what an article says now again; what it said before is removed."""
    versions = knowledge.article(EVERYTHING, article_id).versions.all()
    index(kind=ARTICLE, keys=[one.pk for one in versions])


@transaction.atomic
def index_line(*, line_id: int) -> None:
    """Make the document of a line again."""
    index(kind=LINE, keys=[line_id])


def _index_all(kind: str, keys: Iterable[int]) -> None:
    every = sorted(keys)
    for start in range(0, len(every), AT_ONCE):
        index(kind=kind, keys=every[start : start + AT_ONCE])


# -----------------------------------------------------------------------------------------
# Everything again
# -----------------------------------------------------------------------------------------


@transaction.atomic
def begin_rebuilding(*, at: datetime, afresh: bool, after: dict[str, int] | None = None) -> None:
    """
    Begin to make all documents again, or go on where an earlier run was interrupted.

    :param after: for each kind the last key that need not be made again
    """
    if afresh:
        Rebuilding.objects.all().delete()
    if Rebuilding.objects.exists():
        return
    Rebuilding.objects.bulk_create(
        Rebuilding(kind=kind, begun_at=at, done_to=(after or {}).get(kind, 0))
        for kind in sources.LEADING
    )


@transaction.atomic
def rebuild(*, kind: str, after: int, keys: Sequence[int]) -> int:
    """Make the documents of the next keys again, and remove what lies between them; with COPY."""
    _lock(keys)
    written = _written(kind, keys, Q(source_id__gt=after, source_id__lte=keys[-1]))
    with connection.cursor() as cursor:
        cursor.execute(_INCOMING)
        with cursor.copy(f"COPY search_incoming ({_NAMES}) FROM STDIN") as copy:
            for one in written:
                copy.write_row(_values(one))
        cursor.execute(_WRITE % "search_incoming")
        cursor.execute("DROP TABLE search_incoming")
    return len(written)


def _written(kind: str, keys: Sequence[int], around: Q) -> list[Written]:
    """Return what the rows say now; what they no longer say is removed."""
    source = sources.of_kind(kind)
    written = list(source.documents(keys))
    for one in source.kinds:
        said = [document.source_id for document in written if document.kind == one]
        Document.objects.filter(around, kind=one).exclude(source_id__in=said).delete()
    return written


def _values(document: Written) -> tuple[object, ...]:
    row = document.row()
    return tuple(row[name] for name in COLUMNS)


@transaction.atomic
def note_rebuilt(*, kind: str, to: int) -> None:
    """Note how far the documents of a kind have been made again."""
    Rebuilding.objects.filter(kind=kind).update(done_to=to)


def catch_up(*, until: Callable[[], bool]) -> None:
    """Go on with what is left of a rebuilding, part by part, until the turn is over."""
    for kind, done_to in rebuilding.begun():
        for part in rebuilding.parts(kind, after=done_to, at_most=AT_ONCE):
            if until():
                return
            rebuild(kind=kind, after=part.after, keys=part.keys)
            note_rebuilt(kind=kind, to=part.keys[-1])
        with transaction.atomic():
            Rebuilding.objects.filter(kind=kind).delete()


@transaction.atomic
def end_rebuilding() -> None:
    """Forget how far it was, when all documents have been made again."""
    Document.objects.exclude(kind__in=sources.KINDS).delete()
    Rebuilding.objects.all().delete()


@transaction.atomic
def drop_indexes() -> None:
    """Do without the indexes of words while a table is filled that was empty."""
    present = _indexes()
    with connection.schema_editor() as editor:
        for index in WORDS:
            if index.name in present:
                editor.remove_index(Document, index)


@transaction.atomic
def restore_indexes() -> None:
    """Make the indexes again that were dropped, and let the planner know the words."""
    present = _indexes()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SET LOCAL statement_timeout = 0")
        with connection.schema_editor() as editor:
            for index in WORDS:
                if index.name not in present:
                    editor.add_index(Document, index)
        cursor.execute("ANALYZE search_document")


def _indexes() -> frozenset[str]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "search_document")
    return frozenset(found)


def _lock(keys: Sequence[int]) -> None:
    # Whoever reads an older state of a row must not write it over a newer one.
    with connection.cursor() as cursor:
        cursor.execute(_LOCKED, [int(Lock.DOCUMENT), sorted(keys)])
