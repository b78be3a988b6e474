"""The service as its operator runs it: a process of its own, that a test can kill at any instant."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bridge.config import Config

START_SECONDS = 30.0


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
        "BRIDGE_CLOCK_URL": config.clock_url or "",
        "BRIDGE_SLACK_POSTS_PER_SECOND": "0",
        "BRIDGE_SLACK_POSTS_PER_MINUTE": "0",
        "PATH": "/usr/bin:/bin",
    }


@dataclass
class Process:
    """One `threadbridge run`, on one port for as long as the test lasts."""

    config: Config
    folder: Path
    role: str = "all"
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, *, wait: bool = True) -> None:
        """Run it; with *wait*, until it can take traffic."""
        with (self.folder / "service.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bridge", "run", "--role", self.role,
                env=environment(self.config, self.port), stdout=log, stderr=log,
            )  # fmt: skip
        if wait:
            await self.ready()

    async def ready(self) -> None:
        """Wait until it says that it is alive."""
        assert self.process is not None
        ended = asyncio.create_task(self.process.wait())
        async with aiohttp.ClientSession() as http, asyncio.timeout(START_SECONDS):
            while not ended.done():
                try:
                    async with http.get(f"{self.url}/healthz") as answer:
                        if answer.status < 500:
                            return
                except aiohttp.ClientError:
                    await asyncio.wait({ended}, timeout=0.05)
        raise AssertionError(f"it ended with {self.process.returncode}: {self.said()}")

    async def kill(self) -> None:
        """SIGKILL: it can do nothing about it."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def terminate(self) -> int:
        """SIGTERM; its exit code."""
        assert self.process is not None
        self.process.terminate()
        async with asyncio.timeout(30):
            return await self.process.wait()

    def said(self) -> str:
        """The end of its log."""
        return (self.folder / "service.log").read_text(errors="replace")[-200000:]
