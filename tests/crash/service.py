"""The service and its commands as their operator runs them: processes of their own, that a test can kill at any instant."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

from bridge.config import Config
from tests.crash.nursery import Child, Nursery
from tests.journeys.world import World

START_SECONDS = 30.0
END_SECONDS = 30.0
"""The contract's own."""
RETRIES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.5, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0)
"""Both sides come again often, so that what was not acknowledged is delivered in the end."""

_numbers = count(1)


def free_port() -> int:
    """A port nobody listens on; the next process takes it at once."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def environment(config: Config, port: int) -> dict[str, str]:
    """The settings of *config* as an operator writes them."""
    return {
        "SLACK_BOT_TOKEN": config.slack_bot_token.first,
        "SLACK_SIGNING_SECRET": config.slack_signing_secret.first,
        "META_APP_ID": config.meta_app_id or "",
        "META_APP_SECRET": config.meta_app_secret.first,
        "META_VERIFY_TOKEN": config.meta_verify_token.first,
        "BRIDGE_DATABASE_URL": config.database_url,
        "BRIDGE_SECRET_KEY": config.secret_key.first,
        "BRIDGE_PORT": str(port),
        "BRIDGE_SLACK_API_URL": config.slack_api_url,
        "BRIDGE_GRAPH_URL": config.graph_url,
        "BRIDGE_INSTAGRAM_GRAPH_URL": config.instagram_graph_url,
        "BRIDGE_FACEBOOK_URL": config.facebook_url,
        "BRIDGE_INSTAGRAM_URL": config.instagram_url,
        "BRIDGE_INSTAGRAM_API_URL": config.instagram_api_url,
        "BRIDGE_MEDIA_HOSTS": ",".join(config.media_hosts),
        "BRIDGE_CLOCK_URL": config.clock_url or "",
        "BRIDGE_LOG_LEVEL": config.log_level,
        "BRIDGE_SLACK_POSTS_PER_SECOND": f"{config.slack_posts_per_second:g}",
        "BRIDGE_SLACK_POSTS_PER_MINUTE": "0",
        "PATH": "/usr/bin:/bin",
    }


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as one document."""
        return json.loads(self.out)


@dataclass
class Process:
    """One `threadbridge run`, on one port for as long as the test lasts; killed and started any number of times."""

    nursery: Nursery
    config: Config
    folder: Path
    role: str = "all"
    port: int = field(default_factory=free_port)
    log: Path = field(init=False)
    child: Child | None = None

    def __post_init__(self) -> None:
        self.log = self.folder / f"{self.role}{next(_numbers)}.log"

    @property
    def temporary(self) -> Path:
        """Its folder for temporary files."""
        return self.folder / "tmp"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, *, wait: bool = True) -> None:
        """Run it; with *wait*, until it can take traffic."""
        self.temporary.mkdir(exist_ok=True)
        env = environment(self.config, self.port) | {"TMPDIR": str(self.temporary)}
        words = ["run", "--role", self.role]
        born = self.nursery.start(words, env, folder=self.folder, out=self.log, err=self.log)
        self.child = await asyncio.wrap_future(born)
        if wait:
            await self.ready()

    async def ready(self) -> None:
        """Wait until it says that it is alive."""
        assert self.child is not None
        async with aiohttp.ClientSession() as http, asyncio.timeout(START_SECONDS):
            while not self.child.ended.done():
                try:
                    async with http.get(f"{self.url}/healthz") as answer:
                        if answer.status < 500:
                            return
                except aiohttp.ClientError:
                    await asyncio.wait({asyncio.wrap_future(self.child.ended)}, timeout=0.02)  # an end, or a while
        raise AssertionError(f"it ended with {self.child.ended.result()}: {self.said()}")

    async def get(self, path: str) -> tuple[int, str]:
        """What it answers."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}{path}") as answer:
            return answer.status, await answer.text()

    async def kill(self) -> None:
        """SIGKILL: it can do nothing about it."""
        if self.child is not None:
            self.child.send(signal.SIGKILL)
            await _end(self.child)

    def tell_to_end(self) -> None:
        """SIGTERM."""
        assert self.child is not None
        self.child.send(signal.SIGTERM)

    async def ended(self) -> int:
        """Its exit code; not later than the contract has it."""
        assert self.child is not None
        async with asyncio.timeout(END_SECONDS):
            return await _end(self.child)

    async def terminate(self) -> int:
        """SIGTERM; its exit code."""
        self.tell_to_end()
        return await self.ended()

    async def command(self, *words: str) -> Result:
        """A command beside it, with the same settings."""
        out, err = (self.folder / f"command{next(_numbers)}.{kind}" for kind in ("out", "err"))
        env = environment(self.config, self.port)
        child = await asyncio.wrap_future(self.nursery.start([*words], env, folder=self.folder, out=out, err=err))
        async with asyncio.timeout(END_SECONDS):
            code = await _end(child)
        return Result(code=code, out=out.read_text(), err=err.read_text())

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-20000:] if self.log.is_file() else ""

    def lines(self) -> list[dict[str, Any]]:
        """Its log, line by line."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


async def _end(child: Child) -> int:
    """Its exit code; who tires of waiting leaves it as it is."""
    return await asyncio.shield(asyncio.wrap_future(child.ended))


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A world whose service is a process (or several), and both sides that know where it listens."""

    world: World
    service: Process

    def process(self, role: str) -> Process:
        """One more."""
        return Process(self.service.nursery, self.service.config, self.service.folder, role)

    async def until(self, predicate: Callable[[], Any], *, seconds: float = 20) -> Any:
        """Wait for a condition; the log is shown when it does not come to be."""
        try:
            return await self.world.until(predicate, seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.service.said()}") from None


def counted(home: Installation) -> tuple[int, int]:
    """How many deliveries of Meta's and of Slack's there were."""
    return len(home.world.meta.deliveries.record), len(home.world.slack.deliveries.records)


def refused(home: Installation, since: tuple[int, int] = (0, 0)) -> bool:
    """Whether both sides were told to come again."""
    meta = home.world.meta.deliveries.record[since[0] :]
    slack = home.world.slack.deliveries.records[since[1] :]
    return any(503 in each.attempts for each in meta) and any(each.status == 503 for each in slack)


@asynccontextmanager
async def installed(
    nursery: Nursery, database_url: str, folder: Path, *, start: bool = True, role: str = "all", **settings: Any
) -> AsyncIterator[Installation]:
    """A world with a running process; *settings* of `Config`, by field."""
    async with World.open(database_url, start=False, **settings) as world:
        service = Process(nursery, world.config, folder, role)
        world.slack.request_url = f"{service.url}/slack/events"
        world.meta.webhook_url = f"{service.url}/meta/webhook"
        world.slack.deliveries.retry_delays = RETRIES
        world.meta.deliveries.retry_seconds = RETRIES
        try:
            if start:
                await service.start()
            yield Installation(world=world, service=service)
        except BaseException:
            print(service.said())  # noqa: T201 - shown by pytest with the failure
            raise
        finally:
            await service.kill()
