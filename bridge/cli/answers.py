"""How commands answer: one document or a table, times in UTC, errors in one line; and the options they share.

Imports nothing that is slow to load: `threadbridge keygen` and `--help` come through here too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
yes = click.option("--yes", is_flag=True, help="Do not ask back.")


class CommandError(Exception):
    """The command cannot do what was asked: one line with the mend, and the exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


def emit(document: Any) -> None:
    """Print one JSON document; moments as RFC 3339 in UTC."""
    click.echo(document_text(document))


def document_text(document: Any) -> str:
    """A document as JSON text."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=_plain)


def when(at: datetime | None) -> str | None:
    """A moment as RFC 3339 in UTC, to the second."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, none: str) -> None:
    """Print rows under their heads, or the sentence *none*."""
    cells = [["–" if cell is None or cell == "" else str(cell) for cell in row] for row in rows]
    if not cells:
        click.echo(none)
        return
    widths = [max(len(row[column]) for row in [list(heads), *cells]) for column in range(len(heads))]
    for row in [list(heads), *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def fields(document: Mapping[str, Any]) -> None:
    """Print names and values, one a line."""
    width = max(map(len, document), default=0)
    for name, value in document.items():
        click.echo(f"{name.ljust(width)}  {cell(value)}")


def confirm(question: str, *, given: bool) -> None:
    """Ask back on a terminal; nothing is asked when nobody sits there. CommandError when the answer is no."""
    if given or not sys.stdin.isatty():
        return
    if not click.confirm(question, err=True):
        raise CommandError("nothing was changed: it was not confirmed")


def confirm_aloud(question: str, *, given: bool, mend: str) -> None:
    """Ask back on a terminal; where nobody sits there it must have been said before: CommandError (2) with the *mend*."""
    if not given and not sys.stdin.isatty():
        raise CommandError(f"nothing was changed: {mend}", code=2)
    confirm(question, given=given)


def _plain(value: object) -> Any:
    match value:
        case datetime():
            return when(value)
        case set() | frozenset():
            return sorted(value, key=str)
        case bytes():
            return value.decode(errors="replace")
        case _:
            return str(value)


def cell(value: object) -> str:
    """A value as it stands in a table, or behind its name."""
    match value:
        case None | "":
            return "–"
        case bool():
            return "on" if value else "off"
        case datetime():
            return when(value) or "–"
        case dict():
            return ", ".join(f"{name} {cell(inner)}" for name, inner in value.items()) or "–"
        case list() | tuple():
            return ", ".join(map(cell, value)) or "–"
        case _:
            return str(value)
