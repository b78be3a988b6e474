"""The commands as an operator types them, between stand-ins of Slack and Meta that live in a thread of their own."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvloop
from aiohttp import web

from bridge.cli import main
from bridge.demo.meta import MetaStandIn
from bridge.demo.slack import SlackStandIn
from bridge.secrets import keygen
from tests.clock import MovableClock

T = TypeVar("T")

PAGE, SHOP, DIRECT = "104857600000001", "17841400000000077", "17841400000000088"
SUPPORT, OTHER, ALERTS = "C0SUPPORT", "C0OTHER", "C0ALERTS"


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, which must be one JSON document and nothing else."""
        return json.loads(self.out)

    def ok(self) -> Result:
        """The same, if it ended well."""
        assert self.code == 0, self.err
        return self


PYTHON = {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONWARNINGS": "ignore"}


@dataclass(kw_only=True)
class Service:
    """A running service, and what it logged so far."""

    process: subprocess.Popen[str]
    url: str = ""
    lines: list[str] = field(default_factory=list)

    def wait_until_ready(self) -> None:
        """Read the log until it says where it listens; an AssertionError with the log when it ends before."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            said = json.loads(line) if line.startswith("{") else {}
            if said.get("event") == "service.ready":
                self.url = f"http://{said['host']}:{said['port']}"
                return
        raise AssertionError("".join(self.lines))

    def stop(self) -> int:
        """End it as an operator's supervisor does; return its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        _, rest = self.process.communicate(timeout=30)
        self.lines += rest.splitlines(keepends=True)
        return self.process.returncode


@dataclass(kw_only=True)
class Stage:
    """Stand-ins, a database of its own, and the environment that an operator would set."""

    slack: SlackStandIn
    meta: MetaStandIn
    clock: MovableClock
    loop: asyncio.AbstractEventLoop
    folder: Path
    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]
    env: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Result:
        """Run one command; *env* is set for it alone."""
        with self.patch.context() as patch:
            for name, value in {**self.env, **(env or {})}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            self.capture.readouterr()
            with pytest.raises(SystemExit) as left:
                main(words)
            printed = self.capture.readouterr()
        return Result(code=int(left.value.code or 0), out=printed.out, err=printed.err)

    @contextmanager
    def service(self, *words: str, env: Mapping[str, str] | None = None) -> Iterator[Service]:
        """`threadbridge run` in a process of its own, heard by both stand-ins; it ends with the block."""
        given = {"PATH": os.defpath, "BRIDGE_PORT": "0", **self.env, **(env or {})}
        command = [sys.executable, "-m", "bridge", "run", *words]
        with subprocess.Popen(
            command, cwd=self.folder, env=given | PYTHON, stderr=subprocess.PIPE, text=True
        ) as process:
            service = Service(process=process)
            try:
                service.wait_until_ready()
                self.slack.request_url = f"{service.url}/slack/events"
                self.meta.webhook_url = f"{service.url}/meta/webhook"
                yield service
            finally:
                service.stop()

    def there(self, work: Callable[[], T]) -> T:
        """Do something with a stand-in, in its own thread."""

        async def run() -> T:
            return work()

        return self.wait(run())

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the stand-ins' thread to its end."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def add(self, platform: str = "messenger", id: str = PAGE, *more: str, token: str | None = None) -> Result:
        """`accounts add`, with the account's own token."""
        name = "Shop Taro" if id == DIRECT else "Shop"
        words = ["--platform", platform, "--id", id, "--name", name, "--channel", SUPPORT, *more]
        return self("accounts", "add", *words, stdin=token or self.meta.accounts[id].token)


@contextmanager
def put_up(folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    """Start the stand-ins, and say in the environment where they are."""
    clock = MovableClock()
    slack, meta = SlackStandIn(clock=clock.time, pace=False), MetaStandIn(clock=clock.time)
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    stage = Stage(slack=slack, meta=meta, clock=clock, loop=loop, folder=folder, patch=patch, capture=capture)
    runner = stage.wait(_start(stage))
    host, port = runner.addresses[0][:2]
    stage.env = _environment(stage, f"http://{host}:{port}/")
    for name in [name for name in os.environ if name.startswith(("BRIDGE_", "SLACK_", "META_", "INSTAGRAM_"))]:
        patch.delenv(name)
    patch.chdir(folder)
    yield stage
    stage.wait(_stop(stage, runner))
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


async def _start(stage: Stage) -> web.AppRunner:
    async def time(_: web.Request) -> web.Response:
        return web.Response(text=str(stage.clock.time()))

    for channel in (SUPPORT, OTHER, ALERTS):
        stage.slack.add_channel(channel, channel.lower())
    for person in ("U0AKI", "U0KEN"):
        stage.slack.add_user(person, person.lower())
    stage.slack.add_usergroup("S0TEAM", "team", ["U0AKI"])
    await stage.slack.start()
    await stage.meta.start()
    page = stage.meta.add_page(PAGE, "Shop Hanako")
    stage.meta.add_instagram(SHOP, "Shop Hanako", page=page.id)
    stage.meta.add_instagram(DIRECT, "Shop Taro", login="instagram")
    app = web.Application()
    app.router.add_get("/", time)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


async def _stop(stage: Stage, runner: web.AppRunner) -> None:
    await runner.cleanup()
    await stage.slack.stop()
    await stage.meta.stop()


def _environment(stage: Stage, clock_url: str) -> dict[str, str]:
    return {
        "BRIDGE_DATABASE_URL": f"sqlite+aiosqlite:///{stage.folder / 'bridge.db'}",
        "BRIDGE_SECRET_KEY": keygen(),
        "BRIDGE_PUBLIC_URL": "http://127.0.0.1:8080",
        "BRIDGE_CLOCK_URL": clock_url,
        "BRIDGE_SLACK_API_URL": stage.slack.api_url,
        "BRIDGE_GRAPH_URL": stage.meta.graph_url,
        "BRIDGE_INSTAGRAM_GRAPH_URL": stage.meta.instagram_graph_url,
        "BRIDGE_FACEBOOK_URL": stage.meta.facebook_url,
        "BRIDGE_INSTAGRAM_URL": stage.meta.instagram_url,
        "BRIDGE_INSTAGRAM_API_URL": stage.meta.instagram_api_url,
        "SLACK_BOT_TOKEN": stage.slack.bot_token,
        "SLACK_SIGNING_SECRET": stage.slack.signing_secret,
        "META_APP_ID": stage.meta.app_id,
        "META_APP_SECRET": stage.meta.app_secret,
        "META_VERIFY_TOKEN": stage.meta.verify_token,
    }
