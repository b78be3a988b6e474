"""Somebody with a browser that runs no scripts: follows links, fills in forms, keeps cookies; and the whole product around them."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import aiohttp

from bridge.chosen import links_of
from bridge.config import Secret
from bridge.connect.links import PRINTED, Links
from bridge.model.ids import AccountId, WorkspaceId
from bridge.model.state import Wish
from bridge.store import accounts
from tests.journeys.house import TEAM, Kind, Times, ids_of
from tests.journeys.world import World


@dataclass(kw_only=True)
class Seen(HTMLParser):
    """What a browser makes of a page."""

    status: int
    url: str
    text: str
    headers: Any
    links: list[tuple[str, str]] = field(default_factory=list)
    fields: list[dict[str, str]] = field(default_factory=list)
    action: str = ""
    words: str = ""
    language: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._at: dict[str, str] = {}
        self._select: dict[str, str] = {}
        self._hidden = False
        self.feed(self.text)
        self.words = " ".join(unescape(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._at = {name: value if value is not None else "" for name, value in attrs}
        if tag == "a":
            self.links.append((self._at.get("id", ""), self._at.get("href", "")))
        elif tag == "form":
            self.action = self._at["action"]
        elif tag in ("input", "button"):
            self.fields.append({"tag": tag, **self._at})
        elif tag == "select":
            self._select = {"tag": tag, **self._at, "value": "", "options": ""}
            self.fields.append(self._select)
        elif tag == "option":
            self._select["options"] += f"{self._at['value']} "
            if "selected" in self._at or not self._select["value"]:
                self._select["value"] = self._at["value"]
        elif tag == "html":
            self.language = self._at.get("lang", "")
        self._hidden = tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        self.words += " "

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data

    def link(self, id: str) -> str:
        """The address behind a link."""
        found = [href for name, href in self.links if name == id]
        assert found, f"no link {id} in {self.words}"
        return found[0]

    @property
    def acts(self) -> list[str]:
        """What the page's buttons do."""
        return [each["value"] for each in self.fields if each["tag"] == "button"]

    @property
    def offered(self) -> list[str]:
        """Which accounts can be ticked."""
        return [each["value"] for each in self.fields if each.get("name") == "account"]


@dataclass(kw_only=True)
class Visitor:
    """A browser."""

    http: aiohttp.ClientSession
    page: Seen | None = None

    @property
    def seen(self) -> Seen:
        """The page that is open."""
        assert self.page is not None
        return self.page

    async def go(self, url: str, *, follow: bool = True) -> Seen:
        """Open an address."""
        async with self.http.get(url, allow_redirects=follow) as answer:
            return await self._shown(answer)

    async def click(self, id: str) -> Seen:
        """Follow a link of the page."""
        return await self.go(urljoin(self.seen.url, self.seen.link(id)))

    async def press(self, act: str, *ticked: str, **filled: str) -> Seen:
        """Send the page's form with one of its buttons; *ticked*: values of check boxes; *filled*: by the field's name."""
        page, pairs = self.seen, list[tuple[str, str]]()
        assert act in page.acts, f"no button {act} in {page.words}"
        for each in page.fields:
            if each["tag"] == "button":
                continue
            if each.get("type") == "checkbox":
                if each["value"] in ticked or (not ticked and "checked" in each):
                    pairs.append((each["name"], each["value"]))
            else:
                pairs.append((each["name"], filled.get(each["name"], each.get("value", ""))))
        async with self.http.post(urljoin(page.url, page.action), data=[*pairs, ("act", act)]) as answer:
            return await self._shown(answer)

    async def _shown(self, answer: aiohttp.ClientResponse) -> Seen:
        text = await answer.text()
        self.page = Seen(status=answer.status, url=str(answer.url), text=text, headers=answer.headers)
        return self.page


def visitor(language: str = "en") -> Visitor:
    """A new browser, without any cookies; close its `http`."""
    jar = aiohttp.CookieJar(unsafe=True)  # addresses of loopback are numbers
    return Visitor(http=aiohttp.ClientSession(cookie_jar=jar, headers={"Accept-Language": language}))


HOME = WorkspaceId(TEAM)


@dataclass(kw_only=True)
class Office:
    """The product with its pages, and links into it."""

    world: World
    links: Links
    team: WorkspaceId = HOME

    def link(self, kind: Kind | None = None, *, within: timedelta = PRINTED, **given: Any) -> str:
        """A link, of an account or for a new one."""
        account = None if kind is None else AccountId(self.row(kind)["id"])
        url = self.links.make(WorkspaceId(TEAM), account=account, within=within, **given)
        assert url is not None
        return url

    def row(self, kind: Kind) -> dict[str, Any]:
        """An account as the database has it."""
        platform, remote_id = ids_of(kind)
        return self.account(platform.value, remote_id)

    def account(self, platform: str, remote_id: str) -> dict[str, Any]:
        """The same, by its id."""
        names = "id name login wish health cause sealed connected_by token_expires_at data_access_expires_at".split()
        found = self.world.rows(
            f"SELECT {', '.join(names)} FROM account WHERE platform = '{platform}' AND remote_id = '{remote_id}'"  # noqa: S608
        )
        return dict(zip(names, found[0], strict=True)) if found else {}

    async def remove(self, platform: Any, remote_id: str) -> None:
        """Remove an account, as the command does."""

        def change(hand: accounts.Hand) -> None:
            account = accounts.find(hand.conn, platform, remote_id)
            assert account is not None
            accounts.set_wish(hand, account, Wish.REMOVED)

        await self.world.by_hand(change)


@asynccontextmanager
async def office(url: str, **settings: Any) -> AsyncIterator[Office]:
    """Open one on a database, with the service reached at its public address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"port": port, "public_url": f"http://127.0.0.1:{port}", "instagram_app_id": "990000000000001"}
    given |= {"instagram_app_secret": Secret("meta-secret")}
    async with World.open(url, start=False, **{**given, **settings}) as world:
        world.meta.login.instagram_app_id = "990000000000001"
        await world.start()
        yield Office(world=world, links=links_of(world.config, Times(world.clock)))
