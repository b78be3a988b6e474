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


def insert_plainly(conn: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """`insert_once` of many rows whose values the driver takes as they are: whole numbers for times, for example.

    Says how many were new. Converting the values of a row would take longer than writing it.
    """
    text, order = _plain_insert(conn.dialect, table, tuple(rows[0]))
    given = [tuple(row[name] for name in order) for row in rows] if order else [dict(row) for row in rows]
    # Otherwise the count of an INSERT is lost where the driver forgets it early.
    return conn.exec_driver_sql(text, given, execution_options={"preserve_rowcount": True}).rowcount


@cache
def _plain_insert(dialect: sa.Dialect, table: sa.Table, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Its text, and the order of its values where the driver goes by order."""
    compiled = _insert_once(dialect.name, table).compile(dialect=dialect, column_keys=list(names))
    return str(compiled), tuple(getattr(compiled, "positiontup", None) or ())
