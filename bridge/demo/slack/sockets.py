"""Socket Mode: the same payloads over WebSockets that the app opened. https://docs.slack.dev/apis/events-api/using-socket-mode."""

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp import WSMsgType, web

from bridge.demo.slack.model import Json
from bridge.demo.slack.world import World

MOST_SOCKETS = 10


@dataclass(frozen=True, eq=False)
class Line:
    """One connection, and what it runs on."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None


class Sockets:
    """The app's open connections. From the first one on the app is in Socket Mode: nothing more is sent over HTTP.

    strange: what the app said that Slack would not understand, or that it must not say; a good app leaves it empty.
    """

    def __init__(self, world: World) -> None:
        self.strange: list[str] = []
        self._world = world
        self._open: list[Line] = []
        self._waiting: dict[str, tuple[Line, bool, asyncio.Future[str]]] = {}
        self._known: set[str] = set()
        self._unheard = 0
        self._turn = 0

    @property
    def number(self) -> int:
        """How many are open."""
        return len(self._open)

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Keep one connection until either side ends it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._world.tickets:
            return web.Response(status=401, text="bad ticket")
        self._world.tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self._open) >= MOST_SOCKETS:
            await socket.send_json(_goodbye("too_many_websockets"))
            await socket.close()
            return socket
        line = Line(socket, request.transport)
        self._open.append(line)
        self._world.deliveries.sockets = self.hand_over
        try:
            await socket.send_json(self._hello())
            self._world.touch(visible=False)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledged(message.data)
        finally:
            self._lost(line)
        return socket

    def turn_off(self) -> None:
        """Let the app's settings say HTTP again."""
        self._world.deliveries.sockets = None

    async def hand_over(self, kind: str, payload: Json, extra: Mapping[str, object]) -> tuple[int, str]:
        """Send one payload by any one of the connections and wait for its acknowledgement.

        TimeoutError after three seconds; ClientConnectionError where the connection ends first, or there is none.
        """
        if not self._open:
            raise aiohttp.ClientConnectionError("no socket is open")
        self._turn += 1
        line = self._open[self._turn % len(self._open)]
        envelope_id = str(uuid.uuid4())
        accepts = kind != "events_api"
        answer = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = (line, accepts, answer)
        self._known.add(envelope_id)
        envelope = {"envelope_id": envelope_id, "type": kind, "payload": payload, "accepts_response_payload": accepts}
        try:
            async with asyncio.timeout(self._world.deliveries.timeout):
                await line.socket.send_json(envelope | dict(extra))
                return 200, await answer
        finally:
            del self._waiting[envelope_id]

    async def disconnect(self, reason: str = "refresh_requested", *, number: int | None = None) -> None:
        """Ask the app to connect anew; *number* of the connections, else all. After a warning they stay open."""
        for line in self._open[:number]:
            await line.socket.send_json(_goodbye(reason))
            if reason != "warning":
                await line.socket.close()

    def cut(self, number: int | None = None) -> None:
        """Break connections without a word; *number* of them, else all."""
        for line in self._open[:number]:
            if line.transport is not None:
                line.transport.abort()

    def lose_acknowledgements(self, number: int) -> None:
        """Let the next ones not arrive."""
        self._unheard += number

    def _lost(self, line: Line) -> None:
        self._open.remove(line)
        for used, _, answer in list(self._waiting.values()):
            if used is line and not answer.done():
                answer.set_exception(aiohttp.ClientConnectionError("the socket was lost"))
        self._world.touch(visible=False)

    def _hello(self) -> Json:
        about = {"host": "demo", "build_number": 1, "approximate_connection_time": 18060}
        info = {"app_id": self._world.names.app_id}
        return {"type": "hello", "num_connections": len(self._open), "connection_info": info, "debug_info": about}

    def _acknowledged(self, data: str) -> None:
        try:
            answer = json.loads(data)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or not answer.keys() <= {"envelope_id", "payload"}:
            self.strange.append(f"no acknowledgement: {data[:80]}")
            return
        envelope_id = str(answer.get("envelope_id"))
        if envelope_id not in self._known:
            self.strange.append(f"no such envelope: {envelope_id}")
            return
        if self._unheard:
            self._unheard -= 1
            return
        _, accepts, waiting = self._waiting.get(envelope_id, (None, True, None))
        payload = answer.get("payload")
        if payload is not None and not accepts:
            self.strange.append(f"an answer to an event: {envelope_id}")
        if waiting is not None and not waiting.done():
            waiting.set_result("" if payload is None else json.dumps(payload))


def _goodbye(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "demo"}}
