"""Socket Mode, the other door for Slack: the bridge calls, and what Slack has to say comes down the line.

An envelope is acknowledged only after what it says is kept; without that Slack sends it again, by any socket, and its keys
tell that it is known. Two sockets, so that one may be lost or renewed while the other hears.
https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

import aiohttp
import structlog
from aiohttp import ClientWebSocketResponse, WSMsgType
from slack_sdk.errors import SlackApiError, SlackClientError

from bridge import quickjson
from bridge.slack.calls import web_client
from bridge.slack.intake import MOST_BYTES, Answer
from bridge.slack.shapes import Json, label, thing

log = structlog.get_logger(__name__)

SOCKETS: Final = 2
"""Slack allows ten for each app, those of all processes together."""
GREETED_WITHIN: Final = 10.0
"""Seconds in which a socket must be open and have said hello."""
HEARTBEAT: Final = 10.0
"""Seconds between two signs of life; a socket that does not answer half as long is lost."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a socket is opened again that did not come to be; twice as long each time."""
UNWELCOME: Final = 30.0
"""Seconds before Slack is asked again that has too many sockets of ours, or wants none."""
LEAVING: Final = 15.0
"""Seconds for which a socket that Slack is about to close is still listened to: the warning comes some 10 s ahead."""
VAIN_AFTER: Final = 60.0
"""Seconds without any socket after which Slack may have given something up: it tells a thing four times, in six minutes."""
GRACE: Final = 5.0
"""Seconds that envelopes in hand get to be kept and acknowledged at the end."""
MOST: Final = 256
"""Envelopes in hand at once on one socket; the next ones wait in it."""


FOR_GOOD: Final = frozenset(
    """access_denied account_inactive forbidden_team invalid_auth missing_scope no_permission not_allowed_token_type
    not_authed token_expired token_revoked""".split()
)
"""What Slack says of a token that asking again will not mend; somebody may yet, so that it is asked again all the same."""


class End(StrEnum):
    """Why a socket is no longer listened to; Slack's own words, but for the last."""

    WARNING = "warning"
    REFRESH = "refresh_requested"
    TOO_MANY = "too_many_websockets"
    DISABLED = "link_disabled"
    OTHER = "other"
    LOST = "lost"


class Taker(Protocol):
    """Who keeps, or answers, what comes (`bridge.slack.intake.SlackIntake`)."""

    async def answer(self, payload: Json) -> Answer:
        """How a payload is answered: after it is kept."""
        ...

    async def missed(self) -> None:
        """Keep that Slack may have told things in vain."""
        ...


class Told(Protocol):
    """Who counts (`bridge.telemetry.Metrics`)."""

    def acked(self, source: str, status: int, seconds: float) -> None:
        """An envelope was answered."""
        ...

    def sockets(self, number: int) -> None:
        """So many sockets hear."""
        ...

    def socket_ended(self, reason: str) -> None:
        """One ended, or did not come to be."""
        ...


class NoSocketError(Exception):
    """Slack gave none. after: seconds for which it is not to be asked again."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


@dataclass(kw_only=True)
class Sockets:
    """Keeps several sockets open for as long as it runs.

    tokens: the app-level tokens that may count, so that one can be changed without a gap. number: of sockets.
    """

    taker: Taker
    told: Told
    tokens: Sequence[str]
    base_url: str
    http: aiohttp.ClientSession
    number: int = SOCKETS
    hearing: set[ClientWebSocketResponse] = field(default_factory=set)
    _leaving: set[ClientWebSocketResponse] = field(default_factory=set)
    _deaf_since: float | None = field(default_factory=time.monotonic)
    _end: asyncio.Event = field(default_factory=asyncio.Event)

    def deaf(self) -> float:
        """For how many seconds no socket has heard; 0 while one does."""
        return 0.0 if self._deaf_since is None else time.monotonic() - self._deaf_since

    def end(self) -> None:
        """Let `run` end: nothing new is taken, what is in hand gets its grace."""
        self._end.set()

    async def run(self) -> None:
        """Keep the sockets open until `end`."""
        hands: set[asyncio.Task[None]] = set()
        try:
            async with asyncio.TaskGroup() as tasks:
                lines = [tasks.create_task(self._line(tasks, hands)) for _ in range(self.number)]
                await self._end.wait()
                for line in lines:
                    line.cancel()
                if hands:
                    await asyncio.wait(hands, timeout=GRACE)
                for hand in hands:
                    hand.cancel()
                await self._close(*self._leaving)
        finally:
            await self._close(*self.hearing, *self._leaving)

    # ── one line, socket after socket ─────────────────────────────────────────────────────────────────────

    async def _line(self, tasks: asyncio.TaskGroup, hands: set[asyncio.Task[None]]) -> None:
        failures = 0
        while True:
            try:
                socket = await self._opened(self.tokens[failures % len(self.tokens)])
            except NoSocketError as error:
                failures += 1
                self.told.socket_ended(error.reason)
                log.warning("slack.no_socket", reason=error.reason)
                await asyncio.sleep(max(error.after, pause(failures)))
                continue
            failures = 0
            end = await self._listen(socket, hands, tasks)
            self._silent(socket, end)
            if end in (End.WARNING, End.REFRESH):
                # It may still bring something, until Slack closes it; the next one is opened meanwhile.
                self._leaving.add(socket)
                tasks.create_task(self._leave(socket, hands, tasks))
                continue
            await self._close(socket)
            await asyncio.sleep(UNWELCOME if end in (End.TOO_MANY, End.DISABLED) else random.random() * FIRST_PAUSE)  # noqa: S311 - no secret

    async def _opened(self, token: str) -> ClientWebSocketResponse:
        """Ask for an address, call it, and hear its hello."""
        socket: ClientWebSocketResponse | None = None
        try:
            async with asyncio.timeout(GREETED_WITHIN):
                url = await address(token, base_url=self.base_url, http=self.http)
                socket = await self.http.ws_connect(url, heartbeat=HEARTBEAT, max_msg_size=2 * MOST_BYTES)
                await _hello(socket)
        except BaseException as error:
            if socket is not None:
                await self._close(socket)
            if isinstance(error, (aiohttp.ClientError, TimeoutError, OSError)):
                raise NoSocketError(type(error).__name__) from None
            raise
        self.hearing.add(socket)
        if self.deaf() > VAIN_AFTER:
            await self.taker.missed()
        self._deaf_since = None
        self.told.sockets(len(self.hearing))
        return socket

    def _silent(self, socket: ClientWebSocketResponse, end: End) -> None:
        self.hearing.discard(socket)
        if not self.hearing:
            self._deaf_since = time.monotonic()
        self.told.sockets(len(self.hearing))
        self.told.socket_ended(end.value)

    async def _leave(
        self, socket: ClientWebSocketResponse, hands: set[asyncio.Task[None]], tasks: asyncio.TaskGroup
    ) -> None:
        try:
            async with asyncio.timeout(LEAVING):
                while await self._listen(socket, hands, tasks) in (End.WARNING, End.REFRESH):
                    pass
        except TimeoutError:
            pass
        finally:
            await self._close(socket)

    async def _close(self, *sockets: ClientWebSocketResponse) -> None:
        for socket in sockets:
            self.hearing.discard(socket)
            self._leaving.discard(socket)
            try:
                await socket.close()
            except (aiohttp.ClientError, OSError) as error:
                log.info("slack.socket_ended_badly", error=type(error).__name__)

    # ── what comes ────────────────────────────────────────────────────────────────────────────────────────

    async def _listen(
        self, socket: ClientWebSocketResponse, hands: set[asyncio.Task[None]], tasks: asyncio.TaskGroup
    ) -> End:
        """Take envelopes until the socket is to be left, and say why."""
        mine: set[asyncio.Task[None]] = set()
        while True:
            frame = await socket.receive()
            if frame.type is not WSMsgType.TEXT:
                if frame.type is WSMsgType.BINARY:
                    continue
                return End.LOST
            said = _object(frame.data)
            if said.get("type") == "disconnect":
                reason = label(said.get("reason"))
                return End(reason) if reason in tuple(End) else End.OTHER
            if not label(said.get("envelope_id")):
                continue
            hand = tasks.create_task(self._take(socket, said))
            for held in (mine, hands):
                held.add(hand)
                hand.add_done_callback(held.discard)
            if len(mine) >= MOST:
                await asyncio.wait(mine, return_when=asyncio.FIRST_COMPLETED)

    async def _take(self, socket: ClientWebSocketResponse, envelope: Json) -> None:
        """Keep, then acknowledge. Without that word Slack sends it again, which is what shall be where it is not kept."""
        began = time.monotonic()
        try:
            answer = await self.taker.answer(thing(envelope.get("payload")))
        except Exception as error:  # noqa: BLE001 - one envelope must not end the others' line; Slack sends it again
            log.error("slack.envelope_not_answered", error=type(error).__name__)  # noqa: TRY400 - the trace would hold the words
            answer = Answer(status=500)
        if answer.status == 200:
            said: dict[str, object] = {"envelope_id": envelope["envelope_id"]}
            if answer.body is not None and envelope.get("accepts_response_payload"):
                said["payload"] = answer.body
            try:
                await socket.send_str(quickjson.dumps(said).decode())
            except (aiohttp.ClientError, OSError) as error:
                log.info("slack.envelope_not_acknowledged", error=type(error).__name__)
        self.told.acked("slack", answer.status, time.monotonic() - began)


async def address(token: str, *, base_url: str, http: aiohttp.ClientSession) -> str:
    """Ask Slack where to call; NoSocketError says why it does not tell (docs.slack.dev, apps.connections.open)."""
    try:
        answer = await web_client(token, base_url=base_url, session=http).apps_connections_open(app_token=token)
    except SlackApiError as error:
        raise _refused(error.response) from None
    except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError, ValueError) as error:
        raise NoSocketError(type(error).__name__) from None
    url = answer.get("url")
    if not isinstance(url, str) or not url.startswith(("wss://", "ws://")):
        raise NoSocketError("no address")
    return url


def _refused(response: object) -> NoSocketError:
    """Read a refusal; *response* is aiohttp's own where its body was no JSON."""
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    if status == 429:
        told = str((getattr(response, "headers", None) or {}).get("Retry-After", ""))
        return NoSocketError("ratelimited", float(told) if told.isascii() and told.isdigit() else UNWELCOME)
    code = label(thing(getattr(response, "data", None)).get("error")) if status == 200 else ""
    return NoSocketError(code or f"HTTP {status}", UNWELCOME if code in FOR_GOOD else 0.0)


def pause(failures: int) -> float:
    """Seconds to wait after so many failures in a row: twice as long each time, and never the same for two sockets."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 16))
    return longest * (0.5 + random.random() / 2)  # noqa: S311 - no secret


async def _hello(socket: ClientWebSocketResponse) -> None:
    frame = await socket.receive()
    said = _object(frame.data) if frame.type is WSMsgType.TEXT else {}
    if said.get("type") == "hello":
        return
    reason = label(said.get("reason")) or "no hello"
    raise NoSocketError(reason, UNWELCOME if reason in (End.TOO_MANY, End.DISABLED) else 0.0)


def _object(text: str) -> Json:
    try:
        return thing(quickjson.loads(text.encode()))
    except (ValueError, RecursionError):
        return {}
