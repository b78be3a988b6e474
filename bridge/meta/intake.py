"""Meta's webhook: check, split, keep, answer. 200 only after everything in a delivery is committed.

https://developers.facebook.com/docs/messenger-platform/webhooks
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bridge import incoming
from bridge.meta import envelope
from bridge.meta.heard import Heard
from bridge.model.outcomes import RawItem
from bridge.ports import Clock, Inbox

PATH: Final = "/meta/webhook"
LARGEST: Final = 32 * 1024 * 1024
"""Bytes of one delivery: a backlog's batch holds up to 1,000 messages."""


ASIDE: Final = 256 * 1024
"""Larger deliveries are checked and split in a thread, so that they hold nobody else up."""

SIGNATURE: Final = "X-Hub-Signature-256"
PREFIX: Final = "sha256="

log = structlog.get_logger(__name__)


class Intake:
    """The two handlers of the webhook.

    app_secrets: any of them may have signed, the Instagram app's among them: Meta's pages and practice disagree about
    which one signs with Instagram Login. verify_tokens: any of them makes a handshake.
    heard: who is told of which accounts something came.
    """

    def __init__(
        self,
        *,
        store: Inbox,
        clock: Clock,
        app_secrets: Iterable[str],
        verify_tokens: Iterable[str],
        heard: Heard | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._heard = heard
        self._secrets = tuple(secret.encode() for secret in app_secrets if secret)
        self._tokens = tuple(token for token in verify_tokens if token)

    def add_routes(self, router: web.UrlDispatcher, *, around: Callable[[Handler], Handler] | None = None) -> None:
        """Hang the webhook where the contract has it. *around*: what measures the taking in."""
        router.add_get(PATH, self.shake_hands)
        router.add_post(PATH, self.receive if around is None else around(self.receive))

    async def shake_hands(self, request: web.Request) -> web.Response:
        """Prove to Meta that this webhook is ours: give the challenge back, byte for byte."""
        mode, token = request.query.get("hub.mode"), request.query.get("hub.verify_token", "")
        if mode != "subscribe" or not _equals_any(token, self._tokens):
            return web.Response(status=403)
        challenge = request.query.get("hub.challenge", "")
        # A stranger who knew the token could have us show a page of theirs; as plain text it is harmless.
        return web.Response(
            body=_bytes(challenge), content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"}
        )

    async def receive(self, request: web.Request) -> web.Response:
        """Take one delivery in. What is refused is not logged: it may hold anything."""
        raw = await incoming.body(request, LARGEST)
        if isinstance(raw, web.Response):
            return raw
        signature = request.headers.get(SIGNATURE, "")
        large = len(raw) > ASIDE
        if not (
            await asyncio.to_thread(genuine, raw, signature, self._secrets)
            if large
            else genuine(raw, signature, self._secrets)
        ):
            log.warning("meta.refused_signature", bytes=len(raw))
            return web.Response(status=401)
        heard = self._clock.now()
        try:
            items = await asyncio.to_thread(envelope.split, raw, heard) if large else envelope.split(raw, heard)
        except ValueError:
            log.warning("meta.no_json", bytes=len(raw))
            return web.Response(status=400)
        return web.Response(text="EVENT_RECEIVED") if await self._kept(items) else web.Response(status=503)

    async def _kept(self, items: Sequence[RawItem]) -> bool:
        try:
            await self._store.keep(items)
        except Exception as error:  # noqa: BLE001 - whatever the reason, Meta must deliver again
            name = type(error).__name__
            log.error("meta.not_kept", error=name, items=len(items))  # noqa: TRY400 - its text may hold customers' words
            return False
        if self._heard is not None:
            self._heard.note(item.lane for item in items)
        return True


def genuine(raw: bytes, header: str, secrets: Iterable[bytes]) -> bool:
    """Whether one of the secrets signed these very bytes; a header may hold anything at all."""
    given = _bytes(header)
    signed = [f"{PREFIX}{hmac.digest(secret, raw, 'sha256').hex()}".encode() for secret in secrets]
    return any(hmac.compare_digest(given, right) for right in signed)


def _equals_any(given: str, known: Iterable[str]) -> bool:
    return any(hmac.compare_digest(_bytes(given), _bytes(one)) for one in known)


def _bytes(text: str) -> bytes:
    """Text as bytes, whatever is in it: aiohttp hands odd bytes of a header over as lone surrogates."""
    return text.encode("utf-8", "surrogatepass")
