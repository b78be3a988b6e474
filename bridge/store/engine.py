"""Where the database is, how it is opened, and what its errors mean."""

from __future__ import annotations

import fcntl
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bridge.model.errors import AlreadyRunning, StoreUnavailable, UnusableSetting

BUSY_SECONDS = 30
"""How long a writer waits for another process: a command, a slice of `prune`."""
CONNECT_SECONDS = 10
READERS = 4

# Prepared once: whom it waits for, what a statement may take, when a silent peer counts as gone.
POSTGRES_OPTIONS = "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000"

# https://www.sqlite.org/rescode.html: busy, locked, out of memory, read-only, I/O, corrupt, full, cannot open,
# protocol, not a database.
SQLITE_UNAVAILABLE = frozenset({5, 6, 7, 8, 10, 11, 13, 14, 15, 26})
# https://www.postgresql.org/docs/current/errcodes-appendix.html: connection, resources, intervention, system,
# a read-only server, a lock not to be had.
POSTGRES_UNAVAILABLE = ("08", "53", "57", "58", "25006", "55P03")
POSTGRES_CONFLICTS = frozenset({"40001", "40P01"})


class Reader(sqlite3.Connection):
    """A connection of which nothing reads on once it is closed.

    Whoever is cancelled while asking leaves a cursor half-way. SQLite then keeps the connection open behind our back,
    with what it was reading, until the cursor is collected: nobody can empty the log, a writer may wait for it
    (https://www.sqlite.org/c3ref/close.html: "zombie").
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._cursors: weakref.WeakSet[sqlite3.Cursor] = weakref.WeakSet()

    def cursor(self, *args: Any, **options: Any) -> Any:
        """As the driver's own, but ended with the connection."""
        made = super().cursor(*args, **options)
        self._cursors.add(made)
        return made

    def close(self) -> None:
        """End what is being read, then close."""
        for cursor in tuple(self._cursors):
            cursor.close()
        super().close()


def parse(url: str) -> URL:
    """The database's address; a driver in it changes nothing. UnusableSetting: it is none that we can use."""
    try:
        found = sa.make_url(url)
    except ArgumentError:
        raise UnusableSetting("BRIDGE_DATABASE_URL is not an address: sqlite:///FILE or postgresql://…") from None
    match found.get_backend_name():
        case "sqlite":
            if found.database in {None, "", ":memory:"} or "mode=memory" in (found.database or ""):
                raise UnusableSetting("BRIDGE_DATABASE_URL names no file: a database in memory would forget everything")
            return found.set(drivername="sqlite")
        case "postgresql" | "postgres":
            return found.set(drivername="postgresql+psycopg")
        case other:
            raise UnusableSetting(f"BRIDGE_DATABASE_URL: {other} is not supported, only sqlite and postgresql")


def is_sqlite(url: URL) -> bool:
    """Whether it is a file."""
    return url.get_backend_name() == "sqlite"


def write_engine(url: URL) -> Engine:
    """A synchronous engine for writers, commands' and migrations' threads."""
    engine = sa.create_engine(url, **_options(url, busy=BUSY_SECONDS))
    if is_sqlite(url):
        sa.event.listen(engine, "connect", partial(_prepare_sqlite, only_reads=False))
        sa.event.listen(engine, "begin", _begin_immediate)
    return engine


def read_engine(url: URL) -> AsyncEngine:
    """An asynchronous engine that can only read: what writes goes through the writers."""
    options = _options(url, busy=BUSY_SECONDS)
    if is_sqlite(url):
        options["connect_args"]["factory"] = Reader
        engine = create_async_engine(url.set(drivername="sqlite+aiosqlite"), pool_size=READERS, **options)
        sa.event.listen(engine.sync_engine, "connect", partial(_prepare_sqlite, only_reads=True))
        sa.event.listen(engine.sync_engine, "begin", _begin)
        return engine
    options["connect_args"]["options"] += " -c default_transaction_read_only=on"
    return create_async_engine(url, pool_size=READERS, pool_pre_ping=True, **options)


def _options(url: URL, *, busy: float) -> dict[str, Any]:
    plain = {"json_serializer": _written, "json_deserializer": orjson.loads}
    if is_sqlite(url):
        return {"connect_args": {"timeout": busy, "check_same_thread": False}, **plain}
    given = str(url.query.get("options", ""))
    return {
        **plain,
        "connect_args": {
            "connect_timeout": CONNECT_SECONDS,
            "options": f"{POSTGRES_OPTIONS} {given}".strip(),
            "application_name": "threadbridge",
            "keepalives_idle": 15,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,
        },
    }


def _written(value: Any) -> str:
    return orjson.dumps(value).decode()


def _prepare_sqlite(connection: Any, _record: object, *, only_reads: bool) -> None:
    # The driver's own BEGIN would come late and be deferred: two writers could then block each other for good.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # what was acknowledged outlives a power cut
    cursor.execute("PRAGMA secure_delete = ON")  # what was erased is not left in free pages
    cursor.execute("PRAGMA journal_size_limit = 67108864")
    cursor.execute("PRAGMA wal_autocheckpoint = 8192")  # pages, 32 MB: what is written often is copied seldom
    cursor.execute("PRAGMA temp_store = MEMORY")  # what a statement may have to undo is not written to a file
    if only_reads:
        cursor.execute("PRAGMA query_only = ON")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def is_unavailable(error: DBAPIError) -> bool:
    """Whether it is the database's trouble, not the statement's."""
    match error.orig:
        case sqlite3.Error() as cause:
            return (getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF in SQLITE_UNAVAILABLE
        case psycopg.Error() as cause:
            state = cause.sqlstate
            return isinstance(cause, psycopg.OperationalError) and (
                error.connection_invalidated or state is None or state.startswith(POSTGRES_UNAVAILABLE)
            )
        case _:
            return False


def is_conflict(error: DBAPIError) -> bool:
    """Whether two transactions met, and the same work may succeed when run again."""
    return isinstance(error.orig, psycopg.Error) and error.orig.sqlstate in POSTGRES_CONFLICTS


@contextmanager
def told_plainly() -> Iterator[None]:
    """Raise the database's trouble as StoreUnavailable, everything else as it is."""
    try:
        yield
    except DBAPIError as error:
        if is_unavailable(error):
            raise unavailable(error) from error
        raise


def unavailable(error: DBAPIError) -> StoreUnavailable:
    """One line about it, without statements or parameters."""
    return StoreUnavailable("the database cannot be used: " + str(error.orig).strip().partition("\n")[0])


@contextmanager
def claim_service(url: str) -> Iterator[None]:
    """Be the one service on a SQLite database, for as long as the block lasts; on PostgreSQL many may be.

    AlreadyRunning: another process is. The claim ends with the process, however that ends.
    """
    address = parse(url)
    if not is_sqlite(address):
        yield
        return
    path = Path(f"{address.database}.lock")
    try:
        lock = path.open("a")
    except OSError as error:
        raise StoreUnavailable(f"the database cannot be used: {path}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(f"another `threadbridge run` serves {address.database}: stop it first") from None
        yield
