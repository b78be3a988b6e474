"""How Slack delivers: envelopes, signatures, three seconds, three retries, and the knobs that make it go wrong.

https://docs.slack.dev/apis/events-api and https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from bridge.demo.slack.model import Json

SLACKS_RETRIES = (0.0, 60.0, 300.0)
"""When Slack tries again, in seconds after the last try."""

Sockets = Callable[[str, Json, Mapping[str, object]], Coroutine[Any, Any, tuple[int, str]]]
"""Hands one payload to a Socket Mode connection: a status and an answer; raises as `Deliveries.post` does."""


@dataclass(kw_only=True)
class Delivery:
    """One try of one delivery; `status` 0: no answer, -1: dropped on purpose or nowhere to go.

    ts: of the message that the event brings, if it brings one.
    """

    kind: str
    event_type: str
    event_id: str
    retry_num: int
    status: int
    reason: str = ""
    ts: str = ""


class Deliveries:
    """Everything on its way to the app, and what became of it.

    retry_delays: real seconds before each retry; `SLACKS_RETRIES` is the real schedule.
    timeout: how long the app may take to answer, in real seconds.
    delay: real seconds that each delivery is late.
    disable_after: how many deliveries an hour must have seen before failures disable the subscriptions.
    """

    def __init__(self, *, clock: Callable[[], float], signing_secret: str, changed: Callable[[], None]) -> None:
        self.request_url: str | None = None
        self.retry_delays: Sequence[float] = (0.05, 0.2, 0.5)
        self.timeout = 3.0
        self.delay = 0.0
        self.disable_after = 1000
        self.heard: Callable[[bytes], bytes] = lambda body: body
        """What the app hears of a request: a test has others do, or say, what somebody did."""
        self.records: list[Delivery] = []
        self.disabled = False
        self.sockets: Sockets | None = None
        self._clock = clock
        self._secret = signing_secret
        self._changed = changed
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._paused: list[Json] | None = None
        self._held: list[Json] = []
        self._hold = 0
        self._drop = 0
        self._twice = 0
        self._recent: deque[tuple[float, bool]] = deque()

    async def open(self) -> None:
        """Make ready to deliver."""
        if self._session is None:
            self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        """Give up what is on its way; a delivery that failed for a reason of its own is raised here."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None
        for end in ends:
            if isinstance(end, Exception):
                raise end

    def pause(self) -> None:
        """Keep events back from now on."""
        if self._paused is None:
            self._paused = []

    def resume(self) -> None:
        """Deliver what was kept back, oldest first, and go on."""
        waiting, self._paused = self._paused or [], None
        for envelope in waiting:
            self.send(envelope)

    def drop_next(self, number: int = 1) -> None:
        """Lose the next events for good."""
        self._drop += number

    def duplicate_next(self, number: int = 1) -> None:
        """Deliver each of the next events twice, the second time as a retry."""
        self._twice += number

    def hold_and_reverse(self, number: int) -> None:
        """Keep the next events until so many are there, then deliver them last first."""
        self._hold = number

    def send(self, envelope: Json) -> None:
        """Deliver one envelope in the background, as the knobs will have it."""
        if self._drop:
            self._drop -= 1
            self._note(envelope, retry=0, status=-1, reason="dropped")
        elif self._paused is not None:
            self._paused.append(envelope)
        elif self._hold:
            self._held.append(envelope)
            if len(self._held) >= self._hold:
                batch, self._held, self._hold = self._held[::-1], [], 0
                self.spawn(self._deliver_in_order(batch))
        else:
            self.spawn(self._deliver(envelope))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something of Slack's own in the background; `close` ends it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def settle(self) -> None:
        """Wait until nothing is on its way; what is paused or held does not count."""
        while running := {task for task in self._tasks if not task.done()}:
            await asyncio.wait(running)

    async def post(
        self, body: bytes, *, content_type: str, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """Post one signed request to the app; raises what aiohttp raises, and TimeoutError after `timeout`."""
        if self.request_url is None or self._session is None:
            raise aiohttp.ClientConnectionError("nowhere to deliver")
        body = self.heard(body)
        signed = self.signed(body, content_type=content_type) | dict(headers or {})
        async with (
            asyncio.timeout(self.timeout),
            self._session.post(self.request_url, data=body, headers=signed, max_redirects=2) as answer,
        ):
            return answer.status, await answer.read(), answer.headers

    def signed(self, body: bytes, *, content_type: str) -> dict[str, str]:
        """Return the headers that prove a body is Slack's."""
        stamp = str(int(self._clock()))
        digest = hmac.new(self._secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}",
        }

    async def _deliver_in_order(self, batch: Sequence[Json]) -> None:
        for envelope in batch:
            await self._deliver(envelope)

    async def _deliver(self, envelope: Json) -> None:
        if self.disabled or (self.request_url is None and self.sockets is None):
            self._note(envelope, retry=0, status=-1, reason="disabled" if self.disabled else "nowhere")
            return
        twice = self._twice > 0
        self._twice -= twice
        await asyncio.sleep(self.delay)
        status, reason, again = await self._try(envelope, 0, "")
        for number, delay in enumerate(self.retry_delays, start=1):
            if not again:
                break
            await asyncio.sleep(delay)
            status, reason, again = await self._try(envelope, number, reason)
        if twice and 200 <= status < 300:
            await self._try(envelope, 1, "http_timeout")

    async def _try(self, envelope: Json, number: int, last: str) -> tuple[int, str, bool]:
        """Try once: the status, why it failed in Slack's word, and whether Slack would try again."""
        headers = {"x-slack-retry-num": str(number), "x-slack-retry-reason": last} if number else {}
        status, reason, stop = 0, "", False
        try:
            extra = {"retry_attempt": number, "retry_reason": last} if number else {}
            if self.sockets is not None:
                status, _ = await self.sockets("events_api", envelope, extra)
            else:
                body = json.dumps(envelope, ensure_ascii=False).encode()
                status, _, got = await self.post(body, content_type="application/json", headers=headers)
                stop = got.get("x-slack-no-retry") == "1"
        except TimeoutError:
            reason = "http_timeout"
        except aiohttp.TooManyRedirects:
            reason = "too_many_redirects"
        except aiohttp.ClientConnectionError:
            reason = "connection_failed"
        except aiohttp.ClientError:
            reason = "unknown_error"
        good = 200 <= status < 300
        if status and not good:
            reason = "http_error"
        self._note(envelope, retry=number, status=status, reason=reason)
        self._count(good=good)
        return status, reason, not good and not stop

    def _note(self, envelope: Json, *, retry: int, status: int, reason: str) -> None:
        event = envelope.get("event") or {}
        self.records.append(
            Delivery(
                kind=envelope["type"],
                event_type=event.get("type", ""),
                event_id=envelope.get("event_id", ""),
                retry_num=retry,
                status=status,
                reason=reason,
                ts=event.get("ts", ""),
            )
        )
        self._changed()

    def _count(self, *, good: bool) -> None:
        """Disable the subscriptions when more than 95 % of an hour's deliveries have failed, retries among them."""
        now = time.monotonic()
        self._recent.append((now, good))
        while self._recent and self._recent[0][0] < now - 3600:
            self._recent.popleft()
        failed = (
            sum(not kept for _, kept in self._recent) if len(self._recent) >= self.disable_after and not good else 0
        )
        if failed > 0.95 * len(self._recent):
            self.disabled = True

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is None:
            self._tasks.discard(task)  # one that failed stays, so that `close` raises its error
        self._changed()
