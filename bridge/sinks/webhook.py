"""By a signed HTTP POST: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urldefrag, urlsplit

import aiohttp
import orjson

from bridge.model.decision import Job
from bridge.model.effects import TellOutside
from bridge.model.errors import UnusableSetting
from bridge.model.outcomes import Done, Later, Outcome, Refused, Scope
from bridge.model.word import Word
from bridge.sinks import words

AGAIN: Final = timedelta(minutes=1)
WITHIN: Final = 10.0
"""Seconds for one call."""
PREFIX: Final = "whsec_"
MOST_SIGNATURES: Final = 10
FIRST_ERROR, GONE_WRONG = 300, 500
PASSING: Final = frozenset({408, 425, 429})
"""Answers after which the same call may be taken."""


def address_of(given: str) -> tuple[str, bytes | None]:
    """Return where to post, and the key that signs: ``whsec_`` and base64 behind a ``#``; UnusableSetting says what is wrong."""
    url, secret = urldefrag(given)
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UnusableSetting("is no address such as https://hooks.example.com/alerts#whsec_…")
    if not secret:
        return url, None
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or len(key) < 24:
        raise UnusableSetting("ends in no signing secret: behind the # stand whsec_ and base64 of at least 24 bytes")
    return url, key


def signature(key: bytes, name: str, stamp: int, body: bytes) -> str:
    """Return ``v1,`` and what signs an id, a time and a body."""
    signed = hmac.digest(key, f"{name}.{stamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(signed).decode()}"


def is_signed(keys: Iterable[bytes], name: str, stamp: int, body: bytes, given: str) -> bool:
    """Whether one of the keys signed these very bytes; several signatures stand with spaces between them."""
    right = [signature(key, name, stamp, body).encode() for key in keys]
    said = [each.encode("utf-8", "surrogatepass") for each in given.split()[:MOST_SIGNATURES]]
    return any(hmac.compare_digest(one, other) for one in said for other in right)


class Webhook(Word, kw_only=True):
    """Posts each message to one address. key: signs it; None: nobody checks."""

    HIDDEN: ClassVar = frozenset({"key"})

    http: aiohttp.ClientSession
    url: str
    now: Callable[[], datetime]
    key: bytes | None = None

    async def tell(self, job: Job) -> Outcome:
        """Post one message."""
        if job.incident is None or not isinstance(job.effect, TellOutside):
            return Refused(code="no_incident", why="desk_other")
        body = orjson.dumps(_payload(job, self.now()))
        stamp, key = int(self.now().timestamp()), words.key(job)
        headers = {"Content-Type": "application/json", "webhook-id": key, "webhook-timestamp": str(stamp)}
        if self.key is not None:
            headers["webhook-signature"] = signature(self.key, key, stamp, body)
        return await self._posted(body, headers)

    async def _posted(self, body: bytes, headers: dict[str, str]) -> Outcome:
        try:
            async with (
                asyncio.timeout(WITHIN),
                self.http.post(self.url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Later(after=AGAIN, why=type(error).__name__, scope=Scope.TARGET)
        if status < FIRST_ERROR:
            return Done()
        if status >= GONE_WRONG or status in PASSING:
            return Later(after=AGAIN, why=f"http_{status}", scope=Scope.TARGET)
        return Refused(code=f"http_{status}", why="desk_other")

    async def reachable(self) -> str | None:
        """Say what keeps it from being reached, in a word; None: nothing. It is not posted to."""
        try:
            async with asyncio.timeout(WITHIN / 2), self.http.head(self.url, allow_redirects=False):
                return None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return type(error).__name__


def _payload(job: Job, now: datetime) -> dict[str, Any]:
    incident, effect = job.incident, job.effect
    over = isinstance(effect, TellOutside) and effect.over
    if incident is None:
        return {}
    told = words.told(job, incident)
    data = {
        "kind": incident.kind,
        "cause": incident.values.get("cause"),
        "workspace": job.workspace.id,
        "since": incident.opened_at,
        "over_at": incident.closed_at,
        "text": "\n".join(told.lines),
    }
    return {"type": "incident.over" if over else "incident.opened", "timestamp": now, "data": data}
