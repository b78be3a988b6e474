"""`python -m bench [NAME…]`: measure, and print one table."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import click

from bench import measures
from bench.database import Database, databases
from bench.report import Report


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(measures.ALL)))
@click.option("--runs", default=3, show_default=True, help="Of each measure, after one for warming up.")
@click.option("--rows", default=[0, 1_000_000], show_default=True, multiple=True, help="Finished rows of each kind.")
@click.option("--postgres", is_flag=True, help="On PostgreSQL with finished rows too, which takes some minutes more.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of the table.")
def main(names: tuple[str, ...], runs: int, rows: tuple[int, ...], *, postgres: bool, as_json: bool) -> None:
    """Measure the bridge beside bare programs that do as little as can be done."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="threadbridge-bench-") as folder:
        told(f"preparing databases with {', '.join(f'{count:,}' for count in rows)} finished rows")
        kinds = [("sqlite", count) for count in rows] + [
            ("postgres", count) for count in (rows if postgres else rows[:1])
        ]
        with databases(Path(folder), kinds) as found:
            asyncio.run(measure(report, names or tuple(measures.ALL), found, runs))
    print(report.json() if as_json else report.table())


async def measure(report: Report, names: tuple[str, ...], found: list[Database], runs: int) -> None:
    """One after another: nothing else of ours runs meanwhile."""
    began = time.monotonic()
    for name in names:
        for on in found:
            if on.name not in measures.ON[name]:
                continue
            told(f"{time.monotonic() - began:4.0f} s  {name} on {on.name}, {on.rows:,} rows")
            measured = await measures.ALL[name](on, runs)
            told("\n".join(f"        {' | '.join(measure.cells())}" for measure in measured))
            report.measures.extend(measured)


def told(line: str) -> None:
    """Say what is going on where it does not mix with the figures."""
    click.echo(line, err=True)


if __name__ == "__main__":
    main()
