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
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import aiohttp
import sqlalchemy as sa

from bridge.app import Role, serve
from bridge.chosen import pace_of, rules_of
from bridge.config import Config
from bridge.demo.meta import MetaStandIn
from bridge.demo.meta.world import Account, Bubble, Customer
from bridge.demo.slack import Ephemeral, Message, SlackStandIn
from bridge.model.change import replace
from bridge.model.decision import Rules
from bridge.model.state import Wish
from bridge.settings import Audit, Changed, subject
from bridge.store import accounts
from bridge.store.engine import parse, write_engine
from bridge.store.store import open_store
from tests.clock import MovableClock
from tests.journeys.house import (
    ACCOUNTS,
    AKI,
    ALERTS,
    BOT,
    CHECK,
    CROSS,
    DAY,
    GUEST,
    HOUR,
    HOURGLASS,
    KEN,
    KINDS,
    LOCK,
    MINUTE,
    NO_ROOM,
    OTHER,
    QUESTION,
    QUICK,
    STRANGER,
    SUPPORT,
    TEAM,
    Kind,
    Times,
    add_accounts,
    config_of,
    connect,
    furnish,
    hand_of,
    ids_of,
)
from tests.journeys.served import ServedClock

__all__ = [
    "ACCOUNTS",
    "AKI",
    "ALERTS",
    "BOT",
    "CHECK",
    "CROSS",
    "DAY",
    "GUEST",
    "HOUR",
    "HOURGLASS",
    "KEN",
    "KINDS",
    "LOCK",
    "MINUTE",
    "OTHER",
    "PATIENCE",
    "QUESTION",
    "STRANGER",
    "SUPPORT",
    "TEAM",
    "Kind",
    "World",
]

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds until a test gives up waiting: what should come comes within one, unless the machine has much else to do."""


SOON = timedelta(minutes=45)
"""What rests longer is not waited for: it is tried again now and then for as long as it takes."""


@dataclass(kw_only=True)
class World:
    """Slack, Meta, the clock and the service. Acts on the two sides are the stand-ins' own (`slack`, `meta`)."""

    clock: MovableClock
    served: ServedClock
    slack: SlackStandIn
    meta: MetaStandIn
    config: Config
    http: aiohttp.ClientSession
    rules: Rules
    url: str = ""
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _service: asyncio.Task[None] | None = None
    _reader: sa.Engine | None = None

    # ── opening and closing ──────────────────────────────────────────────────────────────────────────────

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        database_url: str,
        *,
        start: bool = True,
        empty: bool = False,
        times: dict[str, Any] | None = None,
        **settings: Any,
    ) -> AsyncIterator[World]:
        """A world with people, channels and three connected accounts; empty: with none, and nothing in the database.

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
            served = ServedClock(clock=clock)
            clock_url = await served.serve(stack)
            config = config_of(database_url, slack, meta, clock_url, settings)
            rules = replace(rules_of(config), **{**QUICK, **(times or {})})
            world = cls(clock=clock, served=served, slack=slack, meta=meta, config=config, http=http, rules=rules)
            furnish(slack)
            add_accounts(meta)
            await world.by_hand((lambda _: None) if empty else (lambda hand: connect(hand, config, slack, meta)))
            stack.push_async_callback(world.stop)
            if start:
                await world.start()
            yield world

    async def start(self, role: Role = "all") -> None:
        """Start the service, or start it again."""
        self._stop = asyncio.Event()
        up, addresses = asyncio.Event(), list[str]()

        def ready(address: str) -> None:
            addresses.append(address)
            up.set()

        self._service = asyncio.create_task(serve(self.config, role, stop=self._stop, ready=ready, rules=self.rules))
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
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.dispose()  # or the last connection's end, which empties SQLite's log, would not be the service's
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

    async def signed(self, root: Message, ts: str, sign: str, *, alone: bool = True, seconds: float = PATIENCE) -> None:
        """Wait until a message bears a sign of the bridge's (and, with *alone*, no other of them)."""

        def bears() -> bool:
            signs = self.slack.reactions_by(root.channel, ts, self.slack.world.names.bot_user_id)
            return signs == {sign} if alone else sign in signs

        await self.until(bears, seconds=seconds)

    def told(self, user: str = AKI) -> list[str]:
        """What was said to one person alone, privately or directly, in order."""
        lines: Sequence[Message | Ephemeral] = [*self.slack.ephemerals(user), *self.slack.dms(user)]
        return [self.slack.plain(line) for line in sorted(lines, key=lambda line: float(line.ts))]

    async def until_told(self, words: str, user: str = AKI, *, seconds: float = PATIENCE) -> str:
        """Wait until somebody was told a line that holds *words*."""
        told = lambda: next((line for line in self.told(user) if words in line), None)  # noqa: E731
        return await self.until(told, seconds=seconds)

    # ── what the customer's phone shows ──────────────────────────────────────────────────────────────────

    def phone(self, customer: Customer) -> list[str]:
        """What the business said to the customer, in order."""
        return [bubble.text or "" for bubble in self.bubbles(customer)]

    def bubbles(self, customer: Customer) -> list[Bubble]:
        """The same with ids, tags and marks."""
        return self.meta.sent(customer)

    async def until_phone(self, customer: Customer, texts: list[str], *, seconds: float = PATIENCE) -> None:
        """Wait until the customer has exactly these answers."""
        await self.until(lambda: self.phone(customer) == texts, seconds=seconds)

    # ── waiting ──────────────────────────────────────────────────────────────────────────────────────────

    async def until(self, predicate: Callable[[], T | None], *, seconds: float = PATIENCE) -> T:
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

    async def calm(self, within: timedelta = SOON) -> None:
        """Wait until nothing is due, nor will be so soon: both queues are empty of what could go now."""

        def busy() -> list[Any]:
            soon = str(int((self.clock.time() + within.total_seconds()) * 1_000_000))
            waits = self.rows(BUSY.replace(":soon", soon))
            return [*self.rows("SELECT id FROM inbox WHERE state IN ('ready', 'free')"), *waits]

        while True:
            await self.until(lambda: not busy())
            await self.slack.settle()
            await self.meta.settle()
            if not busy():  # what was still on its way to us may have brought more
                return

    async def arrived(self) -> None:
        """Wait until the service goes by the time as it is: two of its tasks ask, and one has asked twice by then."""
        await self.ticked(3)

    async def ticked(self, times: int = 8) -> None:
        """Wait until the service has asked so often for the time: by then it has looked at what is due."""
        asked = self.served.asked + times
        await self.until(lambda: self.served.asked >= asked)

    async def forward(self, predicate: Callable[[], T | None], *, seconds: float = PATIENCE) -> T:
        """Let time pass, 5 s at a time, until a condition holds: for what waits, looks and tries again."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not (found := predicate()):
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"it did not come to be in {seconds} s\n{self.dump()}")
            self.clock.move(timedelta(seconds=5))
            await self.ticked(2)
        return found

    def dump(self) -> str:
        """Both sides and both queues, for a person who reads a failure."""
        outbox = self.rows("SELECT id, lane, kind, state, reason FROM outbox ORDER BY id DESC LIMIT 30")
        inbox = self.rows("SELECT id, lane, state, reason FROM inbox ORDER BY id DESC LIMIT 20")
        queues = ["outbox:", *map(str, outbox), "inbox:", *map(str, inbox)]
        return "\n".join([self.slack.dump(), *queues])

    def rows(self, statement: str) -> list[Any]:
        """What stands in the database: for what cannot be seen from outside, such as *nothing is left to do*."""
        if self._reader is None:
            # No transaction: what is looked at again and again must be in nobody's way.
            self._reader = sa.create_engine(parse(self.config.database_url), isolation_level="AUTOCOMMIT")
        with self._reader.connect() as connection:
            found = connection.execution_options(no_parameters=True).exec_driver_sql(statement)
            return [tuple(row) for row in found]

    def refuse_keeping(self) -> None:
        """Let the database take nothing new in, as with a full disk."""
        self._execute(NO_ROOM[parse(self.config.database_url).get_backend_name()])

    def allow_keeping(self) -> None:
        """End that."""
        table = " ON inbox" if parse(self.config.database_url).get_backend_name() == "postgresql" else ""
        self._execute(f"DROP TRIGGER no_room{table}")

    def spoil_tokens(self) -> None:
        """Let the bridge not be able to open any account's credential, as with another secret key."""
        self._execute("UPDATE account SET sealed = 'spoilt'")

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
            account = accounts.find(hand.conn, *ids_of(kind))
            assert account is not None
            settings = replace(account.settings, **changes)
            line = Audit(who=hand.who, action="account.set", object=subject(account), before={}, after={})
            accounts.change_settings(hand, account, Changed(name=account.name, settings=settings, audit=line))

        await self.by_hand(change)

    async def wish(self, kind: Kind, wish: Wish) -> None:
        """Pause, resume or remove an account, as the commands do."""

        def change(hand: accounts.Hand) -> None:
            account = accounts.find(hand.conn, *ids_of(kind))
            assert account is not None
            accounts.set_wish(hand, account, wish)

        await self.by_hand(change)

    async def by_hand(self, work: Callable[[accounts.Hand], T]) -> T:
        """A change as a command makes it: beside the running service, in a transaction of its own."""
        times = Times(self.clock)
        store = await open_store(self.config.database_url, clock=times, pace=pace_of(self.config))
        try:
            return await store.write(lambda tx: work(hand_of(tx, times)))
        finally:
            await store.close()


BUSY = """SELECT o.id FROM outbox o JOIN target t ON t.id = o.target
          WHERE (o.state = 'working') OR (o.state = 'unsure' AND o.blocks)
             OR (o.state = 'ready' AND t.held_by IS NULL AND o.not_before < :soon)"""
