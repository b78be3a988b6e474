"""`threadbridge audit`: who changed what."""

from __future__ import annotations

import csv
import json
import sys
from datetime import datetime, timedelta
from typing import Any

import click

from bridge.cli.answers import as_json, emit, table
from bridge.cli.base import SINCE, Bench, start_of, with_bench
from bridge.model.ids import WorkspaceId
from bridge.store import listings

COLUMNS = ("id", "at", "workspace", "who", "action", "object", "before", "after")


@click.command()
@click.option("--since", type=SINCE, help="Only from then on: a moment in UTC, or how long ago (7d, 12h).")
@click.option("--workspace", metavar="T...", help="Only of this workspace.")
@click.option("--limit", type=click.IntRange(1), help="Only the latest so many.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV and nothing else.")
@as_json
def audit(
    *, since: datetime | timedelta | None, workspace: str | None, limit: int | None, as_csv: bool, as_json: bool
) -> None:
    """Show who changed what, the latest first."""
    if as_csv and as_json:
        raise click.UsageError("--csv and --json exclude each other")

    async def work(bench: Bench) -> list[dict[str, Any]]:
        start = None if since is None else start_of(since, bench.clock.now())
        place = WorkspaceId(workspace) if workspace else None
        return await bench.read(lambda conn: listings.audit_rows(conn, workspace=place, since=start, limit=limit))

    rows = with_bench(work)
    if as_json:
        emit(rows)
    elif as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(COLUMNS)
        writer.writerows([[_cell(row[column]) for column in COLUMNS] for row in rows])
    else:
        heads = ("at", "who", "action", "object", "before", "after")
        table(
            [head.upper() for head in heads],
            [[_cell(row[head]) for head in heads] for row in rows],
            none="Nothing was changed.",
        )


def _cell(value: object) -> object:
    """One cell; a text that a spreadsheet would calculate with is made a text."""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return "" if value is None else value
