"""Requests as fast as they are answered, or at a steady rate, over keep-alive connections; written out beforehand."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from bench import cast
from bench.spawn import Json


class Line(asyncio.Protocol):
    """One connection: it writes the next request when the last one is answered."""

    def __init__(self, requests: Iterator[bytes], statuses: Counter[str], done: asyncio.Event) -> None:
        self._requests = requests
        self._statuses = statuses
        self._done = done
        self._got = b""
        self._transport: asyncio.Transport | None = None
        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def next(self) -> None:
        assert self._transport is not None
        request = next(self._requests, None)
        if request is None:
            self.ended = True
            self._done.set()
        else:
            self._transport.write(request)

    def again(self, request: bytes) -> None:
        """Write one more, of its own."""
        self.ended = False
        self._requests = iter((request,))
        self.next()

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0 or len(self._got) < end + 4 + _length(self._got[:end]):
            return
        self._statuses[self._got[9:12].decode()] += 1
        self._got = b""
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended:
            self._statuses["lost"] += 1
            self.ended = True
            self._done.set()


def _length(head: bytes) -> int:
    at = head.find(b"Content-Length: ")
    return 0 if at < 0 else int(head[at + 16 : at + 26].split(b"\r")[0])


class Load:
    """What `bench.child` serves."""

    async def run(self, wanted: Json) -> Json:
        """*rate*: requests a second; without it as many as are answered."""
        host, port = urlsplit(wanted["url"]).hostname, urlsplit(wanted["url"]).port
        kind, count, prefix, among = wanted["kind"], wanted["count"], wanted["prefix"], wanted["conversations"]
        names = [f"{prefix}x{number}e" for number in range(count)]
        requests = [cast.request_of(kind, number % among + 1, name) for number, name in enumerate(names)]
        if "rate" in wanted:
            sent = await paced(str(host), int(port or 0), requests, wanted["rate"])
            return {"sent": dict(zip(names, sent, strict=True))}
        return await flood(str(host), int(port or 0), requests, wanted["connections"])


async def flood(host: str, port: int, requests: list[bytes], connections: int) -> Json:
    """All of them, over so many connections. busy: this process's share of a core, which must stay below 1."""
    loop, left, statuses, done = asyncio.get_running_loop(), iter(requests), Counter[str](), asyncio.Event()
    made = [await loop.create_connection(lambda: Line(left, statuses, done), host, port) for _ in range(connections)]
    lines = [line for _, line in made]
    began, worked = time.monotonic(), time.process_time()
    for line in lines:
        line.next()
    while not all(line.ended for line in lines):
        await done.wait()
        done.clear()
    seconds = time.monotonic() - began
    worked = time.process_time() - worked
    for transport, _ in made:
        transport.close()
    return {"seconds": seconds, "busy": worked / seconds, "statuses": dict(statuses)}


async def paced(host: str, port: int, requests: list[bytes], rate: float) -> list[float]:
    """One after another at *rate*, whether answered or not; says when each was written (monotonic clock)."""
    loop, statuses, done = asyncio.get_running_loop(), Counter[str](), asyncio.Event()
    lines: list[Line] = []
    sent: list[float] = []
    began = time.monotonic()
    for number, request in enumerate(requests):
        line = next((line for line in lines if line.ended), None)
        if line is None:
            _, line = await loop.create_connection(lambda: Line(iter(()), statuses, done), host, port)
            lines.append(line)
        await asyncio.sleep(began + number / rate - time.monotonic())
        line.again(request)
        sent.append(time.monotonic())
    while not all(line.ended for line in lines):
        await done.wait()
        done.clear()
    if set(statuses) != {"200"}:
        raise RuntimeError(f"refused: {dict(statuses)}")
    return sent
