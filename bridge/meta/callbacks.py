"""What Meta tells of people who logged in: that they took the app out of their login, or want their data erased.

Check, keep, answer, as with the webhook. Hostile input is refused, whatever it holds.
https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow#deauth-callback
https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

import structlog
from aiohttp import web

from bridge import incoming
from bridge.meta.loose import digest, ident, instant, loads, obj, words
from bridge.model.outcomes import RawItem
from bridge.model.own import LoginWithdrawn
from bridge.model.state import Known, Workspace
from bridge.model.word import Word
from bridge.ports import Clock, Inbox, Needs

DEAUTHORIZE: Final = "/meta/deauthorize"
DELETION: Final = "/meta/data-deletion"
SOURCE: Final = "login"
"""The source of what Meta tells of people who logged in, as items of the inbox."""
LARGEST: Final = 64 * 1024
"""Bytes of a form."""
ALGORITHM: Final = "HMAC-SHA256"

log = structlog.get_logger(__name__)


class Signed(Word, kw_only=True):
    """Who is meant, and since when. person: the id that our app alone has for them."""

    person: str
    issued_at: datetime | None


class Unreadable(ValueError):
    """It is no signed request."""


class Unsigned(ValueError):
    """None of our apps' secrets signed it."""


class Callbacks:
    """The two handlers. app_secrets: any may have signed; the first also makes confirmation codes."""

    def __init__(self, *, store: Inbox, clock: Clock, app_secrets: Iterable[str], public_url: str | None) -> None:
        self._store = store
        self._clock = clock
        self._secrets = tuple(secret.encode() for secret in app_secrets if secret)
        self._public_url = public_url

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Hang the callbacks where the contract has them."""
        router.add_post(DEAUTHORIZE, self.deauthorize)
        router.add_post(DELETION, self.erase)

    async def deauthorize(self, request: web.Request) -> web.Response:
        """Somebody took the app out of their login: 200 once that is kept."""
        signed = await self._signed(request)
        if isinstance(signed, web.Response):
            return signed
        return web.Response(status=200 if await self._kept(signed, None) else 503)

    async def erase(self, request: web.Request) -> web.Response:
        """Somebody wants their data erased: an address that says how far it is, and the code of the request."""
        signed = await self._signed(request)
        if isinstance(signed, web.Response):
            return signed
        code = self._code(signed)
        if not await self._kept(signed, code):
            return web.Response(status=503)
        base = self._public_url or str(request.url.origin())
        return web.json_response({"url": f"{base}{DELETION}/{code}", "confirmation_code": code})

    async def _signed(self, request: web.Request) -> Signed | web.Response:
        raw = await incoming.body(request, LARGEST)
        if isinstance(raw, web.Response):
            return raw
        try:
            form = dict(parse_qsl(raw.decode("ascii"), max_num_fields=20))
            return read(form.get("signed_request", ""), self._secrets)
        except Unsigned:
            log.warning("login.refused_signature", bytes=len(raw))
            return web.Response(status=401)
        except ValueError:
            log.warning("login.unreadable", bytes=len(raw))
            return web.Response(status=400)

    async def _kept(self, signed: Signed, code: str | None) -> bool:
        at = self._clock.now()
        try:
            await self._store.keep([to_item(signed, code, at)])
        except Exception as error:  # noqa: BLE001 - whatever the reason, Meta must tell again
            log.error("login.not_kept", error=type(error).__name__)  # noqa: TRY400 - its text may name the person
            return False
        return True

    def _code(self, signed: Signed) -> str:
        """The same for a request that is repeated, and nothing that leads back to the person."""
        said = f"{signed.person}:{signed.issued_at}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._secrets[0], b"deletion:" + said, "sha256").hex()[:20]


def read(signed_request: str, secrets: Sequence[bytes]) -> Signed:
    """Who a signed request is about. Raises Unsigned or Unreadable; total otherwise."""
    signature, dot, payload = signed_request.partition(".")
    if not dot:
        raise Unreadable
    given = _bytes(signature)
    right = [hmac.digest(secret, payload.encode("utf-8", "surrogatepass"), "sha256") for secret in secrets]
    if not any(hmac.compare_digest(given, each) for each in right):
        raise Unsigned
    said = obj(loads(_bytes(payload)))
    person = ident(said.get("user_id"))
    if person is None or (words(said.get("algorithm")) or "").upper() != ALGORITHM:
        raise Unreadable
    return Signed(person=person, issued_at=instant(said.get("issued_at")))


def _bytes(text: str) -> bytes:
    """Base64 as URLs have it, without padding."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable from None


def to_item(signed: Signed, code: str | None, at: datetime) -> RawItem:
    """As the inbox keeps it: the same request once, however often it is told."""
    since = signed.issued_at or at
    body = {"person": signed.person, "since": since.isoformat(), "code": code}
    kind = "deauthorize" if code is None else "deletion"
    return RawItem(
        key=f"{SOURCE}:{kind}:{digest([signed.person, since.isoformat()])}",
        source=SOURCE,
        lane=SOURCE,
        at=at,
        body=json.dumps(body).encode(),
    )


class LoginParser:
    """The `bridge.ports.Parser` of what Meta tells of people who logged in."""

    def needs(self, body: bytes) -> Needs:
        """Nobody of the desk."""
        return Needs()

    def read(self, item: RawItem, known: Known, workspace: Workspace | None) -> LoginWithdrawn:
        """What was kept."""
        said = json.loads(item.body)
        return LoginWithdrawn(
            at=item.at, since=datetime.fromisoformat(said["since"]), person=said["person"], code=said["code"]
        )
