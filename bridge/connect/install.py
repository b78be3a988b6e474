"""The two pages of installing the app into a workspace: `/slack/install`, and `/slack/oauth_redirect`, where Slack sends people back.

Rule 1: the state that goes through Slack is sealed, ends after ten minutes, counts once, and only in the browser that began.
Rule 2: nothing is kept of an install that nobody finishes.
https://docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bridge.connect.show import HEADERS, page
from bridge.installing import Installing
from bridge.model.errors import StoreUnavailable
from bridge.model.word import Word
from bridge.ports import Clock
from bridge.secrets import Sealer, SealError
from bridge.slack.probe import NoSlack
from bridge.wording.pages import preferred

INSTALL: Final = "/slack/install"
REDIRECT: Final = "/slack/oauth_redirect"
COOKIE: Final = "slack_install"
WITHIN: Final = timedelta(minutes=10)
"""So long somebody may take on Slack's page; its code lives as long."""
LONGEST: Final = 2048
"""Characters of a code; Slack's have some hundred."""

log = structlog.get_logger(__name__)


class Begun(Word, kw_only=True):
    """What goes through Slack and comes back. browser: the digest of what the browser holds."""

    nonce: str
    browser: str
    expires_at: datetime


class InstallPages:
    """The handlers. public_url: where people reach the bridge; None: nobody said, and Slack goes by the app's settings."""

    def __init__(
        self,
        *,
        installing: Installing,
        sealer: Sealer,
        clock: Clock,
        scopes: Collection[str],
        public_url: str | None,
        language: str,
    ) -> None:
        self._installing = installing
        self._sealer = sealer
        self._clock = clock
        self._scopes = scopes
        self._redirect = None if public_url is None else f"{public_url}{REDIRECT}"
        address = urlsplit(public_url or "")
        self._folder, self._secure = f"{address.path}/slack", address.scheme == "https"
        self._begin = f"{address.path}{INSTALL}"
        self._language = language

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Hang the pages where the contract has them."""
        router.add_get(INSTALL, self.begin)
        router.add_get(REDIRECT, self.back)

    async def begin(self, request: web.Request) -> web.Response:
        """Send somebody to Slack's page."""
        held = request.cookies.get(COOKIE, "")
        held = held if held.isascii() and 20 <= len(held) <= 100 else secrets.token_urlsafe(24)
        begun = Begun(nonce=secrets.token_urlsafe(16), browser=_digest(held), expires_at=self._clock.now() + WITHIN)
        there = self._installing.oauth.page(scopes=self._scopes, state=self._sealed(begun), redirect=self._redirect)
        response = web.Response(status=302, headers={**HEADERS, "Location": there})
        # Lax: it must come back with its browser from Slack.
        response.set_cookie(
            COOKIE, held, max_age=int(WITHIN.total_seconds()), path=self._folder, secure=self._secure,
            httponly=True, samesite="Lax",
        )  # fmt: skip
        return response

    async def back(self, request: web.Request) -> web.Response:
        """Take somebody in who comes back from Slack."""
        language = preferred(request.headers.get("Accept-Language", ""), self._language)
        begun, held = self._read(request.query.get("state", "")), request.cookies.get(COOKIE, "")
        now = self._clock.now()
        if begun is None or begun.expires_at < now or not hmac.compare_digest(begun.browser, _digest(held)):
            return self._again(language, "install.browser", 400)
        if request.query.get("error"):
            return self._again(language, "install.denied")
        code = request.query.get("code", "")
        if not code or len(code) > LONGEST:
            return self._again(language, "install.browser", 400)
        try:
            if not await self._installing.spend(_digest(begun.nonce), begun.expires_at):
                return self._again(language, "install.spent", 409)
            return await self._installed(language, code)
        except StoreUnavailable as error:
            log.error("installing.no_database", why=str(error))  # noqa: TRY400 - one line says all
            return self._again(language, "install.unkept", 503)

    async def _installed(self, language: str, code: str) -> web.Response:
        taken = await self._installing.take_in(code, self._redirect)
        if isinstance(taken, NoSlack):
            log.warning("installing.refused", code=taken.code)
            if not taken.answered:
                return self._again(language, "install.silent", 502)
            return self._again(language, "install.refused", 400, code=taken.code)
        kept, found = taken
        missing = ", ".join(sorted(set(self._scopes) - set(kept.scopes)))
        log.info("installing.done", workspace=kept.id, count=len(found))
        return page(
            "installed", language, workspace="", again="", found=found, whole=kept.id not in {each.id for each in found},
            missing=missing,
        )  # fmt: skip

    def _again(self, language: str, why: str, status: int = 200, **values: str) -> web.Response:
        return page("installed", language, status=status, workspace="", again=self._begin, why=why, values=values)

    def _sealed(self, begun: Begun) -> str:
        return self._sealer.seal(
            json.dumps({"n": begun.nonce, "b": begun.browser, "x": int(begun.expires_at.timestamp()), "for": "install"})
        )

    def _read(self, state: str) -> Begun | None:
        try:
            said = json.loads(self._sealer.open(state))
            if said["for"] != "install":
                return None
            return Begun(nonce=said["n"], browser=said["b"], expires_at=datetime.fromtimestamp(said["x"], UTC))
        except (SealError, ValueError, KeyError, TypeError):
            return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
