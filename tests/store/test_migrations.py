"""Migrations make the tables that the program knows."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bridge.model.errors import WrongSchema
from bridge.store import migrations
from bridge.store.engine import parse, write_engine
from bridge.store.schema import metadata


def test_migrations_and_tables_are_equal(database_url: str) -> None:
    engine = write_engine(parse(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrations_make_what_the_tables_would(database_url: str) -> None:
    """Partial indexes' conditions, growing keys and views are not compared by Alembic."""
    engine = write_engine(parse(database_url))
    with engine.begin() as connection:
        migrated = _described(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        assert migrated == _described(connection)
    engine.dispose()


def test_migrating_again_changes_nothing(database_url: str) -> None:
    migrations.migrate(database_url)
    assert migrations.is_current(database_url)


def test_an_empty_database_has_no_version_and_gets_one(empty_url: str) -> None:
    assert migrations.version(empty_url) is None
    migrations.migrate(empty_url)
    assert migrations.version(empty_url) == migrations.REVISION


def test_a_newer_database_is_left_alone(database_url: str) -> None:
    engine = write_engine(parse(database_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(WrongSchema, match="9999"):
        migrations.migrate(database_url)
    assert migrations.version(database_url) == "9999"


def test_the_newest_revision_is_the_one_the_program_needs() -> None:
    assert ScriptDirectory(str(Path(migrations.__file__).parent)).get_heads() == [migrations.REVISION]


def _described(connection: sa.Connection) -> dict[str, object]:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'view') AND sql IS NOT NULL"
        )
        described: dict[str, object] = {row.name: row.sql for row in rows}
        rows = connection.exec_driver_sql(
            "SELECT name, sql LIKE '%AUTOINCREMENT%' AS grows FROM sqlite_master WHERE type = 'table'"
        )
    else:
        rows = connection.exec_driver_sql(
            "SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = 'public'"
            " UNION ALL SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'"
        )
        described = {row.name: row.sql for row in rows}
        rows = connection.exec_driver_sql(
            "SELECT table_name || '.' || column_name AS name, column_default AS grows"
            " FROM information_schema.columns WHERE table_schema = 'public'"
        )
    described |= {row.name: row.grows for row in rows}
    return {name: sql for name, sql in described.items() if not name.startswith("alembic_version")}


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Customers' words will stand in it."""
    migrations.migrate(f"sqlite:///{tmp_path / 'bridge.db'}")
    assert (tmp_path / "bridge.db").stat().st_mode & 0o077 == 0
