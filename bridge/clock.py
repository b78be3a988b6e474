"""The two clocks (see `bridge.model.decision.Moment`): the machine's own, and one kept elsewhere for demos and tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import aiohttp

ASK_EVERY = 0.2
"""Seconds (real time) between two questions to a clock kept elsewhere."""
LEAP = timedelta(seconds=1)
"""Further ahead of real time than that, somebody has moved it."""
ASK_TIMEOUT = aiohttp.ClientTimeout(total=10)


class SystemClock:
    """The machine's clock; the steady one starts with it and then follows the monotonic clock."""

    def __init__(self) -> None:
        self._started = datetime.now(UTC)
        self._zero = time.monotonic()

    def now(self) -> datetime:
        """The machine's time."""
        return datetime.now(UTC)

    def steady(self) -> datetime:
        """The time since the start, on top of when that was."""
        return self._started + timedelta(seconds=time.monotonic() - self._zero)

    def catch_up(self, steady: datetime) -> None:
        """Let the steady clock go on from there, if it is behind: the machine's clock was set back between two starts."""
        self._started += max(steady - self.steady(), timedelta())

    async def refresh(self) -> None:
        """Nothing to ask."""


class RemoteClock:
    """A clock that somebody moves: asked over HTTP, as text, in seconds since the epoch.

    Moved forward, the steady clock goes forward with it, so that what became due is done. Moved back or stopped, the
    steady clock goes on in real time, so that retries and rests neither hang nor repeat.
    """

    def __init__(self, url: str, session: aiohttp.ClientSession, heard: datetime) -> None:
        self._url = url
        self._session = session
        self._now = heard
        self._steady = heard
        self._at = time.monotonic()

    @classmethod
    async def open(cls, url: str, session: aiohttp.ClientSession) -> RemoteClock:
        """Ask once, so that the first answer is there before anybody needs it. Raises `aiohttp.ClientError`."""
        return cls(url, session, await _ask(url, session))

    def now(self) -> datetime:
        """The time as last heard: a clock that stands still is believed."""
        return self._now

    def steady(self) -> datetime:
        """What was heard, and the real time since."""
        return self._steady + timedelta(seconds=time.monotonic() - self._at)

    def catch_up(self, steady: datetime) -> None:
        """Let the steady clock go on from there, if it is behind."""
        self._steady += max(steady - self.steady(), timedelta())

    async def refresh(self) -> None:
        """Ask again. A clock that does not answer leaves what was heard."""
        await self._leapt()

    async def follow(self, leapt: Callable[[], None]) -> None:
        """Ask again and again, for ever; *leapt* is called when it was moved forward, for much may be due then."""
        while True:
            if await self._leapt():
                leapt()
            await asyncio.sleep(ASK_EVERY)

    async def _leapt(self) -> bool:
        try:
            heard = await _ask(self._url, self._session)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False
        real = time.monotonic()
        moved, passed = heard - self._now, timedelta(seconds=real - self._at)
        self._steady += max(moved, passed)
        self._now, self._at = heard, real
        return moved - passed > LEAP


async def _ask(url: str, session: aiohttp.ClientSession) -> datetime:
    async with session.get(url, timeout=ASK_TIMEOUT) as reply:
        reply.raise_for_status()
        return datetime.fromtimestamp(float(await reply.text()), UTC)
