"""A webhook, a clock and the stand-in of Meta, put up for one test."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bridge.demo.meta import Account, Customer, MetaStandIn

NOON = 1_772_150_400.0
HOUR = 3600.0
DAY = 24 * HOUR


@dataclass
class Hook:
    """A webhook that keeps what it hears; `status` is what it answers next."""

    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        raw = await request.read()
        status = self.statuses.pop(0) if self.statuses else 200
        self.bodies.append(raw)
        self.headers.append(dict(request.headers))
        return web.Response(status=status)

    @property
    def items(self) -> list[dict[str, Any]]:
        entries = [entry for body in self.bodies for entry in json.loads(body)["entry"]]
        return [item for entry in entries for item in entry.get("messaging", entry.get("standby", []))]

    @property
    def texts(self) -> list[str]:
        return [item["message"]["text"] for item in self.items if "text" in item.get("message", {})]


@dataclass
class Clock:
    now: float = NOON

    def __call__(self) -> float:
        return self.now


@dataclass
class Stage:
    meta: MetaStandIn
    hook: Hook
    clock: Clock
    http: aiohttp.ClientSession
    page: Account
    shop: Account
    direct: Account

    async def call(self, verb: str, account: Account, path: str, **more: Any) -> tuple[int, dict[str, Any]]:
        base = self.meta.instagram_graph_url if account.login == "instagram" else self.meta.graph_url
        headers = {"Authorization": f"Bearer {account.token}"}
        async with self.http.request(verb, f"{base}/v25.0/{path}", headers=headers, **more) as answer:
            return answer.status, await answer.json()

    async def say(self, customer: Customer, text: str, **more: Any) -> tuple[int, dict[str, Any]]:
        body: dict[str, Any] = {
            "recipient": {"id": customer.id},
            "messaging_type": "RESPONSE",
            "message": {"text": text},
        }
        return await self.call("POST", customer.account, "me/messages", json=body | more)


@asynccontextmanager
async def put_up(**more: Any) -> AsyncIterator[Stage]:
    clock, hook = Clock(), Hook()
    meta = MetaStandIn(clock=clock, **more)
    app = web.Application()
    app.router.add_post("/meta/webhook", hook.hear)
    await meta.start()
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        meta.webhook_url = str(server.make_url("/meta/webhook"))
        page = meta.add_page("104857600000001", "Shop Hanako", subscribed=True)
        shop = meta.add_instagram("17841400000000077", "Shop Hanako", page=page.id, human_agent=True)
        direct = meta.add_instagram("17841400000000088", "Shop Taro", login="instagram", subscribed=True)
        yield Stage(meta, hook, clock, http, page, shop, direct)
    await meta.stop()


def error(answer: tuple[int, dict[str, Any]]) -> str:
    """The code, with its subcode, of a refusal."""
    problem = answer[1]["error"]
    subcode = problem.get("error_subcode")
    return str(problem["code"]) if subcode is None else f"{problem['code']}/{subcode}"
