"""Meta's two logins: where people are sent, what their coming back is worth, and which accounts stand behind it.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
https://developers.facebook.com/docs/facebook-login/facebook-login-for-business
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp

from bridge.meta import client
from bridge.meta.client import Answer, NoAnswer
from bridge.meta.errors import code_of
from bridge.meta.graph import Graph, GraphRequest, get
from bridge.meta.login import COMMENTS, SCOPES, Refusal, Standing, refusal_of
from bridge.meta.loose import Json, count, ident, instant, obj, rows, words
from bridge.model.change import replace
from bridge.model.state import Login, Platform
from bridge.model.word import Word

LISTING: Final = ("pages_show_list", "business_management")
"""Permissions without which Pages, or those of a business portfolio, are not listed."""
FACEBOOK_SCOPES: Final = tuple(
    dict.fromkeys((*LISTING, *SCOPES[Platform.MESSENGER, Login.FACEBOOK], *SCOPES[Platform.INSTAGRAM, Login.FACEBOOK]))
)
INSTAGRAM_SCOPES: Final = SCOPES[Platform.INSTAGRAM, Login.INSTAGRAM]
PAGES: Final = "id,name,access_token,tasks,instagram_business_account{id,username}"
MOST_PAGES: Final = 40
"""Pages of a listing that are read, 100 rows each."""
PERSONAL: Final = "PERSONAL"


class Apps(Word, kw_only=True):
    """Where people log in, and what our apps are called there. config_id: of Facebook Login for Business."""

    HIDDEN: ClassVar = frozenset({"facebook_secret", "instagram_secret"})

    facebook_url: str = "https://www.facebook.com"
    instagram_url: str = "https://www.instagram.com"
    instagram_api_url: str = "https://api.instagram.com"
    facebook_app: str | None = None
    facebook_secret: str | None = None
    config_id: str | None = None
    instagram_app: str | None = None
    instagram_secret: str | None = None

    def missing(self, login: Login) -> tuple[str, ...]:
        """The settings without which nobody can log in so."""
        given = (
            {"META_APP_ID": self.facebook_app, "META_APP_SECRET": self.facebook_secret}
            if login is Login.FACEBOOK
            else {"INSTAGRAM_APP_ID": self.instagram_app, "INSTAGRAM_APP_SECRET": self.instagram_secret}
        )
        return tuple(name for name, value in given.items() if not value)


class LoggedIn(Word, kw_only=True):
    """Somebody has come back. person: the id that our app alone has for them.

    token: good for about 60 days. scopes: what they granted, None where that is not told.
    """

    HIDDEN: ClassVar = frozenset({"token"})

    token: str
    person: str
    name: str | None = None
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    scopes: frozenset[str] | None = None


class Page(Word, kw_only=True):
    """A Page that somebody may act for. tasks: None where they are not told."""

    HIDDEN: ClassVar = frozenset({"token"})

    id: str
    name: str
    token: str | None = None
    tasks: frozenset[str] | None = None
    instagram: str | None = None
    username: str | None = None


class Own(Word, kw_only=True):
    """The Instagram account that somebody has logged in as. kind: Meta's word for it, None where it is not told."""

    id: str
    username: str | None = None
    name: str | None = None
    kind: str | None = None


def challenge_of(verifier: str) -> str:
    """What the dialog is told of a secret that only the exchange tells (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode("ascii").rstrip("=")


class MetaOAuth:
    """Asks; keeps nothing, retries nothing."""

    def __init__(self, *, http: aiohttp.ClientSession, graph: Graph, apps: Apps) -> None:
        self._http = http
        self._graph = graph
        self.apps = apps

    # -- where people are sent

    def dialog(
        self, login: Login, *, redirect: str, state: str, verifier: str, again: bool = False, comments: bool = False
    ) -> str:
        """The address of Meta's dialog. again: ask anew for what was not granted, or as whom. comments: those too."""
        asked = {"redirect_uri": redirect, "state": state, "response_type": "code"}
        if login is Login.INSTAGRAM:
            scopes = (*INSTAGRAM_SCOPES, *(COMMENTS[Platform.INSTAGRAM, login][1] if comments else ()))
            asked |= {"client_id": self.apps.instagram_app or "", "scope": ",".join(scopes)}
            asked |= {"force_reauth": "true"} if again else {}
            return f"{self.apps.instagram_url}/oauth/authorize?{urlencode(asked)}"
        asked |= {"client_id": self.apps.facebook_app or ""}
        asked |= {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
        if self.apps.config_id:
            asked["config_id"] = self.apps.config_id
        else:
            scopes = (*FACEBOOK_SCOPES, *(COMMENTS[Platform.INSTAGRAM, login][1] if comments else ()))
            asked["scope"] = ",".join(scopes)
        asked |= {"auth_type": "rerequest"} if again else {}
        return f"{self.apps.facebook_url}/{self._graph.version}/dialog/oauth?{urlencode(asked)}"

    # -- what their coming back is worth

    async def facebook(self, code: str, *, redirect: str, verifier: str, now: datetime) -> LoggedIn | Refusal:
        """Exchange a code, which can be done once, for a token of 60 days, and ask whose it is and what it may."""
        own = {"client_id": self.apps.facebook_app or "", "client_secret": self.apps.facebook_secret or ""}
        url = self._graph.url(Login.FACEBOOK, "oauth/access_token")
        given = {**own, "redirect_uri": redirect, "code": code, "code_verifier": verifier}
        short = _token(await self._exchanged(GraphRequest(method="GET", url=url, token="", params=given)))
        if isinstance(short, Refusal):
            return short
        longer = {**own, "grant_type": "fb_exchange_token", "fb_exchange_token": short[0]}
        long = _token(await self._ask(GraphRequest(method="GET", url=url, token="", params=longer)))
        if isinstance(long, Refusal):
            return long
        token, seconds = long
        me = await self._ask(get(self._graph, Login.FACEBOOK, "me", token, fields="id,name"))
        if isinstance(me, Refusal):
            return me
        known = LoggedIn(token=token, person=ident(me.get("id")) or "", name=words(me.get("name")))
        return await self._inspected(replace(known, expires_at=_after(now, seconds)))

    async def _inspected(self, known: LoggedIn) -> LoggedIn | Refusal:
        app = f"{self.apps.facebook_app}|{self.apps.facebook_secret}"
        url = self._graph.url(Login.FACEBOOK, "debug_token")
        said = await self._ask(GraphRequest(method="GET", url=url, token=app, params={"input_token": known.token}))
        if isinstance(said, Refusal):
            return said
        data = obj(said.get("data"))
        if data.get("is_valid") is not True or ident(data.get("app_id")) not in (None, self.apps.facebook_app):
            return Refusal(why="connect.other_meta_app")
        return replace(
            known,
            scopes=frozenset(filter(None, map(words, rows(data["scopes"])))) if "scopes" in data else None,
            data_access_expires_at=instant(data.get("data_access_expires_at")),
        )

    async def instagram(self, code: str, *, redirect: str, now: datetime) -> tuple[LoggedIn, Own] | Refusal:
        """Exchange a code for a token of 60 days, and ask which account has logged in."""
        url = f"{self.apps.instagram_api_url}/oauth/access_token"
        own = {"client_id": self.apps.instagram_app or "", "client_secret": self.apps.instagram_secret or ""}
        given = {**own, "grant_type": "authorization_code", "redirect_uri": redirect, "code": code.removesuffix("#_")}
        said = _unwrapped(await self._exchanged(GraphRequest(method="POST", url=url, token="", form=given)))
        if isinstance(said, Refusal):
            return said
        token = words(said.get("access_token"))
        if token is None:
            return Refusal(why="connect.code_used")
        asked = {"grant_type": "ig_exchange_token", "client_secret": own["client_secret"], "access_token": token}
        host = self._graph.instagram_url.rstrip("/")
        long = _token(await self._ask(GraphRequest(method="GET", url=f"{host}/access_token", token="", params=asked)))
        if isinstance(long, Refusal):
            return long
        account = await self.own(long[0])
        if isinstance(account, Refusal):
            return account
        known, found = account
        granted = said.get("permissions")
        listed = granted.split(",") if isinstance(granted, str) else rows(granted)
        scopes = frozenset(scope.strip() for scope in map(words, listed) if scope) if granted is not None else None
        return replace(known, scopes=scopes, expires_at=_after(now, long[1])), found

    async def own(self, token: str) -> tuple[LoggedIn, Own] | Refusal:
        """Ask which Instagram account a token is for: ``user_id`` is webhooks' id, ``id`` one that our app alone has."""
        request = get(self._graph, Login.INSTAGRAM, "me", token, fields="user_id,username,name,account_type")
        said = _unwrapped(await self._ask(request))
        if isinstance(said, Refusal):
            return said
        account = ident(said.get("user_id"))
        if account is None:
            return Refusal(why="connect.no_answer", standing=Standing.NO_ANSWER)
        username, name, kind = (words(said.get(each)) for each in ("username", "name", "account_type"))
        found = Own(id=account, username=username, name=name, kind=kind)
        return LoggedIn(token=token, person=ident(said.get("id")) or account, name=username), found

    # -- which accounts stand behind it

    async def pages(self, token: str) -> Sequence[Page] | Refusal:
        """Every Page that somebody may act for, however many, with its own token."""
        found: list[Page] = []
        request = get(self._graph, Login.FACEBOOK, "me/accounts", token, fields=PAGES, limit="100")
        for _ in range(MOST_PAGES):
            said = await self._ask(request)
            if isinstance(said, Refusal):
                return said
            found += [page for page in map(_page, rows(said.get("data"))) if page is not None]
            after = _cursor(obj(said.get("paging")))
            if after is None:
                break
            # Our own address with their cursor: what they name could be any host, and holds the token.
            request = replace(request, params={**request.params, "after": after})
        return tuple({page.id: page for page in found}.values())

    async def unsubscribe(self, token: str, login: Login, node: str) -> Refusal | None:
        """Let no more webhooks come by a login. None: done."""
        request = get(self._graph, login, f"{node}/subscribed_apps", token)
        said = await self._ask(replace(request, method="DELETE"))
        return said if isinstance(said, Refusal) else None

    async def page_of(self, token: str) -> str | None:
        """The Page whose token it is; None where that cannot be learnt."""
        said = await self._ask(get(self._graph, Login.FACEBOOK, "me", token, fields="id"))
        return None if isinstance(said, Refusal) else ident(said.get("id"))

    # -- asking

    async def _exchanged(self, request: GraphRequest) -> Mapping[str, Json] | Refusal:
        """Hand a code in, once: a second time it would be refused, and what came of the first be lost."""
        answer = await client.call(self._http, request, within=client.READ, once=True)
        said = {} if isinstance(answer, NoAnswer) else obj(answer.said)
        if isinstance(answer, NoAnswer) or answer.status >= 500 or _passing(answer.status, said):
            return _heard(answer)
        if answer.status == 200 and not {"error", "error_type"} & said.keys():
            return said
        flat = said if "error_type" in said else obj(said.get("error"))
        return Refusal(why="connect.code_used", code=code_of(flat))

    async def _ask(self, request: GraphRequest) -> Mapping[str, Json] | Refusal:
        return _heard(await client.call(self._http, request, within=client.READ))


def _heard(answer: Answer | NoAnswer) -> Mapping[str, Json] | Refusal:
    if isinstance(answer, NoAnswer):
        return Refusal(why="connect.no_answer", code=answer.why, standing=Standing.NO_ANSWER)
    said = obj(answer.said)
    ok = answer.status == 200 and said and "error" not in said
    return said if ok else refusal_of(answer.status, answer.said)


def _passing(status: int, said: Json) -> bool:
    """Whether Meta's own trouble is why a code was not taken."""
    return status != 200 and refusal_of(status, said).standing is Standing.NO_ANSWER


def _token(said: Mapping[str, Json] | Refusal) -> tuple[str, int | None] | Refusal:
    if isinstance(said, Refusal):
        return said
    token = words(said.get("access_token"))
    return Refusal(why="connect.code_used") if token is None else (token, count(said.get("expires_in")))


def _unwrapped(said: Mapping[str, Json] | Refusal) -> Mapping[str, Json] | Refusal:
    """Instagram's answers come as they are, or as the one row of ``data``; Meta's pages show both."""
    if isinstance(said, Refusal) or "data" not in said:
        return said
    return obj(next(iter(rows(said["data"])), None))


def _page(row: Json) -> Page | None:
    said = obj(row)
    page = ident(said.get("id"))
    if page is None:
        return None
    tasks = [task for task in map(words, rows(said.get("tasks"))) if task]
    linked = obj(said.get("instagram_business_account"))
    return Page(
        id=page,
        name=words(said.get("name")) or page,
        token=words(said.get("access_token")),
        tasks=frozenset(tasks) if "tasks" in said else None,
        instagram=ident(linked.get("id")),
        username=words(linked.get("username")),
    )


def _cursor(paging: Mapping[str, Json]) -> str | None:
    """Where the next page begins; None at the end."""
    following = words(paging.get("next"))
    if following is None:
        return None
    named = words(obj(paging.get("cursors")).get("after"))
    try:
        return named or dict(parse_qsl(urlsplit(following).query)).get("after")
    except ValueError:
        return None


def _after(now: datetime, seconds: int | None) -> datetime | None:
    return None if not seconds else now + timedelta(seconds=seconds)
