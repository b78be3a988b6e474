"""A database with tables, of each kind in turn, and a store on it."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bridge.store.migrations import migrate
from tests.postgres import Postgres
from tests.store.factories import House, house
from tests.store.tools import Bench, Times, opened


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "bridge.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a database that has its tables, and nothing in them."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        yield f"sqlite+aiosqlite:///{shutil.copy(template, tmp_path / 'bridge.db')}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    database = server.create(server.template("threadbridge_store", migrate))
    yield server.url(database)
    server.drop(database)


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
async def bench(migrated_url: str, times: Times) -> AsyncIterator[Bench]:
    """A store without a pace of its own, whose clock stands still."""
    async with opened(migrated_url, times) as store:
        yield Bench(store, times, migrated_url)


@pytest.fixture
def home(migrated_url: str) -> Iterator[House]:
    """Transactions on a database without a store around them."""
    with house(migrated_url) as made:
        yield made
