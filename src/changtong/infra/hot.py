"""
Statements of the busiest paths: written with the ORM, compiled once, prepared on the server.

The ORM writes a query anew each time it is asked, which takes longer than PostgreSQL takes to
answer it. Ask here where a measurement says so, and nowhere else. What is only written, and
answers nothing, is always written here: it travels with the commit (see `infra.postgres`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, connections
from django.db.models import (
    BooleanField,
    Expression,
    F,
    Field,
    Func,
    Model,
    QuerySet,
    prefetch_related_objects,
)
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError
from django.db.utils import DEFAULT_DB_ALIAS

from changtong.infra import quick
from changtong.infra.postgres.base import DatabaseWrapper, encoded
from changtong.infra.postgres.channel import Asked, Part


Row = TypeVar("Row")


def _connection() -> DatabaseWrapper:
    found = connections[DEFAULT_DB_ALIAS]
    assert isinstance(found, DatabaseWrapper)  # noqa: S101 - for the type checker
    return found


def rows(statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """Return what a statement with ``%s`` for its values answers; it is prepared once."""
    return _connection().ask((statement, values))[0]


def lines(
    columns: Sequence[str], source: str, values: Sequence[object] = ()
) -> Iterator[list[str]]:
    """
    Yield rows as text, an empty one for what is null; no value may hold control characters.

    For hundreds of thousands of rows at once: taking each value of a row out of the driver takes
    ten times as long as cutting one long text.
    """
    # Names of our own columns and tables only.
    written = ", ".join(f"coalesce(({column})::text, '')" for column in columns)
    ((text,),) = rows(
        f"SELECT string_agg(concat_ws(E'\\x1f', {written}), E'\\x1e') FROM {source}",  # noqa: S608
        values,
    )
    if text:
        for line in text.split("\x1e"):
            yield line.split("\x1f")


def gather(part: Part, rows: Sequence[Mapping[str, object]]) -> None:
    """Have rows written with the next statement, or with the commit, by one statement."""
    _connection().gather(part, rows)


class Slot(Expression):
    """The place of a value in a compiled query."""

    def __init__(self, name: str, output_field: Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


def among(field: str, slot: Slot) -> Func:
    """Return the condition that a field is one of the slot's values, of which there is one."""
    return Func(
        F(field),
        slot,
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


class Compiled(Generic[Row]):
    """A query with slots, which is compiled when it is asked for the first time."""

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        self._build = build
        self._plan: _Plan | None = None

    def __call__(self, **values: object) -> list[Row]:
        """Return the rows for the slots' values."""
        return together(self, **values)[0]

    def expect(self, **values: object) -> None:
        """Have it answered together with the next statement, for whoever asks it right after."""
        _connection().expect(self.planned().asked(values))

    def planned(self) -> _Plan:
        """Return the query as it was compiled."""
        if self._plan is None:
            self._plan = _Plan(self._build())
        return self._plan

    def first(self, **values: object) -> Row | None:
        """Return the first row, if there is one; the query itself limits what is read."""
        return next(iter(self(**values)), None)


def together(*queries: Compiled[Any], **values: object) -> list[list[Any]]:
    """Return the rows of several queries for the same values, asked in one round trip."""
    plans = [query.planned() for query in queries]
    connection = _connection()
    answers = connection.ask(*[plan.asked(values) for plan in plans])
    return [plan.rows(found, connection) for plan, found in zip(plans, answers, strict=True)]


class _Plan:
    """SQL, and how its rows become what the ORM would have returned."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        compiler: Any = queryset.query.get_compiler(connection=_connection())
        self.sql, params = compiler.as_sql()
        self.params: tuple[Any, ...] = tuple(params)
        self.locks = queryset.query.select_for_update
        self.prefetches = queryset._prefetch_related_lookups  # type: ignore[attr-defined]  # noqa: SLF001
        select = compiler.select
        self.annotations = dict(compiler.annotation_col_map or {})
        fields = [one[0] for one in select[: compiler.col_count]]
        self.converters = sorted(compiler.get_converters(fields).items())
        self.model: Any = None
        if queryset._fields is None:  # type: ignore[attr-defined]
            own = compiler.klass_info["select_fields"]
            self.model = compiler.klass_info["model"]
            self.start, self.end = own[0], own[-1] + 1
            self.names = [one[0].target.attname for one in select[self.start : self.end]]
            self.related = get_related_populators(compiler.klass_info, select, "default")  # type: ignore[call-arg]
            _read_quickly(self.related)

    def asked(self, values: dict[str, object]) -> Asked:
        """
        Return the statement with the slots' values in their places.

        :raises TransactionManagementError: if rows are to be locked outside a transaction
        """
        if self.locks and not _connection().in_atomic_block:
            raise TransactionManagementError("a lock outside a transaction holds nothing")
        given = [values[one.name] if isinstance(one, Slot) else one for one in self.params]
        return self.sql, given

    def rows(self, found: Sequence[Sequence[Any]], connection: DatabaseWrapper) -> list[Any]:
        """Return what the ORM would have made of the rows that were found."""
        made = list(self._made(found, connection))
        if made and self.prefetches:
            prefetch_related_objects(made, *self.prefetches)
        return made

    def _made(self, found: Sequence[Sequence[Any]], connection: DatabaseWrapper) -> Iterator[Any]:
        for raw in found:
            row = list(raw)
            for position, (converters, expression) in self.converters:
                for convert in converters:
                    row[position] = convert(row[position], expression, connection)
            yield self._object(row) if self.model is not None else tuple(row)

    def _object(self, row: list[Any]) -> Any:
        made = quick.read(self.model, self.names, row[self.start : self.end])
        for populator in self.related:
            populator.populate(row, made)
        for name, position in self.annotations.items():
            setattr(made, name, row[position])
        return made


def _read_quickly(populators: Sequence[Any]) -> None:
    """Have the rows that are joined made as those that they are joined to."""
    for populator in populators:
        populator.model_cls = _Joined(populator.model_cls)
        _read_quickly(populator.related_populators)


@dataclass(frozen=True, slots=True)
class _Joined:
    """All that a populator asks of a model."""

    model: type[Model]

    def from_db(self, _alias: str, names: Sequence[str], values: Sequence[object]) -> Model:
        return quick.read(self.model, names, values)


def insert(rows: Sequence[Model]) -> None:
    """Insert rows of one model in one statement, now; they get their keys."""
    insertion = _insertion(type(rows[0]), with_key=False)
    written = _connection().ask((insertion.returning, [encoded(insertion.values(rows))]))[0]
    for row, (key,) in zip(rows, written, strict=True):
        row.pk = key


def write(rows: Sequence[Model]) -> None:
    """
    Insert rows of one model by the end of the transaction, in one statement with all others.

    Rows without a key get one that nobody asks for. What a constraint says against a row is
    said at the next statement, or at the commit.
    """
    insertion = _insertion(type(rows[0]), with_key=rows[0].pk is not None)
    gather(insertion.part, insertion.values(rows))


def update(rows: Sequence[Model], fields: Iterable[str]) -> None:
    """
    Write some fields of rows of one model in one statement; whoever calls has locked them.

    :raises DatabaseError: if one of the rows does not exist
    """
    statement, names = _update_statement(type(rows[0]), tuple(fields))
    values = [{column: getattr(row, name) for column, name in names} for row in rows]
    keys = [row.pk for row in rows]
    found = len(_connection().ask((statement, [encoded(values), keys]))[0])
    if found != len(rows):
        raise DatabaseError(f"{found} of {len(rows)} rows exist")


class Saved(Model):
    """A model of the busiest paths: what `save` writes of it, `update` writes, or `kept`."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        """Save as every model does; where the fields are named, without writing SQL anew."""
        if args or set(options) != {"update_fields"} or self._state.adding:
            super().save(*args, **options)
        elif (kept := _keeping.get()) is None or not kept.remember(self, options["update_fields"]):
            update([self], options["update_fields"])


@contextmanager
def kept() -> Iterator[None]:
    """
    Read what `once` is asked for once in the block, and write at its end what was saved of it.

    For a transaction of many operations on the same locked rows, which nobody else can see or
    change before it ends. Only for operations that find these rows by `once`: other statements
    meet them as they were when the block began. A part that may be undone by itself is a block
    of its own in this one, around its savepoint.
    """
    around = _keeping.get()
    if around is not None:
        # What is undone in the inner block must be no more than what was done in it.
        around.write()
    mine = _Kept()
    token = _keeping.set(mine)
    try:
        yield
        mine.write()
    finally:
        _keeping.reset(token)


def once(key: Hashable, ask: Callable[[], Row | None]) -> Row | None:
    """Return the locked row that was found under a key before in a block of `kept`, or ask."""
    kept = _keeping.get()
    if kept is None:
        return ask()
    row = kept.rows.get(key)
    if row is None and (row := ask()) is not None:
        kept.rows[key] = row
    return row


class _Kept:
    """The rows that a block has read, and what was saved of them."""

    def __init__(self) -> None:
        self.rows: dict[Hashable, Any] = {}
        self._saved: list[tuple[Model, set[str]]] = []

    def remember(self, row: Model, fields: Iterable[str]) -> bool:
        """Remember to write these fields, if it is a row of the block."""
        if not any(row is one for one in self.rows.values()):
            return False
        for saved, names in self._saved:
            if saved is row:
                names.update(fields)
                return True
        self._saved.append((row, set(fields)))
        return True

    def write(self) -> None:
        """Write what was saved, and forget all."""
        for row, fields in self._saved:
            update([row], sorted(fields))
        self._saved.clear()
        self.rows.clear()


_keeping: ContextVar[_Kept | None] = ContextVar("keeping", default=None)


@dataclass(frozen=True, slots=True)
class _Insertion:
    """How rows of a model are inserted: as a part of a statement, or alone for their keys."""

    part: Part
    returning: str
    names: tuple[tuple[str, str], ...]

    def values(self, rows: Sequence[Model]) -> list[dict[str, object]]:
        """Return the rows' columns, and mark the rows as saving them would."""
        for row in rows:
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001
        # A row that is inserted holds all its fields.
        held = [row.__dict__ for row in rows]
        return [{column: one[name] for column, name in self.names} for one in held]


@cache
def _insertion(model: type[Model], *, with_key: bool) -> _Insertion:
    meta = model._meta  # noqa: SLF001
    fields = [
        field
        for field in meta.local_concrete_fields
        if (with_key or not field.primary_key) and not field.has_db_default()
    ]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    # Names of our own tables and columns only. One JSON value takes less time than a hundred
    # single values.
    statement = (
        f'INSERT INTO "{meta.db_table}" ({columns}) SELECT {columns}'  # noqa: S608
        f' FROM json_populate_recordset(NULL::"{meta.db_table}", %s::json)'
    )
    return _Insertion(
        part=Part(f'"{meta.db_table}_" AS ({statement})'),
        returning=f'{statement} RETURNING "{meta.pk.column}"',
        names=tuple((str(field.column), field.attname) for field in fields),
    )


@cache
def _update_statement(
    model: type[Model], given: tuple[str, ...]
) -> tuple[str, tuple[tuple[str, str], ...]]:
    meta = model._meta  # noqa: SLF001
    by_name = {field.name: field for field in meta.local_concrete_fields}
    fields = [by_name[name] for name in given]
    assignments = ", ".join(f'"{field.column}" = given."{field.column}"' for field in fields)
    key = f'"{meta.db_table}"."{meta.pk.column}"'
    # The keys once more, alone: so the rows are found by their index, however few were counted
    # when the statement was planned.
    statement = (
        f'UPDATE "{meta.db_table}" SET {assignments}'  # noqa: S608 - our own names only
        f' FROM json_populate_recordset(NULL::"{meta.db_table}", %s::json) AS given'
        f' WHERE {key} = given."{meta.pk.column}" AND {key} = ANY(%s)'
        f" RETURNING {key}"
    )
    return statement, tuple((str(field.column), field.attname) for field in (meta.pk, *fields))
