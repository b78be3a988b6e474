"""Facebook Login for Business and Instagram Login: dialogs, codes, tokens that live for an hour or for sixty days.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlencode

from aiohttp import web

from bridge.demo.meta.consent import Dialog, drawn, withdrawing
from bridge.demo.meta.errors import GraphError
from bridge.demo.meta.people import FACEBOOK_SCOPES, OWN_SCOPES, People, Person
from bridge.demo.meta.world import DAY, HOUR, INSTAGRAM_SCOPES, PAGE_SCOPES, Account, Token, World
from bridge.model.word import Word

SHORT: Final = HOUR
LONG: Final = 60 * DAY
REFRESH_AGE: Final = DAY
Kind = Literal["USER", "INSTAGRAM"]


class _Choice(Word, kw_only=True):
    """What somebody granted. pages: None: every one of theirs."""

    scopes: frozenset[str]
    pages: frozenset[str] | None = None


class _Asked(Word, kw_only=True):
    """A dialog that is open: who asked for what, and where the answer goes."""

    kind: Kind
    query: Mapping[str, str]
    scopes: frozenset[str]

    @property
    def redirect(self) -> str:
        return self.query.get("redirect_uri", "")

    def answer(self, given: Mapping[str, str]) -> str:
        """The address to which the browser is sent back."""
        joint = "&" if "?" in self.redirect else "?"
        state = {"state": self.query["state"]} if "state" in self.query else {}
        ending = "#_" if self.kind == "INSTAGRAM" and "code" in given else ""
        return f"{self.redirect}{joint}{urlencode({**given, **state})}{ending}"


@dataclass(kw_only=True)
class _Code:
    """What a login gave: good once, for an hour, for the same redirect address, and for who kept the verifier."""

    owner: str
    asked: _Asked
    choice: _Choice
    until: float


class Login:
    """Both logins. `manner` is what the person in front of the dialog does; `ask` shows a page with the choices."""

    def __init__(self, world: World, *, app_secret: str, instagram_app_secret: str) -> None:
        self.world = world
        self.people = People(world)
        self.manner: Literal["ask", "grant", "deny"] = "ask"
        self.instagram_account: str | None = None
        self.instagram_app_id = world.app_id
        self.config_id: str | None = None
        self.redirects: set[str] | None = None
        self.wraps = True
        self._secrets = {"USER": app_secret, "INSTAGRAM": instagram_app_secret}
        self._codes: dict[str, _Code] = {}
        self._dialogs: dict[str, _Asked] = {}
        self.leave: Callable[..., Awaitable[tuple[int, str]]] | None = None

    def add_routes(self, app: web.Application) -> None:
        """Hang the pages under `/www` and `/instagram`, Instagram's code exchange under `/igapi`."""
        app.router.add_get("/www/{version}/dialog/oauth", self.facebook_dialog)
        app.router.add_get("/instagram/oauth/authorize", self.instagram_dialog)
        app.router.add_get("/www/consent", self.somebody_else)
        app.router.add_post("/www/consent", self.chosen)
        app.router.add_get("/www/settings", self.settings)
        app.router.add_post("/www/settings", self.withdrawn)
        app.router.add_post("/igapi/oauth/access_token", self.instagram_code)

    # -- the dialogs

    async def facebook_dialog(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET https://www.facebook.com/{v}/dialog/oauth`."""
        query = dict(request.query)
        if query.get("client_id") != self.world.app_id or not ({"config_id", "scope"} & set(query)):
            return web.Response(status=400, text="Invalid App ID, or no permissions were asked for")
        if "config_id" in query and self.config_id not in {None, query["config_id"]}:
            return web.Response(status=400, text="There is no such login configuration")
        scopes = FACEBOOK_SCOPES if "config_id" in query else _listed(query["scope"])
        if strange := scopes - FACEBOOK_SCOPES:
            return web.Response(status=400, text=f"Invalid Scopes: {', '.join(sorted(strange))}")
        if query.get("auth_type", "rerequest") not in {"rerequest", "reauthenticate"}:
            return web.Response(status=400, text="Invalid auth_type")
        if ("code_challenge" in query) != (query.get("code_challenge_method") == "S256"):
            return web.Response(status=400, text="Invalid code_challenge")
        return self._dialog(_Asked(kind="USER", query=query, scopes=scopes))

    async def instagram_dialog(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET https://www.instagram.com/oauth/authorize`."""
        query = dict(request.query)
        scopes = _listed(query.get("scope", ""))
        if query.get("client_id") != self.instagram_app_id or not INSTAGRAM_SCOPES <= scopes <= OWN_SCOPES:
            return web.Response(status=400, text="Invalid platform app, or a needed scope is missing")
        if self._instagram() is None:
            return web.Response(status=400, text="There is no such Instagram account")
        return self._dialog(_Asked(kind="INSTAGRAM", query=query, scopes=scopes))

    def _owned(self) -> list[Account]:
        return [each for each in self.world.accounts.values() if each.login == "instagram"]

    def _instagram(self) -> Account | None:
        return next((each for each in self._owned() if self.instagram_account in {None, each.id}), None)

    def _dialog(self, asked: _Asked) -> web.StreamResponse:
        if asked.query.get("response_type") != "code" or not asked.redirect.startswith(("http://", "https://")):
            return web.Response(status=400, text="response_type must be code, redirect_uri an address")
        if self.redirects is not None and asked.redirect not in self.redirects:
            return web.Response(status=400, text="URL Blocked: the redirect URI is not white-listed in the app")
        number = str(self.world.number())
        self._dialogs[number] = asked
        denied = {"error": "access_denied", "error_reason": "user_denied", "error_description": "The user denied it."}
        granted_at, denied_at = self._granted(asked, _Choice(scopes=asked.scopes)), asked.answer(denied)
        if self.manner != "ask":
            return web.Response(status=302, headers={"Location": granted_at if self.manner == "grant" else denied_at})
        shown = self._shown(asked, number, granted_at, denied_at)
        return web.Response(text=drawn(shown), content_type="text/html")

    def _shown(self, asked: _Asked, number: str, granted_at: str, denied_at: str) -> Dialog:
        app = self.world.apps[self.world.app_id]
        if asked.kind == "INSTAGRAM":
            account = self._instagram()
            assert account is not None
            others = {each.id: f"@{each.username}" for each in self._owned() if each is not account}
            return Dialog(number=number, app=app, person=account.name, action="/www/consent", grant=granted_at,
                          deny=denied_at, scopes=asked.scopes, people=others)  # fmt: skip
        person = self._person
        pages = {each.id: each.name for each in self.people.managed(person)}
        others = {each.id: each.name for each in self.people.known.values() if each is not person}
        return Dialog(number=number, app=app, person=person.name, action="/www/consent", grant=granted_at, deny=denied_at,
                      scopes=asked.scopes, pages=pages, people=others)  # fmt: skip

    @property
    def _person(self) -> Person:
        return self.people.known[self.people.here]

    def _granted(self, asked: _Asked, choice: _Choice) -> str:
        """The way back with a code."""
        account = self._instagram()
        owner = self.people.here if asked.kind == "USER" or account is None else account.id
        code = f"AQ{self.world.number():032d}"
        self._codes[code] = _Code(owner=owner, asked=asked, choice=choice, until=self.world.clock() + HOUR)
        return asked.answer({"code": code})

    async def somebody_else(self, request: web.Request) -> web.StreamResponse:
        """Let somebody else log in, and show the dialog again."""
        asked, other = self._dialogs.get(request.query.get("dialog", "")), request.query.get("as", "")
        if asked is None or other not in {*self.people.known, *self.world.accounts}:
            return web.Response(status=400, text="There is no such dialog, or nobody of that name")
        if asked.kind == "USER":
            self.people.here = other
        else:
            self.instagram_account = other
        return self._dialog(asked)

    async def chosen(self, request: web.Request) -> web.StreamResponse:
        """Take what was ticked, and send the browser back with a code for it."""
        form = await request.post()
        asked = self._dialogs.get(str(form.get("dialog", "")))
        if asked is None:
            return web.Response(status=400, text="There is no such dialog")
        scopes, pages = ({str(value) for value in form.getall(name, [])} for name in ("scope", "page"))
        choice = _Choice(scopes=frozenset(scopes & asked.scopes), pages=frozenset(pages))
        return web.Response(status=302, headers={"Location": self._granted(asked, choice)})

    async def settings(self, _: web.Request) -> web.StreamResponse:
        """Show where people take an app out of their login."""
        people = {each.id: each.name for each in self.people.known.values()}
        people |= {each.id: f"@{each.username}" for each in self._owned()}
        return web.Response(text=withdrawing(self.world.apps[self.world.app_id], people), content_type="text/html")

    async def withdrawn(self, request: web.Request) -> web.StreamResponse:
        """Take it out, and tell the app as Meta does; what the app said is shown."""
        form = await request.post()
        person = str(form.get("person", ""))
        if self.leave is None or person not in {*self.people.known, *self.world.accounts}:
            return web.Response(status=400, text="There is nobody of that name")
        status, said = await self.leave(person, erase=form.get("act") == "erase")
        return web.Response(text=f"{status} {said}")

    # -- codes and tokens

    def _redeem(self, kind: Kind, given: Mapping[str, Any]) -> Token:
        """A short-lived token for a code; 100 when secret, code, verifier or redirect address are wrong."""
        if kind == "INSTAGRAM" and given.get("grant_type") != "authorization_code":
            raise GraphError(100, message="Invalid grant_type")
        client = self.world.app_id if kind == "USER" else self.instagram_app_id
        if given.get("client_id") != client or given.get("client_secret") != self._secrets[kind]:
            raise GraphError(101, message="Error validating application. Invalid application ID or secret.")
        code = self._codes.pop(str(given.get("code", "")), None)
        if code is None or code.asked.kind != kind or self.world.clock() >= code.until:
            raise GraphError(100, 36007, "This authorization code has been used, has expired or is not one.")
        if given.get("redirect_uri") != code.asked.redirect:
            raise GraphError(100, 36008, "The redirect_uri must be the same as in the dialog.")
        challenge = code.asked.query.get("code_challenge")
        if challenge is not None and _challenge(str(given.get("code_verifier", ""))) != challenge:
            raise GraphError(100, message="Invalid code_verifier")
        if kind == "USER":
            self._take_in(code)
        return self._token(kind, code.owner, SHORT, code.choice.scopes)

    def _take_in(self, code: _Code) -> None:
        """Give dead Pages their new tokens first, so that the choice counts for these."""
        person = self.people.known[code.owner]
        mine = {each.id for each in self.people.managed(person)}
        pages = mine if code.choice.pages is None else set(code.choice.pages) & mine
        self._renew_pages(pages)
        self.people.grant(person, code.asked.scopes, code.choice.scopes, pages)

    def _token(self, kind: Kind, owner: str, life: float, scopes: frozenset[str] | set[str]) -> Token:
        now = self.world.clock()
        prefix = "EAAU" if kind == "USER" else "IGAA"
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
                return _told(self._token("USER", old.owner, LONG, old.scopes), LONG)
            case "oauth/access_token", _:
                return _told(self._redeem("USER", given), SHORT)
            case "access_token", "ig_exchange_token":
                old = self._living(given.get("access_token"), "INSTAGRAM")
                self._check_secret(given, "INSTAGRAM")
                return _told(self._settle(self._token("INSTAGRAM", old.owner, LONG, old.scopes)), LONG)
            case "refresh_access_token", "ig_refresh_token":
                old = self._living(given.get("access_token"), "INSTAGRAM")
                if self.world.clock() - old.issued_at < REFRESH_AGE or old.expires_at - old.issued_at <= SHORT:
                    raise GraphError(10, message="The token is too young, or is not a long-lived one")
                return _told(self._settle(self._token("INSTAGRAM", old.owner, LONG, old.scopes)), LONG)
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

    def _renew_pages(self, pages: set[str]) -> None:
        """A login gives dead Pages a new token, and every one of them ninety more days of data access."""
        now = self.world.clock()
        for page in [each for each in self.world.accounts.values() if each.id in pages]:
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
        return web.json_response({"data": [row]} if self.wraps else row)


def _told(token: Token, life: float) -> dict[str, Any]:
    return {"access_token": token.value, "token_type": "bearer", "expires_in": int(life)}


def _listed(scopes: str) -> frozenset[str]:
    return frozenset(filter(None, scopes.replace(" ", ",").split(",")))


def _challenge(verifier: str) -> str:
    """RFC 7636, S256; empty for what no verifier looks like."""
    if not 43 <= len(verifier) <= 128 or not verifier.isascii():
        return ""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
