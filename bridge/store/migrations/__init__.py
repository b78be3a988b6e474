"""Bringing a database to this version's tables. Revisions are history: once released, a file in `versions` never changes."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.model.errors import StoreUnavailable, WrongSchema
from bridge.store.engine import is_sqlite, parse, told_plainly, write_engine

REVISION = "0006"
"""The newest revision; what this program needs."""

LOCK = 7_032_025
"""Of PostgreSQL's advisory locks, the one that lets migrations go one after another."""


def migrate(url: str) -> None:
    """Bring the database to this version's schema; safe to repeat, all or nothing. StoreUnavailable, WrongSchema (newer)."""
    from alembic import command
    from alembic.config import Config

    address = parse(url)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    if is_sqlite(address):
        _keep_private(Path(address.database or ""))
    engine = write_engine(address)
    try:
        with told_plainly(), engine.begin() as connection:
            if not is_sqlite(address):
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # a large table takes its time
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            found = _found(connection)
            if found is not None and found > REVISION:
                raise WrongSchema(found, REVISION)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def _keep_private(path: Path) -> None:
    """Make a new database a file that its owner alone can read: customers' words will stand in it."""
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreUnavailable(f"the database cannot be used: {path}: {error.strerror}") from error


def version(url: str) -> str | None:
    """The database's revision; None: it is empty. StoreUnavailable if it cannot be asked."""
    address = parse(url)
    if is_sqlite(address) and not Path(address.database or "").exists():
        return None  # and asking must not make it
    engine = write_engine(address)
    try:
        with told_plainly(), engine.connect() as connection:
            return _found(connection)
    finally:
        engine.dispose()


def is_current(url: str) -> bool:
    """Whether this program can work with it."""
    return version(url) == REVISION


def require_current(url: str) -> None:
    """WrongSchema unless this program can work with it."""
    found = version(url)
    if found != REVISION:
        raise WrongSchema(found, REVISION)


def _found(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return revision
