"""The demo's clock: real time and an offset. The stand-ins, the bridge and the page all go by it."""

import asyncio
import time
from collections.abc import Callable, Iterable

from aiohttp import web

ASKED_TWICE = 2
"""Asked once the bridge has the new time; asked again it has lived with it."""
LONGEST_STOP = 4.0
"""Real seconds after which a stop ends although nobody asked for the time."""


class DemoClock:
    """Ticks with real time and moves forward only, as the times in Slack do.

    changed: called after every move.
    """

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self.offset = 0.0
        self.changed = changed
        self._asked = 0
        self._news = asyncio.Event()
        self._travelling = asyncio.Lock()

    def time(self) -> float:
        """Say what time it is, in seconds since the epoch."""
        return time.time() + self.offset

    def move(self, seconds: float) -> None:
        """Let so many seconds pass at once; ValueError when they are negative."""
        if seconds < 0:
            raise ValueError("the demo's time goes forward only")
        self.offset += seconds
        self.changed()

    def set(self, to: float) -> None:
        """Make it `to`, in seconds since the epoch; a moment that has passed changes nothing."""
        self.move(max(0.0, to - self.time()))

    async def travel(self, seconds: float, stops: Iterable[float] = ()) -> None:
        """Let so many seconds pass with a stop after each moment of `stops` on the way, until the bridge has seen it.

        Without the stops a bridge that looks at the clock once a second would leap over whole windows, as no real one can.
        """
        async with self._travelling:
            end = self.time() + seconds
            for stop in sorted(stops):
                if self.time() < stop < end:
                    self.set(stop)
                    await self._noticed()
            self.set(end)

    async def serve(self, _request: web.Request) -> web.Response:
        """Answer `GET /clock`, which is what `BRIDGE_CLOCK_URL` names."""
        answer = web.Response(text=f"{self.time():.6f}")
        self._asked += 1
        self._news.set()
        return answer

    async def _noticed(self) -> None:
        """Wait until the time was asked for twice from now on."""
        wanted = self._asked + ASKED_TWICE
        try:
            async with asyncio.timeout(LONGEST_STOP):
                while self._asked < wanted:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return  # no bridge is running: nobody could miss anything
