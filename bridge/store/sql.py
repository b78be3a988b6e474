"""The few places where the two databases want different words."""

from __future__ import annotations

from functools import cache

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
