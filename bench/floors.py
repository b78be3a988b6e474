"""Bare programs: the least that anybody must do who takes webhooks in, stands for the others, or calls them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import pickle
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from bench import cast
from bench.spawn import Json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Serve everything by one handler on loopback; its address."""
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def meta(request: web.Request) -> web.Response:
    """Meta's signature, and nothing more."""
    raw = await request.read()
    right = hmac.new(cast.META_SECRET.encode(), raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(request.headers.get("X-Hub-Signature-256", ""), f"sha256={right}"):
        return web.Response(status=401)
    return web.Response(text="EVENT_RECEIVED")


async def slack(request: web.Request) -> web.Response:
    """Slack's signature, and nothing more."""
    raw = await request.read()
    stamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signed = b"v0:" + stamp.encode() + b":" + raw
    right = hmac.new(cast.SLACK_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(request.headers.get("X-Slack-Signature", ""), f"v0={right}"):
        return web.Response(status=401)
    return web.Response()


SIGNED: dict[str, Handler] = {"meta": meta, "slack": slack}
ONCE = re.compile(rb"[a-z0-9]+x\d+e(?![0-9a-z])")


class Others:
    """Slack and Meta, as far as a benchmark needs them: they agree to everything.

    heard: when a request with each name arrived (monotonic clock), the first of each alone. calls: all that came.
    """

    def __init__(self) -> None:
        self.heard: dict[str, float] = {}
        self.calls: list[tuple[str, str, dict[str, str], bytes]] = []
        self.last = 0.0
        self.first = 0.0
        self._ids = itertools.count(1)

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.last = time.monotonic()
        self.first = self.first or self.last
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        self.calls.append((request.method, request.raw_path, headers, body))
        if request.path.endswith(("chat.postMessage", "/messages")) and (found := ONCE.search(body)):
            self.heard.setdefault(found[0].decode(), self.last)
        if not request.path.startswith("/api/"):
            return web.json_response({"recipient_id": "1", "message_id": f"m_out{next(self._ids)}"})
        said = {"ok": True, "channel": cast.CHANNEL, "ts": f"{1800000000 + next(self._ids)}.000001"}
        if request.path.endswith("chat.postMessage"):
            said["message"] = {"thread_ts": json.loads(body).get("thread_ts")}
        return web.json_response(said)

    async def tell(self, question: Json) -> Json:
        """How many calls came and when the last did; *file*: write them there and forget them."""
        answer = {"calls": len(self.calls), "last": self.last, "first": self.first, "heard": {}}
        if "file" in question:
            kinds: dict[str, int] = {}
            for _, path, _, _ in self.calls:
                name = path.partition("?")[0].rpartition("/")[2]
                kinds[name] = kinds.get(name, 0) + 1
            Path(question["file"]).write_bytes(pickle.dumps(self.calls))
            answer |= {"heard": self.heard, "kinds": kinds}
            self.calls, self.heard, self.first = [], {}, 0.0
        return answer


async def replay(wanted: Json) -> Json:
    """Do the calls of a file again with nothing but aiohttp, so many at once."""
    calls: list[tuple[str, str, dict[str, str], bytes]] = pickle.loads(Path(wanted["file"]).read_bytes())  # noqa: S301 - our own file
    left = iter(calls)

    async def one_after_another(http: aiohttp.ClientSession) -> None:
        for method, path, headers, body in left:
            async with http.request(method, wanted["url"] + path, data=body, headers=headers) as reply:
                json.loads(await reply.read())

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as http, asyncio.TaskGroup() as tasks:
        began = time.monotonic()
        for _ in range(wanted["at_once"]):
            tasks.create_task(one_after_another(http))
    return {"seconds": time.monotonic() - began, "calls": len(calls)}
