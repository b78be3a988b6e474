"""The bridge as its operator runs it: its own commands in processes of their own, told only where the stand-ins are."""

import asyncio
import json
import os
import secrets
import socket
import sys
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from bridge.demo.cast import ALERTS, Role
from bridge.demo.meta import MetaStandIn
from bridge.demo.slack import SlackStandIn

START_SECONDS: Final = 40.0
END_SECONDS: Final = 30.0
COMMAND_SECONDS: Final = 40.0


IN_TURN: Final = """
import json, sys
from pathlib import Path
from bridge.cli import main
from bridge.demo.parent import Parent
parent = Parent(Path.cwd())
if "run" in json.loads(sys.argv[1])[-1]:
    parent.watch()
try:
    for words in json.loads(sys.argv[1]):
        try:
            main(words)
        except SystemExit as end:
            if end.code:
                raise
finally:
    parent.tidy()
"""
"""Several of the bridge's commands in one process: starting takes most of their time. The service ends with its demo."""


class BridgeFailedError(Exception):
    """The bridge, or one of its commands, did not do what the demo needs; one sentence that names its log."""


class BridgeProcess:
    """One bridge on an empty database in `folder`; every command's words go to its log.

    clock_url: what `BRIDGE_CLOCK_URL` is set to.
    language: what `BRIDGE_LANGUAGE` is set to.
    """

    def __init__(self, folder: Path, *, slack: SlackStandIn, meta: MetaStandIn, clock_url: str, language: str) -> None:
        self.folder = folder
        self.log = folder / "bridge.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = self._of(slack, meta) | {"BRIDGE_CLOCK_URL": clock_url, "BRIDGE_LANGUAGE": language}
        self._process: asyncio.subprocess.Process | None = None
        self._first: list[list[str]] = []
        self._tokens: dict[str, str] = {}

    def _of(self, slack: SlackStandIn, meta: MetaStandIn) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "META_APP_ID": meta.app_id,
            "META_APP_SECRET": meta.app_secret,
            "META_VERIFY_TOKEN": meta.verify_token,
            "INSTAGRAM_APP_ID": meta.login.instagram_app_id,
            "INSTAGRAM_APP_SECRET": meta.instagram_app_secret,
            "BRIDGE_DATABASE_URL": f"sqlite+aiosqlite:///{self.folder / 'bridge.db'}",
            "BRIDGE_SECRET_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "BRIDGE_PUBLIC_URL": self.url,
            "BRIDGE_PORT": str(self.port),
            "BRIDGE_OPS_CHANNEL": ALERTS,
            "BRIDGE_SLACK_API_URL": slack.api_url,
            "BRIDGE_GRAPH_URL": meta.graph_url,
            "BRIDGE_INSTAGRAM_GRAPH_URL": meta.instagram_graph_url,
            "BRIDGE_FACEBOOK_URL": meta.facebook_url,
            "BRIDGE_INSTAGRAM_URL": meta.instagram_url,
            "BRIDGE_INSTAGRAM_API_URL": meta.instagram_api_url,
            "BRIDGE_MEDIA_HOSTS": urlsplit(meta.url).netloc,
        }

    def prepare(self, tokens: Mapping[Role, str], *, owner: str) -> None:
        """Have it bring the empty database to this version's schema, and connect accounts, before it starts."""
        adding = [words for role in tokens for words in self._adding(role, owner)]
        self._first = [["migrate"], *adding]
        self._tokens = {_named(role): token for role, token in tokens.items()}

    async def add_account(self, role: Role, token: str, *, owner: str) -> None:
        """Connect an account, or give it a new token, as its operator would."""
        await self._commands(self._adding(role, owner), {_named(role): token})

    def _adding(self, role: Role, owner: str) -> list[list[str]]:
        options = {
            "--platform": role.platform,
            "--id": role.id,
            "--name": role.name,
            "--channel": role.channel,
            "--alerts-channel": ALERTS,
            "--login": role.login,
            "--owner": owner,
            "--token-env": _named(role),
        }
        human = "--human-agent" if role.human_agent else "--no-human-agent"
        add = ["accounts", "add", *(word for option in options.items() for word in option), human]
        wanted = [
            "auto_csat=on",
            "reactions_out=on",
            f"customer_language={role.lang}",
            *(["comments=on"] if role.comments else []),
            *(["board=on"] if role.board else []),
        ]
        return [add, ["accounts", "set", role.written, *wanted]]

    async def start(self) -> None:
        """Run what was prepared and then the service; wait until it can take traffic."""
        commands = json.dumps([*self._first, ["run"]])
        self._process = await self._spawn("-c", IN_TURN, commands, more=self._tokens)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as http:
            try:
                async with asyncio.timeout(START_SECONDS):
                    while not await self._ready(http):
                        if self._process.returncode is not None:
                            raise self._failure(f"ended with code {self._process.returncode}")
                        await asyncio.sleep(0.05)  # a probe over HTTP: nobody tells when to ask again
            except TimeoutError:
                raise self._failure(f"was not ready within {START_SECONDS:.0f} s") from None

    async def ended(self) -> None:
        """Wait until the service ends of itself, and raise what that means."""
        assert self._process is not None
        code = await self._process.wait()
        raise self._failure(f"ended with code {code}")

    async def stop(self) -> None:
        """End the service as its operator would, and if need be harder."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(END_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _ready(self, http: aiohttp.ClientSession) -> bool:
        try:
            async with http.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _commands(self, commands: Sequence[Sequence[str]], more: Mapping[str, str]) -> None:
        process = await self._spawn("-c", IN_TURN, json.dumps(commands), more=more)
        asked = ", ".join(f"`{' '.join(words[:2])}`" for words in commands)
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                code = await process.wait()
        except TimeoutError:
            raise self._failure(f"did not end {asked} within {COMMAND_SECONDS:.0f} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if code:
            raise self._failure(f"ended one of {asked} with code {code}")

    async def _spawn(self, *words: str, more: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
        """Start a Python of the bridge's, which inherits no setting that is meant for the operator's own bridge.

        It has a session of its own, so that Ctrl-C reaches the demo alone and the order of ending is ours. By the end of
        its standard input it knows when the demo is gone, however that came.
        """
        bare = {"PATH": os.defpath, "PYTHONUTF8": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
        environment = bare | self._settings | dict(more or {})
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *words,
                cwd=self.folder,
                env=environment,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _failure(self, what: str) -> BridgeFailedError:
        return BridgeFailedError(f"the bridge {what}; its log: {self.log}")


def _named(role: Role) -> str:
    """The variable in which a command finds an account's token."""
    return f"DEMO_TOKEN_{role.key.upper()}"


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
