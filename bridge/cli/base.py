"""What the commands share: the open database beside them, how an account is written, how answers are printed."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import aiohttp
import click
from sqlalchemy.engine import Connection

from bridge import config as configuration
from bridge.clock import RemoteClock, SystemClock
from bridge.config import Config, ConfigError
from bridge.lanes import Pace
from bridge.meta.graph import Graph
from bridge.model.decision import Moment
from bridge.model.state import Account, Platform
from bridge.ports import Clock
from bridge.store import accounts as stored
from bridge.store.accounts import Hand
from bridge.store.store import SqlStore, open_store
from bridge.store.transaction import Tx

T = TypeVar("T")

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
yes = click.option("--yes", is_flag=True, help="Do not ask back.")


class CommandError(Exception):
    """The command cannot do what was asked: one line with the mend, and the exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a command works with while it runs."""

    config: Config
    http: aiohttp.ClientSession
    clock: Clock
    store: SqlStore

    async def read(self, look: Callable[[Connection], T]) -> T:
        """Answer a question from one moment of the database."""
        async with self.store.reading() as connection:
            return await connection.run_sync(look)

    async def write(self, work: Callable[[Hand], T]) -> T:
        """Change something in one transaction, in this operator's name."""
        return await self.store.write(lambda tx: work(self.hand(tx)))

    def hand(self, tx: Tx) -> Hand:
        """This operator, inside a transaction."""
        return Hand(tx=tx, moment=self.moment(), who=operator())

    def moment(self) -> Moment:
        """Both clocks, now."""
        return Moment(now=self.clock.now(), steady=self.clock.steady())


@asynccontextmanager
async def open_bench(config: Config) -> AsyncIterator[Bench]:
    """Open what a command needs; StoreUnavailable or WrongSchema when the database is not ready for it."""
    async with aiohttp.ClientSession() as http:
        clock = await open_clock(config, http)
        store = await open_store(config.database_url, clock=clock, pace=pace_of(config))
        try:
            yield Bench(config=config, http=http, clock=clock, store=store)
        finally:
            await store.close()


async def open_clock(config: Config, http: aiohttp.ClientSession) -> Clock:
    """The clock the installation goes by."""
    if config.clock_url is None:
        return SystemClock()
    try:
        return await RemoteClock.open(config.clock_url, http)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        raise ConfigError(
            f"no time comes from BRIDGE_CLOCK_URL ({config.clock_url}): start it, or take it out"
        ) from None


def with_bench(work: Callable[[Bench], Awaitable[T]], *, needs: Sequence[str] = ()) -> T:
    """Read the settings, open the bench, and run *work* to its end."""
    config = configuration.read()
    config.require(needs)

    async def run() -> T:
        async with open_bench(config) as bench:
            return await work(bench)

    return asyncio.run(run())


def pace_of(config: Config) -> Pace:
    """Our own pace; 0 means none."""
    return Pace(
        posts_per_second=config.slack_posts_per_second or None, posts_per_minute=config.slack_posts_per_minute or None
    )


def graph_of(config: Config) -> Graph:
    """Where Meta is."""
    return Graph(
        facebook_url=config.graph_url,
        instagram_url=config.instagram_graph_url,
        version=config.graph_version,
        app_id=config.meta_app_id,
        app_secrets=config.meta_app_secret.values,
    )


def operator() -> str:
    """Who the audit says it was: a person of this machine, at the command line."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"


# ── accounts ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class AccountName:
    """An account as operators write it."""

    platform: Platform
    remote_id: str

    def __str__(self) -> str:
        return f"{self.platform.value}:{self.remote_id}"


class AccountType(click.ParamType[AccountName, Any]):
    """``messenger:ID`` or ``instagram:ID``."""

    name = "ACCOUNT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> AccountName:
        """Read one."""
        if isinstance(value, AccountName):
            return value
        platform, _, remote_id = str(value).strip().partition(":")
        if platform not in {"messenger", "instagram"} or not (remote_id.isascii() and remote_id.isalnum()):
            self.fail("an account is written messenger:ID or instagram:ID", param, ctx)
        return AccountName(platform=Platform(platform), remote_id=remote_id)


ACCOUNT = AccountType()


def find_account(conn: Connection, name: AccountName) -> Account:
    """The account that is meant; CommandError when none is."""
    found = stored.find(conn, name.platform, name.remote_id)
    if found is None:
        raise CommandError(
            f"there is no account {name}: `threadbridge accounts list` shows all, `accounts add` adds one"
        )
    return found


# ── printing ──────────────────────────────────────────────────────────────────────────────────────────────


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
        click.echo(f"{name.ljust(width)}  {_cell(value)}")


def confirm(question: str, *, given: bool) -> None:
    """Ask back on a terminal; nothing is asked when nobody sits there. CommandError when the answer is no."""
    if given or not sys.stdin.isatty():
        return
    if not click.confirm(question, err=True):
        raise CommandError("nothing was changed: it was not confirmed")


def not_in_this_release(name: str, what: str) -> click.Command:
    """A command of the contract that a later release brings."""

    @click.command(name, context_settings={"ignore_unknown_options": True}, help=f"{what} (not in this release).")
    @click.argument("rest", nargs=-1, type=click.UNPROCESSED)
    def later(rest: tuple[str, ...]) -> None:  # noqa: ARG001 - whatever is typed, the answer is the same
        context = click.get_current_context()
        path = context.command_path.removeprefix("threadbridge ")
        raise CommandError(
            f"`{path}` is not in this release: `{context.parent.command_path if context.parent else ''} --help` lists what is",
            2,
        )

    return later


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


def _cell(value: object) -> str:
    match value:
        case None | "":
            return "–"
        case bool():
            return "on" if value else "off"
        case datetime():
            return when(value) or "–"
        case dict():
            return ", ".join(f"{name} {_cell(inner)}" for name, inner in value.items()) or "–"
        case list() | tuple():
            return ", ".join(map(_cell, value)) or "–"
        case _:
            return str(value)
