"""What the commands work with: the open database, the clock, the way to the outside, and how an account is written."""

from __future__ import annotations

import asyncio
import getpass
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import aiohttp
import click
from sqlalchemy.engine import Connection

from bridge import config as configuration
from bridge.chosen import pace_of, tenants_of
from bridge.cli.answers import CommandError
from bridge.clock import RemoteClock, SystemClock
from bridge.config import Config, ConfigError
from bridge.model.decision import Moment
from bridge.model.ids import WorkspaceId
from bridge.model.state import Account, Platform
from bridge.model.word import Word
from bridge.ports import Clock
from bridge.secrets import Sealer
from bridge.slack.probe import SlackProbe
from bridge.store import accounts as stored
from bridge.store.accounts import Hand
from bridge.store.installations import installed
from bridge.store.store import SqlStore, open_store
from bridge.store.transaction import Tx

T = TypeVar("T")


class Bench(Word, kw_only=True):
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


async def probe_of(bench: Bench, workspace: WorkspaceId) -> SlackProbe | None:
    """Who asks Slack about a workspace; None: there is no token for it."""
    keys = bench.config.secret_key.values
    tenants = tenants_of(bench.config, bench.http, Sealer(keys).open if keys else str)
    tenants.learn(await bench.read(installed))
    return tenants.probe_for(workspace)


def operator() -> str:
    """Who the audit says it was: a person of this machine, at the command line."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"


# ── accounts ──────────────────────────────────────────────────────────────────────────────────────────────


class AccountName(Word, kw_only=True):
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
            f"there is no account {name}: `threadbridge accounts list` shows all, `accounts connect` prints a link that adds one"
        )
    return found


# ── since when ────────────────────────────────────────────────────────────────────────────────────────────


class SinceType(click.ParamType[datetime, Any]):
    """A moment such as 2026-11-21 or 2026-11-21T09:00:00Z, or how long ago, such as 7d or 12h."""

    name = "WHEN"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime | timedelta:  # type: ignore[override]
        """Read it; without a zone it is UTC."""
        if isinstance(value, datetime | timedelta):
            return value
        if ago := re.fullmatch(r"([0-9]{1,5})([dhm])", str(value).strip()):
            unit = {"d": "days", "h": "hours", "m": "minutes"}[ago[2]]
            return timedelta(**{unit: int(ago[1])})
        try:
            at = datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(
                "not a moment such as 2026-11-21 or 2026-11-21T09:00:00Z, and not how long ago, such as 7d", param, ctx
            )
        return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


SINCE = SinceType()


def start_of(since: datetime | timedelta, now: datetime) -> datetime:
    """The moment that is meant; a time is counted back from *now*."""
    return now - since if isinstance(since, timedelta) else since
