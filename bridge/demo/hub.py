"""One stream for the page: both stand-ins' states, the clock and the scene, each sent whole as soon as it differs."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import NoReturn

import aiohttp
from aiohttp import web

GATHER_SECONDS = 0.02
"""A burst of changes is one picture; an eye sees none of this."""
POLL_SECONDS = 30.0
BEAT_SECONDS = 15.0

State = Mapping[str, object]
Source = State | str | Callable[[], State]
"""What is told: a state, its JSON, or what gives the state as it is when it is sent."""


class Hub:
    """What everybody sees now, by kind, and a signal at every change."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}
        self._serials: dict[str, int] = {}
        self._serial = 0
        self._news = asyncio.Event()

    def tell(self, kind: str, state: Source) -> None:
        """Let every page know the newest state of one kind; what only a call can give goes with every beat, too."""
        self._serial += 1
        self._sources[kind] = state if callable(state) else _text(state)
        self._serials[kind] = self._serial
        past, self._news = self._news, asyncio.Event()
        past.set()

    async def follow(self, kind: str, url: str) -> None:
        """Tell the state of a stand-in again and again, as its long poll answers; runs until it is cancelled."""
        version = -1
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=POLL_SECONDS)) as http:
            while True:
                async with http.get(f"{url}/_drive/state", params={"since": str(version)}) as answer:
                    text = await answer.text()
                seen = int(json.loads(text)["version"])
                if seen != version:
                    version = seen
                    self.tell(kind, text)
                await asyncio.sleep(GATHER_SECONDS)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET /state` with server-sent events until the page goes away."""
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await answer.prepare(request)
        try:
            await self._stream(answer)
        except ConnectionResetError:
            return answer  # the page is gone

    async def _stream(self, answer: web.StreamResponse) -> NoReturn:
        sent = 0
        while True:
            news = self._news
            due = sorted((serial, kind) for kind, serial in self._serials.items() if serial > sent)
            for serial, kind in due:
                sent = serial
                await answer.write(f"event: {kind}\ndata: {_text(self._sources[kind])}\n\n".encode())
            if not due:
                await self._beat(answer, news)

    async def _beat(self, answer: web.StreamResponse, news: asyncio.Event) -> None:
        """Wait for news; a comment now and then finds out whether anybody still listens, and what changes by itself is told."""
        try:
            async with asyncio.timeout(BEAT_SECONDS):
                await news.wait()
        except TimeoutError:
            await answer.write(b":\n\n")
            for kind, source in self._sources.items():
                if callable(source):
                    await answer.write(f"event: {kind}\ndata: {_text(source)}\n\n".encode())


def _text(source: Source) -> str:
    match source:
        case str():
            return source
        case Mapping():
            return json.dumps(source, ensure_ascii=False)
        case _:
            return json.dumps(source(), ensure_ascii=False)
