"""A year between two worlds: the script is played, and what anybody saw of it is kept to be judged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import assert_never

import sqlalchemy as sa

from bridge.meta.files import TABLES
from bridge.meta.render import MARKS, WIRE_LIMITS
from bridge.model.decision import Rules
from bridge.model.facts import AgentWrote, CustomerWrote
from bridge.model.ids import PersonRef, PlaceRef, PostRef
from bridge.model.state import AccountSettings, Health, Login, Opener, Platform
from bridge.store import accounts, schema
from bridge.store.accounts import Hand
from bridge.store.prune import prune
from tests.year.heard import DESK, NETWORK, Heard
from tests.year.meta import Meta, Shop
from tests.year.script import (
    BY_ITSELF,
    SLOT,
    Answers,
    Breaks,
    Dies,
    Event,
    Exchanges,
    Jumps,
    LogsIn,
    Mends,
    Plan,
    Stops,
    Writes,
    drawn,
)
from tests.year.service import Service
from tests.year.slack import TEAM, Desk
from tests.year.times import DAY, START, Times

KINDS = (
    (Platform.MESSENGER, Login.FACEBOOK),
    (Platform.INSTAGRAM, Login.FACEBOOK),
    (Platform.INSTAGRAM, Login.INSTAGRAM),
)
SHARED = 20
"""Every so many accounts have their alerts in one place."""
AGENTS = tuple(PersonRef(f"U{number}") for number in range(5))


@dataclass(frozen=True, kw_only=True)
class Wrote:
    """A customer's message."""

    shop: str
    customer: str
    at: datetime
    steady: datetime


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An agent's message, and when what it may be sent in closed."""

    ref: PostRef
    shop: str
    customer: str
    at: datetime
    steady: datetime
    close: datetime


@dataclass(frozen=True, kw_only=True)
class Down:
    """The service did not run; by what has passed."""

    since: datetime
    until: datetime


@dataclass(kw_only=True)
class World:
    """Everything there is."""

    plan: Plan
    times: Times
    desk: Desk
    meta: Meta
    heard: Heard
    service: Service
    shops: list[Shop]
    wrote: list[Wrote] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    downs: list[Down] = field(default_factory=list)
    logins: list[tuple[datetime, str]] = field(default_factory=list)
    jumped: list[datetime] = field(default_factory=list)
    """When what people go by was set to another time."""
    _stopped: Down | None = None
    _doomed: Dies | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, plan: Plan) -> AsyncIterator[World]:
        """A world with its accounts connected, at the start of the year."""
        times, heard = Times(), Heard()
        desk, meta = Desk(times, heard), Meta(times, heard)
        rules = Rules(wire=WIRE_LIMITS, files=TABLES, marks=MARKS)
        service = Service(url=url, times=times, desk=desk, meta=meta, heard=heard, rules=rules)
        world = cls(plan=plan, times=times, desk=desk, meta=meta, heard=heard, service=service, shops=[])
        service.mortal = world._dies
        await service.start()
        await service.by_hand(world._furnish)
        try:
            yield world
        finally:
            await service.store.close()

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[Service]:
        """A second process on the same database."""
        service = Service(
            url=self.service.url,
            times=self.times,
            desk=self.desk,
            meta=self.meta,
            heard=self.heard,
            rules=self.service.rules,
        )
        await service.start()
        try:
            yield service
        finally:
            await service.store.close()

    def _furnish(self, hand: Hand) -> None:
        chance = Random(self.plan.seed)
        hand.conn.execute(
            sa.insert(schema.workspace).values(
                id=TEAM, name="Year", url="https://year.slack.com/", language="en", bot_person="UBOT", bot_author="BBOT"
            )
        )
        for number in range(self.plan.shops):
            platform, login = KINDS[number % 3]
            shop = Shop(
                platform=platform,
                id=str(1000 + number),
                login=login,
                human=chance.random() < 0.5,
                days=chance.choice((0, 0, 0, 60, 90)),
            )
            self.shops.append(shop)
            self.meta.shops[shop.id] = shop
            self._connect(hand, shop)
        if self.plan.only is not None:
            self._leave(hand, self.shops[self.plan.only])

    def _leave(self, hand: Hand, only: Shop) -> None:
        """This one account, with the number it has among all: when it is asked about follows from that."""
        hand.conn.execute(sa.delete(schema.account).where(schema.account.c.remote_id != only.id))
        for shop in self.shops:
            if shop is not only:
                shop.connected_at = None
                del self.meta.ends[shop.id]

    def _connect(self, hand: Hand, shop: Shop) -> None:
        number = int(shop.id) - 1000
        settings = AccountSettings(
            channel=PlaceRef(f"C{number % 40}"),
            alerts_channel=PlaceRef(f"CALERTS{number}" if number % SHARED else "CSHARED"),
            owners=AGENTS[: number % 4],
            human_agent=shop.human,
            reauth_days=shop.days,
        )
        accounts.connect(
            hand,
            accounts.Connecting(
                workspace=TEAM, platform=shop.platform, remote_id=shop.id, name=f"Shop {number}", login=shop.login,
                health=Health.READY, cause=None, sealed=self.meta.renew(shop), settings=settings,
                token_expires_at=shop.expires_at, data_access_expires_at=shop.data_access_expires_at,
            ),
        )  # fmt: skip

    def ran(self, at: datetime) -> datetime:
        """When somebody first ran from then on; a service may be stopped again as soon as it was started."""
        for each in self.downs:
            if each.since <= at < each.until:
                at = each.until
        return at

    # ── playing ───────────────────────────────────────────────────────────────────────────────────────────

    async def play(self) -> None:
        """The whole year, slot by slot."""
        script = drawn(self.plan)
        end, place = START + self.plan.days * DAY, 0
        slot, pruned = START, START
        while slot < end:
            await self.service.between(slot + SLOT)
            slot += SLOT
            self.times.pass_to(slot)
            await self._starts()
            while place < len(script) and script[place][0] <= slot:
                await self.happens(script[place][1])
                place += 1
            await self.service.settle()
            if self.service.up and slot - pruned >= 7 * DAY:
                pruned = slot
                await prune(self.service.store, self.times.now(), raw=7 * DAY, words=90 * DAY)

    async def mended(self) -> None:
        """At last all is well again, for long enough that nothing waits any more."""
        if self._stopped is not None:
            self.times.pass_to(self._stopped.until)
            await self._starts()
        if wrong := self.times.now() - self.times.steady():
            self.times.jump(-wrong)
            self.jumped.append(self.times.steady())
        for shop in self.shops:
            if shop.trouble is not None:
                await self.logs_in(shop)
        for _ in range(20):
            following = self.times.steady() + SLOT
            await self.service.settle()
            await self.service.between(following)
            self.times.pass_to(following)

    async def happens(self, event: Event) -> None:
        match event:
            case Writes(shop=shop, customer=customer):
                await self._writes(self.shops[shop], str(customer))
            case Answers(shop=shop, customer=customer):
                await self._answers(self.shops[shop], str(customer))
            case Breaks(shop=shop, error=error):
                self._breaks(self.shops[shop], error)
            case Mends(shop=shop) if self.shops[shop].trouble in BY_ITSELF:
                self._breaks(self.shops[shop], None)
            case Mends():
                pass  # it is refused for something else by now
            case LogsIn(shop=shop):
                await self.logs_in(self.shops[shop])
            case Stops(lasts=lasts, close=close):
                await self._stops(lasts, close=close)
            case Exchanges(shop=shop, works=works):
                self.shops[shop].unrefreshed = not works
            case Jumps(by=by):
                self.times.jump(by)
                self.jumped.append(self.times.steady())
            case Dies():
                self._doomed = event
            case _:
                assert_never(event)

    async def _writes(self, shop: Shop, customer: str) -> None:
        now = self.times.now()
        self.wrote.append(Wrote(shop=shop.id, customer=customer, at=now, steady=self.times.steady()))
        fact = CustomerWrote(
            platform=shop.platform, account=shop.id, customer=customer, at=now, opener=Opener.MESSAGE,
            remote_id=self.meta.write(shop, customer), text="Is it there?",
        )  # fmt: skip
        await self.service.tell(self.heard.item(NETWORK, f"{NETWORK}:{shop.id}:{customer}", fact, now))

    async def _answers(self, shop: Shop, customer: str) -> None:
        root, now = self.desk.roots.get((shop.id, customer)), self.times.now()
        if root is None:
            return  # nobody has seen that they wrote
        place = PlaceRef(root.partition(":")[0])
        ref, buyer = self.desk.ref(place), self.meta.buyers[shop.id, customer]
        close = buyer.wrote_at + (7 * DAY if shop.human else DAY)
        self.answers.append(
            Answer(ref=ref, shop=shop.id, customer=customer, at=now, steady=self.times.steady(), close=close)
        )
        fact = AgentWrote(
            workspace=TEAM, at=now, place=place, root=root, ref=ref, person=AGENTS[int(customer) % 5],
            automatic=False, foreign=False, text=f"Answer {len(self.answers)}",
        )  # fmt: skip
        await self.service.tell(self.heard.item(DESK, f"{DESK}:{root}", fact, now, workspace=TEAM))

    def _breaks(self, shop: Shop, error: str | None) -> None:
        shop.trouble = error
        self.meta.breaks.append((self.times.steady(), shop.id, error))

    async def logs_in(self, shop: Shop) -> None:
        """Somebody connects an account again."""
        if self._stopped is not None:
            return  # nobody is at work; in the end they are
        await self.service.by_hand(lambda hand: self._connect(hand, shop))
        self.meta.breaks.append((self.times.steady(), shop.id, None))
        self.logins.append((self.times.steady(), shop.id))

    async def _stops(self, lasts: timedelta, *, close: bool) -> None:
        if self._stopped is None:
            since = self.times.steady()
            await self.service.stop(close=close)
            self._stopped = Down(since=since, until=since + lasts)

    async def _starts(self) -> None:
        stopped = self._stopped
        if stopped is None or self.times.steady() < stopped.until:
            return
        self._stopped = None
        self.downs.append(Down(since=stopped.since, until=self.times.steady()))
        await self.service.start()

    def _dies(self, where: str) -> bool:
        doom = self._doomed
        if doom is None:
            return False
        if doom.row > 0:
            self._doomed = Dies(row=doom.row - (where == "claimed"), done=doom.done)
            return False
        if (where == "done") is not doom.done:
            return False
        self._doomed = None
        return True
