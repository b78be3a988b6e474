"""Socket Mode: the same payloads over a WebSocket that the app opened. https://docs.slack.dev/apis/events-api/using-socket-mode."""

import asyncio
import json
from collections.abc import Mapping

from aiohttp import WSMsgType, web

from bridge.demo.slack.model import Json
from bridge.demo.slack.world import World

MOST_SOCKETS = 10


class Sockets:
    """The app's open connections; while there is one, nothing is sent over HTTP."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[str]] = {}
        self._turn = 0

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Keep one connection until either side ends it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._world.tickets:
            return web.Response(status=401, text="bad ticket")
        self._world.tickets.discard(ticket)
        if len(self._open) >= MOST_SOCKETS:
            return web.Response(status=429, text="too_many_websockets")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._open.append(socket)
        self._world.deliveries.sockets = self.hand_over
        try:
            await socket.send_json(self._hello())
            self._world.touch(visible=False)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledged(message.data)
        finally:
            self._open.remove(socket)
            if not self._open:
                self._world.deliveries.sockets = None
        return socket

    async def hand_over(self, kind: str, payload: Json, extra: Mapping[str, object]) -> tuple[int, str] | None:
        """Send one payload to one of the connections and wait for its acknowledgement; TimeoutError after three seconds."""
        if not self._open:
            return None
        self._turn += 1
        socket = self._open[self._turn % len(self._open)]
        envelope_id = f"envelope-{self._turn}"
        answer = self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        answers = kind != "events_api"
        envelope = {"envelope_id": envelope_id, "type": kind, "payload": payload, "accepts_response_payload": answers}
        try:
            async with asyncio.timeout(self._world.deliveries.timeout):
                await socket.send_json(envelope | dict(extra))
                return 200, await answer
        finally:
            del self._waiting[envelope_id]

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to connect anew, then close what is open."""
        for socket in list(self._open):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "demo"}})
            await socket.close()

    def _hello(self) -> Json:
        about = {"host": "demo", "build_number": 1, "approximate_connection_time": 18060}
        info = {"app_id": self._world.names.app_id}
        return {"type": "hello", "num_connections": len(self._open), "connection_info": info, "debug_info": about}

    def _acknowledged(self, data: str) -> None:
        try:
            answer = json.loads(data)
        except ValueError:
            return
        waiting = self._waiting.get(str(answer.get("envelope_id"))) if isinstance(answer, dict) else None
        if waiting is not None and not waiting.done():
            payload = answer.get("payload")
            waiting.set_result("" if payload is None else json.dumps(payload))
