"""The whole product in one test: the real service on a real database, between the stand-ins, under one clock.

    async with World.open(database_url) as world:
        yuki = world.customer("instagram", name="Yuki Tanaka", username="yuki_333")
        await world.meta.write(yuki, "在庫ありますか？")
        root = await world.root(yuki)
        ts = await world.answer(root, "あります。")
        await world.signed(root, ts, "white_check_mark")

Everything is looked at from outside: what stands in Slack, what the customer's phone shows, what the service answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal, TypeVar

import aiohttp
import sqlalchemy as sa
from aiohttp import web

from bridge.app import rules_of, serve
from bridge.config import Config, Secret
from bridge.demo.meta import MetaStandIn
from bridge.demo.meta.world import Account, Bubble, Customer
from bridge.demo.slack import Ephemeral, Message, SlackStandIn
from bridge.model.decision import Moment, Rules
from bridge.model.ids import PlaceRef, WorkspaceId
from bridge.model.state import AccountSettings, Health, Login, Platform
from bridge.secrets import Sealer, keygen
from bridge.store import accounts, migrations, rows, schema
from bridge.store.engine import parse, write_engine
from bridge.store.store import open_store
from bridge.store.transaction import Tx
from tests.clock import MovableClock

T = TypeVar("T")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

Kind = Literal["messenger", "instagram", "instagram_login"]
"""The three ways a customer can be reached: a Page, Instagram by Facebook Login, Instagram by its own login."""
KINDS: tuple[Kind, ...] = ("messenger", "instagram", "instagram_login")

QUICK = {"card_pause": timedelta(milliseconds=50), "rest": timedelta(milliseconds=100)}
"""What would only make tests slow; a test about these times sets them itself."""

TEAM, SUPPORT, OTHER, ALERTS = "T0DEMO", "C0SUPPORT", "C0OTHER", "C0ALERTS"
AKI, KEN, GUEST, STRANGER, BOT = "U0AKI", "U0KEN", "U0GUEST", "U0STRANGER", "U0ROBOT"
CHECK, HOURGLASS, CROSS, QUESTION, LOCK = (
    "white_check_mark",
    "hourglass_flowing_sand",
    "x",
    "grey_question",
    "lock",
)


@dataclass(kw_only=True)
class World:
    """Slack, Meta, the clock and the service. Acts on the two sides are the stand-ins' own (`slack`, `meta`)."""

    clock: MovableClock
    slack: SlackStandIn
    meta: MetaStandIn
    config: Config
    http: aiohttp.ClientSession
    rules: Rules
    url: str = ""
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _service: asyncio.Task[None] | None = None

    # ── opening and closing ──────────────────────────────────────────────────────────────────────────────

    @classmethod
    @asynccontextmanager
    async def open(
        cls, database_url: str, *, start: bool = True, times: dict[str, Any] | None = None, **settings: Any
    ) -> AsyncIterator[World]:
        """A world with people, channels and three connected accounts.

        times: of `Rules`, by field; those of `QUICK` where nothing else is said. settings: of `Config`, by field.
        """
        clock = MovableClock()
        slack = SlackStandIn(clock=clock.time, pace=False)
        meta = MetaStandIn(clock=clock.time)
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(aiohttp.ClientSession())
            for standin in (slack, meta):
                await standin.start()
                stack.push_async_callback(standin.stop)
            clock_url = await _serve_clock(clock, stack)
            config = _config(database_url, slack, meta, clock_url, settings)
            await asyncio.to_thread(migrations.migrate, database_url)
            rules = replace(rules_of(config), **{**QUICK, **(times or {})})
            world = cls(clock=clock, slack=slack, meta=meta, config=config, http=http, rules=rules)
            _furnish(slack)
            await world._connect_all()
            stack.push_async_callback(world.stop)
            if start:
                await world.start()
            yield world

    async def start(self) -> None:
        """Start the service, or start it again."""
        self._stop = asyncio.Event()
        up, addresses = asyncio.Event(), list[str]()

        def ready(address: str) -> None:
            addresses.append(address)
            up.set()

        self._service = asyncio.create_task(serve(self.config, stop=self._stop, ready=ready, rules=self.rules))
        self._service.add_done_callback(lambda _: up.set())
        await up.wait()
        if not addresses:
            await self._service
        self.url = addresses[0]
        self.slack.request_url = f"{self.url}/slack/events"
        self.meta.webhook_url = f"{self.url}/meta/webhook"

    async def stop(self) -> None:
        """End the service as SIGTERM does."""
        self._stop.set()
        service, self._service = self._service, None
        if service is not None:
            await service

    # ── who is there ─────────────────────────────────────────────────────────────────────────────────────

    def account(self, kind: Kind) -> Account:
        """The connected account of a kind."""
        return self.meta.accounts[ACCOUNTS[kind]]

    def customer(self, kind: Kind = "messenger", **kwargs: Any) -> Customer:
        """A new customer; `name`, `username`, `profile` and `picture` as `MetaStandIn.add_customer` has them."""
        return self.meta.add_customer(self.account(kind), **kwargs)

    # ── what stands in Slack ─────────────────────────────────────────────────────────────────────────────

    def roots(self, channel: str = SUPPORT) -> list[Message]:
        """The cards in a channel, oldest first."""
        return [each for each in self.slack.channel_messages(channel) if each.bot_id and not each.is_reply]

    async def root(self, text: str, channel: str = SUPPORT) -> Message:
        """The card of the conversation in whose thread *text* stands, as soon as it does."""

        def found() -> Message | None:
            for root in self.roots(channel):
                if any(text in self.slack.plain(reply) for reply in self.slack.thread(channel, root.ts)):
                    return root
            return None

        return await self.until(found)

    def lines(self, root: Message) -> list[str]:
        """What a person reads in a thread, in order."""
        return [self.slack.plain(reply) for reply in self.slack.thread(root.channel, root.ts)]

    async def answer(self, root: Message, text: str, *, user: str = AKI, **kwargs: Any) -> str:
        """Somebody answers in a thread; the message's ts comes back at once, the effect later."""
        return await self.slack.say(user, root.channel, text, thread_ts=root.ts, **kwargs)

    async def signed(self, root: Message, ts: str, sign: str, *, alone: bool = True, seconds: float = 10) -> None:
        """Wait until a message bears a sign of the bridge's (and, with *alone*, no other of them)."""

        def bears() -> bool:
            signs = self.slack.reactions_by(root.channel, ts, self.slack.world.names.bot_user_id)
            return signs == {sign} if alone else sign in signs

        await self.until(bears, seconds=seconds)

    def told(self, user: str = AKI) -> list[str]:
        """What was said to one person alone, privately or directly, in order."""
        lines: Sequence[Message | Ephemeral] = [*self.slack.ephemerals(user), *self.slack.dms(user)]
        return [self.slack.plain(line) for line in sorted(lines, key=lambda line: float(line.ts))]

    async def until_told(self, words: str, user: str = AKI, *, seconds: float = 10) -> str:
        """Wait until somebody was told a line that holds *words*."""
        return await self.until(
            lambda: next((line for line in self.told(user) if words in line), None), seconds=seconds
        )

    # ── what the customer's phone shows ──────────────────────────────────────────────────────────────────

    def phone(self, customer: Customer) -> list[str]:
        """What the business said to the customer, in order."""
        return [bubble.text or "" for bubble in self.bubbles(customer)]

    def bubbles(self, customer: Customer) -> list[Bubble]:
        """The same with ids, tags and marks."""
        return self.meta.sent(customer)

    async def until_phone(self, customer: Customer, texts: list[str], *, seconds: float = 10) -> None:
        """Wait until the customer has exactly these answers."""
        await self.until(lambda: self.phone(customer) == texts, seconds=seconds)

    # ── waiting ──────────────────────────────────────────────────────────────────────────────────────────

    async def until(self, predicate: Callable[[], T | None], *, seconds: float = 10) -> T:
        """Wait for a condition on what stands on both sides; fail with a dump of both."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            if self._service is not None and self._service.done():
                self._service.result()
            found = predicate()
            if found:
                return found
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"it did not come to be in {seconds} s\n{self.dump()}")
            await self._something_changed(0.05)

    async def _something_changed(self, seconds: float) -> None:
        """Wait for the next change on the Slack side, at most *seconds*: Meta's side is looked at as often."""
        await self.slack.world.changed(seconds)

    async def calm(self) -> None:
        """Wait until nothing is due: both queues are empty of what could go now."""

        def busy() -> list[Any]:
            return [*self.rows("SELECT id FROM inbox WHERE state IN ('ready', 'free')"), *self.rows(BUSY)]

        while True:
            await self.until(lambda: not busy())
            await self.slack.settle()
            await self.meta.settle()
            if not busy():  # what was still on its way to us may have brought more
                return

    def dump(self) -> str:
        """Both sides and both queues, for a person who reads a failure."""
        outbox = self.rows("SELECT id, lane, kind, state, reason FROM outbox ORDER BY id DESC LIMIT 30")
        inbox = self.rows("SELECT id, lane, state, reason FROM inbox ORDER BY id DESC LIMIT 20")
        queues = ["outbox:", *map(str, outbox), "inbox:", *map(str, inbox)]
        return "\n".join([self.slack.dump(), *queues])

    def rows(self, statement: str) -> list[Any]:
        """What stands in the database: for what cannot be seen from outside, such as *nothing is left to do*."""
        engine = write_engine(parse(self.config.database_url))
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(sa.text(statement))]
        finally:
            engine.dispose()

    def refuse_keeping(self) -> None:
        """Let the database take nothing new in, as with a full disk."""
        self._execute(NO_ROOM[parse(self.config.database_url).get_backend_name()])

    def allow_keeping(self) -> None:
        """End that."""
        table = " ON inbox" if parse(self.config.database_url).get_backend_name() == "postgresql" else ""
        self._execute(f"DROP TRIGGER no_room{table}")

    def _execute(self, statement: str) -> None:
        engine = write_engine(parse(self.config.database_url))
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql(statement)
        finally:
            engine.dispose()

    # ── setting up ───────────────────────────────────────────────────────────────────────────────────────

    async def set(self, kind: Kind, **changes: Any) -> None:
        """Change settings of an account, as the command does."""

        def change(hand: accounts.Hand) -> None:
            account = accounts.find(hand.conn, *_ids(kind))
            assert account is not None
            settings = replace(account.settings, **changes)
            hand.conn.execute(
                sa.update(schema.account)
                .where(schema.account.c.id == account.id)
                .values(settings=rows.settings_json(settings))
            )

        await self._by_hand(change)

    async def _connect_all(self) -> None:
        meta = self.meta
        meta.add_page("104857600000001", "Hanako Flowers", token="EAAG-flowers", subscribed=True)
        meta.add_page("104857600000002", "Shop Hanako Page", token="EAAG-shop", subscribed=True)
        meta.add_instagram(
            ACCOUNTS["instagram"], "Shop Hanako", username="shop_hanako", login="facebook",
            token="EAAG-shop", page="104857600000002", subscribed=True,
        )  # fmt: skip
        meta.add_instagram(
            ACCOUNTS["instagram_login"], "Hanako Studio", username="hanako_studio", login="instagram",
            token="IGAA-studio", page=None, subscribed=True,
        )  # fmt: skip
        await self._by_hand(self._insert)

    def _insert(self, hand: accounts.Hand) -> None:
        hand.conn.execute(
            sa.insert(schema.workspace).values(
                id=TEAM, name="Hanako", url="https://hanako.slack.com/", language=self.config.language,
                bot_person=self.slack.world.names.bot_user_id, bot_author=self.slack.world.names.bot_id,
            )
        )  # fmt: skip
        sealer = Sealer(self.config.secret_key.values)
        for kind in KINDS:
            platform, remote_id = _ids(kind)
            accounts.connect(
                hand,
                accounts.Connecting(
                    workspace=WorkspaceId(TEAM),
                    platform=platform,
                    remote_id=remote_id,
                    name=self.meta.accounts[remote_id].name,
                    login=Login.INSTAGRAM if kind == "instagram_login" else Login.FACEBOOK,
                    health=Health.READY,
                    cause=None,
                    sealed=sealer.seal(str(self.meta.accounts[remote_id].token)),
                    settings=AccountSettings(channel=PlaceRef(SUPPORT), alerts_channel=PlaceRef(ALERTS)),
                ),
            )

    async def _by_hand(self, work: Callable[[accounts.Hand], T]) -> T:
        """A change as a command makes it: beside the running service, in a transaction of its own."""
        times = Times(self.clock)
        store = await open_store(self.config.database_url, clock=times)
        try:
            return await store.write(lambda tx: work(hand_of(tx, times)))
        finally:
            await store.close()


BUSY = """SELECT o.id FROM outbox o JOIN target t ON t.id = o.target
          WHERE (o.state = 'working') OR (o.state = 'unsure' AND o.blocks) OR (o.state = 'ready' AND t.held_by IS NULL)"""
NO_ROOM = {
    "sqlite": "CREATE TRIGGER no_room BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'no room'); END",
    "postgresql": """
        CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$;
        CREATE TRIGGER no_room BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION no_room()""",
}
ACCOUNTS: dict[Kind, str] = {
    "messenger": "104857600000001",
    "instagram": "17841400000000001",
    "instagram_login": "17841400000000002",
}


@dataclass
class Times:
    """The test's clock as the store wants it."""

    clock: MovableClock

    def now(self) -> Any:
        return self.clock.now()

    def steady(self) -> Any:
        return self.clock.now()

    async def refresh(self) -> None:
        """Nothing to ask."""


def hand_of(tx: Tx, times: Times) -> accounts.Hand:
    """The test as the operator."""
    return accounts.Hand(tx=tx, moment=Moment(now=times.now(), steady=times.steady()), who="test")


def _ids(kind: Kind) -> tuple[Platform, str]:
    return (Platform.MESSENGER if kind == "messenger" else Platform.INSTAGRAM), ACCOUNTS[kind]


def _config(database_url: str, slack: SlackStandIn, meta: MetaStandIn, clock_url: str, settings: Any) -> Config:
    given: dict[str, Any] = {
        "database_url": database_url,
        "secret_key": Secret(keygen()),
        "slack_bot_token": Secret("xoxb-demo"),
        "slack_signing_secret": Secret("slack-secret"),
        "meta_app_id": meta.app_id,
        "meta_app_secret": Secret(meta.app_secret),
        "meta_verify_token": Secret(meta.verify_token),
        "slack_api_url": slack.api_url,
        "graph_url": meta.graph_url,
        "instagram_graph_url": meta.instagram_graph_url,
        "facebook_url": meta.facebook_url,
        "instagram_url": meta.instagram_url,
        "instagram_api_url": meta.instagram_api_url,
        "clock_url": clock_url,
        "port": 0,
        "slack_posts_per_second": 0,
        "slack_posts_per_minute": 0,
    }
    return Config(**{**given, **settings})


def _furnish(slack: SlackStandIn) -> None:
    slack.add_user(AKI, "aki", display_name="Aki")
    slack.add_user(KEN, "ken", display_name="Ken")
    slack.add_user(GUEST, "gus", display_name="Gus", guest=True)
    slack.add_user(STRANGER, "sam", display_name="Sam", stranger=True)
    slack.add_user(BOT, "robot", bot=True)
    everybody = (AKI, KEN, GUEST, STRANGER, BOT)
    slack.add_channel(SUPPORT, "support", members=everybody)
    slack.add_channel(OTHER, "support-2", members=everybody)
    slack.add_channel(ALERTS, "support-alerts", members=(AKI, KEN))


async def _serve_clock(clock: MovableClock, stack: AsyncExitStack) -> str:
    async def tell(_: web.Request) -> web.Response:
        return web.Response(text=repr(clock.time()))

    app = web.Application()
    app.router.add_get("/clock", tell)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}/clock"
