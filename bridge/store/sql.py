"""The few places where the two databases want different words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection


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
        return _count(conn, _insert_one(conn.dialect, table, names), [dict(row) for row in rows])
    done, new = 0, 0
    while done < len(rows):
        # Few sizes, so that SQLite finds each statement prepared.
        size = min(MOST_ROWS, 1 << (len(rows) - done).bit_length() - 1)
        values = tuple(row[name] for row in rows[done : done + size] for name in names)
        new += _count(conn, _insert_many(table, names, size), values)
        done += size
    return new


@cache
def _insert_one(dialect: sa.Dialect, table: sa.Table, names: tuple[str, ...]) -> str:
    return str(_insert_once(dialect.name, table).compile(dialect=dialect, column_keys=list(names)))


@cache
def _insert_many(table: sa.Table, names: tuple[str, ...], size: int) -> str:
    """One statement for several rows: with one for each, SQLite's thread and the event loop's would take turns at each."""
    columns, row = ", ".join(names), f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table.name} ({columns}) VALUES {', '.join([row] * size)} ON CONFLICT DO NOTHING"  # noqa: S608 - our own names


def _count(conn: Connection, text: str, given: Any) -> int:
    # Otherwise the count of an INSERT is lost where the driver forgets it early.
    return conn.exec_driver_sql(text, given, execution_options={"preserve_rowcount": True}).rowcount
