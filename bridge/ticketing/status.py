"""``POST /tickets/status``: a ticket system tells how a ticket stands there. Check, keep, answer, as with every webhook.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy.engine import Connection

from bridge import incoming
from bridge.model.errors import StoreUnavailable
from bridge.model.ids import TicketId
from bridge.model.tickets import TicketReported
from bridge.model.word import Word
from bridge.ports import Clock
from bridge.sinks.tickets import link_of, number_of
from bridge.sinks.webhook import is_signed
from bridge.store.store import SqlStore
from bridge.store.tickets import signer_of, signers
from bridge.tickets import keys_of
from bridge.workers.ticketing import to_item

PATH: Final = "/tickets/status"
LARGEST: Final = 64 * 1024
"""Bytes of one report."""
STALE: Final = timedelta(minutes=5)
"""So much older, or newer, than now a report may say that it is."""
MOST_ID: Final = 256
MOST_NUMBER: Final = 2**63
"""No ticket's number is so large."""

log = structlog.get_logger(__name__)


class Signed(Word, kw_only=True):
    """What stands over a report."""

    name: str
    stamp: int
    signature: str


class TicketStatus:
    """The handler. open_secret: decrypts what signs an account's tickets."""

    def __init__(self, *, store: SqlStore, clock: Clock, open_secret: Callable[[str], str]) -> None:
        self._store = store
        self._clock = clock
        self._open = open_secret

    def add_routes(self, router: web.UrlDispatcher, *, around: Callable[[Handler], Handler] | None = None) -> None:
        """Hang it where the contract has it. *around*: what measures the taking in."""
        router.add_post(PATH, self.receive if around is None else around(self.receive))

    async def receive(self, request: web.Request) -> web.Response:
        """Take one report in: 401 not signed for it or stale, 400 unreadable, 404 no such ticket, 200 once it is kept.

        Whoever signs with no account's secret is answered 401 whatever they send, and learns nothing of which tickets exist.
        """
        raw = await incoming.body(request, LARGEST)
        if isinstance(raw, web.Response):
            return raw
        now, signed = self._clock.now(), signed_in(request)
        if signed is None or abs(now.timestamp() - signed.stamp) > STALE.total_seconds():
            return _unsigned(raw)
        fact = _read(raw, now)
        try:
            async with self._store.reading() as connection:
                there, sealed = await connection.run_sync(lambda conn: _signers(conn, fact))
        except StoreUnavailable:
            return web.Response(status=503)
        if not any(self._is_genuine(signed, each, raw) for each in sealed):
            return _unsigned(raw)
        if fact is None or not there:
            return web.Response(status=400 if fact is None else 404)
        key = hashlib.sha256(signed.name.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        try:
            await self._store.keep([to_item(f"{fact.ticket}:{key}", fact)])
        except Exception as error:  # noqa: BLE001 - whatever the reason, it must be told again
            log.error("tickets.not_kept", error=type(error).__name__)  # noqa: TRY400 - its text may hold what was told
            return web.Response(status=503)
        return web.Response(status=200)

    def _is_genuine(self, signed: Signed, sealed: str, raw: bytes) -> bool:
        try:
            keys = keys_of(self._open(sealed))
        except ValueError:
            return False
        return is_signed(keys, signed.name, signed.stamp, raw, signed.signature)


def _signers(conn: Connection, fact: TicketReported | None) -> tuple[bool, Sequence[str]]:
    """Whether there is the ticket, and what may sign for it, still encrypted; for what is none of ours any account's secret."""
    there, sealed = (False, None) if fact is None else signer_of(conn, fact.ticket)
    if there:
        return True, () if sealed is None else (sealed,)
    return False, signers(conn)


def _unsigned(raw: bytes) -> web.Response:
    log.warning("tickets.refused_signature", bytes=len(raw))
    return web.Response(status=401)


def _read(raw: bytes, at: datetime) -> TicketReported | None:
    try:
        return read(raw, at)
    except ValueError:
        return None


def signed_in(request: web.Request) -> Signed | None:
    """What stands over it; None: not all of it is there."""
    name = request.headers.get("webhook-id", "")
    stamp, signature = request.headers.get("webhook-timestamp", ""), request.headers.get("webhook-signature", "")
    if not 0 < len(name) <= MOST_ID or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12) or not signature:
        return None
    return Signed(name=name, stamp=int(stamp), signature=signature)


def read(raw: bytes, at: datetime) -> TicketReported:
    """What a report says; ValueError for what is none. It may stand under ``data``, as ours do."""
    said: Any = orjson.loads(raw)
    if isinstance(said, dict) and isinstance(said.get("data"), dict):
        said = said["data"]
    said = said if isinstance(said, dict) else {}
    digits = str(said.get("ticket"))
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20 and int(digits) < MOST_NUMBER):
        raise ValueError("no ticket of ours")
    status, link, number = number_of(said.get("status")), link_of(said.get("url")), number_of(said.get("id"))
    if status is None and link is None and number is None:
        raise ValueError("it tells nothing")
    return TicketReported(at=at, ticket=TicketId(int(digits)), status=status, link=link, number=number)
