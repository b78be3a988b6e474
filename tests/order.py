"""In which order tests go: the long ones begin, shared out by whole files, so that no process is left with one at the end.

Each process of `--dist worksteal` begins with an equal, connected part of all tests, and takes from others when it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol, TypeVar

LONG = ("tests/year/", "tests/crash/", "tests/browser/", "tests/demo/test_scenes.py", "tests/cli/test_service.py")
"""What starts processes or lets much happen; the longest first."""


class Placed(Protocol):
    """A test, as far as its place goes."""

    @property
    def path(self) -> Path:
        """Its file."""
        ...


T = TypeVar("T", bound=Placed)


def dealt(tests: Sequence[T], processes: int) -> list[T]:
    """All tests, so that the part of each of *processes* begins with its share of the long files."""
    ranked = sorted((rank, number) for number, test in enumerate(tests) if (rank := _rank(test)) is not None)
    files = [list(group) for _, group in groupby((tests[number] for _, number in ranked), key=lambda test: test.path)]
    others = [test for test in tests if _rank(test) is None]
    bounds = [round(len(tests) * part / processes) for part in range(1, processes + 1)]
    found: list[T] = []
    for part, bound in enumerate(bounds):
        found += [test for file in files[part::processes] for test in file]
        room = max(0, bound - len(found))
        found, others = [*found, *others[:room]], others[room:]
    return [*found, *others]


def _rank(test: Placed) -> int | None:
    path = test.path.as_posix()
    return next((rank for rank, beginning in enumerate(LONG) if f"/{beginning}" in path), None)
