"""Two workspaces side by side on one service, installed by OAuth: the same ids on both sides, and nothing in common."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

import sqlalchemy as sa
from aiohttp import web

from bridge.config import Secret
from bridge.demo.meta.world import Customer
from bridge.demo.slack import SlackStandIn
from bridge.demo.slack.oauth import remove_app
from bridge.demo.slack.several import SeveralSlacks
from bridge.model.ids import PlaceRef, WorkspaceId
from bridge.model.state import AccountSettings, Health, Login, Platform
from bridge.secrets import Sealer
from bridge.store import accounts, schema
from tests.journeys.house import ALERTS, SUPPORT, TEAM, furnish
from tests.journeys.world import World

OTHER_TEAM = "T0OTHER"
OTHER_PAGE = "104857600000002"
PUBLIC = "https://bridge.test"
PASSING = ("inbox", "person")
"""Tables of what was only heard."""
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a browser shows."""

    status: int
    text: str
    cookies: dict[str, str] = field(default_factory=dict)
    location: str = ""

    def link(self, name: str) -> str:
        """Where a link leads."""
        found = re.search(rf'id="{name}" href="([^"]+)"', self.text)
        assert found is not None, self.text
        return unescape(found[1])


@dataclass(kw_only=True)
class Tenants:
    """The world, whose own Slack is the first workspace, and the second one. *front*: Slack's one address."""

    world: World
    other: SlackStandIn
    front: SeveralSlacks

    async def get(self, url: str, cookies: dict[str, str] | None = None) -> Page:
        """Open a page as a browser does, without following where it sends one."""
        url = url.replace(PUBLIC, self.world.url)
        async with self.world.http.get(url, cookies=cookies, allow_redirects=False) as answer:
            held = {name: morsel.value for name, morsel in answer.cookies.items()}
            return Page(
                status=answer.status,
                text=await answer.text(),
                cookies=held,
                location=answer.headers.get("Location", ""),
            )

    async def asked(self, team: str) -> tuple[Page, Page]:
        """Begin to install, and come to Slack's page for one workspace."""
        begun = await self.get(f"{PUBLIC}/slack/install")
        assert begun.status == 302
        return begun, await self.get(f"{begun.location}&team={team}")

    async def install(self, team: str) -> Page:
        """Install the app, from the first page to the last."""
        begun, page = await self.asked(team)
        done = await self.get(page.link("allow"), begun.cookies)
        assert done.status == 200, done.text
        return done

    def uninstall(self, slack: SlackStandIn) -> None:
        """Take the app out of a workspace."""
        remove_app(slack.world)

    async def quiet(self) -> None:
        """Wait until nothing is on its way: neither a call, nor what Slack tells, nor what was heard."""
        for slack in (self.world.slack, self.other):
            await slack.settle()
        heard = "SELECT id FROM inbox WHERE state IN ('ready', 'free')"
        await self.world.until(lambda: not self.world.rows(heard))
        await self.world.until(lambda: not self.world.rows("SELECT id FROM outbox WHERE state = 'working'"))

    def customer(self, name: str) -> Customer:
        """Somebody who writes to the second workspace's Page."""
        return self.world.meta.add_customer(self.world.meta.accounts[OTHER_PAGE], name=name)

    async def connect_other(self) -> None:
        """Connect a Page in the second workspace, as the command does."""
        sealed = Sealer(self.world.config.secret_key.values).seal(str(self.world.meta.accounts[OTHER_PAGE].token))

        def work(hand: accounts.Hand) -> None:
            accounts.connect(
                hand,
                accounts.Connecting(
                    workspace=WorkspaceId(OTHER_TEAM),
                    platform=Platform.MESSENGER,
                    remote_id=OTHER_PAGE,
                    name="Shop Taro",
                    login=Login.FACEBOOK,
                    health=Health.READY,
                    cause=None,
                    sealed=sealed,
                    settings=AccountSettings(channel=PlaceRef(SUPPORT), alerts_channel=PlaceRef(ALERTS)),
                ),
            )

        await self.world.by_hand(work)

    def kept(self, team: str) -> dict[str, list[Any]]:
        """Everything that is kept of a workspace, but for what was heard and how often it was tried."""
        tables = [
            table for table in schema.metadata.sorted_tables if "workspace" in table.c and table.name not in PASSING
        ]
        return {table.name: sorted(self._rows(table, team), key=repr) for table in tables}

    def _rows(self, table: sa.Table, team: str) -> list[Any]:
        # When deliveries were last heard of is noted now and then, whoever sent them.
        names = ", ".join(
            f'"{column.name}"' for column in table.c if (table.name, column.name) != ("account", "heard_at")
        )
        return list(self.world.rows(f"SELECT {names} FROM {table.name} WHERE workspace = '{team}'"))  # noqa: S608

    def shown(self, slack: SlackStandIn) -> list[Any]:
        """Everything that is seen in a workspace, by whomever."""
        posts = [each for channel in slack.world.messages.values() for each in channel.values()]
        return [*[(each.ts, each.text, each.blocks, each.reactions) for each in posts], len(slack.world.ephemerals)]

    def lines(self, slack: SlackStandIn) -> list[str]:
        """Everything that is read in a workspace's channel, threads among it."""
        return [slack.plain(each) for each in slack.world.messages[SUPPORT].values()]

    async def stands(self, slack: SlackStandIn, words: str) -> Any:
        """Wait until words stand in a thread of a workspace; its root."""

        def found() -> Any:
            for root in slack.channel_messages(SUPPORT):
                if any(words in slack.plain(each) for each in slack.thread(SUPPORT, root.ts)):
                    return root
            return None

        return await self.world.until(found)


@dataclass(frozen=True, kw_only=True)
class Said:
    """One request of Slack's, as it came."""

    body: bytes
    content_type: str

    def of(self, at: Tenants) -> bytes:
        """The same as the other workspace's: every id but the workspace's own is as it was."""
        here, there = at.world.slack, at.other
        names = [(here.url, there.url), (here.world.names.team_id, there.world.names.team_id)]
        text = unquote_plus(self.body.decode()) if self.content_type.startswith(FORM) else self.body.decode()
        for ours, theirs in names:
            text = text.replace(ours, theirs)
        if not self.content_type.startswith(FORM):
            return text.encode()
        kind, _, value = text.partition("=")
        return urlencode({kind: value} if kind == "payload" else dict(parse_qsl(text))).encode()


@asynccontextmanager
async def overheard(at: Tenants) -> AsyncIterator[list[Said]]:
    """Hear what the first workspace tells the service, on its way."""
    told: list[Said] = []
    where = at.world.slack.request_url
    assert where is not None

    async def pass_on(request: web.Request) -> web.Response:
        body = await request.read()
        told.append(Said(body=body, content_type=request.headers["Content-Type"]))
        headers = {name: value for name, value in request.headers.items() if name not in ("Host", "Content-Length")}
        async with at.world.http.post(where, data=body, headers=headers) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)

    app = web.Application()
    app.router.add_post("/", pass_on)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    at.world.slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield told
    finally:
        at.world.slack.request_url = where
        await runner.cleanup()


@asynccontextmanager
async def tenants(database_url: str, **settings: Any) -> AsyncIterator[Tenants]:
    """Two workspaces that nobody has installed the app in yet; the first has accounts from a time when it had a token."""
    async with World.open(database_url, start=False) as world:
        other = SlackStandIn(
            clock=world.clock.time, pace=False, team_id=OTHER_TEAM, bot_user_id="U0OTHERBOT", bot_id="B0OTHERBOT",
            bot_token="xoxb-other",
        )  # fmt: skip
        furnish(other)
        await other.start()
        front = SeveralSlacks(world.slack, other)
        await front.start()
        world.config = world.config.model_copy(
            update={
                "slack_bot_token": Secret(),
                "slack_client_id": "100.200",
                "slack_client_secret": Secret("slack-client-secret"),
                "slack_api_url": front.api_url,
                "public_url": PUBLIC,
            }
            | settings
        )
        for slack in (world.slack, other):
            slack.world.install.revoked, slack.world.feed.installed = True, False
        try:
            await world.start()
            other.request_url = world.slack.request_url
            yield Tenants(world=world, other=other, front=front)
            for slack in (world.slack, other):
                await slack.settle()  # nobody shall knock while the door is being closed
            await world.stop()
        finally:
            await front.stop()
            await other.stop()


__all__ = ["OTHER_PAGE", "OTHER_TEAM", "PUBLIC", "TEAM", "Page", "Tenants", "overheard", "tenants"]
