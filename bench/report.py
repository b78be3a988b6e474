"""What was measured, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One figure of one case. runs: every run's value; floor: the same of the bare program, run by run.

    best: the least share of the floor that it should reach. most: the most that the value itself should be.
    """

    name: str
    database: str
    rows: int
    unit: str
    runs: tuple[float, ...]
    floor: tuple[float, ...] = ()
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def ratios(self) -> tuple[float, ...]:
        """Each run as a share of the floor's run beside it."""
        return tuple(own / bare for own, bare in zip(self.runs, self.floor, strict=True)) if self.floor else ()

    @property
    def verdict(self) -> str:
        if self.least is not None:
            return "yes" if statistics.median(self.ratios) >= self.least else "NO"
        if self.most is not None:
            return "yes" if statistics.median(self.runs) <= self.most else "NO"
        return ""

    @property
    def aim(self) -> str:
        if self.least is not None:
            return f"≥ {self.least}"
        return "" if self.most is None else f"< {self.most:g} {self.unit}"

    def cells(self) -> tuple[str, ...]:
        floor = f"{statistics.median(self.floor):,.0f}" if self.floor else ""
        ratio = _spread(self.ratios, ".2f") if self.floor else ""
        shape = ",.1f" if self.unit in ("ms", "s") else ",.0f"
        return (
            self.name, self.database, f"{self.rows:,}", f"{_spread(self.runs, shape)} {self.unit}", floor, ratio,
            self.aim, self.verdict, str(len(self.runs)), self.note,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of them."""

    measures: list[Measure] = field(default_factory=list)

    def table(self) -> str:
        """Medians, with the least and the most of all runs in brackets."""
        head = ("what", "database", "rows", "median (min–max)", "floor", "share of floor", "aim", "met", "runs", "")
        return _aligned([head, *(measure.cells() for measure in self.measures)])

    def json(self) -> str:
        found = [asdict(measure) | {"ratios": measure.ratios, "met": measure.verdict} for measure in self.measures]
        return json.dumps(found, ensure_ascii=False, indent=1)


def _spread(values: Sequence[float], shape: str) -> str:
    middle = format(statistics.median(values), shape)
    return middle if len(values) == 1 else f"{middle} ({format(min(values), shape)}–{format(max(values), shape)})"


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
