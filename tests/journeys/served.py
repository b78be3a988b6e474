"""The test's clock, served to what runs beside the test."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from aiohttp import web

from tests.clock import MovableClock


@dataclass
class ServedClock:
    """The test's clock over HTTP, as the service asks for it; *asked*: how often it did; *away*: it hears nothing."""

    clock: MovableClock
    asked: int = 0
    away: bool = False

    async def serve(self, stack: AsyncExitStack) -> str:
        """Serve it on loopback; the address."""
        app = web.Application()
        app.router.add_get("/clock", self._tell)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}/clock"

    async def _tell(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.away and request.transport is not None:
            request.transport.abort()
        return web.Response(text=repr(self.clock.time()))
