"""What columns are made of: times, keys, and indexes of a part of the rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from typing_extensions import override

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware time, kept as whole microseconds since the epoch (UTC): equal and ordered alike in both databases."""

    impl = sa.BigInteger
    cache_ok = True

    # Instead of `process_bind_param` and its kin, which cost two calls more for each of the many values.

    @override
    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return _micros

    @override
    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:
        return _instant


def _micros(value: datetime | None) -> int | None:
    return None if value is None else (value - EPOCH) // MICROSECOND


@lru_cache(maxsize=8192)  # what is read is soon read again
def _instant(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + timedelta(microseconds=value)


Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")
metadata = sa.MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
)


def own_key() -> sa.Column[int]:
    """A number of our own. Where others remember it (lanes, targets, marks on the desk) SQLite must never give it again."""
    return sa.Column("id", Key, primary_key=True)


def of_workspace() -> sa.Column[str]:
    """Whose row it is."""
    return sa.Column("workspace", sa.Text, nullable=False)


def partial(name: str, where: str, *columns: str, unique: bool = False) -> sa.Index:
    """An index of the rows for which *where* holds; a query must say the same words for it to be used."""
    return sa.Index(name, *columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
