"""The stage that every test of a command stands on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.stage import Stage, put_up


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    """A stage without a database."""
    with put_up(tmp_path, monkeypatch, capsys) as stage:
        yield stage


@pytest.fixture
def operator(empty: Stage, tables: Path) -> Stage:
    """A stage whose database is migrated."""
    shutil.copy(tables, empty.folder / "bridge.db")
    return empty
