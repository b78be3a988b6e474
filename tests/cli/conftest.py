"""The stage that every test of a command stands on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.store.migrations import migrate
from tests.cli.stage import Stage, put_up


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    """A stage without a database."""
    with put_up(tmp_path, monkeypatch, capsys) as stage:
        yield stage


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, to be copied."""
    path = tmp_path_factory.mktemp("tables") / "bridge.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def operator(empty: Stage, tables: Path) -> Stage:
    """A stage whose database is migrated."""
    shutil.copy(tables, empty.folder / "bridge.db")
    return empty
