"""What every test may ask for: a database of either kind, a browser, a clock."""

import gc
import logging
import os
import shutil
import tempfile
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import hypothesis
import pytest
import structlog
import uvloop

from bridge.process import settle_down
from bridge.store.migrations import migrate
from tests import compiled
from tests.clock import MovableClock
from tests.order import dealt
from tests.postgres import Postgres

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

compiled.share()
gc.set_threshold(50_000, 20, 20)  # as in the commands: what is imported and collected stays

MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 2 * 1024**3
"""Bytes that must be free of it: four processes with a database server each, and all that a test leaves behind."""


def stay_in_memory() -> None:
    """Keep all temporary files there, where nobody has said where else: what is killed here are processes, never power.

    Half of what a test with PostgreSQL costs is its database's files.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ENOUGH_MEMORY:
        return
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


stay_in_memory()

NO_BROWSER = "no Chromium was found; `apt-get install chromium` brings it"
LEFT_OUT = pytest.StashKey[int]()


def find_chromium() -> str | None:
    """Say where the browser is that the demo's pages are opened with."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest; leave the browser's tests out where there is no browser: in CI they stay, and fail."""
    items[:] = dealt(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    if find_chromium() or os.environ.get("CI") == "true":
        return
    left_out = [item for item in items if item.get_closest_marker("browser")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    config.stash[LEFT_OUT] = len(left_out)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], AbstractEventLoop]]:
    """Run on what the service runs on; it takes a tenth less of a journey's time, too."""
    return {"uvloop": uvloop.new_event_loop}


def pytest_collection_finish() -> None:
    """What stands now stays to the end: the collector of garbage need not walk through it, as in the service."""
    settle_down()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that writes the summary what this one left out, when the tests are shared by several."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["browser_tests_left_out"] = session.config.stash.get(LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Keep what a worker said; each of them collects the same tests."""
    output = getattr(node, "workeroutput", {})
    config = getattr(node, "config", None)
    if isinstance(config, pytest.Config):
        config.stash[LEFT_OUT] = output.get("browser_tests_left_out", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say aloud that something was not tried."""
    if left_out := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(f"{left_out} browser tests were left out: {NO_BROWSER}", yellow=True)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is; a test that asks for it is marked `browser`."""
    return find_chromium() or pytest.fail(NO_BROWSER)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of this process's own, started when the first test asks for it."""
    server = Postgres.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("tables") / "bridge.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a database with tables and nothing in them, of each kind in turn.

    A test for one kind alone says `@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
    """
    if request.param == "sqlite":
        tables: Path = request.getfixturevalue("tables")
        yield f"sqlite+aiosqlite:///{shutil.copy(tables, tmp_path / 'bridge.db')}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    database = server.create(server.template("threadbridge_tables", migrate))
    yield server.url(database)
    server.drop(database)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    database = server.create()
    yield server.url(database)
    server.drop(database)


@pytest.fixture
def clock() -> MovableClock:
    """A clock that ticks, and that the test moves."""
    return MovableClock()


@pytest.fixture(autouse=True)
def _logs_go_where_they_went() -> Iterator[None]:
    """Take back how a command has set up logging: its stream is closed when the test is over."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level
