"""The few places where the two databases want different words."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

from bridge.lanes import micros


class _List(TypeDecorator[Collection[Any]]):
    """A list as one value: an array in PostgreSQL, JSON in SQLite."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return sa.ARRAY(self.of) if dialect.name == "postgresql" else sa.Text()

    @override
    def bind_processor(self, dialect: Dialect) -> Callable[[Collection[Any] | None], Any]:
        write: Callable[[list[Any]], Any] = list if dialect.name == "postgresql" else _as_json
        return lambda values: write(list(values or ()))


class _Among(FunctionElement[bool]):
    type = sa.Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True  # or SQLAlchemy would write "= 1" behind it, and SQLite use no index


def among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Whether *column* is one of the list bound as *name*: one statement, however long the list is.

    With IN, every length would be another statement for SQLAlchemy to write and for the database to plan.
    """
    return _Among(column, sa.bindparam(name, type_=_List(column.type)))


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(each, **kw) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - our own names


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(each, **kw) for each in element.clauses)
    return f"{column} = ANY({values})"


class Question:
    """A SELECT that is asked for many rows. They come as plain named tuples: a `Row` looks each name up for long.

    From SQLite they come all at once, as JSON: otherwise its thread and the event loop's would take turns at each row.
    No column of it may hold bytes, or a fraction.
    """

    def __init__(self, select: sa.Select[Any]) -> None:
        columns = list(select.selected_columns)
        self._select = select
        self._types = [column.type for column in columns]
        self._named: Any = namedtuple("Named", [str(column.key) for column in columns])  # type: ignore[misc]  # noqa: PYI024 - its names are the columns'
        self._as_one = sa.select(sa.func.json_group_array(sa.func.json_array(*select.subquery("each_one").c)))

    def ask(self, conn: Connection, given: Mapping[str, Any] | None = None) -> list[Any]:
        """All rows."""
        if conn.dialect.name == "sqlite":
            found = orjson.loads(conn.execute(self._as_one, given).scalar_one())
            self._read(conn.dialect, found)
        else:
            found = conn.execute(self._select, given).all()
        return list(map(self._named._make, found))

    def _read(self, dialect: Dialect, found: Sequence[list[Any]]) -> None:
        """Make of what stands in columns what SQLAlchemy would make of it."""
        for place, kind in enumerate(self._types):
            if read := _reader(kind, dialect):
                for row in found:
                    if row[place] is not None:
                        row[place] = read(row[place])


@cache
def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def update_each(conn: Connection, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Change many rows that are there: each names its key, and the columns that change of it.

    Those that name the same columns go in one statement, and their values as one, in JSON: with a statement for each,
    SQLite's thread and the event loop's would take turns at each, and PostgreSQL would be asked as often.
    """
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(row)
    for names, many in alike.items():
        sqlite = conn.dialect.name == "sqlite"
        given = _as_json([[row[name] for name in names] for row in many] if sqlite else many)
        conn.execute(_update_each(conn.dialect.name, table, names), {"rows": given})


def _as_json(rows: Any) -> str:
    return orjson.dumps(rows, default=micros, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


@cache
def _update_each(dialect: str, table: sa.Table, names: tuple[str, ...]) -> sa.Update:
    """In SQLite a row is the list of its values: it reads each row's JSON anew, and so without the names."""
    given: dict[str, sa.ColumnElement[Any]]
    rows = sa.bindparam("rows", type_=sa.Text)
    if dialect == "sqlite":
        value = sa.func.json_each(rows).table_valued("value", name="given").c.value
        given = {
            name: sa.func.json_extract(value, sa.literal_column(f"'$[{place}]'")) for place, name in enumerate(names)
        }
    else:
        columns = [sa.column(name, table.c[name].type) for name in names]
        records = sa.func.json_to_recordset(sa.cast(rows, sa.JSON)).table_valued(*columns, name="given")
        given = dict(records.render_derived(with_types=True).c.items())
    key = [column.name for column in table.primary_key]
    which = sa.and_(*(table.c[name] == given[name] for name in key))
    return sa.update(table).where(which).values({name: given[name] for name in names if name not in key})


def insert_once(conn: Connection, table: sa.Table) -> sa.Insert:
    """An INSERT that leaves a row alone whose key is there already."""
    return _insert_once(conn.dialect.name, table)


@cache
def _insert_once(dialect: str, table: sa.Table) -> sa.Insert:
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


MOST_ROWS = 128
"""In one INSERT into SQLite."""


def insert_plainly(conn: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """`insert_once` of many rows whose values the driver takes as they are: whole numbers for times, for example.

    Says how many were new. Converting the values of a row would take longer than writing it.
    """
    names = tuple(rows[0])
    if conn.dialect.name == "postgresql":
        if any(isinstance(table.c[name].type, sa.LargeBinary) for name in names):
            return _count(conn, _insert_one(conn.dialect, table, names), [dict(row) for row in rows])
        return _count(conn, _insert_all(conn.dialect, table, names), (_as_json(rows),))
    done, new = 0, 0
    while done < len(rows):
        # Few sizes, so that SQLite finds each statement prepared.
        size = min(MOST_ROWS, 1 << (len(rows) - done).bit_length() - 1)
        values = tuple(chain.from_iterable(map(itemgetter(*names), rows[done : done + size])))
        new += _count(conn, _insert_many(table, names, size), values)
        done += size
    return new


@cache
def _insert_one(dialect: sa.Dialect, table: sa.Table, names: tuple[str, ...]) -> str:
    return str(_insert_once(dialect.name, table).compile(dialect=dialect, column_keys=list(names)))


@cache
def _insert_all(dialect: sa.Dialect, table: sa.Table, names: tuple[str, ...]) -> str:
    """One statement for all rows, and one value, in JSON: with a statement for each, PostgreSQL would be asked as often."""
    kinds = {name: table.c[name].type.compile(dialect) for name in names}
    given = ", ".join(f"{name} {'TEXT' if kind == 'JSON' else kind}" for name, kind in kinds.items())
    values = ", ".join(f"CAST({name} AS {kind})" for name, kind in kinds.items())
    return f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {values} FROM json_to_recordset(%s) AS given({given}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names


@cache
def _insert_many(table: sa.Table, names: tuple[str, ...], size: int) -> str:
    """One statement for several rows: with one for each, SQLite's thread and the event loop's would take turns at each."""
    columns, row = ", ".join(names), f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table.name} ({columns}) VALUES {', '.join([row] * size)} ON CONFLICT DO NOTHING"  # noqa: S608 - our own names


def _count(conn: Connection, text: str, given: Any) -> int:
    # Otherwise the count of an INSERT is lost where the driver forgets it early.
    return conn.exec_driver_sql(text, given, execution_options={"preserve_rowcount": True}).rowcount
