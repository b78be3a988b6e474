"""The long tests begin, wherever they are run, and none is lost or run twice."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.order import dealt


@dataclass(frozen=True)
class Found:
    path: Path
    number: int


FILES = (
    "core/test_a.py",
    "crash/test_b.py",
    "crash/test_c.py",
    "journeys/test_d.py",
    "year/test_e.py",
    "year/test_f.py",
)
TESTS = [Found(path=Path("/home/tests") / name, number=number) for name in FILES for number in range(10)]


@pytest.mark.parametrize("processes", [1, 2, 3, 4])
def test_each_process_begins_with_whole_files_of_the_long_ones(processes: int) -> None:
    given = dealt(TESTS, processes)
    assert sorted(given, key=TESTS.index) == TESTS
    size = len(TESTS) / processes
    firsts = [given[round(size * part)].path.parent.name for part in range(processes)]
    assert firsts == ["year", "year", "crash", "crash"][: len(firsts)]
    places = [given.index(each) for each in TESTS if each.path.name == "test_b.py"]
    assert places == list(range(places[0], places[0] + 10))
