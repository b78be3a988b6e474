"""Customers' files: how fast they pass through the bridge, beside a bare copy, and how little it holds of them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import secrets
import time
from collections.abc import AsyncIterator
from functools import partial

import aiohttp
from aiohttp import web

from bench import cast
from bench.database import Database
from bench.report import Measure
from bench.spawn import Child, Json, child
from bridge.lanes import MEDIA
from bridge.workers.deliver import FILES

SIZE, COUNT = 25_000_000, 20
PIECE = bytes(256 * 1024)
HEAD = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41"
DEADLINE = 90.0
MOST_MB = 75
"""Of memory more than before while they pass: three whole files, of the twelve that are on their way at once."""


class Warehouse:
    """Meta's CDN and Slack's uploads in one: files are made as they are read, and forgotten as they come."""

    def __init__(self) -> None:
        self.stored: dict[str, int] = {}
        self.shown = 0
        self.last = 0.0
        self._ids = itertools.count(1)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/cdn/"):
            return await _film(request)
        if request.path.startswith("/upload/"):
            length = 0
            async for piece in request.content.iter_any():
                length += len(piece)
            self.stored[request.path] = length
            self.last = time.monotonic()
            return web.Response(text="OK")
        return web.json_response(self._api(request, await request.read()))

    def _api(self, request: web.Request, body: bytes) -> Json:
        ts = f"{1800000000 + next(self._ids)}.000001"
        if request.path.endswith("getUploadURLExternal"):
            name = f"F{next(self._ids)}"
            return {"ok": True, "file_id": name, "upload_url": str(request.url.origin() / "upload" / name)}
        if request.path.endswith("completeUploadExternal"):
            self.shown += 1
            share = {"ts": ts, "thread_ts": request.query["thread_ts"]}
            return {"ok": True, "files": [{"shares": {"public": {request.query["channel_id"]: [share]}}}]}
        if not request.path.startswith("/api/"):
            return {"recipient_id": "1", "message_id": ts}
        said: Json = {"ok": True, "channel": cast.CHANNEL, "ts": ts}
        if request.path.endswith("chat.postMessage"):
            said["message"] = {"thread_ts": json.loads(body).get("thread_ts")}
        return said

    async def tell(self, _: Json) -> Json:
        return {"stored": sum(self.stored.values()), "files": len(self.stored), "shown": self.shown, "last": self.last}


async def _film(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "video/mp4", "Content-Length": str(SIZE)})
    await answer.prepare(request)
    await answer.write(HEAD)
    for at in range(len(HEAD), SIZE, len(PIECE)):
        await answer.write(PIECE[: SIZE - at])
    await answer.write_eof()
    return answer


async def copy(wanted: Json) -> Json:
    """Pass as many files on with nothing but aiohttp, each piece as it comes, as many at once."""
    left = iter(range(wanted["count"]))

    async def one_after_another(http: aiohttp.ClientSession) -> None:
        for number in left:
            async with http.get(f"{wanted['url']}/cdn/{number}") as source:
                headers = {"Content-Length": source.headers["Content-Length"]}
                async with http.post(
                    f"{wanted['url']}/upload/bare{number}", data=_pieces(source), headers=headers
                ) as sink:
                    await sink.read()

    async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as tasks:
        began = time.monotonic()
        for _ in range(wanted["at_once"]):
            tasks.create_task(one_after_another(http))
    return {"seconds": time.monotonic() - began}


async def _pieces(source: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async for piece in source.content.iter_any():
        yield piece


async def media(on: Database, runs: int) -> list[Measure]:
    """How many megabytes a second come to stand in threads, and how much memory that takes."""
    own, bare, most = list[float](), list[float](), list[float]()
    costs = list[float]()
    async with (
        child("warehouse") as house,
        child("copier") as copier,
        child("service", database=on.url, role="all", other=house.url) as service,
    ):
        resting = service.resident()
        for run in range(runs + 1):
            before = copier.worked(), service.worked()
            bare_seconds = (await copier.ask(url=house.url, count=COUNT, at_once=FILES[MEDIA]))["seconds"]
            seconds, peak = await _sent(house, service)
            if run:
                bare.append(SIZE * COUNT / 1e6 / bare_seconds)
                own.append(SIZE * COUNT / 1e6 / seconds)
                most.append(peak - resting)
                costs.append((copier.worked() - before[0]) / (service.worked() - before[1]))
    cost = sorted(costs)[len(costs) // 2]
    measure = partial(Measure, database=on.name, rows=on.rows)
    note = f"{COUNT} of {SIZE / 1e6:.0f} MB; by processor time {cost:.2f}"
    return [
        measure(name="customers' files", unit="MB/s", runs=tuple(own), floor=tuple(bare), note=note),
        measure(
            name="  memory more at its peak", unit="MB", runs=tuple(most), most=MOST_MB, note=f"{resting:.0f} MB before"
        ),
    ]


async def _sent(house: Child, service: Child) -> tuple[float, float]:
    """Send a film from each of as many customers; seconds until the last has come, and the most memory meanwhile."""
    before = await house.ask()
    peak, began = 0.0, time.monotonic()
    async with aiohttp.ClientSession() as http:
        for conversation in range(1, COUNT + 1):
            body, headers = _delivery(conversation, f"{house.url}/cdn/{secrets.token_hex(4)}")
            async with http.post(service.url + cast.META, data=body, headers=headers) as answer:
                answer.raise_for_status()
    async with asyncio.timeout(DEADLINE):
        while (now := await house.ask())["shown"] < before["shown"] + COUNT:
            peak = max(peak, service.resident())
            await asyncio.sleep(0.05)
    if now["stored"] - before["stored"] != SIZE * COUNT:
        raise RuntimeError(f"not all of it came: {now['stored'] - before['stored']:,} bytes")
    return now["last"] - began, peak


def _delivery(conversation: int, address: str) -> tuple[bytes, dict[str, str]]:
    now = int(time.time() * 1000)
    item = {"type": "video", "payload": {"url": address}}
    said = {
        "sender": {"id": cast.customer_of(conversation)}, "recipient": {"id": cast.PAGE}, "timestamp": now,
        "message": {"mid": f"m_{secrets.token_hex(8)}", "attachments": [item]},
    }  # fmt: skip
    body = json.dumps({"object": "page", "entry": [{"id": cast.PAGE, "time": now, "messaging": [said]}]}).encode()
    signature = hmac.new(cast.META_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return body, {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
