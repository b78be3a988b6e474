"""A ticket system that takes what is signed, and nothing else; and the settings by which an account uses it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, web

from bridge.cli.ticketing import keep
from bridge.secrets import Sealer
from bridge.store import accounts, tickets
from tests.journeys.house import ids_of
from tests.journeys.world import Kind, World

KEY = b"a signing key of thirty-two byte"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


def sign(name: str, stamp: str, body: bytes) -> str:
    """As Standard Webhooks has it."""
    signed = hmac.new(KEY, name.encode() + b"." + stamp.encode() + b"." + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


@dataclass(kw_only=True)
class TicketSystem:
    """Keeps each ticket once for its id. status: what it answers while that is set; lose: it takes one, and says nothing."""

    url: str = ""
    status: int | None = None
    lose: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    """The ids of all calls, repeats too."""
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def receive(self, request: web.Request) -> web.Response:
        """One call: what is not signed, or signed for another body, is no ticket."""
        body, name = await request.read(), request.headers["webhook-id"]
        if request.headers["webhook-signature"] != sign(name, request.headers["webhook-timestamp"], body):
            return web.Response(status=401)
        self.calls.append(name)
        if self.status is not None:
            return web.Response(status=self.status, headers=self.headers)
        self.kept.setdefault(name, json.loads(body))
        if self.lose:
            self.lose -= 1
            assert request.transport is not None
            request.transport.close()
        number = list(self.kept).index(name) + 1
        return web.json_response({"id": f"HELP-{number}", "url": f"https://tickets.example.com/{number}"}, status=201)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """What was told of a kind."""
        return [each["data"] for each in self.kept.values() if each["type"] == kind]

    @property
    def made(self) -> list[dict[str, Any]]:
        """The tickets."""
        return self.of("ticket.created")


@asynccontextmanager
async def ticket_system() -> AsyncIterator[TicketSystem]:
    """A running one."""
    system = TicketSystem()
    app = web.Application()
    app.router.add_post("/threadbridge", system.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        system.url = f"http://127.0.0.1:{runner.addresses[0][1]}/threadbridge"
        yield system
    finally:
        await runner.cleanup()


async def uses(world: World, kind: Kind, sink: str, *, secret: str | None = SECRET, **settings: Any) -> None:
    """Let an account's tickets go there."""
    sealed = None if secret is None else Sealer(world.config.secret_key.values).seal(secret)

    def change(hand: accounts.Hand) -> None:
        account = accounts.find(hand.conn, *ids_of(kind))
        assert account is not None
        tickets.seal(hand.conn, account.id, sealed)

    await world.by_hand(change)
    await world.set(kind, ticket_sink=sink, **settings)


async def signed(world: World, kind: Kind) -> None:
    """Let an account's tickets be signed, as `accounts set` does."""
    sealed = Sealer(world.config.secret_key.values).seal(SECRET)

    def change(hand: accounts.Hand) -> None:
        account = accounts.find(hand.conn, *ids_of(kind))
        assert account is not None
        keep(hand, account, sealed)

    await world.by_hand(change)


async def report(
    world: World, body: dict[str, Any] | bytes, *, name: str = "msg_1", age: int = 0, signature: str | None = None
) -> int:
    """The ticket system tells how a ticket stands; what the bridge answers. age: seconds."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = str(int(world.clock.time()) - age)
    headers = {
        "webhook-id": name,
        "webhook-timestamp": stamp,
        "webhook-signature": signature if signature is not None else sign(name, stamp, raw),
    }
    async with ClientSession() as http, http.post(f"{world.url}/tickets/status", data=raw, headers=headers) as answer:
        return answer.status
