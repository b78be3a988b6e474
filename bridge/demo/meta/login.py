"""Facebook Login for Business and Instagram Login: dialogs, codes, tokens that live for an hour or for sixty days.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlencode

from aiohttp import web

from bridge.demo.meta.errors import GraphError
from bridge.demo.meta.world import DAY, HOUR, INSTAGRAM_SCOPES, PAGE_SCOPES, Account, Token, World

PERSON: Final = "1220000000000001"
SHORT: Final = HOUR
LONG: Final = 60 * DAY
REFRESH_AGE: Final = DAY


@dataclass(kw_only=True)
class _Code:
    """What a login gave: good once, for an hour, for the same redirect address."""

    owner: str
    kind: Literal["USER", "INSTAGRAM"]
    redirect: str
    until: float


class Login:
    """Both logins. `manner` is what the person in front of the dialog does; `ask` shows a page with both choices."""

    def __init__(self, world: World, *, app_secret: str, instagram_app_secret: str) -> None:
        self.world = world
        self.manner: Literal["ask", "grant", "deny"] = "ask"
        self.instagram_account: str | None = None
        self.instagram_app_id = world.app_id
        self._secrets = {"USER": app_secret, "INSTAGRAM": instagram_app_secret}
        self._codes: dict[str, _Code] = {}

    def add_routes(self, app: web.Application) -> None:
        """Hang the pages under `/www` and `/instagram`, Instagram's code exchange under `/igapi`."""
        app.router.add_get("/www/{version}/dialog/oauth", self.facebook_dialog)
        app.router.add_get("/instagram/oauth/authorize", self.instagram_dialog)
        app.router.add_post("/igapi/oauth/access_token", self.instagram_code)

    # -- the dialogs

    async def facebook_dialog(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET https://www.facebook.com/{v}/dialog/oauth`."""
        query = request.query
        if query.get("client_id") != self.world.app_id or not ({"config_id", "scope"} & set(query)):
            return web.Response(status=400, text="Invalid App ID, or no permissions were asked for")
        return self._dialog(query, PERSON, "USER", "K. Sato", ending="")

    async def instagram_dialog(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET https://www.instagram.com/oauth/authorize`."""
        query = request.query
        asked = set(query.get("scope", "").replace(" ", ",").split(","))
        if query.get("client_id") != self.instagram_app_id or not asked >= INSTAGRAM_SCOPES:
            return web.Response(status=400, text="Invalid platform app, or a needed scope is missing")
        account = self._instagram()
        if account is None:
            return web.Response(status=400, text="There is no such Instagram account")
        return self._dialog(query, account.id, "INSTAGRAM", account.name, ending="#_")

    def _instagram(self) -> Account | None:
        mine = [a for a in self.world.accounts.values() if a.login == "instagram"]
        return next((a for a in mine if self.instagram_account in {None, a.id}), None)

    def _dialog(
        self, query: Mapping[str, str], owner: str, kind: Literal["USER", "INSTAGRAM"], name: str, *, ending: str
    ) -> web.StreamResponse:
        redirect, state = query.get("redirect_uri", ""), {"state": query["state"]} if "state" in query else {}
        if query.get("response_type") != "code" or not redirect.startswith(("http://", "https://")):
            return web.Response(status=400, text="response_type must be code, redirect_uri an address")
        code = f"AQ{self.world.number():032d}"
        self._codes[code] = _Code(owner=owner, kind=kind, redirect=redirect, until=self.world.clock() + HOUR)
        joint = "&" if "?" in redirect else "?"
        denied = {"error": "access_denied", "error_reason": "user_denied", "error_description": "The user denied it."}
        granted_at = f"{redirect}{joint}{urlencode({'code': code} | state)}{ending}"
        denied_at = f"{redirect}{joint}{urlencode(denied | state)}"
        if self.manner != "ask":
            return web.Response(status=302, headers={"Location": granted_at if self.manner == "grant" else denied_at})
        links = [("grant", granted_at, f"Continue as {name}"), ("deny", denied_at, "Not now")]
        rows = [f'<p><a id="{i}" href="{html.escape(to)}">{html.escape(words)}</a></p>' for i, to, words in links]
        page = f"<!doctype html><meta charset=utf-8><title>Log in</title><h1>Log in</h1>{''.join(rows)}"
        return web.Response(text=page, content_type="text/html")

    # -- codes and tokens

    def _redeem(self, kind: Literal["USER", "INSTAGRAM"], given: Mapping[str, Any]) -> Token:
        """A short-lived token for a code; 100 when secret, code or redirect address are wrong."""
        if kind == "INSTAGRAM" and given.get("grant_type") != "authorization_code":
            raise GraphError(100, message="Invalid grant_type")
        client = self.world.app_id if kind == "USER" else self.instagram_app_id
        if given.get("client_id") != client or given.get("client_secret") != self._secrets[kind]:
            raise GraphError(101, message="Error validating application. Invalid application ID or secret.")
        code = self._codes.pop(str(given.get("code", "")), None)
        if code is None or code.kind != kind or self.world.clock() >= code.until:
            raise GraphError(100, 36007, "This authorization code has been used, has expired or is not one.")
        if given.get("redirect_uri") != code.redirect:
            raise GraphError(100, 36008, "The redirect_uri must be the same as in the dialog.")
        return self._token(kind, code.owner, SHORT)

    def _token(self, kind: Literal["USER", "INSTAGRAM"], owner: str, life: float) -> Token:
        now = self.world.clock()
        prefix, scopes = ("EAAU", PAGE_SCOPES) if kind == "USER" else ("IGAA", INSTAGRAM_SCOPES)
        token = Token(
            value=f"{prefix}{self.world.number():040d}", kind=kind, owner=owner, issued_at=now, expires_at=now + life,
            data_access_expires_at=now + 90 * DAY, scopes=set(scopes),
        )  # fmt: skip
        self.world.tokens[token.value] = token
        return token

    def exchange(self, path: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The token endpoints of both Graph hosts."""
        match path, given.get("grant_type"):
            case "oauth/access_token", "fb_exchange_token":
                old = self._living(given.get("fb_exchange_token"), "USER")
                self._check_secret(given, "USER")
                return _told(self._token("USER", old.owner, LONG), LONG)
            case "oauth/access_token", _:
                token = self._redeem("USER", given)
                self._renew_pages()
                return _told(token, SHORT)
            case "access_token", "ig_exchange_token":
                old = self._living(given.get("access_token"), "INSTAGRAM")
                self._check_secret(given, "INSTAGRAM")
                return _told(self._settle(self._token("INSTAGRAM", old.owner, LONG)), LONG)
            case "refresh_access_token", "ig_refresh_token":
                old = self._living(given.get("access_token"), "INSTAGRAM")
                if self.world.clock() - old.issued_at < REFRESH_AGE or old.expires_at - old.issued_at <= SHORT:
                    raise GraphError(10, message="The token is too young, or is not a long-lived one")
                return _told(self._settle(self._token("INSTAGRAM", old.owner, LONG)), LONG)
            case _:
                raise GraphError(100, message="Invalid grant_type")

    def _check_secret(self, given: Mapping[str, Any], kind: str) -> None:
        if given.get("client_secret") != self._secrets[kind]:
            raise GraphError(101, message="Error validating client secret.")

    def _living(self, value: object, kind: str) -> Token:
        token = self.world.tokens.get(str(value))
        if token is None or token.kind != kind:
            raise GraphError(190)
        if token.dead or self.world.clock() >= token.expires_at:
            raise GraphError(190, token.subcode if token.dead else 463)
        return token

    def _settle(self, token: Token) -> Token:
        self.world.accounts[token.owner].token = token.value
        self.world.changed()
        return token

    def _renew_pages(self) -> None:
        """A login gives dead Pages a new token, and every Page ninety more days of data access."""
        now = self.world.clock()
        for page in [a for a in self.world.accounts.values() if a.platform == "messenger"]:
            old = self.world.tokens[page.token]
            old.data_access_expires_at = now + 90 * DAY
            if not old.dead:
                continue
            fresh = Token(value=f"EAAG{self.world.number():040d}", kind="PAGE", owner=page.id, issued_at=now,
                          data_access_expires_at=now + 90 * DAY, scopes=set(PAGE_SCOPES))  # fmt: skip
            self.world.tokens[fresh.value] = fresh
            for account in self.world.accounts.values():
                if page.id in {account.id, account.page}:
                    account.token = fresh.value
        self.world.changed()

    async def instagram_code(self, request: web.Request) -> web.Response:
        """Answer `POST https://api.instagram.com/oauth/access_token`, whose errors have a shape of their own."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            token = self._redeem("INSTAGRAM", form)
        except GraphError as error:
            problem = {"error_type": "OAuthException", "code": 400, "error_message": error.message}
            return web.json_response(problem, status=400)
        row = {"access_token": token.value, "user_id": token.owner, "permissions": ",".join(sorted(token.scopes))}
        return web.json_response({"data": [row]})


def _told(token: Token, life: float) -> dict[str, Any]:
    return {"access_token": token.value, "token_type": "bearer", "expires_in": int(life)}
